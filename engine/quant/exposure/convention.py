"""What an exposure figure means: which greek, in which unit, over which count, with which signs. No two vendors choose alike.

The assumption behind every sign is that customers sell calls and buy puts, and that dealers hold the other side of everything. Nobody
outside a dealer's book knows better, so the figure is a model's and says so wherever it is shown.
"""

from enum import StrEnum
from typing import NamedTuple


class Greek(StrEnum):
    """What moves with what: the dealer's delta with the spot (GEX), with volatility (VEX), with time (CEX)."""

    GAMMA = "gamma"
    VANNA = "vanna"
    CHARM = "charm"


class Unit(StrEnum):
    """What one unit of exposure is. Vanna is for one vol point and charm for one calendar day in every unit."""

    DOLLARS_PER_PERCENT = "$ per 1 %"
    """Dollars of delta for a 1 % move of the underlying: gamma × S² × 1 %."""
    DOLLARS_PER_POINT = "$ per point"
    """Dollars of delta for a move of 1.00: gamma × S."""
    SHARES_PER_POINT = "shares per point"
    """Deltas, in units of the underlying, for a move of 1.00."""


class Signs(StrEnum):
    """Which side of a contract the dealer is taken to hold."""

    CALLS_LONG_PUTS_SHORT = "calls +, puts -"
    CALLS_SHORT_PUTS_LONG = "calls -, puts +"
    UNSIGNED = "all +"


class Count(StrEnum):
    """How many contracts."""

    OPEN_INTEREST = "open interest"
    """Of the session before: it is counted overnight."""
    VOLUME = "volume"
    """Of today, as if every trade opened."""


class Convention(NamedTuple):
    """One way to count; the default is the one most used."""

    unit: Unit = Unit.DOLLARS_PER_PERCENT
    signs: Signs = Signs.CALLS_LONG_PUTS_SHORT
    counted: Count = Count.OPEN_INTEREST
    half: bool = False
    """The ½ of the second-order term, ½ Γ S², that some publish."""

    def in_words(self, greek: Greek) -> str:
        """The line that stands under every figure."""
        factor = "½ " if self.half else ""
        per = {Greek.GAMMA: "", Greek.VANNA: ", per vol point", Greek.CHARM: ", per calendar day"}[greek]
        unit = str(self.unit) if greek is Greek.GAMMA else ("shares" if self.unit is Unit.SHARES_PER_POINT else "$")
        return f"{factor}{greek} × {self.counted} × multiplier, {unit}{per}; {self.signs}"
