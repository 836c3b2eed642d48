"""Recorded flow as it is told: rows by name, since handles are gone."""

import numpy as np

from engine.domain.calendar import session_date
from engine.domain.columns import codes, flags, floats, longs
from engine.domain.flow import FlowFilter
from engine.domain.ids import SourceId, UtcNanos
from engine.domain.instants import utc_instant
from engine.domain.instruments import Right, Security
from engine.domain.market import FeedState
from engine.domain.marks import FlowFlag, FlowTable
from engine.domain.osi import parse_option_name
from engine.messages.flow import FlowTape, FlowTotals
from engine.services.market.flow.filtering import passing
from engine.services.market.flow.places import inferred_sides, places_of
from engine.services.market.flow.terms import days_to, out_of_the_money

NAN = float("nan")
INVERSE = "-"
"""A coin-settled contract's name has it, and an OSI name has not."""


def tape_of(table: FlowTable, security: Security, filtered: FlowFilter, limit: int, *, source: SourceId, state: FeedState) -> FlowTape:
    """What was recorded of a name, filtered; the share of the ask and the legs' names were not recorded and are unknown."""
    parts = [parse_option_name(name) for name in table.name]
    strike = np.array([part.strike for part in parts], dtype=np.float64)
    right = np.array([1 if part.right is Right.CALL else -1 for part in parts], dtype=np.int8)
    expiry = np.array([utc_instant(part.expiry) for part in parts], dtype=np.int64)
    inverse = np.array([INVERSE in name for name in table.name], dtype=np.bool_)
    dates = np.array([session_date(security.session, at) for at in table.at.tolist()], dtype=np.int64)
    days = np.array([days_to(one, day) for one, day in zip(expiry, dates, strict=True)], dtype=np.int64)
    otm = out_of_the_money(strike=strike, spot=table.spot, right=right)
    premium = table.premium * np.where(inverse, table.spot, 1.0)
    place = places_of(price=table.price, bid=table.bid, ask=table.ask)
    passes = passing(
        filtered,
        side=table.side,
        right=right,
        flags=table.flags,
        otm=otm,
        premium=premium,
        size=table.size,
        days=days,
        ask_share=np.full(days.shape[0], np.nan),
    )
    chosen = np.flatnonzero(passes)[:limit]
    at = np.where(table.event_at > 0, table.event_at, table.at)
    legs = (table.flags[chosen] & FlowFlag.MULTI_LEG) != 0
    return FlowTape(
        symbol=security.symbol,
        source=source,
        state=state,
        as_of=UtcNanos(int(at[chosen].max())) if chosen.size else UtcNanos(0),
        filtered=filtered,
        sequence=longs(np.zeros(chosen.size)),
        at=longs(at[chosen]),
        symbols=(security.symbol,) * chosen.size,
        name=tuple(table.name[one] for one in chosen.tolist()),
        strike=floats(strike[chosen]),
        right=codes(right[chosen]),
        expiry=longs(expiry[chosen]),
        days=longs(days[chosen]),
        price=floats(table.price[chosen]),
        size=floats(table.size[chosen]),
        place=codes(place[chosen]),
        side=codes(table.side[chosen]),
        inferred=codes((table.side[chosen] == inferred_sides(place[chosen])) & ((table.flags[chosen] & FlowFlag.SIDE_SAID) == 0)),
        flags=flags(table.flags[chosen] & ~np.uint8(FlowFlag.SIDE_SAID)),
        premium=floats(premium[chosen]),
        bid=floats(table.bid[chosen]),
        ask=floats(table.ask[chosen]),
        spot=floats(table.spot[chosen]),
        otm=floats(otm[chosen]),
        iv=floats(table.iv[chosen]),
        delta=floats(table.delta[chosen]),
        volume=floats(table.volume[chosen]),
        open_interest=floats(table.open_interest[chosen]),
        opening=codes(table.opening[chosen]),
        structure=tuple("legs" if leg else "" for leg in legs.tolist()),
        package=longs(np.zeros(chosen.size)),
        totals=NO_TOTALS,
        seen=len(table.name),
        dropped=0,
        recorded=True,
    )


NO_TOTALS = FlowTotals(
    since=UtcNanos(0),
    prints=0,
    call_volume=NAN,
    put_volume=NAN,
    call_open_interest=NAN,
    put_open_interest=NAN,
    call_premium=NAN,
    put_premium=NAN,
    call_bought=NAN,
    call_sold=NAN,
    put_bought=NAN,
    put_sold=NAN,
)
"""Of the past only the prints are told."""
