"""Realised variance from bars: its definition, real sessions, holes, half days, nights."""

import csv
import gzip
import math
from pathlib import Path

import numpy as np
import pytest

from engine.quant.volatility.intraday import realized_variances, with_overnight

MINUTES = np.arange(1.0, 391.0)


def walk(days: int, seed: int = 3, vol: float = 0.2, gap: float = 0.0) -> dict[str, np.ndarray]:
    chance = np.random.default_rng(seed)
    steps = chance.normal(0, vol / math.sqrt(252 * 390), (days, 390))
    steps[:, 0] += chance.normal(0, gap / math.sqrt(252), days)
    closes = 100 * np.exp(np.cumsum(steps.ravel()))
    return {"sessions": np.repeat(np.arange(days), 390), "minutes": np.tile(MINUTES, days), "closes": closes}


def test_it_is_the_sum_of_squared_five_minute_returns():
    bars = walk(1)
    found = realized_variances(**bars, subsampled=False)
    grid = np.concatenate((bars["closes"][::5], bars["closes"][-1:]))
    returns = np.diff(np.log(grid))
    assert found.variances[0] == pytest.approx(np.sum(returns**2))
    assert found.quarticities[0] == pytest.approx(returns.size / 3 * np.sum(returns**4))
    assert found.bipowers[0] == pytest.approx(math.pi / 2 * returns.size / (returns.size - 1) * np.sum(np.abs(returns[1:] * returns[:-1])))
    assert found.returns[0] == 78
    assert found.coverages[0] == 1.0


def test_subsampling_keeps_the_mean_and_takes_noise_out():
    bars = walk(400)
    single, averaged = (realized_variances(**bars, subsampled=flag).variances for flag in (False, True))
    truth = 0.04 / 252 * 389 / 390
    assert averaged.mean() == pytest.approx(truth, rel=0.02)
    assert np.std(averaged) < 0.9 * np.std(single)


def test_an_opening_price_adds_the_first_minute():
    bars = walk(1)
    opens = np.concatenate(([99.0], bars["closes"][:-1]))
    with_open = realized_variances(**bars, opens=opens, subsampled=False).variances[0]
    assert with_open > realized_variances(**bars, subsampled=False).variances[0]


def test_a_missing_bar_lengthens_a_return_and_loses_none_of_the_move():
    bars = {"sessions": np.zeros(7), "minutes": [5, 10, 15, 20, 25, 30, 35], "closes": [100, 101, np.nan, 103, 103, 102, 104]}
    found = realized_variances(**bars, every=5, session_minutes=35, subsampled=False)
    steps = [math.log(101 / 100), 0.0, math.log(103 / 101), 0.0, math.log(102 / 103), math.log(104 / 102)]
    assert found.variances[0] == pytest.approx(sum(step**2 for step in steps))
    assert found.coverages[0] == pytest.approx(6 / 7)


def test_a_day_with_too_many_holes_is_unknown_and_a_half_day_is_not():
    half = {"sessions": np.zeros(210), "minutes": MINUTES[:210], "closes": walk(1)["closes"][:210]}
    assert np.isnan(realized_variances(**half).variances[0])
    found = realized_variances(**half, session_minutes=210.0)
    assert found.variances[0] > 0.0
    assert found.coverages[0] == 1.0


def test_a_jump_is_in_the_realised_variance_and_hardly_in_the_bipower_variation():
    bars = walk(1)
    bars["closes"][200:] *= 1.03
    found = realized_variances(**bars)
    assert found.variances[0] > 0.0009
    assert found.bipowers[0] < 0.4 * found.variances[0]


def test_the_night_can_be_left_out_added_or_spread():
    found = realized_variances(**walk(250, gap=0.1))
    assert np.isnan(found.overnights[0])
    added = with_overnight(found, overnight="add")
    scaled = with_overnight(found, overnight="scale")
    assert with_overnight(found, overnight="exclude") is found.variances
    assert np.isnan(added[0])
    assert np.sum(scaled[1:]) == pytest.approx(np.sum(added[1:]))
    assert np.std(scaled[1:] / found.variances[1:]) < 1e-12
    with pytest.raises(ValueError, match="choose exclude, add or scale"):
        with_overnight(found, overnight="ignore")  # type: ignore[arg-type]


def test_real_sessions_of_the_index_have_the_volatility_of_their_year(fixtures: Path):
    text = gzip.decompress((fixtures / "spx_intraday" / "spx_5m_2026-05-19_2026-07-07.csv.gz").read_bytes()).decode()
    rows = list(csv.DictReader(text.splitlines()))
    days = sorted({row["date"] for row in rows})
    minutes = [int(row["time"][:2]) * 60 + int(row["time"][3:]) - 565.0 for row in rows]
    found = realized_variances(
        sessions=[days.index(row["date"]) for row in rows],
        minutes=minutes,
        closes=[float(row["close"]) for row in rows],
        opens=[float(row["open"]) for row in rows],
    )
    assert found.variances.size == len(days) == 33
    vols = np.sqrt(252 * found.variances)
    assert np.isfinite(vols).all()
    assert 0.05 < np.median(vols) < 0.3
    assert (found.returns == 78).all()


@pytest.mark.parametrize("wrong", [{"minutes": [1.0, 1.0]}, {"minutes": [2.0, 1.0]}, {"sessions": [1.0, 0.0]}])
def test_bars_out_of_order_are_refused(wrong: dict[str, list[float]]):
    bars = {"sessions": [0.0, 0.0], "minutes": [1.0, 2.0], "closes": [100.0, 101.0], **wrong}
    with pytest.raises(ValueError, match="sort them"):
        realized_variances(**bars)


def test_no_bars_no_rows_and_bars_without_prices_no_variance():
    assert realized_variances(sessions=[], minutes=[], closes=[]).variances.size == 0
    empty = realized_variances(sessions=[0, 0, 0], minutes=[1, 2, 3], closes=[np.nan, 0.0, -1.0], session_minutes=3)
    assert np.isnan(empty.variances[0])
    with pytest.raises(ValueError, match="positive number"):
        realized_variances(sessions=[0], minutes=[1], closes=[1.0], every=0.0)
