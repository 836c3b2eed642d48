"""One print of the tape, taken apart: which contract, where it met the quote, who may have been the aggressor."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from functools import lru_cache
from math import isfinite, nan
from typing import NamedTuple

from engine.domain.errors import BadInput
from engine.domain.ids import UtcNanos
from engine.domain.instruments import Right
from engine.domain.market import PrintFlag, Side
from engine.domain.osi import OsiParts, parse_option_name
from engine.domain.roots import root_terms
from engine.messages.queries import TradeTable

MOST_KEPT = 2000
_HALF_TICK = 1e-9
FLAG_WORDS: tuple[tuple[PrintFlag, str], ...] = (
    (PrintFlag.SWEEP, "SWEEP"),
    (PrintFlag.BLOCK, "BLOCK"),
    (PrintFlag.MULTI_LEG, "LEGS"),
    (PrintFlag.OPENING, "OPEN"),
    (PrintFlag.CLOSING, "CLOSE"),
    (PrintFlag.CANCELLED, "CANCELLED"),
)


class Where(StrEnum):
    """Where a print met the quote in force."""

    ABOVE = ">ask"
    ASK = "ask"
    BETWEEN = "mid"
    BID = "bid"
    BELOW = "<bid"
    UNKNOWN = "—"


class Print(NamedTuple):
    """A trade of the tape."""

    at: UtcNanos
    name: str
    contract: OsiParts | None
    """None for a print of the underlying, and for a name that cannot be read."""
    multiplier: float
    price: float
    size: float
    where: Where
    side: Side
    is_inferred: bool
    """The side is our guess from the quote, not the venue's word."""
    flags: PrintFlag
    bid: float
    ask: float
    spot: float
    missed: int = 0
    """Not a print but a gap in the tape: so many of them, between its neighbours, never came here."""

    @property
    def premium(self) -> float:
        """Price times size times multiplier, in the contract's currency."""
        return self.price * self.size * self.multiplier

    @property
    def out_of_the_money(self) -> float:
        """The strike's distance from the spot, as a fraction; negative in the money, NaN for the underlying."""
        if self.contract is None or not self.spot > 0:
            return nan
        distance = self.contract.strike / self.spot - 1
        return distance if self.contract.right is Right.CALL else -distance

    def days_from(self, today: date) -> int | None:
        """Calendar days to its expiry."""
        return (self.contract.expiry - today).days if self.contract is not None else None


@lru_cache(16384)
def contract_of(name: str) -> OsiParts | None:
    """The contract a name spells, or None where it names no option."""
    try:
        return parse_option_name(name)
    except BadInput:
        return None


def where_of(price: float, bid: float, ask: float) -> Where:
    """Where a price stands to a quote; a crossed or one-sided quote says only what it can."""
    if not isfinite(price):
        return Where.UNKNOWN
    if isfinite(bid) and isfinite(ask) and bid > ask:
        return Where.UNKNOWN
    if isfinite(ask) and price > ask + _HALF_TICK:
        return Where.ABOVE
    if isfinite(bid) and price < bid - _HALF_TICK:
        return Where.BELOW
    if isfinite(bid) and isfinite(ask) and bid == ask:
        return Where.BETWEEN
    if isfinite(ask) and price >= ask - _HALF_TICK:
        return Where.ASK
    if isfinite(bid) and price <= bid + _HALF_TICK:
        return Where.BID
    return Where.BETWEEN if isfinite(bid) and isfinite(ask) else Where.UNKNOWN


_INFERRED = {Where.ABOVE: Side.BUY, Where.ASK: Side.BUY, Where.BID: Side.SELL, Where.BELOW: Side.SELL}


def prints_of(table: TradeTable, count: int | None = None) -> list[Print]:
    """The newest ``count`` (all) prints of a table, newest first."""
    last = len(table.name) if count is None else min(count, len(table.name))
    found = []
    for i in range(last):
        contract = contract_of(table.name[i])
        bid, ask, price = float(table.bid[i]), float(table.ask[i]), float(table.price[i])
        where, side = where_of(price, bid, ask), Side(int(table.side[i]))
        said = side is not Side.UNKNOWN
        found.append(
            Print(
                at=UtcNanos(int(table.at[i])),
                name=table.name[i],
                contract=contract,
                multiplier=root_terms(contract.root).multiplier if contract else 1.0,
                price=price,
                size=float(table.size[i]),
                where=where,
                side=side if said else _INFERRED.get(where, Side.UNKNOWN),
                is_inferred=not said,
                flags=PrintFlag(int(table.flags[i])),
                bid=bid,
                ask=ask,
                spot=float(table.spot[i]),
            )
        )
    return found


def gap(at: UtcNanos, missed: int) -> Print:
    """The mark of a gap that ends at an instant."""
    return Print(at, "", None, 1.0, nan, nan, Where.UNKNOWN, Side.UNKNOWN, True, PrintFlag(0), nan, nan, nan, missed)


def with_newest(kept: Sequence[Print], table: TradeTable, total_before: int | None = None) -> tuple[Print, ...]:
    """What was kept with the table's prints that are new in front; no more than a screen can ever want.

    ``total_before`` is how many prints the name had when ``kept`` was told (None where that cannot be compared): where the table
    does not reach back to it, a gap stands between.
    """
    if not kept:
        return tuple(prints_of(table))
    newest = kept[0]
    fresh = len(table.name)
    for i in range(len(table.name)):
        at = int(table.at[i])
        if at < newest.at or (at == newest.at and _is_same(table, i, newest)):
            fresh = i
            break
    if not fresh:
        return tuple(kept)
    reaches_back = fresh < len(table.name)
    missed = 0 if reaches_back or total_before is None else table.total - total_before - fresh
    gaps = (gap(UtcNanos(int(table.at[-1])), missed),) if missed > 0 else ()
    return (*prints_of(table, fresh), *gaps, *kept)[:MOST_KEPT]


def _is_same(table: TradeTable, i: int, one: Print) -> bool:
    return table.name[i] == one.name and float(table.price[i]) == one.price and float(table.size[i]) == one.size
