"""What a fit is worth, in a letter, a word and a colour; and what it is made of, in words."""

from math import exp, isfinite, log, sqrt
from typing import NamedTuple

from engine.domain.volatility import Grade, PointUse, SliceModel, SurfaceSlice
from optix_tui import format as written
from optix_tui.screens.table import Block, Cell, Column, Fact, Tone

TONES: dict[Grade, Tone] = {Grade.GOOD: "up", Grade.FAIR: "security", Grade.POOR: "alert", Grade.FAILED: "down"}
LETTERS = {Grade.GOOD: "G", Grade.FAIR: "F", Grade.POOR: "P", Grade.FAILED: "X"}
"""X is a fit that failed: F would be read as fair."""


class SliceRow(NamedTuple):
    """One expiry in the list of fits."""

    one: SurfaceSlice
    days: float
    name: str
    """Its date; with AM where another series settles in the afternoon of the same day."""


def slice_rows(slices: tuple[SurfaceSlice, ...]) -> tuple[SliceRow, ...]:
    """The expiries, nearest first."""
    dates = [one.series.expiry for one in slices]
    return tuple(
        SliceRow(
            one,
            one.years * 365,
            written.day(one.series.expiry) + ("a" if dates.count(one.series.expiry) > 1 and one.series.settlement.value == "AM" else ""),
        )
        for one in slices
    )


def is_weak(one: SurfaceSlice) -> bool:
    """Its curve may not be drawn without a warning."""
    return one.grade in {Grade.POOR, Grade.FAILED}


def flag_text(one: SurfaceSlice) -> str:
    """``B`` where butterflies, ``C`` where calendars can be arbitraged; a dot where neither is found."""
    if one.model is SliceModel.NONE:
        return "—"
    found = ("" if one.butterfly_ok else "B") + ("" if one.calendar_ok else "C")
    return found or "·"


def days_text(days: float) -> str:
    """``8d``, ``0.9d`` or ``5h``: calendar time to the settlement."""
    if days < 1:
        return f"{days * 24:.0f}h"
    return f"{days:.1f}d" if days < 3 else f"{days:.0f}d"


def warning_tone(one: SurfaceSlice) -> Tone:
    """Of a warning about a fit: its grade's; a good one that is warned of all the same has that of an alert."""
    return "alert" if one.grade is Grade.GOOD else TONES[one.grade]


def unquoted_money(one: SurfaceSlice) -> str:
    """Why the volatility at the forward is the model's alone: its quotes leave more than a deviation of listed strikes out about it."""
    used = one.strikes[one.use == PointUse.USED]
    if one.model is SliceModel.NONE or not used.size or not isfinite(one.atm_iv):
        return ""
    below, above = used[used <= one.forward], used[used >= one.forward]
    if not below.size or not above.size:
        return f"no quote {'below' if not below.size else 'above'} the forward is used: ATM is the model's"
    low, high = float(below.max()), float(above.min())
    passed_over = ((one.strikes > low) & (one.strikes < high)).any()
    if passed_over and log(high / low) > one.atm_iv * sqrt(one.years):
        return f"no quote from {written.strike(low)} to {written.strike(high)} is used: ATM is the model's"
    return ""


def _atm(row: SliceRow) -> Cell:
    return Cell(_points(row.one.atm_iv), "dim" if unquoted_money(row.one) else "vol")


def _points(value: float, digits: int = 1) -> str:
    return written.points(value, digits)


def _signed(value: float) -> str:
    return written.signed(value * 100, 1)


COLUMNS: tuple[Column[SliceRow], ...] = (
    Column("date", "Expiry", 10, lambda row: Cell(row.name, "security", bold=not row.one.series.weekly), left=True),
    Column("days", "Days", 4, lambda row: Cell(days_text(row.days)), priority=8),
    Column("letter", "", 1, lambda row: Cell(LETTERS[row.one.grade], TONES[row.one.grade], bold=True), left=True),
    Column("grade", "Fit", 6, lambda row: Cell(row.one.grade.value, TONES[row.one.grade]), left=True, priority=9),
    Column("flags", "Arb", 3, lambda row: Cell(flag_text(row.one), "dim" if flag_text(row.one) in {"·", "—"} else "alert"), left=True),
    Column("atm", "ATM", 5, _atm),
    Column("reversal", "RR25", 5, lambda row: Cell(_signed(row.one.risk_reversal_25)), priority=3),
    Column("butterfly", "BF25", 4, lambda row: Cell(_signed(row.one.butterfly_25)), priority=4),
    Column("error", "RMSE", 4, lambda row: Cell(_points(row.one.rmse_vol, 2), "dim"), priority=6),
    Column("quotes", "n", 3, lambda row: Cell(str(row.one.quotes), "dim"), priority=7),
)

MODEL_WORDS = {
    SliceModel.SVI: "raw SVI",
    SliceModel.ESSVI: "eSSVI",
    SliceModel.SPLINE: "spline (no SVI goes through the quotes)",
    SliceModel.NONE: "none",
}


def fit_blocks(row: SliceRow) -> tuple[Block, ...]:
    """All there is to say of one fit."""
    one = row.one
    low, high = one.forward * exp(one.least_k), one.forward * exp(one.greatest_k)
    quoted = f"{written.money(low, 1.0)} to {written.money(high, 1.0)}" if isfinite(low) and isfinite(high) else written.UNKNOWN
    verdict = (
        Fact.of("Grade", f"{LETTERS[one.grade]} {one.grade.value}", TONES[one.grade], bold=True),
        *(Fact.of("because" if place == 0 else "", reason, "alert") for place, reason in enumerate(one.reasons)),
        *((Fact.of("but", unquoted_money(one), "alert"),) if unquoted_money(one) else ()),
        Fact.of("Butterfly", *_verdict(one, ok=one.butterfly_ok, wrong="B  can be arbitraged")),
        Fact.of("Calendar", *_verdict(one, ok=one.calendar_ok, wrong="C  crosses the expiry before")),
    )
    fit = (
        Fact.of("Model", MODEL_WORDS[one.model]),
        Fact.of("Quotes", f"{one.quotes} used, {written.percent(one.inside, 0)} hold the fit"),
        Fact.of("Median miss", f"{written.price(one.median_residual)} bid-ask widths"),
        Fact.of("RMSE", f"{written.points(one.rmse_vol, 2)} vol points"),
        Fact.of("Quoted", quoted),
        Fact.of("Forward", f"{written.money(one.forward)}  rate {written.percent(one.rate, 2)}"),
        *(
            (Fact.of("a b ρ m σ", " ".join(written.significant(float(value), 3, 8) for value in one.parameters)),)
            if bool(_all_finite(one))
            else ()
        ),
    )
    left = tuple(Fact.of(reason, str(count)) for reason, count in one.left_out.items() if count)
    return (
        Block(f"{row.name} {one.series.root} {days_text(row.days)}", verdict),
        Block("Quotes left out", left or (Fact.of("none", ""),)),
        Block("Fit", fit),
    )


def _verdict(one: SurfaceSlice, *, ok: bool, wrong: str) -> tuple[str, Tone]:
    if one.model is SliceModel.NONE:
        return "not looked at: there is no fit", "dim"
    return ("free of arbitrage", "text") if ok else (wrong, "alert")


def _all_finite(one: SurfaceSlice) -> bool:
    return all(isfinite(float(value)) for value in one.parameters)
