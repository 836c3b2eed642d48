"""A budget of time: the share holds on average, and what fits into it never waits."""

import pytest

from engine.services.analytics.budget import ADVANCE_SECONDS, Budget


def worked(budget: Budget, took: float, every: float, times: int) -> list[float]:
    """The rests of work that comes at a pace, or as soon as its rest is over."""
    now, rests = 0.0, []
    for turn in range(times):
        begin = max(now, turn * every)
        rests.append(budget.rest(took, begin + took))
        now = begin + took + rests[-1]
    return rests


def test_work_within_its_share_never_rests() -> None:
    assert worked(Budget(0.6, 0.0), took=0.055, every=0.1, times=200) == [0.0] * 200


def test_a_single_long_piece_delays_nobody_who_comes_later() -> None:
    budget = Budget(0.6, 0.0)
    assert budget.rest(0.5, 0.5) == 0.0
    assert worked(Budget(0.6, 0.0), took=0.05, every=0.1, times=20)[-1] == 0.0


@pytest.mark.parametrize("share", [0.1, 0.6, 0.95])
def test_whoever_has_more_to_do_than_its_share_is_held_to_it(share: float) -> None:
    took, times = 0.2, 400
    rests = worked(Budget(share, 0.0), took=took, every=0.0, times=times)
    spent = took * times
    assert spent / (spent + sum(rests)) == pytest.approx(share, abs=0.02)
    assert sum(rests[:1]) <= max(0.0, took * (1.0 - share) - ADVANCE_SECONDS) / share


def test_the_whole_of_the_time_never_rests() -> None:
    assert worked(Budget(1.0, 0.0), took=0.3, every=0.0, times=50) == [0.0] * 50
