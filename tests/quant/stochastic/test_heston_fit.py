"""The calibration: the DAX surface of 2002 to its published error, models given back, and what it says of poor quotes."""

import csv
from pathlib import Path

import numpy as np
import pytest

from engine.quant import tiers
from engine.quant.stochastic.heston import HestonParameters, smile
from engine.quant.stochastic.heston_fit import fit_heston
from tests.kit.numbers import record

TRUTH = HestonParameters(0.05, 2.0, 0.07, 0.6, -0.6)


def surface(model: HestonParameters = TRUTH) -> dict[str, np.ndarray]:
    years = np.repeat([0.1, 0.5, 1.0], 7)
    forwards = 100.0 * np.exp(0.02 * years)
    strikes = forwards * np.exp(np.tile(np.linspace(-1.5, 1.5, 7), 3) * 0.2 * np.sqrt(years))
    return {
        "forwards": forwards,
        "strikes": strikes,
        "years": years,
        "vols": smile(forwards=forwards, strikes=strikes, years=years, parameters=model).vols,
    }


def test_the_dax_of_2002_ends_at_its_published_error_from_every_start(tier: tiers.Tier, fixtures: Path):
    """Conventions of the published test: whole weeks to expiry, ACT/365, zero rates linear in the days of the table, no dividends."""
    with (fixtures / "model_tables" / "dax_2002-07-05_implied_vols.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    spot, strikes, days, weeks, rates, vols = (
        np.array([float(row[name]) for row in rows]) for name in ("spot", "strike", "days", "weeks_used", "zero_rate", "implied_vol")
    )
    knots, where = np.unique(days, return_index=True)
    rate = np.interp(7 * weeks, np.append(0.0, knots), np.append(rates[0], rates[where]))
    years = 7 * weeks / 365
    found = fit_heston(forwards=spot * np.exp(rate * years), strikes=strikes, years=years, vols=vols)
    record(
        table="dax_2002-07-05_implied_vols.csv", quantity="Heston SSE - 177.2", error=abs(found.fit.sse - 177.2), tolerance=1.0, cases=104
    )
    assert found.fit.converged
    assert found.fit.agreeing == 3
    assert not found.feller
    assert found.fit.rmse == pytest.approx(np.sqrt(found.fit.sse / 104))
    assert 1e4 * np.nansum(found.fit.residuals**2) == pytest.approx(found.fit.sse)


def test_a_surface_of_the_model_gives_its_parameters_back(tier: tiers.Tier):
    found = fit_heston(**surface())
    assert found.fit.sse < 1e-8
    assert np.array(found.parameters) == pytest.approx(np.array(TRUTH), rel=1e-3)
    assert not found.fit.at_bounds.any()
    assert found.fit.residuals.shape == (21,)


def test_missing_quotes_are_left_out_and_their_residuals_unknown():
    quotes = surface()
    quotes["vols"][[0, 5]] = np.nan, 0.0
    found = fit_heston(**quotes)
    assert np.isnan(found.fit.residuals[[0, 5]]).all()
    assert found.fit.sse < 1e-8


def test_every_start_is_told_with_where_it_led():
    wanted = [TRUTH, HestonParameters(0.2, 8.0, 0.02, 2.0, 0.5)]
    found = fit_heston(**surface(), starts=wanted)
    assert [tuple(ending.start) for ending in found.fit.endings] == [tuple(map(float, start)) for start in wanted]
    assert all(ending.evaluations >= 1 and np.isfinite(ending.sse) for ending in found.fit.endings)


def test_a_flat_surface_ends_on_a_bound_and_that_is_said():
    quotes = surface()
    quotes["vols"][:] = 0.2
    found = fit_heston(**quotes)
    assert found.fit.rmse < 0.05  # points
    assert found.parameters.vol_of_vol < 0.1 or found.fit.at_bounds.any()


def test_a_weight_of_more_brings_a_quote_nearer():
    quotes = surface()
    quotes["vols"][3] += 0.02
    even = fit_heston(**quotes).fit.residuals[3]
    weights = np.ones(21)
    weights[3] = 20.0
    assert abs(fit_heston(**quotes, weights=weights).fit.residuals[3]) < 0.5 * abs(even)


def test_too_few_or_impossible_quotes_are_refused_with_the_count():
    quotes = {name: values[:4] for name, values in surface().items()}
    with pytest.raises(ValueError, match="4 of 4 volatilities are usable, too few for 5"):
        fit_heston(**quotes)
    with pytest.raises(ValueError, match=r"1 of 21 .* within five deviations"):
        fit_heston(
            **{
                **surface(),
                "years": 1e-9,
                "strikes": np.append(100.0 * np.exp(0.02 * 0.1), np.linspace(50, 60, 20)),
                "forwards": 100.0 * np.exp(0.002),
            }
        )
    with pytest.raises(ValueError, match="0 of 21"):
        fit_heston(**{**surface(), "vols": np.full(21, np.nan)})
    with pytest.raises(ValueError, match=r"write 20 % as 0\.2"):
        fit_heston(**{**surface(), "vols": np.full(21, 20.0)})
    with pytest.raises(ValueError, match=r"give 0\.2 for 20 %"):
        fit_heston(**{**surface(), "vols": np.append(np.full(20, 0.2), 20.0)})
