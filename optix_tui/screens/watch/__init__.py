"""W: the watchlists."""
