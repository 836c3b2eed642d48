"""The inputs of the sheet: how each is typed, read and written in the units a trader uses."""

from enum import StrEnum
from math import isfinite
from typing import Final

from engine.domain.calendar import session, settlement_day
from engine.domain.errors import BadInput
from engine.domain.ids import UtcNanos
from engine.domain.instants import DAY_NS, new_york
from engine.domain.instruments import Right, SessionName, Style
from engine.domain.osi import parse_expiry
from engine.messages.valuation import CashDividend, SoughtInput, ValuationTerms
from optix_tui import format as written


class Field(StrEnum):
    """A row of the sheet, in its order."""

    RIGHT = "Right"
    STYLE = "Style"
    BASIS = "Priced on"
    UNDERLYING = "Underlying"
    STRIKE = "Strike"
    DAYS = "Time left"
    VOLATILITY = "Volatility"
    RATE = "Rate"
    YIELD = "Yield"
    DIVIDENDS = "Dividends"
    MULTIPLIER = "Multiplier"
    PRICE = "Price"
    DELTA = "Delta"


FIELDS: Final = tuple(Field)
CHOICES: Final = frozenset({Field.RIGHT, Field.STYLE, Field.BASIS})
"""Rows with two values, which are turned over and not typed."""
TERMS: Final[dict[Field, str]] = {
    Field.UNDERLYING: "underlying",
    Field.STRIKE: "strike",
    Field.DAYS: "days",
    Field.VOLATILITY: "volatility",
    Field.RATE: "rate",
    Field.YIELD: "dividend_yield",
    Field.MULTIPLIER: "multiplier",
    Field.PRICE: "price",
    Field.DELTA: "delta",
}
"""Rows with one number, and where it stands in the terms."""
SOUGHT: Final[dict[Field, SoughtInput]] = {
    Field.PRICE: SoughtInput.PRICE,
    Field.VOLATILITY: SoughtInput.VOLATILITY,
    Field.UNDERLYING: SoughtInput.UNDERLYING,
    Field.STRIKE: SoughtInput.STRIKE,
    Field.DAYS: SoughtInput.DAYS,
    Field.RATE: SoughtInput.RATE,
    Field.YIELD: SoughtInput.YIELD,
}
"""Rows that can be solved for."""
PERCENTS: Final = frozenset({Field.VOLATILITY, Field.RATE, Field.YIELD})
_SPANS: Final = {"H": 1 / 24, "D": 1.0, "W": 7.0, "M": 365 / 12, "Y": 365.0}
"""Days in one of these letters behind a number."""
_DISTINCT: Final = {Field.UNDERLYING: 2, Field.STRIKE: 4, Field.DAYS: 3, Field.VOLATILITY: 3, Field.RATE: 3, Field.YIELD: 3, Field.PRICE: 4}
"""Digits after the point at most."""


def field_of(sought: SoughtInput) -> Field:
    """The row of an unknown."""
    return next(field for field, one in SOUGHT.items() if one is sought)


def read(field: Field, text: str, now: UtcNanos, settles: dict[str, UtcNanos]) -> object:
    """What was typed as the value of the row's term; `BadInput` with what to type instead."""
    typed = text.strip().upper()
    if field is Field.DIVIDENDS:
        return _dividends(typed)
    if not typed:
        raise BadInput(f"type a {field.value.lower()}, or = to solve for it" if field in SOUGHT else f"type a {field.value.lower()}")
    if field is Field.DAYS:
        return _days(typed, now, settles)
    if field is Field.DELTA and typed.rstrip("%D") != typed:
        return _number(field, typed.rstrip("%D")) / 100
    value = _number(field, typed.removesuffix("%"))
    if field in PERCENTS:
        return value / 100
    if field is Field.DELTA and abs(value) > 1.0:
        return value / 100
    return value


def _number(field: Field, text: str) -> float:
    try:
        value = float(text.replace(",", "").replace("_", ""))
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise BadInput(f"{text!r} is no number" if text else f"type the {field.value.lower()} as a number")
    return value


