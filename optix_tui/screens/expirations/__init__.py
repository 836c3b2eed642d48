"""OPX: the expirations of a name."""
