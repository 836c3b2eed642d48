"""VIX: volatility indices and their term structure."""
