"""Of which day the venue's volumes are: yesterday's stand until the venue begins anew, and must not be taken for today's.

What is known of a volume is the time of the contract's last trade, where it is told, what was told before, and the calendar. A volume that
falls to less than half begins anew; a smaller fall corrects it.
"""

from typing import NamedTuple

import numpy as np

from engine.domain.calendar import next_session, previous_session, session, session_date
from engine.domain.columns import Floats, Longs
from engine.domain.instants import DAY_NS, HOUR_NS, from_nanos, utc_instant
from engine.domain.instruments import SessionName
from engine.domain.market import FeedEvent, SummaryBatch
from engine.kernel.clock import Clock
from engine.state.instruments import Ladder
from engine.state.whole import State

RESET = 0.5
SILENCE_NS = HOUR_NS
"""A coin's volume that was not told for so long may have begun anew in between, whatever it was."""


class Moment(NamedTuple):
    """Where a calendar stands; dates by their start."""

    today: int
    is_open: bool
    """Today's session has begun; it may be over."""
    last: int
    """The newest session that has begun."""
    upcoming: int
    """Today's session, or the next one where there is none today: what a volume belongs to that begins anew."""


def moment_of(name: SessionName, now: int) -> Moment:
    """A calendar at an instant."""
    today = int(session_date(name, now))
    day = from_nanos(today).date()
    found = session(name, day)
    if found is not None and found.open_at <= now:
        return Moment(today, True, today, today)
    last = int(utc_instant(previous_session(name, day)))
    return Moment(today, False, last, today if found is not None else int(utc_instant(next_session(name, day))))


def dates_of(name: SessionName, instants: Longs) -> Longs:
    """The date each instant belongs to; 0 for 0."""
    hours, place = np.unique(instants // HOUR_NS, return_inverse=True)
    dates = [int(session_date(name, hour * HOUR_NS)) if hour > 0 else 0 for hour in hours.tolist()]
    return np.array(dates, dtype=np.int64)[place.reshape(-1)]


def days_of(name: SessionName, now: int, *, volume: Floats, traded_at: Longs, before: Floats, before_of: Longs) -> Longs:
    """Of which date each volume is that is told now.

    ``traded_at`` is the time of the contract's last trade (0 where it is not told); ``before`` is the volume told last (NaN where none was)
    and ``before_of`` its date.
    """
    moment = moment_of(name, now)
    known = np.isfinite(before) & (before_of > 0)
    with np.errstate(invalid="ignore"):
        anew = known & (volume < RESET * before)
    old = known & (before_of < moment.today) & ~anew
    if name is SessionName.CRYPTO:
        # A coin's market has no night: what was told before midnight goes on until it begins anew, and may be of the last 24 hours.
        found = np.where(old, np.maximum(before_of, moment.today - DAY_NS), moment.today)
        timed = (traded_at > 0) & (volume > 0.0)
        return np.where(timed & ~old, np.minimum(dates_of(name, traded_at), moment.today), found)
    traded = dates_of(name, traded_at)
    if moment.is_open:
        untimed = np.where(old & (volume == before), before_of, moment.today)
        empty: Longs = np.full(volume.shape, moment.today)
    else:
        begun = anew | (known & (before_of > moment.last))
        untimed = np.where(begun, moment.upcoming, moment.last)
        empty = np.where(begun | (traded >= moment.last), moment.upcoming, moment.last)
    said = np.where(volume > 0.0, np.minimum(traded, moment.upcoming), empty)
    return np.where(traded_at > 0, said, untimed)


class VenueVolumes:
    """Notes of each volume as it is told of which day it is: a tap of the feed, behind the market's state."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        state.instruments.on_retired(self._keep_settled)

    def record(self, event: FeedEvent) -> None:
        """Takes note of the day's figures."""
        if not isinstance(event, SummaryBatch):
            return
        told = np.flatnonzero(np.isfinite(event.volume))
        if not told.size:
            return
        instruments, day = self._state.instruments, self._state.flow.day
        rows = instruments.rows_of(event.handle[told])
        listed = rows >= 0
        rows, told = rows[listed], told[listed]
        option = instruments.series_of[rows] >= 0
        rows, told = rows[option], told[option]
        if not rows.size:
            return
        day.fit(instruments.size, len(instruments.symbols))
        now = self._clock.now()
        volume, traded_at = event.volume[told], event.last_at[told]
        securities = instruments.securities()
        symbols = instruments.symbol_of[rows]
        sessions = {number: securities[number].session for number in np.unique(symbols).tolist()}
        for name in set(sessions.values()):
            mine = np.flatnonzero(np.isin(symbols, [number for number, one in sessions.items() if one is name]))
            chosen = rows[mine]
            before = day.told[chosen]
            if name is SessionName.CRYPTO:
                before = np.where(now - day.told_at[chosen] > SILENCE_NS, np.nan, before)
            day.told_of[chosen] = days_of(
                name,
                now,
                volume=volume[mine],
                traded_at=traded_at[mine],
                before=before,
                before_of=day.told_of[chosen],
            )
        day.told[rows], day.told_at[rows] = volume, now

    def _keep_settled(self, ladders: tuple[Ladder, ...]) -> None:
        """What settles on a day was traded on it all the same: its volume stays in the sums of its name."""
        day, instruments = self._state.flow.day, self._state.instruments
        day.fit(instruments.size, len(instruments.symbols))
        for ladder in ladders:
            for put, listed in enumerate(ladder.rows):
                rows = listed[listed >= 0]
                day.is_settled[rows] = True
                volume, of = volumes_of(self._state, rows)
                known = volume[np.isfinite(volume) & (of == day.date[ladder.symbol])]
                if known.size:
                    day.settled[ladder.symbol, put] = np.nansum([day.settled[ladder.symbol, put], known.sum()])
        day.version += 1


class DayVolumes(NamedTuple):
    """What contracts traded, by row, and of which date that is; NaN and 0 where nothing is known."""

    volume: Floats
    day: Longs


def volumes_of(state: State, rows: Longs) -> DayVolumes:
    """Where prints were seen today, today's: theirs, or the venue's where that is more; else the venue's, of its own day."""
    day = state.flow.day
    day.fit(state.instruments.size, len(state.instruments.symbols))
    today = day.date[state.instruments.symbol_of[rows]]
    told, told_of, seen = day.told[rows], day.told_of[rows], day.volume[rows]
    has_seen = seen > 0.0
    volume = np.where(has_seen, np.fmax(seen, np.where(told_of == today, told, np.nan)), told)
    return DayVolumes(volume, np.where(has_seen, today, np.where(np.isfinite(told), told_of, 0)))
