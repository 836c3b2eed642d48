"""Cones, rolling series and correlations of the engine against plain computations."""

import numpy as np
import pytest

from engine.messages.realized import VolatilityEstimator
from engine.services.volatility.correlation import common_returns, matrix_of, recent_volatility, rolling_pair
from engine.services.volatility.intraday import IntradayVariances
from engine.services.volatility.realized import cone_struct, rolling_of, rolling_struct
from tests.kit import realized_facts

DAYS = realized_facts.days("SPX", missing=False)
GAPPED = realized_facts.days("SPX")
NOTHING = IntradayVariances(np.full(DAYS.day.size, np.nan), np.full(DAYS.day.size, np.nan))


def plain_volatility(closes, window):
    moves = np.diff(np.log(closes))
    return np.array([np.sqrt(np.mean(moves[end - window : end] ** 2) * 252) for end in range(window, moves.size + 1)])


def test_the_cone_is_of_every_window_and_now_is_the_newest_one():
    found = cone_struct(DAYS, NOTHING, VolatilityEstimator.CLOSE, (21, 63), corrected=False)
    for place, window in enumerate((21, 63)):
        plain = plain_volatility(DAYS.close, window)
        assert found.counts[place] == plain.size
        np.testing.assert_allclose(found.quantiles[place], np.quantile(plain, found.probabilities), rtol=0.02)
        assert found.quantiles[place, 0] == pytest.approx(plain.min())
        assert found.latest[place] == pytest.approx(plain[-1])
        assert found.ranks[place] == pytest.approx(np.mean(plain < plain[-1]), abs=2 / plain.size)
        assert found.independent[place] <= plain.size / window + 1


def test_no_window_runs_over_a_missing_session():
    values = rolling_struct(GAPPED, NOTHING, VolatilityEstimator.CLOSE, 21).values
    gap = realized_facts.MISSING
    assert np.isnan(values[gap[0] : gap[1] + 21]).all()
    assert np.isfinite(values[gap[1] + 22])
    whole = cone_struct(DAYS, NOTHING, VolatilityEstimator.CLOSE, (21,), corrected=False).counts[0]
    assert cone_struct(GAPPED, NOTHING, VolatilityEstimator.CLOSE, (21,), corrected=False).counts[0] == whole - len(gap) - 21


def test_too_few_windows_lose_the_quantiles_and_keep_now():
    found = cone_struct(DAYS.newest(40), NOTHING, VolatilityEstimator.CLOSE, (21, 30), corrected=False)
    assert found.refusals == ("40 sessions hold 19 windows of 21; 20 are needed", "40 sessions hold 10 windows of 30; 20 are needed")
    assert np.isnan(found.quantiles).all()
    assert np.isnan(found.ranks).all()
    assert np.isfinite(found.latest).all()


def test_an_estimator_without_minute_bars_is_refused_in_its_own_words():
    found = cone_struct(DAYS, NOTHING, VolatilityEstimator.INTRADAY, (21,), corrected=False)
    assert found.refusals == ("0 sessions with minute bars hold no window of 21; 20 are needed",)
    assert np.isnan(found.latest).all()


def test_what_overlap_hides_makes_a_cone_wider_and_never_narrower():
    bare, corrected = (cone_struct(DAYS, NOTHING, VolatilityEstimator.CLOSE, (63,), corrected=one) for one in (False, True))
    assert corrected.quantiles[0, 5] - corrected.quantiles[0, 1] > bare.quantiles[0, 5] - bare.quantiles[0, 1]
    assert corrected.latest[0] == bare.latest[0]


@pytest.mark.parametrize("estimator", [one for one in VolatilityEstimator if one is not VolatilityEstimator.INTRADAY])
def test_every_estimator_finds_about_the_same_volatility_of_a_year(estimator):
    year = rolling_of(DAYS, NOTHING, estimator)(252)[-1]
    close = rolling_of(DAYS, NOTHING, VolatilityEstimator.CLOSE)(252)[-1]
    assert 0.5 < year / close < 1.5


def test_correlations_are_of_common_sessions_and_signed():
    spy, vix = realized_facts.days("SPY"), realized_facts.days("VIX")
    found = matrix_of((spy, vix), window=63, lag=0)
    shared = common_returns(spy, vix)
    plain = np.corrcoef(shared.one[-63:], shared.other[-63:])[0, 1]
    assert found.value[0, 1] == pytest.approx(plain, abs=1e-12)
    assert found.value[0, 1] == found.value[1, 0] < -0.3
    assert found.low[0, 1] < plain < found.high[0, 1]
    assert found.common[0, 1] == 63


def test_a_lag_pairs_the_rows_earlier_sessions_with_the_columns_later_ones():
    spy, qqq = realized_facts.days("SPY"), realized_facts.days("QQQ")
    found = matrix_of((spy, qqq), window=63, lag=2)
    shared = common_returns(spy, qqq)
    first, second = shared.one[-65:], shared.other[-65:]
    assert found.value[0, 1] == pytest.approx(np.corrcoef(first[:-2], second[2:])[0, 1], abs=1e-12)
    assert found.value[1, 0] == pytest.approx(np.corrcoef(second[:-2], first[2:])[0, 1], abs=1e-12)


def test_a_coin_beside_a_share_has_the_shares_sessions_with_the_weekend_in_mondays_return():
    spy, coin = realized_facts.days("SPY", missing=False), realized_facts.days("BTC", missing=False)
    shared = common_returns(spy, coin)
    known = {int(day): price for day, price in zip(coin.day.tolist(), coin.close.tolist(), strict=True)}
    place = spy.day.tolist().index(int(shared.day[-1]))
    expected = np.log(known[int(spy.day[place])] / known[int(spy.day[place - 1])])
    assert shared.other[-1] == pytest.approx(expected)
    assert set(shared.day.tolist()) <= set(spy.day.tolist())


def test_a_missing_session_leaves_its_return_out_and_does_not_join_two_days():
    gapped, whole = realized_facts.days("SPY"), realized_facts.days("QQQ", missing=False)
    assert common_returns(gapped, whole).day.size == whole.day.size - 1 - len(realized_facts.MISSING) - 1


def test_a_name_of_few_sessions_has_no_number_but_its_count():
    found = matrix_of((realized_facts.days("SPY"), realized_facts.days("META")), window=63, lag=0)
    assert np.isnan(found.value[0, 1])
    assert np.isnan(found.p_value[0, 1])
    assert found.common[0, 1] == 10
    assert np.isnan(recent_volatility(realized_facts.days("META"), 63))


def test_the_newest_value_of_a_pair_through_time_is_that_of_the_matrix():
    spy, vix = realized_facts.days("SPY"), realized_facts.days("VIX")
    for lag in (0, 1, -1):
        day, rolling = rolling_pair(spy, vix, window=63, lag=lag)
        assert day.size == rolling.size
        assert rolling[-1] == pytest.approx(matrix_of((spy, vix), window=63, lag=lag).value[0, 1], abs=1e-9)
    assert rolling_pair(spy.newest(1), vix, window=63, lag=0)[0].size == 0
