"""The columns of an underlying: what a watchlist and the overview can show of a quote."""

from collections.abc import Callable
from math import isfinite
from typing import Any, NamedTuple

from engine.domain.ids import Symbol
from engine.domain.market import FeedState, Verdict
from engine.messages.queries import Quote
from optix_tui import format as written
from optix_tui.screens.spark import sparkline
from optix_tui.screens.table import Cell, Column, Tone

NOT_LISTED = "not listed"
RICH, POOR = 0.5, 0.2
"""Ranks from which volatility counts as high, and under which as low: they are marked."""
SPARK_WIDTH = 12
SPARK_FADE = 0.3


class QuoteRow(NamedTuple):
    """A name and what is known of it."""

    symbol: Symbol
    quote: Quote | None = None
    is_unknown: bool = False
    """The market lists no such name."""
    iv_change: float = float("nan")
    """IV30 less its value at the last stored close."""
    is_pale: bool = False
    """Its own feed is not live, or nothing was heard of it for long."""
    glow: float = 0.0
    """Signed share of the flash of its last price."""


def plus_minus(value: float) -> str:
    """``±4.69``: a move either way, without cents where it is in thousands."""
    return "±" + written.money(value, 1.0 if value >= 1000 else 0.01) if isfinite(value) else written.UNKNOWN


def direction(value: float) -> Tone:
    """Up, down, or plain for zero and for what is unknown."""
    if value > 0:
        return "up"
    return "down" if value < 0 else "text"


def _number(read: Callable[[Quote], float], write: Callable[[float], str], tone: Tone = "text") -> Callable[[QuoteRow], Cell]:
    def cell(row: QuoteRow) -> Cell:
        return Cell(write(read(row.quote)), tone) if row.quote is not None else Cell("")

    return cell


def _signed(read: Callable[[Quote], float], write: Callable[[float], str]) -> Callable[[QuoteRow], Cell]:
    def cell(row: QuoteRow) -> Cell:
        if row.quote is None:
            return Cell("")
        value = read(row.quote)
        return Cell(write(value), direction(value))

    return cell


def _order(read: Callable[[Quote], float]) -> Callable[[QuoteRow], float | None]:
    return lambda row: read(row.quote) if row.quote is not None else None


def _priced(read: Callable[[Quote], float], *, tone: Tone = "text", bold: bool = False) -> Callable[[QuoteRow], Cell]:
    def cell(row: QuoteRow) -> Cell:
        if row.quote is None:
            return Cell(NOT_LISTED if row.is_unknown else "…", "alert" if row.is_unknown else "mute")
        return Cell(written.money(read(row.quote), row.quote.security.tick), tone, bold, glow=row.glow)

    return cell


def _bid(row: QuoteRow) -> Cell:
    if row.quote is None:
        return Cell("")
    return Cell(written.money(row.quote.bid, row.quote.security.tick), _quoted_tone(row.quote))


def _ask(row: QuoteRow) -> Cell:
    if row.quote is None:
        return Cell("")
    return Cell(written.money(row.quote.ask, row.quote.security.tick), _quoted_tone(row.quote))


def _quoted_tone(quote: Quote) -> Tone:
    return "alert" if quote.verdict & (Verdict.CROSSED | Verdict.LOCKED) else "text"


def _rank(row: QuoteRow) -> Cell:
    if row.quote is None:
        return Cell("")
    rank = row.quote.iv_rank
    return Cell(written.points(rank, 0), "alert" if rank >= RICH else "text" if rank >= POOR or not isfinite(rank) else "dim")


def _volatility_premium(quote: Quote) -> float:
    return quote.iv30 - quote.realized_30


def _day_place(quote: Quote) -> float:
    reach = quote.high - quote.low
    return (quote.last - quote.low) / reach if reach > 0 else float("nan")


def _note(row: QuoteRow) -> Cell:
    """What is wrong with the quote, in a word."""
    quote = row.quote
    if quote is None:
        return Cell("")
    for bit, word in ((Verdict.CROSSED, "crossed"), (Verdict.LOCKED, "locked"), (Verdict.STALE, "stale"), (Verdict.WIDE, "wide")):
        if quote.verdict & bit:
            return Cell(word, "alert")
    return Cell("" if quote.state in {FeedState.LIVE, FeedState.DELAYED} else quote.state.value, "dim")


def _moved(quote: Quote) -> Tone:
    return direction(quote.change)


SPARK = "spark"


