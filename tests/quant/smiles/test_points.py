"""The points of a smile, against the smile they are taken from."""

import math

import numpy as np
import pytest

from engine.quant.chain.segments import of_sizes
from engine.quant.smiles.points import SmilePoints, smile_points
from engine.quant.special import normal_cdf
from tests.kit.quant import sloping

YEARS, FORWARD = 0.25, 100.0


def points(strikes: np.ndarray, vols: np.ndarray) -> SmilePoints:
    return smile_points(
        strikes=strikes, vols=vols, segments=of_sizes(np.array([strikes.size])), forwards=np.array([FORWARD]), years=np.array([YEARS])
    )


def strike_of(delta: float) -> float:
    """Where the smile has this N(d1), by bisection."""
    low, high = 50.0, 200.0
    for _ in range(80):
        middle = 0.5 * (low + high)
        s = float(sloping(np.array(math.log(middle / FORWARD)))) * math.sqrt(YEARS)
        above = normal_cdf(np.array([-math.log(middle / FORWARD) / s + 0.5 * s]))[0] > delta
        low, high = (middle, high) if above else (low, middle)
    return low


def test_atm_and_wings_are_those_of_the_smile():
    strikes = np.arange(60.0, 150.0, 1.0)
    found = points(strikes, sloping(np.log(strikes / FORWARD)))
    call, put = (float(sloping(np.array(math.log(strike_of(delta) / FORWARD)))) for delta in (0.25, 0.75))
    assert found.atm[0] == pytest.approx(0.2, abs=1e-6)
    assert found.call_25[0] == pytest.approx(call, abs=5e-5)
    assert found.put_25[0] == pytest.approx(put, abs=5e-5)
    assert found.risk_reversal_25[0] == pytest.approx(call - put, abs=1e-4)
    assert found.butterfly_25[0] == pytest.approx(0.5 * (call + put) - 0.2, abs=1e-4)
    assert found.risk_reversal_25[0] < 0.0


def test_atm_lies_between_two_strikes_in_total_variance():
    found = points(np.array([99.0, 102.0]), np.array([0.20, 0.26]))
    weight = math.log(100 / 99) / math.log(102 / 99)
    assert found.atm[0] == pytest.approx(math.sqrt((1 - weight) * 0.04 + weight * 0.0676))


def test_a_strike_at_the_forward_is_the_money_itself():
    assert points(np.array([90.0, 100.0, 110.0]), np.array([0.3, 0.2, 0.25])).atm[0] == pytest.approx(0.2)
    assert points(np.array([90.0, 100.0]), np.array([0.3, 0.2])).atm[0] == pytest.approx(0.2)


@pytest.mark.parametrize("strikes", [[], [100.0], [101.0, 105.0], [80.0, 99.0]])
def test_where_the_strikes_do_not_reach_nothing_is_said(strikes: list[float]):
    column = np.array(strikes)
    assert math.isnan(points(column, np.full(column.shape, 0.2)).atm[0])


def test_a_wing_beyond_the_strikes_is_unknown_and_the_money_is_not():
    strikes = np.array([98.0, 99.0, 101.0, 102.0])
    found = points(strikes, np.full(4, 0.2))
    assert found.atm[0] == pytest.approx(0.2)
    assert math.isnan(found.risk_reversal_25[0])


def test_series_side_by_side_do_not_mix():
    strikes = np.arange(60.0, 150.0, 5.0)
    flat, sloped = np.full(strikes.size, 0.5), sloping(np.log(strikes / FORWARD))
    found = smile_points(
        strikes=np.concatenate([strikes, strikes]),
        vols=np.concatenate([flat, sloped]),
        segments=of_sizes(np.array([strikes.size, 0, strikes.size])),
        forwards=np.array([FORWARD, np.nan, FORWARD]),
        years=np.array([YEARS, np.nan, YEARS]),
    )
    assert found.atm[0] == pytest.approx(0.5)
    assert math.isnan(found.atm[1])
    assert found.atm[2] == points(strikes, sloped).atm[0]
    assert found.risk_reversal_25[0] == pytest.approx(0.0, abs=1e-12)
