"""Range estimators: their definitions bar by bar, an unbiased answer on simulated paths, and what a missing bar does."""

import math

import numpy as np
import pytest

from engine.quant.volatility.ranges import garman_klass, parkinson, rogers_satchell, yang_zhang
from engine.quant.volatility.realized import close_to_close

BARS = {"opens": [100.0, 101.5, 99.0], "highs": [102.0, 103.0, 100.5], "lows": [99.0, 100.0, 97.0], "closes": [101.0, 100.5, 100.0]}


def simulated(days: int = 4000, *, drift: float = 0.0, overnight: float = 0.0, seed: int = 7) -> dict[str, np.ndarray]:
    """Days of 390 small steps at 20 % a year, and an overnight jump of its own volatility."""
    chance = np.random.default_rng(seed)
    steps = chance.normal(drift / 252 / 390, 0.2 / math.sqrt(252 * 390), (days, 390))
    paths = np.concatenate((np.zeros((days, 1)), np.cumsum(steps, axis=1)), axis=1)
    gaps = chance.normal(0.0, overnight / math.sqrt(252), days)
    opens = np.cumsum(gaps) + np.concatenate(([0.0], np.cumsum(paths[:, -1])[:-1]))
    whole = np.exp(np.log(100.0) + opens[:, None] + paths)
    return {"opens": whole[:, 0], "highs": whole.max(axis=1), "lows": whole.min(axis=1), "closes": whole[:, -1]}


def test_each_estimator_is_its_definition_on_two_bars():
    o, h, l, c = (np.array(BARS[name][:2]) for name in ("opens", "highs", "lows", "closes"))
    hl, co = np.log(h / l) ** 2, np.log(c / o) ** 2
    klass = 0.5 * hl - (2 * math.log(2) - 1) * co
    satchell = np.log(h / c) * np.log(h / o) + np.log(l / c) * np.log(l / o)
    given = {name: values[:2] for name, values in BARS.items()}
    assert parkinson(highs=h, lows=l, window=2)[-1] == pytest.approx(math.sqrt(252 * np.mean(hl / (4 * math.log(2)))))
    assert garman_klass(**given, window=2)[-1] == pytest.approx(math.sqrt(252 * klass.mean()))
    assert rogers_satchell(**given, window=2)[-1] == pytest.approx(math.sqrt(252 * satchell.mean()))


def test_yang_zhang_is_its_definition_on_the_last_two_of_three_bars():
    o, h, l, c = (np.array(BARS[name]) for name in ("opens", "highs", "lows", "closes"))
    overnight, inside = np.log(o[1:] / c[:-1]), np.log(c[1:] / o[1:])
    satchell = (np.log(h / c) * np.log(h / o) + np.log(l / c) * np.log(l / o))[1:].mean()
    k = 0.34 / (1.34 + 3.0 / 1.0)
    expected = np.var(overnight, ddof=1) + k * np.var(inside, ddof=1) + (1 - k) * satchell
    assert yang_zhang(**BARS, window=2)[-1] == pytest.approx(math.sqrt(252 * expected))


def test_on_a_diffusion_all_agree_with_its_volatility_but_for_the_steps_between_extremes():
    bars = simulated()
    days = bars["closes"].size
    found = {
        "parkinson": parkinson(highs=bars["highs"], lows=bars["lows"], window=days)[-1],
        "garman_klass": garman_klass(**bars, window=days)[-1],
        "rogers_satchell": rogers_satchell(**bars, window=days)[-1],
        "yang_zhang": yang_zhang(**bars, window=days - 1)[-1],
    }
    for name, vol in found.items():
        assert 0.185 < vol < 0.203, name  # 390 steps a day miss a little of the range


def test_a_strong_drift_misleads_parkinson_and_not_rogers_satchell():
    bars = simulated(drift=5.0, seed=8)
    days = bars["closes"].size
    assert parkinson(highs=bars["highs"], lows=bars["lows"], window=days)[-1] > 0.22
    assert rogers_satchell(**bars, window=days)[-1] == pytest.approx(0.193, abs=0.01)


