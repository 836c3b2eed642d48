"""The calculator as a value: the rows of its sheet, what the answer says in trader units, the payoff and the matrix."""

from enum import StrEnum
from math import exp, isfinite, isnan, sqrt
from typing import NamedTuple

from msgspec import Struct

from engine.domain.columns import Floats, floats
from engine.domain.instruments import Right, Style
from engine.messages.valuation import Valuation, ValuationMatrix
from optix_tui import format as written
from optix_tui.screens.calculator.fields import FIELDS, Field, field_of, unit_text, value_text
from optix_tui.screens.calculator.matrix import Layer, MatrixView, matrix_view
from optix_tui.screens.calculator.sheet import Sheet
from optix_tui.screens.table import Cell, Fact

LABELS_OF_REFUSALS = (
    ("the price of the underlying", Field.UNDERLYING),
    ("the strike", Field.STRIKE),
    ("it expired", Field.DAYS),
    ("no option lives", Field.DAYS),
    ("the time left", Field.DAYS),
    ("a volatility", Field.VOLATILITY),
    ("the volatility is not", Field.VOLATILITY),
    ("a rate", Field.RATE),
    ("a yield", Field.YIELD),
    ("a dividend", Field.DIVIDENDS),
    ("cash dividends", Field.DIVIDENDS),
    ("the multiplier", Field.MULTIPLIER),
    ("the delta", Field.DELTA),
)
"""How the engine's sentences begin, and the row they are about; any other is about the row that is solved for."""


LEAST_PREMIUM = 0.005
"""Of early exercise, that is written as a number: less is the error of the model."""


class Picture(StrEnum):
    """What has the room beside the sheet."""

    RESULTS = "RESULTS"
    MATRIX = "MATRIX"
    PAYOFF = "PAYOFF"


PICTURES = tuple(Picture)


class SheetRow(NamedTuple):
    """One row of the form."""

    field: Field
    text: str
    unit: str
    is_unknown: bool
    is_given: bool
    why: str
    """What is wrong with it; "" where nothing is."""
    is_typed: bool = False
    """It is being typed just now."""


class GreekRow(NamedTuple):
    """One sensitivity."""

    name: str
    short: str
    unit: str
    each: float
    contract: float


class Payoff(Struct, frozen=True, kw_only=True):
    """Profit and loss of one contract held long, by the underlying."""

    spots: Floats
    today: Floats
    at_expiry: Floats
    spot: float
    strike: float
    breakeven: float
    deviations: tuple[tuple[str, float], ...]
    """Where the underlying stands one and two standard deviations from its forward at expiry."""


class CalculatorFacts(Struct, frozen=True, kw_only=True):
    """All the screen knows."""

    sheet: Sheet | None = None
    found: Valuation | None = None
    refusal: str = ""
    """The engine's, to the sheet as it stands."""
    is_current: bool = True
    """What was found is of the sheet as it stands."""
    matrix: ValuationMatrix | None = None
    layer: Layer = Layer.PRICE_BY_VOL
    picture: Picture = Picture.RESULTS
    place: int = FIELDS.index(Field.STRIKE)
    """The row of the cursor."""
    typed: str | None = None
    """What has been typed into it so far."""


class CalculatorView(Struct, frozen=True, kw_only=True):
    """What is painted."""

    name: str
    rows: tuple[SheetRow, ...]
    place: int
    picture: Picture
    values: tuple[Fact, ...]
    greeks: tuple[GreekRow, ...]
    multiplier: float
    payoff: Payoff | None
    matrix: MatrixView | None
    layer: Layer
    is_current: bool
    """What was found is of these inputs, or of those of a moment ago."""
    is_solving: bool
    origin: str
    remarks: tuple[str, ...]
    """What is odd, or was assumed."""
    model: str
    source: str
    probabilities: str
    untold: tuple[str, ...]
    """Sentences on early exercise, and on what is not told, where a number alone does not say it."""
    headline: tuple[tuple[str, str], ...]
    """The answer in a line: labels and numbers."""


