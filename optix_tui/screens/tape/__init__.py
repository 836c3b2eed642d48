"""TAS: time and sales."""
