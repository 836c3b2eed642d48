"""Tests of what is asked of the history alone."""
