"""The history: recorded, read, kept within bounds, and whole after any crash."""
