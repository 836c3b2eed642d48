"""FLOW: option prints with what they were taken for."""
