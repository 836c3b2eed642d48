"""HVT: the volatility cone of a name."""
