"""What the expirations table shows: a row a series, its totals, and the term of at-the-money volatility."""

from datetime import date
from math import isfinite, nan, sqrt
from typing import NamedTuple

from msgspec import Struct

from engine.domain.chain import ForwardMethod, SeriesSummary
from engine.domain.ids import UtcNanos
from engine.domain.instants import new_york
from engine.messages.queries import ExpirationTable
from optix_tui import format as written
from optix_tui.screens.table import Cell, Column

_METHODS = {ForwardMethod.PARITY: "parity", ForwardMethod.CARRY: "carry", ForwardMethod.NONE: "none"}
BILLION = 1e9


class Row(NamedTuple):
    """One series and how its open interest compares with the largest."""

    summary: SeriesSummary
    days: int
    """Calendar days to the date."""
    call_heat: float
    put_heat: float
    is_total: bool = False


class TermPoint(NamedTuple):
    """At-the-money volatility of one series."""

    days: float
    volatility: float
    is_weekly: bool


class ExpirationsView(Struct, frozen=True, kw_only=True):
    """The table to paint."""

    symbol: str
    rows: tuple[Row, ...]
    term: tuple[TermPoint, ...]
    totals: tuple[tuple[str, str], ...]
    model: str
    """With which model the numbers are made."""


def present(table: ExpirationTable | None, now: UtcNanos) -> ExpirationsView | None:
    """The rows, nearest first; None until they are known."""
    if table is None:
        return None
    today = new_york(now or table.as_of).date()
    most = max(
        (value for one in table.expiries for value in (one.call_open_interest, one.put_open_interest) if isfinite(value)), default=nan
    )
    rows = tuple(
        Row(one, (one.series.expiry - today).days, _share(one.call_open_interest, most), _share(one.put_open_interest, most))
        for one in table.expiries
    )
    term = tuple(
        TermPoint(one.years * 365, one.atm_iv, one.series.weekly) for one in table.expiries if isfinite(one.atm_iv) and one.years > 0
    )
    models = dict.fromkeys(one.model.value for one in table.expiries)
    return ExpirationsView(symbol=table.symbol, rows=rows, term=term, totals=_totals(table), model="; ".join(models))


def _share(value: float, most: float) -> float:
    return value / most if isfinite(value) and isfinite(most) and most > 0 else 0.0


def known_sum(values: list[float]) -> float:
    """The sum of what is known; NaN where nothing is."""
    known = [value for value in values if isfinite(value)]
    return sum(known) if known else nan


def _totals(table: ExpirationTable) -> tuple[tuple[str, str], ...]:
    calls, puts = (
        known_sum([one.call_open_interest for one in table.expiries]),
        known_sum([one.put_open_interest for one in table.expiries]),
    )
    bought, sold = known_sum([one.call_volume for one in table.expiries]), known_sum([one.put_volume for one in table.expiries])
    return (
        ("Series", str(len(table.expiries))),
        ("Call OI", written.compact(calls, 7)),
        ("Put OI", written.compact(puts, 7)),
        ("P/C OI", ratio(puts, calls)),
        ("Call vol", written.compact(bought, 7)),
        ("Put vol", written.compact(sold, 7)),
        ("P/C vol", ratio(sold, bought)),
    )


def ratio(puts: float, calls: float) -> str:
    """Puts over calls; a dash where calls are none or unknown."""
    return written.price(puts / calls) if isfinite(puts) and isfinite(calls) and calls > 0 else written.UNKNOWN


def expiry_words(expiry: date) -> str:
    """``20NOV26``: how the command line takes a date."""
    return written.day(expiry).replace("-", "").upper()


def _root_mark(row: Row) -> str:
    return "W" if row.summary.series.weekly else "M"


def _date(row: Row) -> Cell:
    return Cell(written.day(row.summary.series.expiry), "security", bold=not row.summary.series.weekly)


def _root(row: Row) -> Cell:
    return Cell(row.summary.series.root, "dim" if row.summary.series.weekly else "bright")


def _points(value: float, digits: int = 1) -> str:
    return written.points(value, digits)


def _signed_points(value: float) -> str:
    return written.signed(value * 100, 1)