def present(facts: CalculatorFacts) -> CalculatorView | None:
    """The view; None while nothing fills the sheet."""
    sheet = facts.sheet
    if sheet is None:
        return None
    found = facts.found
    return CalculatorView(
        name=sheet.symbol,
        rows=_rows(sheet, facts),
        place=facts.place,
        picture=facts.picture,
        values=_values(found, sheet) if found else (),
        greeks=_greeks(found) if found else (),
        multiplier=sheet.terms.multiplier,
        payoff=_payoff(found) if found else None,
        matrix=matrix_view(facts.matrix, facts.layer) if facts.matrix is not None and facts.matrix.by_days == facts.layer.by_days else None,
        layer=facts.layer,
        is_current=not sheet.wrong and not facts.refusal,
        is_solving=not facts.is_current,
        origin=sheet.origin,
        remarks=tuple(one for one in (found.note if found and facts.is_current else "", sheet.remark) if one),
        model=found.model if found else "",
        source=found.source if found else "",
        probabilities=found.probabilities if found else "",
        untold=_untold(found) if found else (),
        headline=_headline(found) if found else (),
    )


def _rows(sheet: Sheet, facts: CalculatorFacts) -> tuple[SheetRow, ...]:
    refused = refused_field(sheet, facts.refusal) if facts.refusal else None
    rows = []
    for place, field in enumerate(FIELDS):
        wrong = sheet.wrong.get(field)
        typing = facts.typed is not None and place == facts.place
        text = facts.typed or "" if typing else wrong.text if wrong else value_text(field, sheet.terms)
        why = wrong.why if wrong else facts.refusal if field is refused else ""
        unknown = sheet.is_unknown(field)
        if unknown and facts.refusal and not typing:
            text = written.UNKNOWN
        rows.append(
            SheetRow(field, text, unit_text(field, sheet.terms, sheet.now, sheet.symbol), unknown, sheet.is_given(field), why, typing)
        )
    return tuple(rows)


def refused_field(sheet: Sheet, refusal: str) -> Field:
    """The row that a refusal is about."""
    return next((field for begin, field in LABELS_OF_REFUSALS if refusal.startswith(begin)), field_of(sheet.unknown))


def _money(value: float) -> str:
    return written.money(value) if abs(value) >= 0.1 or value == 0 else written.significant(value, 3, 9)


def _values(found: Valuation, sheet: Sheet) -> tuple[Fact, ...]:
    terms = found.terms
    price, spot = terms.price or 0.0, terms.underlying or float("nan")
    premium = max(price - found.european, 0.0)
    away = found.breakeven / spot - 1 if spot > 0 else float("nan")
    facts = [
        Fact("Price", (Cell(_money(price), "white", bold=True), Cell(f"  {_money(price * terms.multiplier)} a contract", "text"))),
        Fact("Intrinsic", (Cell(_money(found.intrinsic)), Cell(f"  time value {written.signed(price - found.intrinsic)}", "dim"))),
        Fact("European", (Cell(_money(found.european)), Cell(f"  {_premium(terms.style, premium)}", "dim"))),
        Fact("Exercise", exercise_cells(found)),
        Fact("Forward", (Cell(_money(found.forward)), Cell(f"  {written.signed_percent(found.forward / spot - 1)} of its price", "dim"))),
        Fact("Breakeven", (Cell(_money(found.breakeven), "bright"), Cell(f"  {written.signed_percent(away)} at expiry", "dim"))),
        Fact("P(ITM)", (Cell(written.percent(found.probability_itm), "white"), Cell("  at expiry", "dim"))),
        Fact("P(touch)", (Cell(written.percent(found.probability_touch)), Cell("  the strike, before", "dim"))),
    ]
    if sheet.is_quoted():
        middle = (sheet.bid + sheet.ask) / 2
        quoted = f"{_money(sheet.bid)} × {_money(sheet.ask)}"
        facts.insert(1, Fact("Market", (Cell(quoted), Cell(f"  {written.signed(price - middle)} vs mid", "dim"))))
    return tuple(facts)


