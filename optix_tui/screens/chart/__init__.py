"""GP, GIP, GPC: the price in bars, candles or a line, with volume, session VWAP and the expected move."""
