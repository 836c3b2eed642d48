"""Series that have settled: out of every listing, but a position or a print of the past still finds its contract."""

from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Floats
from engine.domain.errors import BadInput
from engine.domain.ids import ContractId, SeriesId, Symbol
from engine.domain.instruments import Contract, OptionSeries, Right
from engine.domain.osi import OsiParts, format_deribit, format_osi, parse_option_name

MOST_SETTLED = 2_048
"""Series remembered, the newest: some months of a few names, a few KiB each."""


class Settled(NamedTuple):
    """What is kept of one."""

    series: OptionSeries
    strikes: Floats
    listed: NDArray[np.bool_]
    """(2, strikes): calls, puts."""

    def contract(self, strike: float, right: Right, name: ContractId | None = None) -> Contract | None:
        """One of its contracts, by the name it is asked for with or that of its kind; None where that was not listed."""
        place = np.flatnonzero(np.abs(self.strikes - strike) < 1e-6)
        if not place.size or not self.listed[0 if right is Right.CALL else 1, place[0]]:
            return None
        one, spelled = self.series, format_deribit if self.series.inverse else format_osi
        strike = float(self.strikes[place[0]])
        return Contract(id=name or spelled(one.root, one.expiry, right, strike), series=one, strike=strike, right=right)


class SettledSeries:
    """The newest of them, by id. Written by :class:`engine.state.instruments.Instruments` alone."""

    def __init__(self) -> None:
        self._kept: dict[SeriesId, Settled] = {}

    def __contains__(self, series: object) -> bool:
        return series in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, settled: Settled) -> None:
        """Remembers one, and forgets the oldest where there are too many."""
        self._kept.pop(settled.series.id, None)
        self._kept[settled.series.id] = settled
        while len(self._kept) > MOST_SETTLED:
            del self._kept[next(iter(self._kept))]

    def forget(self, series: SeriesId) -> None:
        """It is listed again: the feed tells an earlier time."""
        self._kept.pop(series, None)

    def get(self, series: SeriesId) -> OptionSeries | None:
        """The terms of one; None where it is not known to have settled."""
        found = self._kept.get(series)
        return None if found is None else found.series

    def on(self, symbol: Symbol, expiry: date) -> tuple[Settled, ...]:
        """Those of a name and date."""
        return tuple(one for one in self._kept.values() if one.series.underlying == symbol and one.series.expiry == expiry)

    def contract(self, name: ContractId) -> Contract | None:
        """One contract by its id; None for a name that was not listed."""
        parts = _parts(name)
        if parts is None:
            return None
        of_root = [one for one in self._kept.values() if (one.series.root, one.series.expiry) == (parts.root, parts.expiry)]
        found = (one.contract(parts.strike, parts.right, name) for one in of_root)
        return next((contract for contract in found if contract is not None), None)


def _parts(name: str) -> OsiParts | None:
    try:
        return parse_option_name(name)
    except BadInput:
        return None
