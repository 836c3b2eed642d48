"""SYS: how the engine and this terminal do."""
