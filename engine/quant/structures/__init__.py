"""Legs held together: what they are worth at any spot and date, where they break even, how likely they win, what they are called."""
