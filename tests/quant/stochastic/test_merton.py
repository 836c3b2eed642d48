"""Merton's sum against the integral of its characteristic function, its limits, and its calibration."""

import math

import numpy as np
import pytest

from engine.quant import tiers
from engine.quant.european import black
from engine.quant.stochastic.merton import MertonParameters, fit_merton, prices, smile

MODEL = MertonParameters(0.2, 1.3, -0.12, 0.15)


def by_integral(forward: float, strike: float, years: float, model: MertonParameters) -> float:
    """Lewis (2000): F - √(FK)/π ∫ Re[e^(iuk) φ(u - i/2)] / (u² + 1/4) du."""
    from scipy.integrate import quad

    sigma, intensity, mean, deviation = (float(value) for value in model)
    k = math.log(forward / strike)
    drift = -0.5 * sigma**2 - intensity * math.expm1(mean + 0.5 * deviation**2)

    def integrand(x: float) -> float:
        iu = 1j * (x - 0.5j)
        jump = np.exp(mean * iu + 0.5 * (deviation * iu) ** 2) - 1.0
        phi = np.exp(years * (drift * iu + 0.5 * (sigma * iu) ** 2 + intensity * jump))
        return (np.exp(1j * x * k) * phi).real / (x * x + 0.25)

    return forward - math.sqrt(forward * strike) / math.pi * quad(integrand, 0, 200, limit=500, epsabs=1e-13)[0]


@pytest.mark.parametrize("strike", [60.0, 90.0, 100.0, 120.0, 160.0])
@pytest.mark.parametrize("model", [MODEL, MertonParameters(0.1, 20.0, 0.02, 0.05), MertonParameters(0.3, 0.05, -0.5, 0.3)])
def test_the_sum_is_the_integral_of_the_characteristic_function(tier: tiers.Tier, strike: float, model: MertonParameters):
    found = prices(forwards=100.0, strikes=strike, years=0.75, rights=1, parameters=model)
    assert float(found) == pytest.approx(by_integral(100.0, strike, 0.75, model), abs=1e-9)


def test_without_jumps_it_is_blacks_price(tier: tiers.Tier):
    terms = {"forwards": 100.0, "strikes": [80.0, 100.0, 130.0], "years": 0.5, "rights": -1, "discounts": 0.97}
    none = prices(**terms, parameters=MODEL._replace(intensity=0.0))
    nothing = prices(**terms, parameters=MODEL._replace(jump_mean=0.0, jump_deviation=0.0))
    expected = black.prices(**terms, vols=0.2)
    assert none == pytest.approx(expected, rel=1e-13)
    assert nothing == pytest.approx(expected, rel=1e-12)


def test_calls_and_puts_are_tied_by_parity(tier: tiers.Tier):
    strikes = np.geomspace(20, 500, 15)
    call, put = (prices(forwards=100.0, strikes=strikes, years=1.0, rights=right, parameters=MODEL, discounts=0.95) for right in (1, -1))
    assert call - put == pytest.approx(0.95 * (100.0 - strikes), abs=1e-12)


def test_downward_jumps_make_a_steep_short_smile(tier: tiers.Tier):
    short, long = (smile(forwards=100.0, strikes=[90.0, 110.0], years=years, parameters=MODEL).vols for years in (0.05, 2.0))
    assert short[0] - short[1] > 0.05
    assert 0 < long[0] - long[1] < short[0] - short[1]


def test_many_expected_jumps_become_a_diffusion_and_too_many_have_no_price(tier: tiers.Tier):
    many = MertonParameters(0.1, 400.0, 0.0, 0.01)
    total = math.sqrt(0.1**2 + 400 * 0.01**2)
    found = float(prices(forwards=100.0, strikes=105.0, years=1.0, rights=1, parameters=many))
    assert found == pytest.approx(float(black.prices(forwards=100.0, strikes=105.0, years=1.0, vols=total, rights=1)), rel=2e-3)
    assert math.isnan(float(prices(forwards=100.0, strikes=105.0, years=2.0, rights=1, parameters=many)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"years": 0.0},
        {"forwards": math.nan},
        {"rights": 2.0},
        {"parameters": MODEL._replace(intensity=-1.0)},
        *({"parameters": MODEL._replace(**{name: math.nan})} for name in MODEL._fields),
    ],
)
def test_outside_its_domain_there_is_no_price(tier: tiers.Tier, wrong: dict[str, float]):
    terms = {"forwards": 100.0, "strikes": 100.0, "years": 1.0, "rights": 1.0, "parameters": MODEL}
    assert math.isnan(float(prices(**{**terms, **wrong})))


def test_a_surface_of_the_model_gives_its_parameters_back(tier: tiers.Tier):
    strikes, years = np.tile(np.linspace(75, 125, 11), 3), np.repeat([0.1, 0.4, 1.0], 11)
    vols = smile(forwards=100.0, strikes=strikes, years=years, parameters=MODEL).vols
    found = fit_merton(forwards=100.0, strikes=strikes, years=years, vols=vols)
    assert found.fit.converged
    assert found.fit.sse < 1e-8
    assert np.array(found.parameters) == pytest.approx(np.array(MODEL), rel=1e-3)
    with pytest.raises(ValueError, match="3 of 3 volatilities are usable, too few for 4"):
        fit_merton(forwards=100.0, strikes=[90.0, 100.0, 110.0], years=1.0, vols=0.2)


@pytest.mark.usefixtures("warm_kernels")
def test_both_tiers_give_the_same_numbers():
    terms = {"forwards": 100.0, "strikes": np.geomspace(30, 300, 40), "years": 0.7, "rights": 1, "parameters": MODEL}
    with tiers.using("numpy"):
        slow = prices(**terms)
    with tiers.using("numba"):
        fast = prices(**terms)
    assert slow == pytest.approx(fast, rel=1e-11)
