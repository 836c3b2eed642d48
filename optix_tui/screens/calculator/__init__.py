"""OVME: the option calculator."""
