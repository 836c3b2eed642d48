"""The terminal: a Textual face over any engine."""