def test_only_yang_zhang_sees_what_happens_overnight():
    bars = simulated(overnight=0.15, seed=9)
    days = bars["closes"].size
    whole = close_to_close(closes=bars["closes"], window=days - 1)[-1]
    assert whole == pytest.approx(0.25, abs=0.01)
    assert yang_zhang(**bars, window=days - 1)[-1] == pytest.approx(whole, abs=0.01)
    assert rogers_satchell(**bars, window=days)[-1] < 0.21


@pytest.mark.parametrize("estimator", [garman_klass, rogers_satchell])
def test_a_missing_bar_makes_its_windows_unknown_unless_fewer_bars_are_enough(estimator):
    bars = {name: np.tile(values, 4).astype(float) for name, values in BARS.items()}
    bars["highs"][5] = np.nan
    strict = np.isnan(estimator(**bars, window=3))
    assert strict.tolist() == [True, True, False, False, False, True, True, True, False, False, False, False]
    lenient = estimator(**bars, window=3, least=2)
    assert np.isfinite(lenient[2:]).all()


def test_a_bar_after_a_gap_has_no_overnight_return():
    bars = {name: np.tile(values, 4).astype(float) for name, values in BARS.items()}
    bars["closes"][5] = np.nan
    found = np.isnan(yang_zhang(**bars, window=2))
    assert found.tolist() == [True, True, False, False, False, True, True, True, False, False, False, False]


@pytest.mark.parametrize(
    "wrong", [{"highs": 98.0}, {"lows": 101.2}, {"lows": 0.0}, {"opens": -1.0}, {"closes": math.inf}, {"highs": math.inf}]
)
def test_a_bar_whose_prices_contradict_each_other_counts_as_missing(wrong: dict[str, float]):
    bars = {name: list(values) for name, values in BARS.items()}
    for name, value in wrong.items():
        bars[name][0] = value
    assert np.isnan(garman_klass(**bars, window=3)[-1])


def test_a_half_day_counts_as_half_a_session():
    bars = simulated(days=200)
    whole = parkinson(highs=bars["highs"], lows=bars["lows"], window=200)[-1]
    with_half = parkinson(highs=bars["highs"], lows=bars["lows"], window=200, lengths=np.where(np.arange(200) < 100, 1.0, 0.5))[-1]
    assert with_half == pytest.approx(whole * math.sqrt(200 / 150))


def test_a_coin_has_more_sessions_a_year():
    ratio = parkinson(highs=[2.0], lows=[1.0], window=1, sessions_a_year=365) / parkinson(highs=[2.0], lows=[1.0], window=1)
    assert ratio[-1] == pytest.approx(math.sqrt(365 / 252))


def test_bars_that_never_move_have_no_volatility():
    still = {name: [100.0] * 5 for name in BARS}
    for estimator in (garman_klass, rogers_satchell, yang_zhang):
        assert estimator(**still, window=3)[-1] == 0.0


def test_one_jump_stays_in_its_windows_and_leaves_no_rounding_behind():
    bars = {name: np.full(30, 100.0) for name in BARS}
    bars["highs"][10], bars["closes"][10] = 1e6, 1e6
    bars["opens"][11:], bars["highs"][11:], bars["lows"][11:], bars["closes"][11:] = 1e6, 1e6, 1e6, 1e6
    found = rogers_satchell(**bars, window=5)
    assert found[9] == found[15] == 0.0


def test_series_of_other_lengths_and_windows_of_nothing_are_refused():
    with pytest.raises(ValueError, match="of one length"):
        garman_klass(opens=[1.0], highs=[1.0, 2.0], lows=[1.0], closes=[1.0], window=1)
    with pytest.raises(ValueError, match="give 1 <= least <= window"):
        parkinson(highs=[1.0], lows=[1.0], window=0)
    with pytest.raises(ValueError, match="give 2 or more"):
        yang_zhang(**BARS, window=1)
    with pytest.raises(ValueError, match="part of a full session"):
        parkinson(highs=[1.0], lows=[1.0], window=1, lengths=0.0)
    assert np.isnan(parkinson(highs=[1.0], lows=[1.0], window=3)).all()
