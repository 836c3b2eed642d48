"""Takes the quotes of some series off the engine's loop in one piece: flat columns that a worker thread can price."""

from collections.abc import Iterable, Mapping
from math import nan
from typing import NamedTuple

import numpy as np

from engine.domain.calendar import last_close, session_at, years_to
from engine.domain.columns import Flags, Floats, Longs
from engine.domain.ids import SeriesId, SourceId, UtcNanos
from engine.domain.instruments import Security
from engine.domain.market import FeedState, Verdict
from engine.state.age import stale_rows
from engine.state.instruments import Ladder
from engine.state.whole import State

_COLUMNS = (
    "bid", "ask", "bid_size", "ask_size", "last", "volume", "open_interest", "vendor_iv", "vendor_delta", "quoted_at", "verdict",
)  # fmt: skip


class Book(NamedTuple):
    """Series one behind the other; each series' calls, then its puts, by strike."""

    ladders: tuple[Ladder, ...]
    source: SourceId
    state: FeedState
    versions: tuple[int, ...]
    """The market's sequence of each series as it was taken."""
    as_of: tuple[UtcNanos, ...]
    years: Floats
    spot: Floats
    dividend_yield: Floats
    rate_hint: Floats
    """Of the last look at the neighbouring expiries; NaN where there was none."""
    offset: Longs
    """Where each series begins, and the end: one more than there are series."""
    strike: Floats
    """By contract, as all columns below."""
    right: Floats
    """+1 call, -1 put."""
    bid: Floats
    ask: Floats
    bid_size: Floats
    ask_size: Floats
    last: Floats
    volume: Floats
    open_interest: Floats
    vendor_iv: Floats
    vendor_delta: Floats
    quoted_at: Longs
    verdict: Flags


def gather(state: State, ladders: Iterable[Ladder], rates: Mapping[SeriesId, float], now: UtcNanos) -> Book:
    """A copy of what is known of the series now; the market may move on while it is priced."""
    chosen = tuple(ladder for ladder in ladders if ladder.strikes.size)
    sizes = [ladder.rows.size for ladder in chosen]
    rows = np.concatenate([ladder.rows.ravel() for ladder in chosen]) if chosen else np.empty(0, dtype=np.int64)
    columns = {name: state.market.gather(name, rows) for name in _COLUMNS}
    absent = rows < 0
    if absent.any():
        columns["verdict"] = np.where(absent, Verdict.NO_BID | Verdict.NO_ASK, columns["verdict"]).astype(np.uint8)
    offset = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    _mark_stale(state, chosen, rows, offset, columns["verdict"])
    moments = {ladder.symbol: instant(state, ladder.symbol, now) for ladder in chosen}
    securities = [_security(state, ladder) for ladder in chosen]
    return Book(
        ladders=chosen,
        source=state.health.traits.source,
        state=state.health.state,
        versions=tuple(version(state, ladder) for ladder in chosen),
        as_of=tuple(UtcNanos(int(state.market.series_quoted_at[ladder.index])) for ladder in chosen),
        years=np.array([years_to(ladder.series.settles_at, moments[ladder.symbol]) for ladder in chosen]),
        spot=np.array([float(state.market.spot[ladder.symbol]) for ladder in chosen]),
        dividend_yield=np.array([security.dividend_yield for security in securities]),
        rate_hint=np.array([rates.get(ladder.series.id, nan) for ladder in chosen]),
        offset=offset,
        strike=np.concatenate([np.tile(ladder.strikes, 2) for ladder in chosen]) if chosen else np.empty(0),
        right=np.concatenate([np.repeat([1.0, -1.0], ladder.strikes.size) for ladder in chosen]) if chosen else np.empty(0),
        **columns,
    )


def version(state: State, ladder: Ladder) -> int:
    """Rises when a quote of the series or of its underlying changes."""
    return max(int(state.market.series_version[ladder.index]), int(state.market.symbol_version[ladder.symbol]))


def instant(state: State, symbol: int, now: UtcNanos) -> UtcNanos:
    """The market instant that a name's prices belong to: of its newest quote, and of the last close for a market that stands still outside
    a session, as a file saved on a Saturday does.
    """
    quoted = int(state.market.symbol_quoted_at[symbol])
    at = quoted if quoted > 0 else int(now)
    if state.health.state is FeedState.LIVE:
        return UtcNanos(at)
    session = state.instruments.securities()[symbol].session
    return UtcNanos(at) if session_at(session, at) is not None else last_close(session, at)


def _security(state: State, ladder: Ladder) -> Security:
    return state.instruments.securities()[ladder.symbol]


def _mark_stale(state: State, ladders: tuple[Ladder, ...], rows: Longs, offset: Longs, verdict: Flags) -> None:
    for place, ladder in enumerate(ladders):
        part = slice(int(offset[place]), int(offset[place + 1]))
        old = stale_rows(state.market, state.health, ladder.symbol, rows[part])
        if old.any():
            verdict[part][old] |= Verdict.STALE