def _days(text: str, now: UtcNanos, settles: dict[str, UtcNanos]) -> float:
    """``30``, ``2h``, ``6w``, ``3m``, or a date: to its settlement where the sheet's name lists it, else to New York's close."""
    number, span = (text[:-1], _SPANS[text[-1]]) if text[-1] in _SPANS else (text, 1.0)
    try:
        return float(number) * span
    except ValueError:
        pass
    try:
        day = parse_expiry(text, new_york(now).date())
    except BadInput as error:
        raise BadInput(f"{text.lower()!r} is no time: type days, 2h, 3m, or a date as dec18") from error
    listed = settles.get(day.isoformat())
    if listed is not None:
        return (listed - now) / DAY_NS
    close = session(SessionName.NYSE, settlement_day(day))
    if close is None:
        raise BadInput(f"no session settles {text.lower()}")
    return (close.close_at - now) / DAY_NS


def _dividends(text: str) -> tuple[CashDividend, ...]:
    """``30:0.5 121:0.5``: days from now and the amount; nothing is none."""
    found = []
    for word in text.replace(";", " ").split():
        day, colon, amount = word.partition(":")
        try:
            found.append(CashDividend(days=float(day), amount=float(amount)))
        except ValueError as error:
            said = "each dividend is day:amount, as 30:0.5" if colon else "type dividends as day:amount, as 30:0.5 121:0.5"
            raise BadInput(said) from error
    return tuple(found)


def value_text(field: Field, terms: ValuationTerms) -> str:
    """The row's value as it is shown, and as it can be typed again."""
    if field is Field.RIGHT:
        return "Call" if terms.right is Right.CALL else "Put"
    if field is Field.STYLE:
        return "American" if terms.style is Style.AMERICAN else "European"
    if field is Field.BASIS:
        return "Forward" if terms.on_forward else "Spot"
    if field is Field.DIVIDENDS:
        return " ".join(f"{one.days:g}:{one.amount:g}" for one in terms.dividends) or "none"
    value = getattr(terms, TERMS[field])
    if value is None or not isfinite(value):
        return written.UNKNOWN
    if field is Field.DELTA:
        return f"{value:.4f}"
    if field is Field.MULTIPLIER:
        return f"{value:g}"
    scaled = value * 100 if field in PERCENTS else value
    if field is Field.PRICE and 0 < abs(scaled) < 0.01:
        return f"{scaled:.3g}"
    return _trimmed(scaled, _DISTINCT[field])


def _trimmed(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    whole, point, rest = text.partition(".")
    rest = rest.rstrip("0")
    return f"{whole}.{rest.ljust(2, '0')}" if point and rest and digits > 1 else whole if value == round(value) else text


def unit_text(field: Field, terms: ValuationTerms, now: UtcNanos, name: str) -> str:
    """What stands behind the value: its unit, and for a time the day it ends."""
    if field is Field.VOLATILITY:
        low = terms.volatility is not None and 0 < terms.volatility < 0.01
        return "% a year: is that meant?" if low else "% a year"
    if field in PERCENTS:
        return "in forward" if field is Field.YIELD and terms.on_forward else "% cont."
    if field is Field.DAYS and terms.days is not None and isfinite(terms.days):
        return f"d {end_day(now, terms.days)}"
    words = {
        Field.UNDERLYING: f"{name} forward" if terms.on_forward else name,
        Field.MULTIPLIER: "a contract",
        Field.PRICE: "a unit",
        Field.DIVIDENDS: "day:amount" if not terms.dividends else "",
    }
    if field is Field.STRIKE and terms.strike and terms.underlying:
        return f"{terms.strike / terms.underlying * 100 - 100:+.1f}% {'fwd' if terms.on_forward else 'spot'}"
    return words.get(field, "")


def end_day(now: UtcNanos, days: float) -> str:
    """The day on which so much time is over, in New York; "" where no calendar has it."""
    if not 0 <= days < 365 * 60:
        return ""
    return written.day(new_york(UtcNanos(now + int(days * DAY_NS))).date())
