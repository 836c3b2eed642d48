"""The contracts most traded, by one of four measures."""

import numpy as np
from numpy.typing import NDArray

from engine.domain.calendar import session_date
from engine.domain.columns import Floats, Longs, codes, floats, longs
from engine.domain.flow import FlowRight
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import new_york, utc_instant
from engine.kernel.clock import Clock
from engine.messages.flow import ActiveBy, ActiveContracts, GetMostActive
from engine.services.market.flow.filtering import ask_shares
from engine.services.market.flow.numbers import numbers_now
from engine.services.market.flow.previous import PreviousInterest
from engine.services.market.flow.terms import Terms, days_to, out_of_the_money
from engine.services.market.flow.totals import Totals
from engine.services.market.flow.venue import volumes_of
from engine.state.whole import State

MOST_ROWS = 1_000
LEAST_VOLUME = 100.0
"""Contracts: a smaller volume over an even smaller open interest says nothing."""


class MostActive:
    """Ranks what is listed and lives."""

    def __init__(self, *, state: State, clock: Clock, terms: Terms, totals: Totals, previous: PreviousInterest) -> None:
        self._state = state
        self._clock = clock
        self._terms = terms
        self._totals = totals
        self._previous = previous

    def ranked(self, symbol: Symbol, query: GetMostActive) -> ActiveContracts:
        """The best first; what is ranked by an unknown number is left out."""
        state = self._state
        instruments, market, day = state.instruments, state.market, state.flow.day
        number = instruments.number(symbol) if symbol else -1
        rows = self._rows(number, query.right)
        volume, of = volumes_of(state, rows)
        volume = np.where(of == self._totals.volume_day(number), volume, np.nan)
        interest = market.open_interest[rows]
        change = interest - np.where(self._compared(number)[instruments.symbol_of[rows]], self._previous.of(rows), np.nan)
        premium = np.where(day.premium[rows] > 0.0, day.premium[rows], np.nan)
        measure = _measure(query.by, volume=volume, interest=interest, premium=premium, change=change)
        known = np.flatnonzero(np.isfinite(measure) & (measure > 0.0))
        limit = min(max(query.limit, 0), MOST_ROWS)
        best = known[np.argsort(-measure[known], kind="stable")[:limit]]
        chosen = rows[best]
        series = instruments.series_of[chosen]
        symbols = instruments.symbol_of[chosen]
        expiry = self._terms.read(self._clock.monotonic()).expiry[series]
        today = utc_instant(new_york(self._clock.now()).date())
        spot = market.spot[symbols]
        bid, ask = market.bid[chosen], market.ask[chosen]
        now = np.full(chosen.size, self._clock.now(), dtype=np.int64)
        iv, delta = numbers_now(state, row=chosen, at=now, bid=bid, ask=ask, spot=spot)
        compared = [at for name, at in state.flow.previous_at.items() if at and (not symbol or name == symbol)]
        return ActiveContracts(
            symbol=symbol,
            source=state.health.traits.source,
            state=state.health.state,
            as_of=self._clock.now(),
            by=query.by,
            right=query.right,
            symbols=tuple(instruments.symbols[one] for one in symbols.tolist()),
            name=tuple(instruments.names[row] for row in chosen.tolist()),
            strike=floats(instruments.strike[chosen]),
            contract_right=codes(instruments.right[chosen]),
            expiry=longs(expiry),
            days=longs(days_to(expiry, today)),
            last=floats(market.last[chosen]),
            bid=floats(bid),
            ask=floats(ask),
            spot=floats(spot),
            otm=floats(out_of_the_money(strike=instruments.strike[chosen], spot=spot, right=instruments.right[chosen])),
            volume=floats(volume[best]),
            open_interest=floats(interest[best]),
            change=floats(change[best]),
            premium=floats(premium[best]),
            ask_share=floats(ask_shares(day.at_ask[chosen], day.volume[chosen])),
            iv=floats(iv),
            delta=floats(delta),
            totals=self._totals.of(number),
            compared_with=UtcNanos(max(compared, default=0)),
            contracts=int(known.size),
        )

    def _compared(self, number: int) -> NDArray[np.bool_]:
        """By dense symbol: names to compare with what was stored of them; of all names those stored in the newest session alone."""
        flow, instruments = self._state.flow, self._state.instruments
        if number >= 0:
            return np.ones(len(instruments.symbols), dtype=np.bool_)
        stored = [flow.previous_at.get(Symbol(symbol), UtcNanos(0)) for symbol in instruments.symbols]
        days = [session_date(one.session, at) if at else 0 for one, at in zip(instruments.securities(), stored, strict=True)]
        newest = max(days, default=0)
        return np.array([day == newest > 0 for day in days], dtype=np.bool_)

    def _rows(self, number: int, right: FlowRight) -> Longs:
        instruments = self._state.instruments
        self._state.flow.day.fit(instruments.size, len(instruments.symbols))
        wanted = self._totals.living()
        if number >= 0:
            wanted &= instruments.symbol_of[: instruments.size] == number
        if right is not FlowRight.ANY:
            wanted &= instruments.right[: instruments.size] == (1 if right is FlowRight.CALLS else -1)
        return np.flatnonzero(wanted)


def _measure(by: ActiveBy, *, volume: Floats, interest: Floats, premium: Floats, change: Floats) -> Floats:
    """What a contract is ranked by; an open interest of nought or unknown makes no ratio."""
    if by is ActiveBy.VOLUME:
        return volume
    if by is ActiveBy.PREMIUM:
        return premium
    if by is ActiveBy.OI_CHANGE:
        return np.abs(change)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((interest > 0.0) & (volume >= LEAST_VOLUME), volume / interest, np.nan)
