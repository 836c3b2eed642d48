"""REPL: a scrubber over what was recorded of a name."""
