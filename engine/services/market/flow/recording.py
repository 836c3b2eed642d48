"""What of the flow is kept: prints that stand out, and each name's sums of the day."""

from collections.abc import Callable, Iterator
from math import nan

import numpy as np

from engine.domain.columns import codes, flags, floats, ints, longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import SECOND_NS
from engine.domain.marks import FlowFlag, FlowMarks, FlowSums, Openings
from engine.kernel.clock import Clock
from engine.services.market.flow.settings import FlowSettings
from engine.services.market.flow.terms import Terms
from engine.services.market.flow.totals import Totals
from engine.state.flow import FlowPrints
from engine.state.whole import State

SUMS_SECONDS = 5.0
"""Between two words on the sums of the day: the history keeps one a minute."""
Record = Callable[[FlowMarks | FlowSums | Openings], None]


class FlowRecording:
    """Hands marks to the history."""

    def __init__(
        self,
        *,
        state: State,
        clock: Clock,
        settings: FlowSettings,
        terms: Terms,
        totals: Totals,
        record: Record,
        is_whole: Callable[[int], bool] = lambda _: True,
    ) -> None:
        self._state = state
        self._clock = clock
        self._settings = settings
        self._terms = terms
        self._totals = totals
        self._record = record
        self._is_whole = is_whole
        """Whether a name's sums hold what earlier runs heard: before, they would take the place of better ones."""
        self._told: dict[int, int] = {}
        """By dense symbol: prints at the last word on its sums."""
        self._told_at = (0, float("-inf"))
        """By the market's clock, and by the wall."""

    def take(self, prints: FlowPrints) -> None:
        """Keeps those that stand out: flagged, and of some size."""
        with np.errstate(invalid="ignore"):
            chosen = np.flatnonzero((prints.flags != 0) & (prints.premium >= self._settings.record_premium))
        if not chosen.size:
            return
        handles = self._state.instruments.handles_of(prints.row[chosen])
        chosen, handles = chosen[handles >= 0], handles[handles >= 0]
        if not chosen.size:
            return
        kept = prints.take(chosen)
        terms = self._terms.read(self._clock.monotonic())
        series = self._state.instruments.series_of[kept.row]
        self._record(
            FlowMarks(
                at=self._clock.now(),
                handle=ints(handles),
                price=floats(kept.price),
                size=floats(kept.size),
                side=codes(kept.side),
                flags=flags(kept.flags | np.where((kept.side != 0) & (kept.inferred == 0), FlowFlag.SIDE_SAID, 0).astype(np.uint8)),
                premium=floats(kept.price * kept.size * terms.multiplier[series]),
                bid=floats(kept.bid),
                ask=floats(kept.ask),
                spot=floats(kept.spot),
                iv=floats(kept.iv),
                delta=floats(kept.delta),
                volume=floats(kept.volume),
                open_interest=floats(kept.open_interest),
                event_at=longs(kept.at),
            )
        )

    def tell_sums(self) -> Iterator[None]:
        """The day so far of every name that printed since the last word, one at a time; each few seconds by its clock or the wall's."""
        moment = self._clock.now(), self._clock.monotonic()
        if 0 <= moment[0] - self._told_at[0] < SUMS_SECONDS * SECOND_NS and moment[1] - self._told_at[1] < SUMS_SECONDS:
            return
        self._told_at = moment
        day = self._state.flow.day
        for number, symbol in enumerate(tuple(self._state.instruments.symbols)):
            if number >= day.prints.shape[0]:
                return
            prints = int(day.prints[number].sum())
            if prints and self._told.get(number) != prints and self._is_whole(number):
                self._told[number] = prints
                self._record(self.sums_of(number, symbol))
                yield

    def sums_of(self, number: int, symbol: Symbol) -> FlowSums:
        """One name's day so far."""
        totals = self._totals.of(number)
        day = self._state.flow.day
        unknown = totals.is_volume_of_before
        return FlowSums(
            at=self._clock.now(),
            symbol=symbol,
            day=UtcNanos(int(day.date[number])),
            call_volume=nan if unknown else totals.call_volume,
            put_volume=nan if unknown else totals.put_volume,
            call_premium=totals.call_premium,
            put_premium=totals.put_premium,
            call_prints=int(day.prints[number, 0]),
            put_prints=int(day.prints[number, 1]),
            call_open_interest=totals.call_open_interest,
            put_open_interest=totals.put_open_interest,
        )
