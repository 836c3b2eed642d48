"""GEX, VEX and CEX: the exposure of dealers."""
