from math import isnan

import pytest
from msgspec.structs import replace

from engine.domain.chain import ForwardMethod
from engine.services.analytics.rates import RateCurve
from tests.kit.market import DECEMBER, series_of
from tests.services.analytics.test_term import expiry

EUROPEAN = series_of("SPX", DECEMBER)


def index_expiry(days: float, rate: float, *, pairs: int = 20):
    return replace(expiry(days, 0.2), series=EUROPEAN, rate=rate, pairs=pairs)


def test_rates_are_interpolated_between_sure_expiries_and_flat_beyond() -> None:
    curve = RateCurve.of([index_expiry(30, 0.04), index_expiry(90, 0.05)])
    assert curve.at(60 / 365) == pytest.approx(0.045)
    assert curve.at(1 / 365) == pytest.approx(0.04)
    assert curve.at(2.0) == pytest.approx(0.05)


def test_unsure_expiries_teach_nothing() -> None:
    american = expiry(30, 0.2)
    few = index_expiry(30, 0.09, pairs=3)
    near = index_expiry(2, 0.09)
    carried = replace(index_expiry(30, 0.09), forward_method=ForwardMethod.CARRY)
    assert isnan(RateCurve.of([american, few, near, carried]).at(0.1))


def test_of_two_at_one_date_the_one_with_more_pairs_counts() -> None:
    assert RateCurve.of([index_expiry(30, 0.04, pairs=50), index_expiry(30, 0.08, pairs=9)]).at(0.1) == 0.04
