from math import isnan, sqrt

import pytest

from engine.domain.chain import ChainModel, ForwardMethod, SeriesSummary
from engine.domain.market import FeedState
from engine.services.analytics.term import thirty_days
from tests.kit.market import DECEMBER, NAN, NOON, series_of


def expiry(days: float, iv: float, *, rr: float = -0.04, bf: float = 0.01, adjusted: bool = False) -> SeriesSummary:
    import msgspec

    series = msgspec.structs.replace(series_of("SPY", DECEMBER), adjusted=adjusted)
    return SeriesSummary(
        series=series,
        as_of=NOON,
        years=days / 365.0,
        spot=100.0,
        forward=100.0,
        forward_method=ForwardMethod.PARITY,
        forward_residual=0.0,
        pairs=10,
        rate=0.04,
        atm_iv=iv,
        expected_move=NAN,
        straddle=NAN,
        risk_reversal_25=rr,
        butterfly_25=bf,
        call_volume=NAN,
        put_volume=NAN,
        call_open_interest=NAN,
        put_open_interest=NAN,
        max_pain=NAN,
        contracts=10,
        model=ChainModel.BLACK_76,
        state=FeedState.LIVE,
    )


def test_total_variance_is_interpolated_between_the_neighbours_of_thirty_days() -> None:
    found = thirty_days([expiry(60, 0.30), expiry(20, 0.20), expiry(5, 0.9)])
    variance = 0.75 * 0.20**2 * 20 + 0.25 * 0.30**2 * 60
    assert found.iv == pytest.approx(sqrt(variance / 30))
    assert found.risk_reversal_25 == pytest.approx(-0.04)


def test_an_expiry_at_thirty_days_is_taken_as_it_is() -> None:
    assert thirty_days([expiry(30, 0.22), expiry(60, 0.3)]).iv == pytest.approx(0.22)


def test_one_near_expiry_is_taken_flat_and_one_far_off_is_refused() -> None:
    assert thirty_days([expiry(25, 0.2)]).iv == 0.2
    assert isnan(thirty_days([expiry(3, 0.2)]).iv)
    assert isnan(thirty_days([expiry(200, 0.2)]).iv)
    assert isnan(thirty_days([]).iv)


def test_unknown_expired_and_adjusted_expiries_do_not_count() -> None:
    found = thirty_days([expiry(20, 0.2), expiry(29, NAN), expiry(-1, 0.5), expiry(31, 0.9, adjusted=True), expiry(40, 0.2)])
    assert found.iv == pytest.approx(0.2)


def test_a_risk_reversal_known_on_one_side_is_taken_from_the_nearer() -> None:
    assert thirty_days([expiry(29, 0.2), expiry(60, 0.2, rr=NAN)]).risk_reversal_25 == -0.04
    assert isnan(thirty_days([expiry(29, 0.2, rr=NAN), expiry(60, 0.2)]).risk_reversal_25)
