"""HIVG: how the volatility of a name has moved."""
