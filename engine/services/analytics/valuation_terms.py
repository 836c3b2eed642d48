"""The terms of a calculation: what is wrong with them in a sentence, and the rows of a table of contracts they make."""

from collections.abc import Mapping
from math import isfinite
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from engine.domain.errors import BadInput
from engine.domain.instruments import Right, Style
from engine.messages.valuation import SolvedFrom, SoughtInput, ValuationTerms
from engine.quant.arrays import Floats
from engine.quant.contracts import NO_DIVIDENDS, Contracts, Dividends
from engine.quant.meant import GREATEST_RATE, GREATEST_VOL, GREATEST_YEARS
from engine.quant.trader_units import DAYS_A_YEAR

FIELDS: Final[Mapping[SoughtInput, str]] = {
    SoughtInput.UNDERLYING: "underlying",
    SoughtInput.STRIKE: "strike",
    SoughtInput.DAYS: "days",
    SoughtInput.RATE: "rate",
    SoughtInput.YIELD: "dividend_yield",
    SoughtInput.VOLATILITY: "volatility",
}
"""The inputs of the model and where they stand in the terms."""
NAMES: Final[Mapping[SoughtInput, str]] = {
    SoughtInput.UNDERLYING: "price of the underlying",
    SoughtInput.STRIKE: "strike",
    SoughtInput.DAYS: "time left",
    SoughtInput.RATE: "rate",
    SoughtInput.YIELD: "yield",
    SoughtInput.VOLATILITY: "volatility",
    SoughtInput.PRICE: "price",
}
"""As sentences call them."""
LEAST_YEARS: Final = 1e-16
"""No time left is taken as so much, some nanoseconds, and no volatility ..."""
LEAST_VOL: Final = 1e-6
"""... as so little: the formulas divide by both."""


def check(terms: ValuationTerms, unknown: SoughtInput, solved_from: SolvedFrom) -> None:
    """Nothing, or `BadInput` with what is wrong and what to do."""
    for field, name in FIELDS.items():
        value = getattr(terms, name)
        if field is unknown or (field is SoughtInput.YIELD and terms.on_forward):
            continue
        if value is None or not isfinite(value):
            raise BadInput(f"the {NAMES[field]} is not known: give it, or solve for it")
        _check_one(field, value)
    _check_dividends(terms)
    if not (isfinite(terms.multiplier) and terms.multiplier > 0.0):
        raise BadInput(f"the multiplier must be above 0, not {terms.multiplier:g}")
    if unknown is SoughtInput.YIELD and terms.on_forward:
        raise BadInput("no yield can be found beside a forward, which has it in it: give the spot instead")
    if unknown is not SoughtInput.PRICE:
        _check_target(terms, unknown, solved_from)


def _check_one(field: SoughtInput, value: float) -> None:
    if field in (SoughtInput.UNDERLYING, SoughtInput.STRIKE) and value <= 0.0:
        raise BadInput(f"the {NAMES[field]} must be above 0, not {value:g}")
    if field is SoughtInput.DAYS and value < 0.0:
        raise BadInput(
            f"it expired {-value:.3g} days ago and is worth its settlement: give 0 days for the moment of expiry, or a later date"
        )
    if field is SoughtInput.DAYS and value > GREATEST_YEARS * DAYS_A_YEAR:
        raise BadInput(f"no option lives {value:,.0f} days: give at most {GREATEST_YEARS:.0f} years")
    if field is SoughtInput.VOLATILITY and not 0.0 <= value <= GREATEST_VOL:
        raise BadInput(f"a volatility lies between 0 % and {GREATEST_VOL:.0%}, not at {value * 100:g} %".replace("1000%", "1,000 %"))
    if field in (SoughtInput.RATE, SoughtInput.YIELD) and abs(value) > GREATEST_RATE:
        raise BadInput(f"a {NAMES[field]} of {value * 100:g} % cannot be meant: give it between -200 % and 200 % a year")


def _check_dividends(terms: ValuationTerms) -> None:
    for one in terms.dividends:
        if not (isfinite(one.days) and isfinite(one.amount)) or one.amount < 0.0:
            raise BadInput(f"a dividend is an amount from 0 up on a day from now, not {one.amount:g} on day {one.days:g}")
    if terms.dividends and terms.on_forward:
        raise BadInput("cash dividends are in a forward already: leave them out, or give the spot")


def _check_target(terms: ValuationTerms, unknown: SoughtInput, solved_from: SolvedFrom) -> None:
    if solved_from is SolvedFrom.PRICE:
        if terms.price is None or not isfinite(terms.price):
            raise BadInput(f"to find the {NAMES[unknown]}, a price is needed: type one")
        if terms.price <= 0.0:
            raise BadInput(f"the {NAMES[unknown]} follows from a price above 0, not {terms.price:g}")
        return
    low, high = (0.0, 1.0) if terms.right is Right.CALL else (-1.0, 0.0)
    if terms.delta is None or not isfinite(terms.delta):
        raise BadInput(f"to find the {NAMES[unknown]} from a delta, the delta is needed: type one")
    if not low < terms.delta < high:
        raise BadInput(f"the delta of a {terms.right.name.lower()} lies between {low:g} and {high:g}, not at {terms.delta:g}")


def contracts_of(terms: ValuationTerms, **moved: ArrayLike) -> tuple[Contracts, Floats]:
    """One row for each set of the moved inputs (fields of the terms), and the volatilities of the rows."""
    given = {name: moved.get(name, getattr(terms, name)) for name in FIELDS.values()}
    columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(0.0 if value is None else value, float)) for value in given.values()))
    underlyings, strikes, days, rates, yields, vols = (np.ascontiguousarray(column) for column in columns)
    size = underlyings.size
    return Contracts(
        rights=np.full(size, 1.0 if terms.right is Right.CALL else -1.0),
        american=np.full(size, terms.style is Style.AMERICAN),
        on_forward=np.full(size, terms.on_forward),
        underlyings=underlyings,
        strikes=strikes,
        years=np.maximum(days / DAYS_A_YEAR, LEAST_YEARS),
        rates=rates,
        yields=np.zeros(size) if terms.on_forward else yields,
        dividends=_dividends(terms, size),
    ), np.maximum(vols, LEAST_VOL)


def _dividends(terms: ValuationTerms, size: int) -> Dividends:
    counting = [one for one in terms.dividends if one.days > 0.0 and one.amount > 0.0]
    if not counting:
        return NO_DIVIDENDS
    years, amounts = np.array([one.days for one in counting]) / DAYS_A_YEAR, np.array([one.amount for one in counting])
    return Dividends(np.repeat(np.arange(size), len(counting)), np.tile(years, size), np.tile(amounts, size))


def is_certain(terms: ValuationTerms) -> bool:
    """Nothing can happen any more: no time is left, or there is no volatility."""
    return not (terms.days and terms.volatility)


def pays_cash(terms: ValuationTerms) -> bool:
    """A cash dividend falls between now and the end."""
    return any(0.0 < one.days <= (terms.days or 0.0) and one.amount > 0.0 for one in terms.dividends)
