"""As a session ends, what it leaves behind is remembered: its bar, and its 30-day volatility, on which ranks will stand."""

from collections.abc import Callable
from math import isfinite

import numpy as np

from engine.domain.calendar import last_close
from engine.domain.columns import floats, longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS, MINUTE_NS
from engine.domain.instruments import SessionName
from engine.domain.market import BarBatch, FeedState, VolatilityHistory
from engine.kernel.clock import Clock
from engine.services.market.aggregation import day_start, days_of
from engine.state.bars import BarColumns, batch_of
from engine.state.whole import State

REMEMBERED = frozenset({FeedState.LIVE, FeedState.DELAYED, FeedState.CLOSED})


class SessionEnds:
    """Watches the market's clock pass the closes of its calendars."""

    def __init__(self, *, state: State, clock: Clock, remember: Callable[[BarBatch | VolatilityHistory], None]) -> None:
        self._state = state
        self._clock = clock
        self._remember = remember
        self._closes: dict[SessionName, UtcNanos] = {}
        self._minute = -1

    def look(self) -> None:
        """Remembers the sessions that ended since the last look; they end with whole minutes."""
        if self._state.health.state not in REMEMBERED:
            return
        now = self._clock.now()
        if now // MINUTE_NS == self._minute:
            return
        self._minute = now // MINUTE_NS
        for name in {security.session for security in self._state.instruments.securities()}:
            close = last_close(name, now)
            if close > self._closes.setdefault(name, close):
                self._closes[name] = close
                self._end(name, close)

    def _end(self, name: SessionName, close: UtcNanos) -> None:
        for security in self._state.instruments.securities():
            if security.session is name:
                day = day_start(close - 1, name)
                self._keep_volatility(security.symbol, day, close)
                self._keep_bar(security.symbol, name, day, close)

    def _keep_volatility(self, symbol: Symbol, day: UtcNanos, close: UtcNanos) -> None:
        thirty = self._state.priced.thirty.get(symbol)
        known = self._state.history.volatility(symbol).day // DAY_NS * DAY_NS
        if thirty is None or not isfinite(thirty.iv) or day_start(thirty.as_of, self._session(symbol)) != day or np.any(known == day):
            return
        told = VolatilityHistory(
            at=close,
            symbol=symbol,
            day=longs([day]),
            atm_iv=floats([thirty.iv]),
            risk_reversal_25=floats([thirty.risk_reversal_25]),
            butterfly_25=floats([thirty.butterfly_25]),
        )
        self._state.history.merge(told)
        self._remember(told)

    def _keep_bar(self, symbol: Symbol, name: SessionName, day: UtcNanos, close: UtcNanos) -> None:
        days = self._state.bars.days(symbol)
        minutes = self._state.bars.minutes(symbol).since(day)
        session: BarColumns = days_of(minutes.take(np.flatnonzero(minutes.start < close)), name).take(slice(-1, None))
        told = days.columns().start
        if not session.start.size or session.start[0] != day or np.any([day_start(at, name) == day for at in told[-3:].tolist()]):
            return
        days.merge(session)
        self._remember(batch_of(symbol, 86_400, session, close))

    def _session(self, symbol: Symbol) -> SessionName:
        security = self._state.instruments.security(symbol)
        return security.session if security is not None else SessionName.NYSE
