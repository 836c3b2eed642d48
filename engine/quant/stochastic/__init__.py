"""Models in which volatility moves or prices jump: references, calibration and paths for scenarios."""
