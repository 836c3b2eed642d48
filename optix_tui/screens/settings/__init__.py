"""SET: settings, and where each was set."""