def _premium(style: Style, premium: float) -> str:
    if style is Style.EUROPEAN:
        return "no early exercise"
    return f"early exercise {written.money(premium) if premium >= LEAST_PREMIUM else '< 0.01' if premium > 0 else '0.00'}"


def _untold(found: Valuation) -> tuple[str, ...]:
    said = [f"Exercise {found.exercise_words}"] if ":" in found.exercise_words else []
    if isnan(found.greeks.ultima) and isfinite(found.greeks.volga):
        said.append("Ultima not told: two trees price it, too coarse for a third derivative")
    return tuple(said)


def exercise_cells(found: Valuation) -> tuple[Cell, ...]:
    """Where exercise at once pays, or why it does not or is not told."""
    low, high = found.exercise_low, found.exercise_high
    if found.exercise_words not in {"now", "not now"}:
        short = found.exercise_words.partition(":")[0]
        return (Cell("◄ NOW" if short == "now" else short, "alert" if short == "now" else "dim", bold=short == "now"),)
    if found.terms.right is Right.CALL and not isfinite(high):
        where = f"from {_money(low)} up"
    elif found.terms.right is Right.PUT and low <= 0:
        where = f"from {_money(high)} down"
    else:
        where = f"{_money(low)} to {_money(high)}"
    now = found.exercise_words == "now"
    return Cell(where), Cell("  ◄ NOW" if now else "  not now", "alert" if now else "dim", bold=now)


_GREEKS = (
    ("delta", "Delta", "Δ", "price a point"),
    ("gamma", "Gamma", "Γ", "delta a point"),
    ("theta", "Theta", "Θ", "price a calendar day"),
    ("vega", "Vega", "ν", "price a vol point"),
    ("rho", "Rho", "ρ", "price 1 % of rate"),
    ("dividend_rho", "Yield rho", "φ", "price 1 % of yield"),
    ("vanna", "Vanna", "", "delta a vol point"),
    ("volga", "Volga", "", "vega a vol point"),
    ("charm", "Charm", "", "delta a calendar day"),
    ("speed", "Speed", "", "gamma a point"),
    ("zomma", "Zomma", "", "gamma a vol point"),
    ("color", "Color", "", "gamma a calendar day"),
    ("ultima", "Ultima", "", "volga a vol point"),
)


def _greeks(found: Valuation) -> tuple[GreekRow, ...]:
    return tuple(
        GreekRow(name, short, unit, value := getattr(found.greeks, key), value * found.terms.multiplier)
        for key, name, short, unit in _GREEKS
    )


def _headline(found: Valuation) -> tuple[tuple[str, str], ...]:
    greeks = found.greeks
    return (
        ("Price", _money(found.terms.price or 0.0)),
        ("Δ", written.small(greeks.delta, 4)),
        ("Γ", written.significant(greeks.gamma)),
        ("Θ", written.significant(greeks.theta)),
        ("ν", written.significant(greeks.vega)),
        ("BE", _money(found.breakeven)),
        ("P(ITM)", written.percent(found.probability_itm)),
    )


def _payoff(found: Valuation) -> Payoff:
    terms = found.terms
    price, size = terms.price or 0.0, terms.multiplier
    deviation = (terms.volatility or 0.0) * sqrt(max(terms.days or 0.0, 0.0) / 365)
    marks = tuple((f"{step:+d}σ", found.forward * exp(step * deviation)) for step in (-2, -1, 1, 2)) if deviation > 0 else ()
    return Payoff(
        spots=found.curve,
        today=floats((found.today - price) * size),
        at_expiry=floats((found.at_expiry - price) * size),
        spot=terms.underlying or float("nan"),
        strike=terms.strike or float("nan"),
        breakeven=found.breakeven,
        deviations=marks,
    )
