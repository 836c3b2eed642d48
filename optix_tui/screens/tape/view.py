"""What the tape shows: the prints that pass its filters, and what they add up to."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from math import isfinite, log10

from msgspec import Struct

from engine.domain.ids import UtcNanos
from engine.domain.instants import new_york
from engine.domain.instruments import Right
from engine.domain.market import PrintFlag, Side
from engine.domain.roots import root_terms
from optix_tui import format as written
from optix_tui.screens.table import Cell, Column, Tone
from optix_tui.screens.tape.prints import FLAG_WORDS, Print, Where

PREMIUMS: tuple[float, ...] = (0, 10_000, 50_000, 100_000, 250_000, 1_000_000)
HOT = 7.0
"""Power of ten of a premium that is fully hot: 10 million."""
COLD = 3.5


class Filter(StrEnum):
    """Which prints are shown."""

    ALL = "all"
    BOUGHT = "bought"
    SOLD = "sold"
    LARGE = "sweeps and blocks"


class TapePreferences(Struct, frozen=True, kw_only=True):
    """What the user chose."""

    which: Filter = Filter.ALL
    least_premium: float = 0
    options_only: bool = True
    is_paused: bool = False


class TapeView(Struct, frozen=True, kw_only=True):
    """The tape to paint."""

    symbol: str
    rows: tuple[Print, ...]
    shown: int
    """How many of the rows are prints and not gaps."""
    kept: int
    """How many prints the filters chose from."""
    total: int
    """How many this name had since the engine started."""
    today: date
    sums: tuple[tuple[str, str, Tone], ...]
    waiting: int
    """Prints that came while the tape is held still."""


def passes(one: Print, preferences: TapePreferences) -> bool:
    """Whether a print is to be shown; a gap always is."""
    if one.missed:
        return True
    if preferences.options_only and one.contract is None:
        return False
    if preferences.least_premium and not one.premium >= preferences.least_premium:
        return False
    match preferences.which:
        case Filter.BOUGHT:
            return one.side is Side.BUY
        case Filter.SOLD:
            return one.side is Side.SELL
        case Filter.LARGE:
            return bool(one.flags & (PrintFlag.SWEEP | PrintFlag.BLOCK))
        case _:
            return True


def present(
    symbol: str, prints: Sequence[Print] | None, preferences: TapePreferences, *, now: UtcNanos, total: int, waiting: int = 0
) -> TapeView | None:
    """The tape; None until it is known."""
    if prints is None:
        return None
    rows = tuple(one for one in prints if passes(one, preferences))
    newest = now or (prints[0].at if prints else UtcNanos(0))
    return TapeView(
        symbol=symbol,
        rows=rows,
        shown=sum(1 for one in rows if not one.missed),
        kept=sum(1 for one in prints if not one.missed),
        total=total,
        today=new_york(newest).date(),
        sums=_sums(rows),
        waiting=waiting,
    )


def _sums(rows: Sequence[Print]) -> tuple[tuple[str, str, Tone], ...]:
    """Premium by side and by right of what is shown; cancelled prints count for nothing."""
    real = [row for row in rows if isfinite(row.premium) and not row.flags & PrintFlag.CANCELLED]
    bought = sum(row.premium for row in real if row.side is Side.BUY)
    sold = sum(row.premium for row in real if row.side is Side.SELL)
    calls = sum(row.premium for row in real if row.contract is not None and row.contract.right is Right.CALL)
    puts = sum(row.premium for row in real if row.contract is not None and row.contract.right is Right.PUT)
    return (
        ("Bought", written.compact(bought, 7), "up"),
        ("Sold", written.compact(sold, 7), "down"),
        ("Calls", written.compact(calls, 7), "call"),
        ("Puts", written.compact(puts, 7), "put"),
    )


_SIDE_WORDS: dict[Side, tuple[str, Tone]] = {Side.BUY: ("BUY", "up"), Side.SELL: ("SELL", "down"), Side.UNKNOWN: ("—", "dim")}


def _side(row: Print) -> Cell:
    word, tone = _SIDE_WORDS[row.side]
    return Cell(f"~{word}" if row.is_inferred and row.side is not Side.UNKNOWN else word, tone, bold=not row.is_inferred)


def _where(row: Print) -> Cell:
    return Cell(row.where.value, "alert" if row.where in {Where.ABOVE, Where.BELOW} else "dim")


def _right(row: Print) -> Cell:
    if row.contract is None:
        return Cell("")
    call = row.contract.right is Right.CALL
    return Cell("C" if call else "P", "call" if call else "put", bold=True)


def _root(row: Print) -> Cell:
    return Cell(row.contract.root if row.contract else row.name, "bright")


def _expiry(row: Print) -> Cell:
    return Cell(written.day(row.contract.expiry) if row.contract else "", "security")


def _strike(row: Print) -> Cell:
    return Cell(written.strike(row.contract.strike) if row.contract else "", "white", bold=True)


def price_text(row: Print, value: float) -> str:
    """A price with the digits its class is quoted in."""
    if row.contract is None:
        return written.money(value)
    return written.price(value, root_terms(row.contract.root).tick_rule.small)


def _premium(row: Print) -> Cell:
    """Its heat goes by powers of ten."""
    value = row.premium
    heat = (log10(value) - COLD) / (HOT - COLD) if isfinite(value) and value > 0 else 0.0
    return Cell(written.compact(value, 7), "text", shade=max(heat, 0.0), shade_tone="alert")


def _flags(row: Print) -> Cell:
    words = " ".join(word for flag, word in FLAG_WORDS if row.flags & flag)
    return Cell(words, "dim" if row.flags & PrintFlag.CANCELLED else "alert")


def _days(today: date) -> Column[Print]:
    def cell(row: Print) -> Cell:
        days = row.days_from(today)
        return Cell("" if days is None else str(days), "alert" if days == 0 else "text")

    return Column("days", "DTE", 4, cell)


def columns(today: date) -> tuple[Column[Print], ...]:
    """The columns of a tape read on a day."""
    return (
        Column("time", "Time NY", 8, lambda row: Cell(written.clock(row.at), "text"), left=True),
        Column("side", "Side", 5, _side, left=True, priority=2),
        Column("where", "At", 4, _where, left=True, priority=7),
        Column("root", "Root", 5, _root, left=True, priority=5),
        Column("expiry", "Expiry", 9, _expiry, left=True),
        _days(today)._replace(priority=6),
        Column("strike", "Strike", 8, _strike),
        Column("right", "", 1, _right, left=True),
        Column("price", "Price", 8, lambda row: Cell(price_text(row, row.price), "white")),
        Column("size", "Size", 6, lambda row: Cell(written.whole(row.size), "text"), priority=1),
        Column("premium", "Premium", 8, _premium, priority=3),
        Column("bid", "Bid", 8, lambda row: Cell(price_text(row, row.bid), "dim"), priority=10),
        Column("ask", "Ask", 8, lambda row: Cell(price_text(row, row.ask), "dim"), priority=9),
        Column("spot", "Spot", 10, lambda row: Cell(written.money(row.spot), "dim"), priority=12),
        Column("money", "%OTM", 7, lambda row: Cell(written.signed_percent(row.out_of_the_money, 1), "vol"), priority=8),
        Column("flags", "Flags", 9, _flags, left=True, priority=4, most=16),
    )
