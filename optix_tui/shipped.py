"""Where the shipped defaults stand: the engine's one function finds them, in a checkout and in an installed wheel."""

from engine.api import shipped

__all__ = ["shipped"]
