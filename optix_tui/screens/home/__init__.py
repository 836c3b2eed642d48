"""HOME: the market at a glance."""
