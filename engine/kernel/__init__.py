"""Plumbing that knows no market: messages in, events out, clocks, threads, places, settings, plugins."""
