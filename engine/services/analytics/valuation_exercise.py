"""Whether an American option on a share with cash dividends is to be exercised early: in words, from bounds that need no model.

The exercise boundary jumps at each ex-date, so that no one level of the underlying tells it. What holds whatever the volatility
(R. Merton, "Theory of Rational Option Pricing", Bell J. of Economics 4 (1973), section 3; J. Hull, "Options, Futures, and Other
Derivatives", section 15.12): without a yield a call is exercised only just before an ex-date, and not there where the dividend is less
than the interest on the strike until the next one; a put is not exercised before an ex-date whose dividend is worth more than the
interest until it. Where neither decides, the price does, as well as its two trees know it.
"""

from math import exp
from typing import NamedTuple

from engine.domain.instruments import Right
from engine.messages.valuation import ValuationTerms
from engine.quant.trader_units import DAYS_A_YEAR

LEAST_EXCESS = 5e-5
"""Part of the strike by which an option is worth more alive than exercised, where it is to be held: the error of the trees."""


class ExDate(NamedTuple):
    """What falls on one day within the option's life."""

    days: float
    amount: float


def ex_dates(terms: ValuationTerms) -> list[ExDate]:
    """The dividends that count, by day, those of one day together."""
    sums: dict[float, float] = {}
    for one in terms.dividends:
        if 0.0 < one.days < (terms.days or 0.0) and one.amount > 0.0:
            sums[one.days] = sums.get(one.days, 0.0) + one.amount
    return [ExDate(days, amount) for days, amount in sorted(sums.items())]


def exercise_beside_dividends(terms: ValuationTerms, price: float) -> str:
    """In words: the short ones before the colon, the reason behind it."""
    rate, fall, dates = terms.rate or 0.0, terms.dividend_yield or 0.0, ex_dates(terms)
    if terms.right is Right.CALL and rate >= 0.0 and fall == 0.0:
        return _of_call(terms, dates, rate)
    bound = _of_put(terms, dates, rate) if terms.right is Right.PUT and fall >= 0.0 else ""
    return bound or _by_price(terms, price)


def _interest(strike: float, rate: float, days: float) -> float:
    """On the strike, as of now, for so many days."""
    return strike * (1.0 - exp(-rate * days / DAYS_A_YEAR))


def _of_call(terms: ValuationTerms, dates: list[ExDate], rate: float) -> str:
    strike = terms.strike or 0.0
    steps = zip(dates, [*dates[1:], ExDate(terms.days or 0.0, 0.0)], strict=False)
    interests = [(one, _interest(strike, rate, following.days - one.days)) for one, following in steps]
    paying = [(one, interest) for one, interest in interests if one.amount > interest]
    if not paying:
        return "never pays: each dividend is below the interest on the strike until the next"
    one, interest = paying[0]
    others = f"; the same holds at {len(paying) - 1} more" if len(paying) > 1 else ""
    return (
        f"only just before an ex-date: in {one.days:g} d the dividend of {one.amount:g} is above the interest on the strike until the "
        f"next, {interest:.2f}{others}"
    )


def _of_put(terms: ValuationTerms, dates: list[ExDate], rate: float) -> str:
    """What the bounds say; nothing where they decide nothing."""
    if rate <= 0.0:
        return "never pays: to wait for the strike costs no interest"
    if not dates:
        return ""
    days, amount = dates[0]
    interest = _interest(terms.strike or 0.0, rate, days)
    if amount * exp(-rate * days / DAYS_A_YEAR) <= interest:
        return ""
    return (
        f"not before the ex-date in {days:g} d: its dividend of {amount:g} is worth more than the interest on the strike until then, "
        f"{interest:.2f}"
    )


def _by_price(terms: ValuationTerms, price: float) -> str:
    sign = 1.0 if terms.right is Right.CALL else -1.0
    strike = terms.strike or 0.0
    excess = price - max(sign * ((terms.underlying or 0.0) - strike), 0.0)
    if excess <= LEAST_EXCESS * strike:
        return "now: alive it is worth no more than exercise brings"
    return f"not now: alive it is worth {excess:.2f} more than exercise brings"
