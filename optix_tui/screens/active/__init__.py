"""MOSO: the most active options."""
