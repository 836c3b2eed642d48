"""A chain's quotes into prices, volatilities and Greeks, a series or a whole book in one call."""
