"""The Heston integrals in the tier that answers now."""

from typing import Final, Protocol, cast

from engine.quant import tiers
from engine.quant.arrays import Floats
from engine.quant.stochastic import plain


class StochasticJobs(Protocol):
    """Rows in, results into the caller's arrays; no number raises."""

    def heston_integrals(self, rows: Floats, out: Floats, changes: Floats) -> None:
        """The sums of (ω, T, v0, κ, θ, σ, ρ, w, tilt, s), and the last change of the price's over √(K/F)."""


ROOM: Final = tiers.Room("stochastic", cast(StochasticJobs, plain))
