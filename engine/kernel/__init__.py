"""Plumbing that knows no market: the bus, the clock, the tasks, the settings, the places, the plugins."""
