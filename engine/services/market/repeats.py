"""Trades that a source sends again after a reconnection, told apart from new ones.

A print has no number of its own in most feeds; instrument, the venue's time, price, size and side together name it. Two equal prints may
well follow one another, so nothing is dropped in the ordinary course: only after a reconnection, for a while, each print known from before
it stands for one that is sent again.
"""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from msgspec.structs import replace

from engine.domain.columns import codes, floats, ints, longs
from engine.domain.instants import SECOND_NS
from engine.domain.market import TradeBatch
from engine.state.trades import Prints
from engine.state.whole import State

WINDOW_SECONDS = 120.0
"""After a reconnection sources send again what they have to send again within this time ..."""
BACK_SECONDS = 1_800
"""... and nothing older than this, by the market's time."""
_Key = tuple[int, int, float, float, int]


class Repeats:
    """What was known at the last reconnection and has not been sent again yet."""

    def __init__(self, state: State, monotonic: Callable[[], float]) -> None:
        self._state = state
        self._monotonic = monotonic
        self._known: Counter[_Key] = Counter()
        self._until = 0.0

    def reconnected(self) -> None:
        """The feed starts anew, or is there again: what it tells now it may have told before."""
        self._known = Counter()
        for prints in self._state.trades.all_newest():
            recent = prints.at > prints.at.max(initial=0) - BACK_SECONDS * SECOND_NS
            self._known.update(_keys(prints.take(np.flatnonzero(recent))))
        self._until = self._monotonic() + WINDOW_SECONDS

    def without(self, event: TradeBatch) -> TradeBatch:
        """The batch without the prints that are known from before; the very same where there are none."""
        if not self._known or self._monotonic() > self._until:
            return event
        rows = self._state.instruments.rows_of(event.handle)
        timed = (event.event_at > 0) & (rows >= 0)
        kept = np.ones(rows.shape[0], dtype=bool)
        places = np.flatnonzero(timed)
        columns = (rows, event.event_at, event.price, event.size, event.side)
        for place, key in zip(places.tolist(), _of_columns([column[places] for column in columns]), strict=True):
            if self._known[key] > 0:
                self._known[key] -= 1
                kept[place] = False
        if kept.all():
            return event
        self._state.health.repeated_rows += int((~kept).sum())
        return replace(
            event,
            handle=ints(event.handle[kept]),
            price=floats(event.price[kept]),
            size=floats(event.size[kept]),
            side=codes(event.side[kept]),
            flags=codes(event.flags[kept]),
            event_at=longs(event.event_at[kept]),
        )


def _keys(prints: Prints) -> list[_Key]:
    return _of_columns([prints.row, prints.at, prints.price, prints.size, prints.side])


def _of_columns(columns: Sequence[np.ndarray]) -> list[_Key]:
    rows, at, price, size, side = columns
    return list(zip(rows.tolist(), at.tolist(), price.tolist(), np.nan_to_num(size, nan=-1.0).tolist(), side.tolist(), strict=True))
