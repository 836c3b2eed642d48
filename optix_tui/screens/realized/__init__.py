"""HVG: realised volatility through time, and what it may become."""
