"""Discount curves: nodes, what lies between and beyond them, and bonds that must cost what they cost."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.curves.discount import DiscountCurve, from_bonds, from_zero_rates

CURVE = from_zero_rates(years=[0.25, 1.0, 5.0], zero_rates=[0.04, 0.05, 0.045], source="three nodes")


def worth(curve: DiscountCurve, years: float, coupon: float, payments_a_year: int = 2) -> float:
    times = years - np.arange(math.ceil(years * payments_a_year - 1e-9)) / payments_a_year
    return float((coupon / payments_a_year * curve.discounts(times)).sum() + curve.discounts(years))


def test_a_curve_is_itself_at_its_nodes_and_one_now():
    assert CURVE.rates([0.25, 1.0, 5.0]) == pytest.approx([0.04, 0.05, 0.045], rel=1e-15)
    assert CURVE.discounts(0.0) == 1.0
    assert CURVE.rates(0.0) == 0.04


def test_between_two_nodes_the_forward_rate_is_one_number():
    parts = CURVE.forward_rates([1.0, 2.0, 3.7], [2.0, 3.7, 5.0])
    assert parts == pytest.approx([(5 * 0.045 - 0.05) / 4] * 3, rel=1e-12)


def test_before_the_first_and_beyond_the_last_node_the_zero_rate_is_flat():
    assert CURVE.rates([0.01, 0.2, 5.1, 30.0]) == pytest.approx([0.04, 0.04, 0.045, 0.045], rel=1e-14)


def test_what_cannot_be_asked_is_unknown():
    assert np.isnan(CURVE.discounts([-0.1, math.nan])).all()
    assert np.isnan(CURVE.rates([-0.1, math.nan])).all()
    assert np.isnan(CURVE.forward_rates([1.0, 2.0, -1.0, math.nan], [1.0, 1.0, 1.0, 1.0])).all()


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ({"years": [], "zero_rates": []}, "a rate for each time"),
        ({"years": [1.0, 2.0], "zero_rates": [0.04]}, "a rate for each time"),
        ({"years": [1.0, math.nan], "zero_rates": [0.04, 0.04]}, "must be known"),
        ({"years": [0.0, 1.0], "zero_rates": [0.04, 0.04]}, "rise from above zero"),
        ({"years": [2.0, 1.0], "zero_rates": [0.04, 0.04]}, "rise from above zero"),
        ({"years": [1.0, 2.0], "zero_rates": [4.0, 4.5]}, "write 4 % as 0.04"),
    ],
)
def test_nodes_that_make_no_curve_are_refused(nodes: dict[str, list[float]], said: str):
    with pytest.raises(ValueError, match=said):
        from_zero_rates(**nodes, source="")


def test_bonds_that_cannot_cost_that_are_refused():
    with pytest.raises(ValueError, match="above zero"):
        from_bonds(years=[1.0], coupons=[0.0], prices=[0.0], source="")
    with pytest.raises(ValueError, match="no rate makes"):
        from_bonds(years=[0.5, 1.0], coupons=[0.0, 3.0], prices=[0.98, 0.5], source="")


@given(
    zeros=st.lists(st.floats(-0.01, 0.12), min_size=6, max_size=6),
    coupons=st.lists(st.floats(0.001, 0.15), min_size=4, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_every_bond_of_a_bootstrap_costs_what_it_cost(zeros: list[float], coupons: list[float]):
    years = [0.25, 0.5, 1.0, 2.0, 5.0, 10.0]
    truth = from_zero_rates(years=years, zero_rates=zeros, source="")
    rates = [0.0, 0.0, *coupons]
    prices = [worth(truth, time, coupon) if coupon else float(truth.discounts(time)) for time, coupon in zip(years, rates, strict=True)]
    found = from_bonds(years=years, coupons=rates, prices=prices, source="")
    assert found.zero_rates == pytest.approx(zeros, abs=1e-11)


def test_quantlib_draws_the_same_curve():
    QuantLib = pytest.importorskip("QuantLib")
    day = QuantLib.Date(1, 1, 2025)
    days = np.array([91, 365, 1825])
    ours = from_zero_rates(years=days / 365, zero_rates=[0.04, 0.05, 0.045], source="")
    discounts = [1.0, *ours.discounts(days / 365).tolist()]
    theirs = QuantLib.DiscountCurve([day, *(day + int(one) for one in days)], discounts, QuantLib.Actual365Fixed())
    at = np.array([30, 91, 200, 365, 1000, 1825])
    assert ours.discounts(at / 365) == pytest.approx([theirs.discount(day + int(one)) for one in at], rel=1e-13)
