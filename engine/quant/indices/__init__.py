"""Numbers that stand for a whole chain: volatility indices and expected moves."""
