"""What is asked of the history alone, of no market of now."""
