"""Every method's range, and what it covers of a normal move."""

import numpy as np
import pytest

from engine.quant.european.black import expected_distances
from engine.quant.indices.expected_move import Method, between_sixteen_deltas, blend, of_straddle, one_deviation

NAME = {"spot": 100.0, "vol": 0.2, "years": 0.1}
STRADDLE = float(expected_distances(forwards=100.0, years=0.1, vols=0.2))


@pytest.mark.parametrize(
    ("factor", "method", "coverage"), [(1.0, Method.STRADDLE, 0.575), (0.85, Method.STRADDLE_85, 0.502), (1.25, Method.STRADDLE_125, 0.681)]
)
def test_a_straddle_covers_what_the_conventions_say(factor: float, method: Method, coverage: float):
    found = of_straddle(straddle=STRADDLE, factor=factor, **NAME)
    assert found.method is method
    assert found.coverage == pytest.approx(coverage, abs=0.001)
    assert found.move == pytest.approx(factor * STRADDLE)


def test_one_deviation_covers_two_thirds_and_lies_around_the_spot():
    found = one_deviation(**NAME)
    assert (found.low + found.high) / 2 == pytest.approx(100.0)
    assert found.coverage == pytest.approx(0.682689, abs=1e-6)


def test_a_blend_is_weighed_six_three_one():
    assert blend(straddle=5.0, strangle=4.0, wider_strangle=3.0, **NAME).move == pytest.approx(0.6 * 5 + 0.3 * 4 + 0.1 * 3)


def test_sixteen_delta_strikes_are_not_symmetric():
    found = between_sixteen_deltas(put_strike=93.0, call_strike=106.0, **NAME)
    assert (found.low, found.high) == (93.0, 106.0)
    assert 0.6 < found.coverage < 0.75


def test_a_factor_nobody_uses_is_refused():
    with pytest.raises(ValueError, match=r"not 2\.0 times"):
        of_straddle(straddle=STRADDLE, factor=2.0, **NAME)


def test_without_volatility_the_coverage_is_unknown():
    assert np.isnan(of_straddle(spot=100.0, straddle=5.0, vol=float("nan"), years=0.1).coverage)
    assert np.isnan(one_deviation(spot=100.0, vol=0.2, years=0.0).coverage)
