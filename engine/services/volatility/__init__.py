"""How much names have moved, how much they may, and how they move together."""
