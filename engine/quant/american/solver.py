"""The jobs on American options in both tiers."""

from typing import Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from engine.quant import tiers
from engine.quant.american import plain
from engine.quant.arrays import Floats

PREMIUM_ROWS: Final = 5
"""Premium, its first, second and third derivative against the put's spot, ln B(T)."""


class Jobs(Protocol):
    """Loops over rows of puts struck at 1, every one of which has one exercise boundary; no number raises."""

    def premiums(
        self,
        rows: Floats,
        roots: Floats,
        sizes: NDArray[np.int64],
        nodes: Floats,
        points: Floats,
        form: int,
        out: Floats,
    ) -> None:
        """:data:`PREMIUM_ROWS` of (ln spots, years, rates, yields, vols), by the tables of a Scheme."""

    def boundaries(self, rows: Floats, roots: Floats, sizes: NDArray[np.int64], nodes: Floats, form: int, out: Floats) -> None:
        """Logarithms of B at the nodes, a row an option, of (years, rates, yields, vols)."""

    def premiums_on(self, rows: Floats, owners: NDArray[np.int64], known: Floats, points: Floats, out: Floats) -> None:
        """As ``premiums`` on boundaries already solved: ``owners`` names the row of ``known`` for each option."""

    def premiums_along(self, rows: Floats, owners: NDArray[np.int64], places: Floats, known: Floats, points: Floats, out: Floats) -> None:
        """As ``premiums_on`` on boundaries known as polynomials in the volatility's place: (owners, powers, nodes) of ln(B/X)/σ."""

    def premiums_between(self, rows: Floats, uppers: Floats, lowers: Floats, points: Floats, out: Floats) -> None:
        """Premium and three derivatives of (ln spots, years, horizons, rates, yields, vols) on ln B and ln(1/Y), of a Corridor each."""


ROOM: Final = tiers.Room("american", cast(Jobs, plain))
