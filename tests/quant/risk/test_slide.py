"""The slide's nodes are full revaluations, and a grid read between its nodes is close to one."""

import numpy as np
import pytest

from engine.quant import tiers
from engine.quant.risk.book import book, states, totals, values
from engine.quant.risk.losses import Method, Sensitivities, estimated_profits, losses
from engine.quant.risk.scenarios import drawn
from engine.quant.risk.slide import profit_grid, read, slide

CONDOR = book(
    strikes=[90, 95, 105, 110], years=0.12, vols=[0.26, 0.23, 0.19, 0.18], rights=[-1, -1, 1, 1], units=[1000, -1000, -1000, 1000]
)
CHANCE = np.random.default_rng(2)
DESK = book(
    strikes=CHANCE.uniform(80, 120, 40), years=CHANCE.uniform(0.08, 1.5, 40), vols=CHANCE.uniform(0.15, 0.4, 40),
    rights=CHANCE.choice([-1.0, 1.0], 40), units=CHANCE.integers(-30, 25, 40) * 100.0, rates=0.03,
)  # fmt: skip


def test_every_node_is_priced_anew(tier: tiers.Tier):
    found = slide(book=CONDOR, spot=100.0, spot_moves=[-0.1, 0.0, 0.05], vol_moves=[-0.25, 0.0, 0.5], times=[0.0, 0.05])
    now = values(book=CONDOR, states=states(spots=[100.0]))[0]
    for t, elapsed in enumerate([0.0, 0.05]):
        for v, factor in enumerate([0.75, 1.0, 1.5]):
            at = states(spots=[90.0, 100.0, 105.0], vol_factors=factor, elapsed=elapsed)
            np.testing.assert_allclose(found.profits[t, v], values(book=CONDOR, states=at) - now, rtol=1e-9, atol=1e-9)
    assert found.profits[0, 1, 1] == pytest.approx(0.0, abs=1e-9)
    assert found.totals.vegas.shape == found.profits.shape


def test_volatility_moves_by_points_where_it_is_told_to():
    points = slide(book=CONDOR, spot=100.0, spot_moves=[0.0], vol_moves=[0.05], relative=False)
    at = states(spots=[100.0], vol_adds=0.05)
    now = values(book=CONDOR, states=states(spots=[100.0]))
    np.testing.assert_allclose(points.profits[0, 0], values(book=CONDOR, states=at) - now)


def test_a_grid_gives_its_nodes_back_and_what_lies_between_closely(tier: tiers.Tier):
    grid = profit_grid(book=DESK, spot=100.0, log_range=(-0.2, 0.2), vol_range=(-0.4, 0.6))
    logs, vols = CHANCE.uniform(-0.2, 0.2, 500), CHANCE.uniform(-0.4, 0.6, 500)
    full = (
        values(book=DESK, states=states(spots=100.0 * np.exp(logs), vol_factors=1.0 + vols))
        - values(book=DESK, states=states(spots=[100.0]))[0]
    )
    near = read(grid=grid, log_returns=logs, vol_moves=vols)
    assert np.abs(near - full).max() < 1e-3 * np.abs(full).max()
    node = grid.nodes[10, 5]
    at = (np.array([grid.first_log + 10 * grid.log_step]), np.array([grid.first_vol + 5 * grid.vol_step]))
    assert read(grid=grid, log_returns=at[0], vol_moves=at[1])[0] == pytest.approx(node, rel=1e-9)


def test_a_grid_is_read_into_what_other_names_have_won():
    grid = profit_grid(book=CONDOR, spot=100.0, log_range=(-0.2, 0.2), vol_range=(-0.4, 0.6))
    total = np.full(3, 7.0)
    logs, vols = np.array([-0.1, 0.0, 0.1]), np.zeros(3)
    read(grid=grid, log_returns=logs, vol_moves=vols, into=total)
    np.testing.assert_allclose(total, 7.0 + read(grid=grid, log_returns=logs, vol_moves=vols))


def test_an_unknown_scenario_is_unknown_and_one_beyond_all_bounds_harms_nothing(tier: tiers.Tier):
    grid = profit_grid(book=CONDOR, spot=100.0, log_range=(-0.2, 0.2), vol_range=(-0.4, 0.6))
    logs, vols = np.array([0.0, np.nan, 0.0, np.inf, -1e300]), np.array([0.0, 0.0, np.nan, 0.0, 0.0])
    found = read(grid=grid, log_returns=logs, vol_moves=vols)
    assert np.isnan(found[1:3]).all()
    assert found[0] == pytest.approx(0.0, abs=0.1)
    assert not np.isfinite(found[3:]).any()


@pytest.mark.parametrize(("logs", "vols", "into"), [(5, 3, None), (3, 5, None), (3, 3, 2), ((2, 3), (2, 3), None)])
def test_scenarios_of_different_length_are_refused(logs: object, vols: object, into: object):
    grid = profit_grid(book=CONDOR, spot=100.0, log_range=(-0.2, 0.2), vol_range=(-0.4, 0.6))
    with pytest.raises(ValueError, match="a scenario is a log-return, a move of volatility and a profit"):
        read(grid=grid, log_returns=np.zeros(logs), vol_moves=np.zeros(vols), into=None if into is None else np.zeros(into))


def test_a_range_that_runs_backwards_is_refused():
    with pytest.raises(ValueError, match="from low to high"):
        profit_grid(book=CONDOR, spot=100.0, log_range=(0.2, -0.2), vol_range=(-0.4, 0.6))


def test_the_var_of_the_grid_is_that_of_full_revaluation_and_the_estimate_is_not(tier: tiers.Tier):
    moves = drawn(covariance=[[0.02**2, -0.5 * 0.02 * 0.08], [-0.5 * 0.02 * 0.08, 0.08**2]], count=20_000, seed=3, degrees=4.0)
    logs, vols = np.clip(moves[:, 0], -0.25, 0.25), np.clip(moves[:, 1], -0.5, 0.8)
    now = values(book=DESK, states=states(spots=[100.0]))[0]
    full = losses(values(book=DESK, states=states(spots=100.0 * np.exp(logs), vol_factors=1.0 + vols)) - now, method=Method.FULL)
    grid = profit_grid(book=DESK, spot=100.0, log_range=(-0.25, 0.25), vol_range=(-0.5, 0.8))
    near = losses(read(grid=grid, log_returns=logs, vol_moves=vols), method=Method.GRID)
    assert near.value_at_risk == pytest.approx(full.value_at_risk, rel=1e-3)
    assert near.expected_shortfall == pytest.approx(full.expected_shortfall, rel=1e-3)
    short = book(strikes=[95.0, 105.0], years=0.02, vols=0.2, rights=[-1, 1], units=-1000.0)
    now = values(book=short, states=states(spots=[100.0]))[0]
    true = losses(values(book=short, states=states(spots=100.0 * np.exp(logs))) - now, method=Method.FULL)
    today = totals(book=short, states=states(spots=[100.0]))
    guess = losses(
        estimated_profits(
            of=Sensitivities(float(today.deltas[0]), float(today.gammas[0]), 0.0, 0.0),
            spot=100.0,
            log_returns=logs,
            vol_moves=np.zeros(logs.size),
        ),
        method=Method.ESTIMATE,
    )
    assert [str(found.method) for found in (full, near, guess)] == ["full revaluation", "P&L grid", "delta-gamma-vega estimate"]
    assert guess.value_at_risk < 0.75 * true.value_at_risk
