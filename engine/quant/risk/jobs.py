"""The heavy work of this room in both tiers."""

from typing import Final, Protocol, cast

from engine.quant import tiers
from engine.quant.arrays import Floats
from engine.quant.risk import plain


class Jobs(Protocol):
    """Results are added to the caller's arrays; no number raises."""

    def revalue(self, book: Floats, elapsed: float, spots: Floats, vol_adds: Floats, vol_factors: Floats, out: Floats) -> None:
        """What contracts of (strike, years, vol, sign, units, rate, yield) are worth in each state, summed."""

    def revalue_greeks(self, book: Floats, elapsed: float, spots: Floats, vol_adds: Floats, vol_factors: Floats, out: Floats) -> None:
        """Price and eight Greeks of each state, summed, in nine rows."""

    def read_grid(self, grid: Floats, x0: float, dx: float, y0: float, dy: float, xs: Floats, ys: Floats, out: Floats) -> None:
        """The bicubic reading of a grid of equidistant nodes."""


ROOM: Final = tiers.Room("risk", cast(Jobs, plain))
