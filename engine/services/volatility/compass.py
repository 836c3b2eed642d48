"""The volatility compass: one row a name, of the figures that other rooms keep and of where they stand."""

from math import isfinite, nan
from typing import NamedTuple

import numpy as np

from engine.domain.calendar import session_date
from engine.domain.columns import Floats, floats
from engine.domain.errors import BadInput
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS
from engine.domain.instruments import Security
from engine.domain.measures import Measure, MeasureKind
from engine.kernel.bus import Bus
from engine.kernel.clock import Clock
from engine.kernel.dispatch import Dispatch
from engine.messages.compass import Compass, CompassRow, GetCompass
from engine.messages.exposure import ExposureChanged
from engine.messages.queries import GetQuotes, Quote
from engine.quant.volatility.standing import LEAST_SESSIONS, standing
from engine.services.volatility.breaches import Breaches
from engine.services.volatility.coordinates import Coordinates
from engine.services.volatility.listed import Listed
from engine.state.priced import ThirtyDays
from engine.state.whole import State

SLOPE = Measure(kind=MeasureKind.TERM, days=(30, 90))
THIRTY = tuple(Measure(kind=kind, days=(30,)) for kind in (MeasureKind.ATM, MeasureKind.RR25, MeasureKind.BF25))
INDEX = Measure(kind=MeasureKind.INDEX, days=(30,))
LINE = 60
"""Sessions of the sparkline."""
LONGEST_WINDOW = 2_520
NOTHING = ThirtyDays(as_of=UtcNanos(0), iv=nan, risk_reversal_25=nan, butterfly_25=nan)


class Past(NamedTuple):
    """30-day volatility of the sessions before the present one."""

    last: float
    values: Floats


class Compasses:
    """Answers with the table."""

    def __init__(
        self,
        *,
        state: State,
        bus: Bus,
        clock: Clock,
        dispatch: Dispatch,
        coordinates: Coordinates,
        listed: Listed,
        breaches: Breaches,
    ) -> None:
        self._state = state
        self._bus = bus
        self._clock = clock
        self._dispatch = dispatch
        self._coordinates = coordinates
        self._listed = listed
        self._breaches = breaches

    async def table(self, query: GetCompass) -> Compass:
        """The names asked for, or all that have options."""
        if not 1 <= query.window <= LONGEST_WINDOW:
            raise BadInput(f"look back on 1 to {LONGEST_WINDOW:,} sessions, not {query.window:,}")
        asked = await self._listed.named(query.symbols, complete=query.complete)
        names = tuple(one.symbol for one in asked.securities)
        board = await self._dispatch.ask(GetQuotes(symbols=names, complete=query.complete)) if names else None
        quotes = {quote.security.symbol: quote for quote in board.quotes} if board is not None else {}
        await self._listed.fitted(asked.securities, complete=query.complete)
        rows = tuple(self._row(one, quotes[one.symbol], query.window) for one in asked.securities if one.symbol in quotes)
        return Compass(
            source=self._state.health.traits.source,
            as_of=max((row.as_of for row in rows), default=UtcNanos(0)),
            window=query.window,
            least=LEAST_SESSIONS,
            rows=rows,
            unknown=asked.unknown,
        )

    def _thirty(self, symbol: Symbol) -> ThirtyDays:
        """Between its quotes; of its fitted surface where no turn of pricing came round to it yet."""
        told, surface = self._state.priced.thirty.get(symbol, NOTHING), self._coordinates.surface(symbol)
        if isfinite(told.iv) or surface is None:
            return told
        iv, reversal, butterfly = (self._coordinates.value(symbol, measure) for measure in THIRTY)
        return ThirtyDays(as_of=surface.as_of, iv=iv, risk_reversal_25=reversal, butterfly_25=butterfly)

    def _row(self, security: Security, quote: Quote, window: int) -> CompassRow:
        symbol, read = security.symbol, self._coordinates
        thirty = self._thirty(symbol)
        past = self._past(security)
        stands = standing(past=past.values, now=thirty.iv, window=window)
        month = read.realised_sessions(symbol, 30)
        exposure = self._bus.newest(ExposureChanged, symbol)
        return CompassRow(
            symbol=symbol,
            name=security.name,
            state=self._state.health.state,
            as_of=thirty.as_of,
            spot=read.spot(symbol),
            change_fraction=quote.change_fraction,
            iv30=thirty.iv,
            iv_change=thirty.iv - past.last,
            rank=stands.rank,
            percentile=stands.percentile,
            sessions=stands.sessions,
            refusal=stands.refusal,
            realized_20=read.realised_sessions(symbol, 20),
            realized_30=month,
            premium=thirty.iv - month,
            ratio=thirty.iv / month if month > 0.0 else nan,
            risk_reversal_25=thirty.risk_reversal_25,
            butterfly_25=thirty.butterfly_25,
            slope=read.value(symbol, SLOPE),
            index=read.value(symbol, INDEX),
            put_call=quote.put_call_volume,
            exposure=exposure.exposure.net if exposure is not None else nan,
            filter=read.filter(symbol),
            line=_line(past.values, thirty.iv),
            broken=self._breaches.broken(symbol),
        )

    def _past(self, security: Security) -> Past:
        history = self._state.history.volatility(security.symbol)
        before = history.day // DAY_NS * DAY_NS < session_date(security.session, self._clock.now())
        values = history.atm_iv[before]
        known = values[np.isfinite(values)]
        return Past(float(known[-1]) if known.size else nan, values)


def _line(past: Floats, now: float) -> Floats:
    known = past[np.isfinite(past)][-(LINE - 1) :]
    return floats(np.append(known, now) if isfinite(now) else known)
