"""Flow as it is told: the newest prints of a name, or of all, that pass a filter."""

import numpy as np

from engine.domain.columns import codes, flags, floats, longs
from engine.domain.flow import FlowFilter
from engine.domain.ids import Symbol, UtcNanos
from engine.kernel.clock import Clock
from engine.messages.flow import FlowTape
from engine.services.market.flow.filtering import ask_shares, passing
from engine.services.market.flow.terms import Terms
from engine.services.market.flow.totals import Totals
from engine.state.flow import FlowRing
from engine.state.whole import State

NOTHING = FlowRing(1)


class FlowTapes:
    """Makes the structs."""

    def __init__(self, *, state: State, clock: Clock, terms: Terms, totals: Totals) -> None:
        self._state = state
        self._clock = clock
        self._terms = terms
        self._totals = totals

    def ring(self, symbol: Symbol) -> FlowRing:
        """The prints of a name; of all for ""."""
        flow = self._state.flow
        return flow.names.get(self._state.instruments.number(symbol), NOTHING) if symbol else flow.market

    def tape(self, symbol: Symbol, filtered: FlowFilter, limit: int) -> FlowTape:
        """The newest prints that pass."""
        state = self._state
        instruments = state.instruments
        ring = self.ring(symbol)
        columns = ring.columns
        places = ring.places()
        if places.size and filtered != FlowFilter():
            rows = columns.row
            shares = ask_shares(state.flow.day.at_ask[rows], state.flow.day.volume[rows])
            passes = passing(
                filtered,
                side=columns.side,
                right=instruments.right[rows],
                flags=columns.flags,
                otm=columns.otm,
                premium=columns.premium,
                size=columns.size,
                days=columns.days.astype(np.int64),
                ask_share=shares,
            )
            places = places[passes[places]]
        prints = columns.take(places[: max(limit, 0)])
        series = instruments.series_of[prints.row]
        expiry = self._terms.read(self._clock.monotonic()).expiry
        return FlowTape(
            symbol=symbol,
            source=state.health.traits.source,
            state=state.health.state,
            as_of=UtcNanos(int(prints.at.max())) if prints.at.size else UtcNanos(0),
            filtered=filtered,
            sequence=longs(prints.sequence),
            at=longs(prints.at),
            symbols=tuple(instruments.symbols[number] for number in prints.symbol.tolist()),
            name=tuple(instruments.names[row] for row in prints.row.tolist()),
            strike=floats(instruments.strike[prints.row]),
            right=codes(instruments.right[prints.row]),
            expiry=longs(expiry[series] if series.size else series),
            days=longs(prints.days),
            price=floats(prints.price),
            size=floats(prints.size),
            place=codes(prints.place),
            side=codes(prints.side),
            inferred=codes(prints.inferred),
            flags=flags(prints.flags),
            premium=floats(prints.premium),
            bid=floats(prints.bid),
            ask=floats(prints.ask),
            spot=floats(prints.spot),
            otm=floats(prints.otm),
            iv=floats(prints.iv),
            delta=floats(prints.delta),
            volume=floats(prints.volume),
            open_interest=floats(prints.open_interest),
            opening=codes(prints.opening),
            structure=tuple(state.flow.structures[number] for number in prints.structure.tolist()),
            package=longs(prints.package),
            totals=self._totals.of(instruments.number(symbol) if symbol else -1),
            seen=ring.total,
            dropped=state.flow.dropped,
            has_prints=state.health.traits.has_trades,
        )
