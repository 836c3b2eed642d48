"""Forwards of shares that pay, and what a forward says of dividends and borrow."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.curves.discount import from_zero_rates
from engine.quant.curves.dividends import cash_dividends, forwards, implied_borrows, implied_cash, implied_yields, present_values

CURVE = from_zero_rates(years=[0.25, 1.0, 3.0], zero_rates=[0.05, 0.045, 0.04], source="test")
PAID = cash_dividends(years=[0.7, -0.1, 0.2, 0.45], amounts=[0.5, 9.0, 0.5, 0.6])


def test_a_schedule_is_in_the_order_of_time_and_has_no_past():
    assert PAID.years.tolist() == [0.2, 0.45, 0.7]
    assert PAID.amounts.tolist() == [0.5, 0.6, 0.5]


def test_a_dividend_counts_from_its_ex_date_on():
    values = present_values(schedule=PAID, curve=CURVE, years=[0.1, 0.1999, 0.2, 0.5, 2.0])
    first = 0.5 * math.exp(-0.05 * 0.2)
    assert values[:3] == pytest.approx([0.0, 0.0, first])
    assert values[4] == pytest.approx(float((PAID.amounts * CURVE.discounts(PAID.years)).sum()))


def test_a_share_is_carried_past_each_dividend_one_after_the_other():
    value, at = 100.0, 0.0
    for time, amount in [*zip(PAID.years, PAID.amounts, strict=True), (1.0, 0.0)]:
        value *= math.exp((float(CURVE.forward_rates(at, time)) - 0.01 - 0.03) * (time - at))
        value, at = value - amount, time
    found = forwards(spot=100.0, years=1.0, curve=CURVE, schedule=PAID, dividend_yield=0.01, borrow=0.03)
    assert float(found) == pytest.approx(value, rel=1e-14)


def test_without_dividends_it_is_spot_and_carry():
    found = forwards(spot=100.0, years=[0.0, 0.5], curve=CURVE, dividend_yield=0.02)
    assert found == pytest.approx([100.0, 100.0 * math.exp((float(CURVE.rates(0.5)) - 0.02) * 0.5)])


def test_dividends_worth_the_share_leave_no_forward():
    assert math.isnan(float(forwards(spot=1.5, years=1.0, curve=CURVE, schedule=PAID)))


@given(borrow=st.floats(-0.02, 1.0), dividend_yield=st.floats(0.0, 0.1), years=st.floats(0.02, 3.0))
@settings(max_examples=80, deadline=None)
def test_the_borrow_fee_behind_a_forward_is_found_again(borrow: float, dividend_yield: float, years: float):
    known = {"spot": 50.0, "curve": CURVE, "schedule": PAID, "dividend_yield": dividend_yield, "years": [years, 2 * years]}
    there = forwards(**known, borrow=borrow)
    assert implied_borrows(forwards=there, **known) == pytest.approx([borrow] * 2, abs=1e-9)


def test_a_forward_of_nothing_implies_nothing():
    found = implied_borrows(spot=50.0, forwards=[math.nan, -1.0, 50.0, 1e9], years=[1.0, 1.0, 0.0, 0.001], curve=CURVE)
    assert np.isnan(found).all()


def test_dividends_and_borrow_as_one_yield_or_one_amount():
    there = forwards(spot=100.0, years=[0.5, 1.0], curve=CURVE, dividend_yield=0.02, borrow=0.01)
    discounts = CURVE.discounts([0.5, 1.0])
    assert implied_yields(spots=100.0, forwards=there, discounts=discounts, years=[0.5, 1.0]) == pytest.approx([0.03, 0.03])
    assert implied_cash(spots=100.0, forwards=there, discounts=discounts) == pytest.approx(100.0 * (1 - np.exp([-0.015, -0.03])))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"years": [0.1], "amounts": [0.5, 0.5]}, "an amount for each"),
        ({"years": [0.1], "amounts": [-0.5]}, "no amount below zero"),
        ({"years": [math.nan], "amounts": [0.5]}, "must be known"),
        ({"years": [90.0], "amounts": [0.5]}, "write 90 days"),
    ],
)
def test_a_schedule_that_cannot_be_meant_is_refused(wrong: dict[str, list[float]], said: str):
    with pytest.raises(ValueError, match=said):
        cash_dividends(**wrong)
