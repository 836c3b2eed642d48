"""The nouns of the market: frozen, without I/O and without a clock."""
