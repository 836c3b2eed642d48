"""What FLOW shows: the prints that pass its filter, and what the day adds up to."""

from collections.abc import Sequence
from math import isfinite, log10
from typing import NamedTuple

from msgspec import Struct

from engine.domain.flow import PRESETS, FlowFilter, Place
from engine.domain.instruments import Right
from engine.domain.market import Side
from engine.domain.marks import FlowFlag, Opening
from engine.domain.osi import parse_option_name
from engine.domain.roots import root_terms
from engine.messages.flow import FlowTape, FlowTotals
from optix_tui import format as written
from optix_tui.screens.flow.day import volume_of
from optix_tui.screens.flow.rows import FlowRow
from optix_tui.screens.table import Cell, Column, Tone

HOT, COLD = 7.0, 3.5
"""Powers of ten of a premium at which its bar is full, and empty."""
HEAT_OF_VOLUME = 3.0
"""Volume over open interest at which its ground is hottest."""


class FlowPreferences(Struct, frozen=True, kw_only=True):
    """What the user chose."""

    filtered: FlowFilter = FlowFilter()
    whole_market: bool = False
    recorded: bool = False
    is_paused: bool = False
    prompt: str | None = None
    """A filter that is being typed; None where none is."""


class RightSum(NamedTuple):
    """Calls or puts of the day."""

    right: Right
    volume: float
    interest: float
    premium: float
    bought: float
    sold: float

    @property
    def net(self) -> float:
        """Dollars bought less sold."""
        return self.bought - self.sold


class FlowView(Struct, frozen=True, kw_only=True):
    """The tape to paint."""

    symbol: str
    """"" is the whole market."""
    rows: tuple[FlowRow, ...]
    filter_name: str
    totals: FlowTotals
    volume_of: str
    """The day of the volumes where it is an earlier one, as ``20-Nov``; "" where it is today."""
    sides: tuple[RightSum, RightSum]
    ratios: tuple[tuple[str, str], ...]
    shown: tuple[tuple[str, str, Tone], ...]
    """What the rows shown add up to."""
    seen: int
    dropped: int
    waiting: int
    note: str
    """Why there is nothing, or what the rows are."""
    preferences: FlowPreferences


def filter_name(filtered: FlowFilter) -> str:
    """The preset's name, or the filter's own words."""
    return next((name for name, text in PRESETS if text == filtered.text), filtered.text)


def present(
    tape: FlowTape | None,
    rows: Sequence[FlowRow],
    preferences: FlowPreferences,
    *,
    has_prints: bool = True,
    waiting: int = 0,
    is_looking: bool = False,
) -> FlowView | None:
    """The tape; None until it is known. While ``is_looking`` the prints of another filter are on their way."""
    if tape is None:
        return None
    totals = tape.totals
    return FlowView(
        symbol=tape.symbol,
        rows=tuple(rows),
        filter_name=filter_name(preferences.filtered),
        totals=totals,
        volume_of=volume_of(totals),
        sides=(
            RightSum(Right.CALL, totals.call_volume, totals.call_open_interest, totals.call_premium, totals.call_bought, totals.call_sold),
            RightSum(Right.PUT, totals.put_volume, totals.put_open_interest, totals.put_premium, totals.put_bought, totals.put_sold),
        ),
        ratios=(
            (f"volume of {volume_of(totals)}" if volume_of(totals) else "volume", written.price(totals.put_call_volume)),
            ("premium", written.price(totals.put_call_premium)),
            ("OI", written.price(totals.put_call_open_interest)),
        ),
        shown=_sums(rows),
        seen=tape.seen,
        dropped=tape.dropped,
        waiting=waiting,
        note="looking for prints that pass …" if is_looking else _note(tape, rows, preferences, has_prints=has_prints),
        preferences=preferences,
    )


def _note(tape: FlowTape, rows: Sequence[FlowRow], preferences: FlowPreferences, *, has_prints: bool) -> str:
    if rows:
        return ""
    if preferences.recorded:
        if preferences.filtered.ask_share:
            return "of what is recorded the share that met the ask is not known: nothing passes a filter on it"
        return "no flow that stood out is recorded of this name" if not preferences.filtered.text else "nothing recorded passes the filter"
    if not tape.seen:
        return "no option has printed yet" if has_prints else f"{tape.source} tells no prints: flow needs a feed with trades"
    seen = f"none of {tape.seen:,} prints passes" if tape.seen > 1 else "the one print there is does not pass"
    return f"{seen} {filter_name(preferences.filtered)}: o takes the next filter"


def _sums(rows: Sequence[FlowRow]) -> tuple[tuple[str, str, Tone], ...]:
    """Premium by side and by right of what is shown."""
    real = [row for row in rows if not row.is_gap and isfinite(row.premium)]
    sums: tuple[tuple[str, float, Tone], ...] = (
        ("Bought", sum(row.premium for row in real if row.side is Side.BUY), "up"),
        ("Sold", sum(row.premium for row in real if row.side is Side.SELL), "down"),
        ("Calls", sum(row.premium for row in real if row.is_call), "call"),
        ("Puts", sum(row.premium for row in real if not row.is_call), "put"),
    )
    return tuple((label, written.compact(value, 7), tone) for label, value, tone in sums)


def heat_of(premium: float) -> float:
    """How full the bar of a premium is, 0 to 1, by powers of ten."""
    return min(max((log10(premium) - COLD) / (HOT - COLD), 0.0), 1.0) if isfinite(premium) and premium > 0 else 0.0


