"""HELP: every function and every key."""
