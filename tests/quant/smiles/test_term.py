"""Constant maturity: linear in total variance, flat and flagged outside."""

import math

import pytest

from engine.quant.smiles.term import THIRTY_DAYS, constant_maturity


def test_between_two_expiries_total_variance_is_linear():
    found = constant_maturity(years=[0.05, 0.15], vols=[0.3, 0.2], target=0.1)
    assert found.vol == pytest.approx(math.sqrt((0.5 * 0.09 * 0.05 + 0.5 * 0.04 * 0.15) / 0.1))
    assert not found.extrapolated


def test_an_expiry_at_the_maturity_is_taken_as_it_is():
    assert constant_maturity(years=[THIRTY_DAYS, 1.0], vols=[0.2, 0.4]) == (0.2, False)


@pytest.mark.parametrize(("years", "vol"), [([0.2, 0.5], 0.2), ([0.01, 0.02], 0.3)])
def test_outside_the_nearest_expiry_is_held_flat_and_said_to_be(years: list[float], vol: float):
    assert constant_maturity(years=years, vols=[0.2, 0.3]) == (vol, True)


def test_expiries_without_time_or_volatility_are_left_out():
    nan = float("nan")
    assert constant_maturity(years=[-0.1, 0.0, 0.05, 0.15, nan], vols=[9.0, 9.0, 0.2, nan, 9.0]).vol == 0.2
    assert math.isnan(constant_maturity(years=[0.1], vols=[nan]).vol)
    assert math.isnan(constant_maturity(years=[], vols=[]).vol)


def test_order_does_not_matter():
    assert constant_maturity(years=[0.15, 0.05], vols=[0.2, 0.3], target=0.1) == constant_maturity(
        years=[0.05, 0.15], vols=[0.3, 0.2], target=0.1
    )
