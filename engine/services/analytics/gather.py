"""Takes the quotes of some series off the engine's loop in one piece: flat columns that a worker thread can price."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from engine.domain.calendar import last_close, session_at, years_to
from engine.domain.columns import Flags, Floats, Longs
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.instruments import Security
from engine.domain.market import FeedState, Verdict
from engine.state.age import stale_rows
from engine.state.instruments import Ladder
from engine.state.whole import State

_NUMBERS = ("bid", "ask", "volume", "open_interest", "verdict")
"""What numbers are made of."""
_SHOWN = ("bid_size", "ask_size", "last", "vendor_iv", "vendor_delta", "quoted_at")
"""What a row of the chain shows beside them."""
_NOTHING = np.empty(0, dtype=np.int64)


class TakenSeries(NamedTuple):
    """One series as it was when it was taken."""

    ladder: Ladder
    security: Security
    version: int
    """The market's sequence of the series and its underlying."""
    quotes: int
    """That of the series alone."""
    as_of: UtcNanos
    """Market time of its newest quote."""
    years: float
    spot: float
    part: slice
    """Its piece of the columns: calls, then puts, by strike."""


class Taken(NamedTuple):
    """Some series, one behind the other."""

    series: tuple[TakenSeries, ...]
    source: SourceId
    state: FeedState
    by_age: bool
    """The age of a quote tells it from its neighbours; not where the whole feed is silent."""
    bid: Floats
    """By contract, as all columns below."""
    ask: Floats
    volume: Floats
    open_interest: Floats
    verdict: Flags
    bid_size: Floats
    """Empty where no row is to be shown, as the columns that follow."""
    ask_size: Floats
    last: Floats
    vendor_iv: Floats
    vendor_delta: Floats
    quoted_at: Longs


def gather(state: State, ladders: Iterable[Ladder], now: UtcNanos, *, shown: bool = True) -> Taken:
    """A copy of what is known of the series now; the market may move on while it is priced. Not ``shown``: for numbers alone."""
    chosen = tuple(ladder for ladder in ladders if ladder.strikes.size)
    rows = np.concatenate([ladder.rows.ravel() for ladder in chosen]) if chosen else np.empty(0, dtype=np.int64)
    columns = {name: state.market.gather(name, rows) for name in _NUMBERS}
    columns.update((name, state.market.gather(name, rows if shown else _NOTHING)) for name in _SHOWN)
    columns["verdict"] = np.where(rows < 0, Verdict.NO_BID | Verdict.NO_ASK, columns["verdict"]).astype(np.uint8)
    symbols = np.repeat(np.array([ladder.symbol for ladder in chosen], dtype=np.int32), [ladder.rows.size for ladder in chosen])
    columns["verdict"][stale_rows(state.market, state.health, symbols, rows)] |= np.uint8(Verdict.STALE)
    taken: list[TakenSeries] = []
    end = 0
    securities = state.instruments.securities()
    for ladder in chosen:
        part = slice(end, end + ladder.rows.size)
        end = part.stop
        years = years_to(ladder.series.settles_at, instant(state, ladder.symbol, now))
        taken.append(
            TakenSeries(
                ladder=ladder,
                security=securities[ladder.symbol],
                version=version(state, ladder),
                quotes=int(state.market.series_version[ladder.index]),
                as_of=UtcNanos(int(state.market.series_quoted_at[ladder.index])),
                years=years,
                spot=float(state.market.spot[ladder.symbol]),
                part=part,
            )
        )
    return Taken(series=tuple(taken), source=state.health.traits.source, state=state.health.state, by_age=not state.health.stale, **columns)


def version(state: State, ladder: Ladder) -> int:
    """Rises when a quote of the series or of its underlying changes."""
    return max(int(state.market.series_version[ladder.index]), int(state.market.symbol_version[ladder.symbol]))


def instant(state: State, symbol: int, now: UtcNanos) -> UtcNanos:
    """The market instant that a name's prices belong to: that of its newest quote.

    A market that stands still outside a session, as a file saved on a Saturday does, belongs to the last close.
    """
    quoted = int(state.market.symbol_quoted_at[symbol])
    at = quoted if quoted > 0 else int(now)
    if state.health.state is FeedState.LIVE:
        return UtcNanos(at)
    session = state.instruments.securities()[symbol].session
    return UtcNanos(at) if session_at(session, at) is not None else last_close(session, at)


def open_series(state: State, symbol: Symbol, now: UtcNanos) -> tuple[Ladder, ...]:
    """A name's series that have not settled by its market's instant; in a market that stands still, all of them."""
    chain = state.instruments.chain(symbol)
    if state.health.state is FeedState.FROZEN or not chain:
        return chain
    at = max(instant(state, chain[0].symbol, now), now if state.health.state is FeedState.LIVE else 0)
    return tuple(ladder for ladder in chain if ladder.series.settles_at > at)