def _move_share(row: Row) -> float:
    one = row.summary
    return one.expected_move / one.spot if one.spot > 0 else nan


def _forward_step(row: Row) -> float:
    """Digits by the size of the forward: two for hundreds and thousands, as prices are quoted."""
    return 1.0 if row.summary.forward >= 20_000 else 0.01


def _rate(row: Row) -> Cell:
    return Cell(written.percent(row.summary.rate, 2), "text" if row.summary.forward_method is ForwardMethod.PARITY else "dim")


def _method(row: Row) -> Cell:
    method = row.summary.forward_method
    return Cell(_METHODS[method], "dim" if method is ForwardMethod.PARITY else "alert")


def _oi(read: str, heat: str, tone: str) -> Column[Row]:
    title = "C OI" if tone == "call" else "P OI"
    return Column(
        f"{tone}_oi",
        title,
        8,
        lambda row: Cell(written.compact(getattr(row.summary, read), 7), "text", shade=getattr(row, heat), shade_tone=tone),  # type: ignore[arg-type]
        priority=6 if tone == "call" else 5,
    )


COLUMNS: tuple[Column[Row], ...] = (
    Column("date", "Expiry", 9, _date, left=True),
    Column("days", "DTE", 4, lambda row: Cell(str(row.days), "alert" if row.days <= 0 else "text")),
    Column("root", "Root", 5, _root, left=True, priority=8),
    Column("settlement", "Set", 4, lambda row: Cell(row.summary.series.settlement.value, "dim"), left=True, priority=4),
    Column("weekly", "", 1, lambda row: Cell(_root_mark(row), "dim"), left=True, priority=60),
    Column("atm", "ATM IV", 6, lambda row: Cell(_points(row.summary.atm_iv), "vol")),
    Column("move", "EM", 8, lambda row: Cell(_plus_minus(row.summary.expected_move), "white")),
    Column("move_share", "EM%", 5, lambda row: Cell(written.percent(_move_share(row)), "text"), priority=30),
    Column("straddle", "Strdl", 8, lambda row: Cell(written.money(row.summary.straddle), "text"), priority=45),
    Column("forward", "IFwd", 9, lambda row: Cell(written.money(row.summary.forward, _forward_step(row)), "text"), priority=20),
    Column("rate", "Rate", 6, _rate, priority=35),
    Column("reversal", "RR25", 5, lambda row: Cell(_signed_points(row.summary.risk_reversal_25), "vol"), priority=12),
    Column("butterfly", "BF25", 5, lambda row: Cell(_signed_points(row.summary.butterfly_25), "vol"), priority=14),
    _oi("call_open_interest", "call_heat", "call"),
    _oi("put_open_interest", "put_heat", "put"),
    Column("oi_ratio", "P/C OI", 6, lambda row: Cell(ratio(row.summary.put_open_interest, row.summary.call_open_interest)), priority=25),
    Column("call_volume", "C Vol", 7, lambda row: Cell(written.compact(row.summary.call_volume), "dim"), priority=50),
    Column("put_volume", "P Vol", 7, lambda row: Cell(written.compact(row.summary.put_volume), "dim"), priority=51),
    Column("volume_ratio", "P/C V", 5, lambda row: Cell(ratio(row.summary.put_volume, row.summary.call_volume), "dim"), priority=55),
    Column("pain", "MaxPain", 8, lambda row: Cell(written.strike(row.summary.max_pain), "bright"), priority=10),
    Column("pairs", "Pairs", 5, lambda row: Cell(str(row.summary.pairs), "dim"), priority=65),
    Column("residual", "Resid", 6, lambda row: Cell(written.price(row.summary.forward_residual, 0.001), "dim"), priority=66),
    Column("method", "Fwd by", 6, _method, left=True, priority=64),
)  # fmt: skip


def _plus_minus(value: float) -> str:
    return "±" + written.money(value, 1.0 if value >= 1000 else 0.01) if isfinite(value) else written.UNKNOWN


def root_time(days: float) -> float:
    """Where an expiry stands on the axis of the term: the square root of its days."""
    return sqrt(max(days, 0.0))