def spark_cell(row: QuoteRow, width: int) -> Cell:
    """The day's line in the direction's colour."""
    if row.quote is None or not row.quote.day_line.size:
        return Cell("")
    return Cell(sparkline(row.quote.day_line, width), _moved(row.quote), fade=SPARK_FADE)


def _iv_change(row: QuoteRow) -> Cell:
    return Cell(written.signed(row.iv_change * 100, 1) if row.quote is not None else "", direction(row.iv_change))


def _columns() -> tuple[Column[QuoteRow], ...]:
    points = written.points
    return (
        Column("symbol", "Symbol", 7, lambda row: Cell(row.symbol, "bright", bold=True), lambda row: row.symbol, left=True),
        Column("last", "Last", 10, _priced(lambda q: q.last, tone="white"), _order(lambda q: q.last)),
        Column("arrow", "", 1, lambda row: Cell(written.arrow(row.quote.change), _moved(row.quote)) if row.quote else Cell("")),
        Column("change", "Chg", 9, _signed(lambda q: q.change, written.signed), _order(lambda q: q.change), priority=60),
        Column("percent", "Chg%", 7, _signed(lambda q: q.change_fraction, written.signed_percent), _order(lambda q: q.change_fraction)),
        Column("bid", "Bid", 10, _bid, _order(lambda q: q.bid), priority=45),
        Column("ask", "Ask", 10, _ask, _order(lambda q: q.ask), priority=44),
        Column("volume", "Vol", 7, _number(lambda q: q.volume, written.compact, "dim"), _order(lambda q: q.volume), priority=70),
        Column("iv30", "IV30", 5, _number(lambda q: q.iv30, points, "vol"), _order(lambda q: q.iv30), priority=5),
        Column("iv_change", "ΔIV", 5, _iv_change, lambda row: row.iv_change, priority=50),
        Column("rank", "IVR", 4, _rank, _order(lambda q: q.iv_rank), priority=10),
        Column(
            "percentile",
            "IVP",
            4,
            _number(lambda q: q.iv_percentile, lambda value: points(value, 0)),
            _order(lambda q: q.iv_percentile),
            priority=80,
        ),
        Column(
            "sessions",
            "n",
            4,
            _number(lambda q: float(q.iv_sessions), written.whole, "mute"),
            _order(lambda q: q.iv_sessions),
            priority=95,
        ),
        Column("realized", "HV30", 5, _number(lambda q: q.realized_30, points), _order(lambda q: q.realized_30), priority=65),
        Column(
            "premium",
            "IV-HV",
            5,
            _number(_volatility_premium, lambda value: written.signed(value * 100, 1), "vol"),
            _order(_volatility_premium),
            priority=75,
        ),
        Column(
            "reversal",
            "RR25",
            5,
            _number(lambda q: q.risk_reversal_25, lambda value: written.signed(value * 100, 1), "vol"),
            _order(lambda q: q.risk_reversal_25),
            priority=20,
        ),
        Column(
            "move",
            "EM1d",
            8,
            _number(lambda q: q.expected_move_day, plus_minus),
            _order(lambda q: q.expected_move_day),
            priority=25,
        ),
        Column(
            "put_call",
            "P/C",
            5,
            _number(lambda q: q.put_call_volume, written.price),
            _order(lambda q: q.put_call_volume),
            priority=40,
        ),
        Column("place", "Range", 5, _number(_day_place, lambda value: written.percent(value, 0), "dim"), _order(_day_place), priority=85),
        Column("note", "", 7, _note, None, priority=90, left=True),
        Column(SPARK, "Day", SPARK_WIDTH, lambda row: spark_cell(row, SPARK_WIDTH), None, priority=30, left=True, most=44),
    )


COLUMNS: dict[str, Column[QuoteRow]] = {column.key: column for column in _columns()}


def chosen(keys: tuple[str, ...]) -> tuple[Column[QuoteRow], ...]:
    """Columns by their keys, those that exist; the symbol always comes first."""
    known = [COLUMNS[key] for key in keys if key in COLUMNS and key != "symbol"]
    return (COLUMNS["symbol"], *known)


def widened(columns: tuple[Any, ...]) -> tuple[Any, ...]:
    """Placed columns whose sparkline draws as many samples as its place has room for."""
    return tuple(
        placed._replace(column=placed.column._replace(cell=lambda row, wide=placed.width: spark_cell(row, wide)))
        if placed.column.key == SPARK
        else placed
        for placed in columns
    )