_PLACES: dict[Place, tuple[str, Tone]] = {
    Place.ABOVE: (">ask", "up"),
    Place.ASK: ("ask", "up"),
    Place.MID: ("mid", "dim"),
    Place.BID: ("bid", "down"),
    Place.BELOW: ("<bid", "down"),
    Place.UNKNOWN: ("—", "dim"),
}
_SIDES: dict[Side, tuple[str, Tone]] = {Side.BUY: ("BUY", "up"), Side.SELL: ("SELL", "down"), Side.UNKNOWN: ("—", "dim")}
_OPENINGS: dict[Opening, tuple[str, Tone]] = {
    Opening.UNKNOWN: ("?", "dim"),
    Opening.OPENING: ("open", "bright"),
    Opening.CLOSING: ("close", "text"),
}


def _side(row: FlowRow) -> Cell:
    word, tone = _SIDES[row.side]
    guessed = row.is_inferred and row.side is not Side.UNKNOWN
    return Cell(f"~{word}" if guessed else word, tone, bold=not row.is_inferred)


def _place(row: FlowRow) -> Cell:
    word, tone = _PLACES[row.place]
    return Cell(word, tone, bold=row.place in {Place.ABOVE, Place.BELOW})


def step_of(name: str) -> float:
    """The price step of a contract's class."""
    return root_terms(parse_option_name(name).root).tick_rule.small


def _price(row: FlowRow, value: float) -> str:
    return written.price(value, step_of(row.name))


def _days(row: FlowRow) -> Cell:
    return Cell(str(row.days), "alert" if row.days == 0 else "text")


def _ratio(row: FlowRow) -> Cell:
    """Its ground is hot from the open interest on; no open interest at all is said as new, an unknown one as a dash."""
    above = bool(row.flags & FlowFlag.ABOVE_OPEN_INTEREST)
    value = row.volume_over_interest
    text = "new" if row.open_interest == 0 else f"{value:.2f}" if value < 100 else written.whole(value)
    return Cell(
        text, "alert" if above else "text", shade=min(value / HEAT_OF_VOLUME, 1.0) if above and isfinite(value) else 0.0, shade_tone="alert"
    )


def flag_words(row: FlowRow) -> str:
    """What the print was taken for: without a tilde the venue says it or it is so by its size, with one it is a guess."""
    said = bool(row.flags & FlowFlag.SAID_BY_VENUE)
    words = []
    if row.flags & FlowFlag.SWEEP:
        words.append("SWEEP" if said else "~SWEEP")
    if row.flags & FlowFlag.BLOCK:
        words.append("BLOCK")
    if row.flags & FlowFlag.MULTI_LEG:
        words.append("LEGS" if not row.structure else f"~{row.structure}")
    return " ".join(words)


def _opening(row: FlowRow) -> Cell:
    word, tone = _OPENINGS[row.opening]
    return Cell(word, tone)


def _name(row: FlowRow) -> Cell:
    return Cell(row.symbol, "bright", bold=True)


def _right(row: FlowRow) -> Cell:
    return Cell("C" if row.is_call else "P", "call" if row.is_call else "put", bold=True)


def _volatility(row: FlowRow) -> Cell:
    return Cell(written.points(row.iv), "vol")


def columns(*, whole_market: bool, recorded: bool) -> tuple[Column[FlowRow], ...]:
    """The columns, the name first where all names are shown."""
    clock: Column[FlowRow] = (
        Column("time", "Date and time NY", 18, lambda row: Cell(written.moment(row.at)), left=True)
        if recorded
        else Column("time", "Time NY", 8, lambda row: Cell(written.clock(row.at)), left=True)
    )
    name = (Column("name", "Name", 5, _name, left=True),) if whole_market else ()
    return (
        clock,
        *name,
        Column("side", "Side", 5, _side, left=True),
        Column("place", "At", 4, _place, left=True, priority=7),
        Column("right", "", 1, _right, left=True),
        Column("strike", "Strike", 7, lambda row: Cell(written.strike(row.strike), "white", bold=True)),
        Column("expiry", "Expiry", 9, lambda row: Cell(written.day(row.expiry), "security"), left=True),
        Column("days", "DTE", 4, _days, priority=9),
        Column("size", "Size", 6, lambda row: Cell(written.whole(row.size), "text")),
        Column("price", "Price", 7, lambda row: Cell(_price(row, row.price), "white")),
        Column("premium", "Premium", 7, lambda row: Cell(written.compact(row.premium, 7), "bright")),
        Column("bar", "", 8, lambda _: Cell(""), priority=12, left=True),
        Column("volume", "Volume", 7, lambda row: Cell(written.compact(row.volume, 7), "text"), priority=10),
        Column("interest", "OI", 7, lambda row: Cell(written.compact(row.open_interest, 7), "text"), priority=11),
        Column("ratio", "V/OI", 5, _ratio, priority=5),
        Column("spot", "Spot", 9, lambda row: Cell(written.money(row.spot), "dim"), priority=16),
        Column("money", "%OTM", 6, lambda row: Cell(written.signed(row.otm * 100, 1), "text"), priority=8),
        Column("bid", "Bid", 7, lambda row: Cell(_price(row, row.bid), "dim"), priority=15),
        Column("ask", "Ask", 7, lambda row: Cell(_price(row, row.ask), "dim"), priority=14),
        Column("iv", "IV", 5, _volatility, priority=6),
        Column("delta", "Δ", 5, lambda row: Cell(written.small(row.delta), "text"), priority=13),
        Column("opening", "O/C", 5, _opening, left=True, priority=17),
        Column("flags", "Flags", 7, lambda row: Cell(flag_words(row), "alert"), left=True, priority=3, most=24),
    )
