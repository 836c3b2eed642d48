"""Early exercise beside cash dividends: each sentence against prices of the same model at many levels of the underlying."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.instruments import Right, Style
from engine.messages.valuation import CashDividend, GetValuation, ValuationTerms
from engine.services.analytics.valuation import valued
from engine.services.analytics.valuation_exercise import ex_dates, exercise_beside_dividends
from engine.services.analytics.valuation_search import prices_of
from engine.services.analytics.valuation_terms import contracts_of

CALL = ValuationTerms(
    style=Style.AMERICAN,
    underlying=100.0,
    strike=95.0,
    days=90.0,
    rate=0.05,
    volatility=0.25,
    dividends=(CashDividend(days=30.0, amount=1.0),),
)
PUT = replace(CALL, right=Right.PUT, strike=105.0)
LEVELS = np.linspace(30.0, 200.0, 12)
ERROR = 6e-3


def words(terms):
    return valued(GetValuation(terms=terms)).exercise_words


def prices(terms):
    contracts, vols = contracts_of(terms, underlying=LEVELS)
    return prices_of(contracts, vols)


def held(terms):
    """What it is worth alive beyond exercise, where it is in the money."""
    sign = 1.0 if terms.right is Right.CALL else -1.0
    brings = sign * (LEVELS - terms.strike)
    return (prices(terms) - brings)[brings > 0.0]


def test_a_dividend_above_the_interest_may_take_a_call_just_before_it():
    assert words(CALL) == (
        "only just before an ex-date: in 30 d the dividend of 1 is above the interest on the strike until the next, 0.78"
    )
    twice = replace(CALL, dividends=(CashDividend(days=30.0, amount=1.0), CashDividend(days=80.0, amount=1.0)))
    assert words(twice).endswith("0.65; the same holds at 1 more")
    assert (prices(CALL) > prices(replace(CALL, style=Style.EUROPEAN)) + 0.02).any()
    assert (held(CALL) > 0.1).all(), "now it pays at no level"


def test_a_dividend_below_the_interest_never_takes_a_call():
    small = replace(CALL, dividends=(CashDividend(days=10.0, amount=0.5),))
    assert words(small).startswith("never pays: each dividend is below the interest")
    np.testing.assert_allclose(prices(small), prices(replace(small, style=Style.EUROPEAN)), atol=ERROR)


def test_a_put_waits_for_a_dividend_worth_more_than_the_interest():
    assert words(PUT).startswith("not before the ex-date in 30 d: its dividend of 1 is worth more than the interest")
    assert words(PUT).endswith("0.43")
    assert (held(PUT) > 0.1).all()


def test_a_put_whose_dividend_is_small_is_judged_by_its_price():
    deep = replace(PUT, underlying=50.0, dividends=(CashDividend(days=60.0, amount=0.1),))
    assert words(deep) == "now: alive it is worth no more than exercise brings"
    assert words(replace(deep, underlying=100.0)).startswith("not now: alive it is worth ")


def test_a_put_without_interest_is_never_exercised():
    free = replace(PUT, rate=0.0)
    assert words(free) == "never pays: to wait for the strike costs no interest"
    np.testing.assert_allclose(prices(free), prices(replace(free, style=Style.EUROPEAN)), atol=ERROR)


@pytest.mark.parametrize("changes", [{"rate": -0.02}, {"dividend_yield": 0.03}])
def test_a_call_with_a_yield_or_a_negative_rate_is_judged_by_its_price(changes):
    assert words(replace(CALL, **changes)).startswith("not now: alive it is worth ")
    deep = replace(CALL, underlying=190.0, rate=-0.02)
    assert words(deep) == "now: alive it is worth no more than exercise brings"


def test_dividends_of_one_day_count_together_and_late_ones_not_at_all():
    several = tuple(CashDividend(days=days, amount=amount) for days, amount in ((30.0, 0.4), (30.0, 0.6), (90.0, 5.0), (120.0, 5.0)))
    assert ex_dates(replace(CALL, dividends=several)) == [(30.0, 1.0)]
    assert exercise_beside_dividends(replace(CALL, dividends=several[2:]), 9.0).startswith("never pays")
