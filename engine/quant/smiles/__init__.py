"""Volatility across strikes and expiries: points, fits, surfaces and what they imply."""
