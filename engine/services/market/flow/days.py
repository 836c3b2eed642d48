"""Where one day of a name's flow ends and the next begins."""

from datetime import time

import numpy as np

from engine.domain.calendar import previous_session, session_date
from engine.domain.columns import Longs
from engine.domain.instants import from_nanos, new_york_instant, utc_instant
from engine.domain.instruments import SessionName
from engine.kernel.clock import Clock
from engine.state.whole import State


class Days:
    """Ends the days of names, each by its own calendar."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def turn(self) -> None:
        """Where a name's session date is another one than before, its day is over."""
        state = self._state
        day = state.flow.day
        day.fit(state.instruments.size, len(state.instruments.symbols))
        now = self._clock.now()
        dates = {name: session_date(name, now) for name in {security.session for security in state.instruments.securities()}}
        for number, security in enumerate(state.instruments.securities()):
            date = dates[security.session]
            before = int(day.date[number])
            if date <= before:
                continue
            if before:
                rows = self._options_of(number)
                volume = state.market.volume[rows]
                if day.since[number]:
                    state.flow.ended[number] = day.end(number, rows, before, volume)
            self._forget_untold(number, security.session, date)
            begins = begins_of(security.session, date)
            day.begin(number, date, begins, begins if before else now)

    def _forget_untold(self, number: int, session: SessionName, date: int) -> None:
        """What a day was is told by the open interest of the next session, over a weekend too, and by no later one."""
        ended = self._state.flow.ended.get(number)
        if ended is not None and utc_instant(previous_session(session, from_nanos(date).date())) > ended.day:
            del self._state.flow.ended[number]

    def _options_of(self, number: int) -> Longs:
        instruments = self._state.instruments
        size = instruments.size
        return np.flatnonzero((instruments.symbol_of[:size] == number) & (instruments.series_of[:size] >= 0))


def begins_of(name: SessionName, date: int) -> int:
    """The first instant of a calendar's date."""
    return date if name is SessionName.CRYPTO else int(new_york_instant(from_nanos(date).date(), time(0)))
