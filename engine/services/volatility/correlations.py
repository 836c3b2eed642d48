"""Answers how names move together."""

import asyncio

import numpy as np

from engine.domain.columns import floats, longs
from engine.domain.errors import BadInput, OptixError, UnknownSymbol
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.kernel.offload import Offload
from engine.messages.realized import CorrelationPair, CorrelationTable, GetCorrelation
from engine.services.volatility.correlation import LEAST_COMMON, MOST_LAG, MOST_NAMES, WINDOWS, matrix_of, recent_volatility, rolling_pair
from engine.services.volatility.desk import SessionDesk
from engine.services.volatility.sessions import DailySessions

MOST_SESSIONS = 2_520


class Correlations:
    """Matrices of names, and a pair of them through time."""

    def __init__(self, *, desk: SessionDesk, offload: Offload) -> None:
        self._desk = desk
        self._offload = offload

    async def correlation(self, query: GetCorrelation) -> CorrelationTable:
        """The table; names that are not listed, or of which no session is known, are named apart."""
        wanted = tuple(dict.fromkeys(Symbol(name.strip().upper()) for name in (*query.symbols, *(query.pair or ())) if name.strip()))
        _check(query, wanted)
        sessions = min(max(query.sessions, query.window + abs(query.lag) + 1), MOST_SESSIONS)
        read = await asyncio.gather(*(self._days(name, sessions) for name in wanted))
        names = tuple(days for days in read if isinstance(days, DailySessions) and days.known > 1)
        unknown = tuple(name for name, days in zip(wanted, read, strict=True) if not (isinstance(days, DailySessions) and days.known > 1))
        if not names and all(isinstance(days, OptixError) for days in read):
            raise next(days for days in read if isinstance(days, OptixError))
        found = await self._offload.run(lambda: matrix_of(names, window=query.window, lag=query.lag))
        return CorrelationTable(
            symbols=tuple(days.symbol for days in names),
            unknown=unknown,
            source=names[0].source if names else SourceId(""),
            as_of=max((days.as_of for days in names), default=UtcNanos(0)),
            window=query.window,
            lag=query.lag,
            least=LEAST_COMMON,
            value=floats(found.value),
            low=floats(found.low),
            high=floats(found.high),
            p_value=floats(found.p_value),
            common=longs(found.common),
            volatility=floats(np.array([recent_volatility(days, query.window) for days in names])),
            pair=await self._pair(query, names),
        )

    async def _days(self, name: Symbol, sessions: int) -> DailySessions | UnknownSymbol:
        try:
            return await self._desk.days(name, sessions)
        except UnknownSymbol as error:
            return error

    async def _pair(self, query: GetCorrelation, names: tuple[DailySessions, ...]) -> CorrelationPair | None:
        if query.pair is None:
            return None
        chosen = [next((days for days in names if days.symbol == name.strip().upper()), None) for name in query.pair]
        one, other = chosen
        if one is None or other is None:
            return None
        day, rolling = await self._offload.run(lambda: rolling_pair(one, other, window=query.window, lag=query.lag))
        return CorrelationPair(one=one.symbol, other=other.symbol, day=longs(day), rolling=floats(rolling))


def _check(query: GetCorrelation, wanted: tuple[Symbol, ...]) -> None:
    least, most = WINDOWS
    if not wanted:
        raise BadInput("name the securities to be compared, such as SPY QQQ TLT")
    if len(wanted) > MOST_NAMES:
        raise BadInput(f"{len(wanted)} names are too many for one table: give {MOST_NAMES} or fewer")
    if not least <= query.window <= most:
        raise BadInput(f"a window has {least} to {most} common sessions, not {query.window}")
    if abs(query.lag) > MOST_LAG:
        raise BadInput(f"a lag is of {MOST_LAG} sessions or fewer either way, not {query.lag}")
