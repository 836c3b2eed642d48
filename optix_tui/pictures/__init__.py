"""Screens as pictures, for sharing: the same cells as in the terminal, turned into pixels. Pillow is loaded when one is drawn."""
