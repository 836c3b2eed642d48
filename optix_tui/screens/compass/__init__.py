"""VCA: volatility across names."""
