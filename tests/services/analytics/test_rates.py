from math import isnan

import pytest
from msgspec.structs import replace

from engine.domain.chain import RateSource
from engine.domain.ids import UtcNanos
from engine.domain.instants import DAY_NS
from engine.domain.instruments import OptionSeries
from engine.services.analytics.rates import Estimate, Rates, teaches
from tests.kit.market import DECEMBER, NOON, series_of

SPX, SPY = "SPX", "SPY"


def index_expiry(days: float) -> OptionSeries:
    return replace(series_of(SPX, DECEMBER), settles_at=UtcNanos(NOON + round(days * DAY_NS)))


def estimate(days: float, rate: float, *, error: float = 0.001, pairs: int = 20) -> Estimate:
    return Estimate(index_expiry(days).settles_at, rate, error, pairs)


def learned(*estimates: Estimate) -> Rates:
    return Rates().learned(SPX, estimates)


def test_rates_are_interpolated_between_sure_expiries_and_flat_beyond() -> None:
    rates = learned(estimate(30, 0.04), estimate(90, 0.05))
    assert rates.of(index_expiry(60)) == (0.045, RateSource.CURVE)
    assert rates.of(index_expiry(1)) == (0.04, RateSource.CURVE)
    assert rates.of(index_expiry(700)) == (0.05, RateSource.CURVE)


def test_a_sure_expiry_has_the_rate_of_its_own_pairs() -> None:
    assert learned(estimate(30, 0.04), estimate(90, 0.05)).of(index_expiry(90)) == (0.05, RateSource.PARITY)


def test_unsure_expiries_are_no_points_of_the_curve() -> None:
    rates = learned(estimate(30, 0.09, pairs=3), estimate(60, 0.09, error=0.02), estimate(90, 0.09, error=float("nan")))
    assert rates.knows(SPX)
    assert isnan(rates.of(index_expiry(90)).rate)
    assert rates.of(index_expiry(90)).source is RateSource.ASSUMED


def test_of_two_at_one_instant_the_one_with_more_pairs_counts() -> None:
    rates = learned(estimate(30, 0.04, pairs=50), estimate(30, 0.08, pairs=9), estimate(60, 0.04))
    assert rates.of(index_expiry(30)).rate == 0.04


def test_a_point_stays_until_the_mean_of_the_estimates_differs_by_more_than_their_doubt() -> None:
    first = learned(estimate(30, 0.04, error=0.002), estimate(90, 0.05))
    again = first.learned(SPX, (estimate(30, 0.0412, error=0.002), estimate(90, 0.05)))
    assert again.in_force == first.in_force
    assert again.of(index_expiry(1)).rate == 0.04
    moved = again
    for _ in range(20):
        moved = moved.learned(SPX, (estimate(30, 0.0450, error=0.002), estimate(90, 0.05)))
    assert moved.in_force != first.in_force
    assert moved.of(index_expiry(1)).rate == pytest.approx(0.045, abs=1.5e-3)


def test_estimates_that_wander_within_their_doubt_move_nothing_in_the_long_run() -> None:
    rates, seen = learned(estimate(30, 0.04, error=0.002)), set()
    for look in range(200):
        rates = rates.learned(SPX, (estimate(30, 0.04 + (0.001, -0.001, 0.0008, -0.0008)[look % 4], error=0.002),))
        seen.add(rates.of(index_expiry(1)).rate)
    assert seen == {0.04}


def test_a_point_a_little_less_sure_than_before_is_not_let_go_of() -> None:
    first = learned(estimate(30, 0.04, error=0.0049), estimate(90, 0.05))
    assert first.learned(SPX, (estimate(30, 0.04, error=0.0051), estimate(90, 0.05))).in_force == first.in_force
    gone = first.learned(SPX, (estimate(30, 0.04, error=0.0080), estimate(90, 0.05), estimate(120, 0.05)))
    assert gone.of(index_expiry(30)) == (0.05, RateSource.CURVE)


def test_an_american_name_takes_the_curve_of_the_name_with_the_most_points_and_never_a_point_of_its_own() -> None:
    rates = learned(estimate(30, 0.04), estimate(90, 0.05)).learned("VIX", (Estimate(index_expiry(30).settles_at, 0.09, 0.001, 20),))
    american = series_of(SPY, DECEMBER)
    assert rates.of(american).source is RateSource.CURVE
    assert 0.039 < rates.of(american).rate < 0.051
    assert rates.of(replace(american, settles_at=index_expiry(30).settles_at)) == (0.04, RateSource.CURVE)


def test_coin_settled_and_foreign_series_are_given_no_dollar_rate() -> None:
    rates = learned(estimate(30, 0.04), estimate(90, 0.05))
    assert rates.of(replace(index_expiry(30), inverse=True)).source is RateSource.NONE
    assert isnan(rates.of(replace(index_expiry(30), currency="EUR")).rate)


def test_only_european_dollar_series_say_a_rate() -> None:
    plain = series_of(SPX, DECEMBER)
    assert teaches(plain)
    assert not teaches(series_of(SPY, DECEMBER))
    assert not teaches(replace(plain, inverse=True))
    assert not teaches(replace(plain, adjusted=True))
    assert not teaches(replace(plain, currency="EUR"))
