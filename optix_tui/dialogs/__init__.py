"""Opaque panels that open above the tiles and close with Esc."""
