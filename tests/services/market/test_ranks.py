import numpy as np
import pytest

from engine.services.market.ranks import rank, realized, thinned


def test_rank_is_the_place_between_the_extremes_and_percentile_the_share_below() -> None:
    past = np.linspace(0.10, 0.30, 200)
    found = rank(past, 0.15)
    assert found.rank == pytest.approx(0.25)
    assert found.percentile == pytest.approx(0.25, abs=0.01)
    assert found.sessions == 200


def test_rank_and_percentile_are_refused_under_120_sessions() -> None:
    short = rank(np.linspace(0.1, 0.3, 119), 0.2)
    assert np.isnan(short.rank)
    assert np.isnan(short.percentile)
    assert short.sessions == 119
    assert np.isfinite(rank(np.linspace(0.1, 0.3, 120), 0.2).rank)


def test_only_the_last_year_counts_and_unknown_days_do_not() -> None:
    past = np.r_[np.full(100, 9.0), np.full(100, np.nan), np.linspace(0.1, 0.3, 252)]
    found = rank(past, 0.3)
    assert found.sessions == 252
    assert found.rank == 1.0


def test_a_new_high_is_rank_one_and_a_flat_past_has_no_rank() -> None:
    assert rank(np.linspace(0.1, 0.3, 150), 0.5).rank == 1.0
    assert np.isnan(rank(np.full(150, 0.2), 0.2).rank)


def test_an_unknown_volatility_has_no_rank() -> None:
    assert np.isnan(rank(np.linspace(0.1, 0.3, 150), float("nan")).percentile)


def test_realized_volatility_of_a_known_walk_and_refusal_of_a_short_one() -> None:
    steps = np.tile([0.01, -0.01], 15)
    closes = 100.0 * np.exp(np.r_[0.0, np.cumsum(steps)])
    assert realized(closes) == pytest.approx(0.01 * np.sqrt(252.0))
    assert np.isnan(realized(closes[1:]))


def test_a_day_line_is_thinned_and_ends_at_the_newest_price() -> None:
    line = thinned(np.arange(390.0))
    assert line.shape == (80,)
    assert (line[0], line[-1]) == (0.0, 389.0)
    assert thinned(np.arange(3.0)).tolist() == [0.0, 1.0, 2.0]
