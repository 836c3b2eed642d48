"""OMON: the live option chain."""
