"""OVDV: the volatility surface of a name."""
