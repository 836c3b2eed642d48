"""What is done: rooms side by side that share state, storage and messages, and never import one another."""
