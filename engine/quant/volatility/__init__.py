"""How much a price has moved, and how much it may."""
