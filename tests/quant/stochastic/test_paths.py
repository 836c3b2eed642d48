"""Paths: the same for the same seed, martingales, and the prices of the models they come from."""

import numpy as np
import pytest

from engine.quant.stochastic import heston, merton
from engine.quant.stochastic.heston import HestonParameters
from engine.quant.stochastic.merton import MertonParameters
from engine.quant.stochastic.paths import heston_paths, merton_paths

FALLING = HestonParameters(0.09, 0.5, 0.04, 1.0, -0.9)
"""Andersen's hard kind: Feller far from met."""
JUMPS = MertonParameters(0.2, 1.3, -0.12, 0.15)
MONTHS = np.arange(1, 13) / 12
PATHS = 40_000
STRIKES = np.array([80.0, 100.0, 120.0])


def test_a_seed_makes_the_same_paths_and_another_others():
    first, again, other = (heston_paths(spot=100.0, years=MONTHS, parameters=FALLING, paths=50, seed=seed) for seed in (1, 1, 2))
    assert first.prices.tolist() == again.prices.tolist()
    assert first.prices.tolist() != other.prices.tolist()
    longer = heston_paths(spot=100.0, years=np.arange(1, 25) / 12, parameters=FALLING, paths=50, seed=1)
    assert longer.prices[:13].tolist() == first.prices.tolist()


@pytest.mark.parametrize("model", [FALLING, HestonParameters(0.04, 4.0, 0.25, 1.0, 0.5), HestonParameters(0.04, 1.5, 0.06, 0.8, -0.7)])
def test_heston_paths_are_martingales_with_the_models_prices_and_mean_variance(model: HestonParameters):
    found = heston_paths(spot=100.0, years=np.arange(1, 53) / 52, parameters=model, paths=PATHS, seed=7)
    last = found.prices[-1]
    assert last.mean() == pytest.approx(100.0, abs=4 * last.std() / PATHS**0.5)
    assert (found.variances >= 0.0).all()
    v0, kappa, theta = (float(value) for value in model[:3])
    mean = theta + (v0 - theta) * np.exp(-kappa)
    assert found.variances[-1].mean() == pytest.approx(mean, abs=4 * found.variances[-1].std() / PATHS**0.5)
    payoffs = np.maximum(last[:, None] - STRIKES, 0.0)
    expected = heston.prices(forwards=100.0, strikes=STRIKES, years=1.0, rights=1, parameters=model)
    assert (np.abs(payoffs.mean(axis=0) - expected) < 4 * payoffs.std(axis=0) / PATHS**0.5 + 0.05).all()


def test_merton_paths_have_the_models_prices_at_any_step():
    found = merton_paths(spot=100.0, years=[0.3, 1.0], parameters=JUMPS, paths=PATHS, seed=3, drift=0.05)
    forward = 100.0 * np.exp(0.05)
    last = found.prices[-1]
    assert last.mean() == pytest.approx(forward, abs=4 * last.std() / PATHS**0.5)
    payoffs = np.maximum(last[:, None] - STRIKES, 0.0)
    expected = merton.prices(forwards=forward, strikes=STRIKES, years=1.0, rights=1, parameters=JUMPS)
    assert (np.abs(payoffs.mean(axis=0) - expected) < 4 * payoffs.std(axis=0) / PATHS**0.5).all()
    assert found.years.tolist() == [0.0, 0.3, 1.0]
    assert (found.prices[0] == 100.0).all()


def test_a_still_variance_makes_lognormal_paths():
    still = HestonParameters(0.04, 1.0, 0.04, 1e-6, 0.0)
    found = heston_paths(spot=100.0, years=[0.5, 1.0], parameters=still, paths=PATHS, seed=5)
    assert found.variances[-1] == pytest.approx(0.04, abs=1e-4)
    assert np.log(found.prices[-1] / 100).std() == pytest.approx(0.2, rel=0.02)
    asleep = heston_paths(spot=100.0, years=[0.5], parameters=HestonParameters(0.0, 0.0, 0.0, 0.5, -0.5), paths=10, seed=1)
    assert asleep.prices[-1] == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"years": [1.0, 0.5]}, "rise from now"),
        ({"years": [0.0]}, "rise from now"),
        ({"years": [-1.0, 1.0]}, "rise from now"),
        ({"years": [np.nan]}, "rise from now"),
        ({"spot": 0.0}, "give both above 0"),
        ({"paths": 0}, "give both above 0"),
        ({"paths": 10**9}, "do not fit into memory"),
        ({"parameters": FALLING._replace(vol_of_vol=0.0)}, "is no Heston model"),
        ({"parameters": FALLING._replace(variance=np.nan)}, "one number for each"),
        ({"parameters": FALLING._replace(variance=[0.1, 0.2])}, "one number for each"),
    ],
)
def test_what_makes_no_paths_is_refused(wrong: dict[str, object], said: str):
    with pytest.raises(ValueError, match=said):
        heston_paths(**{"spot": 100.0, "years": [1.0], "parameters": FALLING, "paths": 10, "seed": 1, **wrong})  # type: ignore[arg-type]
    if said == "rise from now":
        with pytest.raises(ValueError, match=said):
            merton_paths(spot=100.0, years=wrong["years"], parameters=JUMPS, paths=10, seed=1)  # type: ignore[arg-type]


def test_a_jump_model_out_of_its_domain_is_refused():
    with pytest.raises(ValueError, match="is no jump diffusion"):
        merton_paths(spot=100.0, years=[1.0], parameters=JUMPS._replace(intensity=-1.0), paths=10, seed=1)
