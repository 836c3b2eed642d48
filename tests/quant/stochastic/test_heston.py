"""Heston against published values of many digits, against its limits, and in the corners that break other methods."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant import tiers
from engine.quant.codes import IvStatus
from engine.quant.european import black
from engine.quant.stochastic.heston import HestonParameters, greeks, prices, smile
from tests.kit.numbers import record

LEWIS = HestonParameters(0.04, 4.0, 0.25, 1.0, -0.5)
models = st.builds(
    HestonParameters,
    variance=st.floats(1e-4, 1.0),
    reversion=st.floats(0.01, 20.0),
    long_variance=st.floats(1e-4, 1.0),
    vol_of_vol=st.floats(0.01, 5.0),
    correlation=st.floats(-0.99, 0.99),
)
times = st.one_of(st.floats(1 / 365 / 86_400, 1 / 365), st.floats(1 / 365, 10.0))


def columns_of(path: Path, *names: str) -> list[np.ndarray]:
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [np.array([{"call": 1.0, "put": -1.0}.get(row[name]) or float(row[name]) for row in rows]) for name in names]


def test_lewis_reference_values_are_met(tier: tiers.Tier, fixtures: Path):
    names = "spot strike r q T v0 kappa theta sigma rho call put".split()
    S, K, r, q, T, v0, kappa, theta, sigma, rho, call, put = columns_of(fixtures / "model_tables" / "heston_lewis.csv", *names)
    for right, truth, name in ((1, call, "call"), (-1, put, "put")):
        found = greeks(
            spots=S, strikes=K, years=T, rights=right, rates=r, yields=q, parameters=HestonParameters(v0, kappa, theta, sigma, rho)
        )
        record(table="heston_lewis.csv", quantity=name, error=float(np.abs(found.prices - truth).max()), tolerance=1e-8, cases=S.size)


def test_fang_and_oosterlees_values_are_met(tier: tiers.Tier, fixtures: Path):
    names = "spot strike T v0 kappa theta sigma rho value_recomputed".split()
    S, K, T, v0, kappa, theta, sigma, rho, truth = columns_of(fixtures / "model_tables" / "heston_fang_oosterlee.csv", *names)
    found = prices(forwards=S, strikes=K, years=T, rights=1, parameters=HestonParameters(v0, kappa, theta, sigma, rho))
    record(table="heston_fang_oosterlee.csv", quantity="call", error=float(np.abs(found - truth).max()), tolerance=1e-8, cases=S.size)


def test_quantlibs_prices_are_met(tier: tiers.Tier, fixtures: Path):
    names = "type spot strike days_act365 r q v0 kappa theta sigma rho price".split()
    right, S, K, days, r, q, v0, kappa, theta, sigma, rho, truth = columns_of(fixtures / "model_tables" / "ql_heston.csv", *names)
    found = prices(
        forwards=S * np.exp((r - q) * days / 365),
        strikes=K,
        years=days / 365,
        rights=right,
        discounts=np.exp(-r * days / 365),
        parameters=HestonParameters(v0, kappa, theta, sigma, rho),
    )
    record(table="ql_heston.csv", quantity="price", error=float(np.abs(found - truth).max()), tolerance=1e-8, cases=S.size)


@pytest.mark.parametrize(
    ("years", "model", "distance"),
    [
        (1 / 365 / 86_400, HestonParameters(0.04, 2.0, 0.04, 1.0, -0.7), 1.0),
        (1 / 365, HestonParameters(0.04, 2.0, 0.04, 3.0, -0.9), -2.0),
        (2.0, HestonParameters(0.01, 0.1, 0.02, 4.0, 0.95), 1.5),
        (5.0, HestonParameters(0.09, 1.0, 0.09, 0.1, 0.5), -1.0),
        (30.0, HestonParameters(0.2, 10.0, 0.3, 2.0, -0.3), 0.5),
    ],
)
def test_the_corners_are_right_to_nine_digits(tier: tiers.Tier, years: float, model: HestonParameters, distance: float):
    """Against the plain integral of Lewis on the untilted line, by brute force and without a control variate."""
    v0, kappa, theta, sigma, rho = (float(value) for value in model)
    strike = 100.0 * math.exp(distance * math.sqrt(years * v0))
    mean = theta * years + (v0 - theta) * -math.expm1(-kappa * years) / kappa
    reach = max(80 / ((v0 + kappa * theta * years) / sigma * math.sqrt(1 - rho**2)), 12 / math.sqrt(mean))
    nodes, weights = np.polynomial.legendre.leggauss(24)
    edges = np.concatenate(([0.0], np.geomspace(1e-6 * reach, reach, 6001)))
    half = 0.5 * np.diff(edges)[:, None]
    x = 0.5 * (edges[1:] + edges[:-1])[:, None] + half * nodes
    u = x - 0.5j
    xi = kappa - 1j * rho * sigma * u
    d = np.sqrt(xi * xi + sigma**2 * (u * u + 1j * u))
    g, e = (xi - d) / (xi + d), np.exp(-d * years)
    exponent = kappa * theta / sigma**2 * ((xi - d) * years - 2 * np.log((1 - g * e) / (1 - g)))
    exponent += v0 * (xi - d) / sigma**2 * (1 - e) / (1 - g * e)
    integral = np.sum((np.exp(1j * x * math.log(100.0 / strike) + exponent).real / (x * x + 0.25)) * weights * half)
    found = float(prices(forwards=100.0, strikes=strike, years=years, rights=1, parameters=model))
    assert found == pytest.approx(100.0 - math.sqrt(100.0 * strike) / math.pi * integral, abs=2e-10)


@given(model=models, years=times, distance=st.floats(-6.0, 6.0))
@settings(max_examples=80, deadline=None)
def test_a_price_is_free_of_arbitrage_over_the_whole_domain(model: HestonParameters, years: float, distance: float):
    v0, kappa, theta = (float(value) for value in model[:3])
    total = theta * years + (v0 - theta) * -math.expm1(-kappa * years) / kappa
    middle = 100.0 * math.exp(max(min(distance * math.sqrt(total), 7.0), -7.0))
    strikes = middle * np.array([1 - 1e-3, 1.0, 1 + 1e-3])
    calls = prices(forwards=100.0, strikes=strikes, years=years, rights=1, parameters=model)
    puts = prices(forwards=100.0, strikes=strikes, years=years, rights=-1, parameters=model)
    slack = 1e-9 * math.sqrt(100.0 * middle)
    assert calls - puts == pytest.approx(100.0 - strikes, abs=slack)
    assert (calls >= np.maximum(100.0 - strikes, 0.0) - 1e-12).all()
    assert (calls <= 100.0 + slack).all()
    assert (np.diff(calls) <= slack).all()
    assert calls[0] + calls[2] - 2 * calls[1] >= -slack


@pytest.mark.parametrize("right", [1, -1])
def test_every_greek_is_the_derivative_it_is_named_after(tier: tiers.Tier, right: int):
    at = {"spots": 100.0, "years": 0.7, "rates": 0.04, "yields": 0.01}
    model = HestonParameters(0.05, 1.3, 0.07, 0.6, -0.65)
    strikes = np.array([60.0, 95.0, 105.0, 180.0])

    def value(name: str = "", moved: float = 0.0) -> np.ndarray:
        changed = model._replace(**{name: float(getattr(model, name)) + moved}) if name in model._fields else model
        given_terms = {key: number + (moved if key == name else 0.0) for key, number in at.items()}
        return greeks(**given_terms, strikes=strikes, rights=right, parameters=changed).prices

    def slope(name: str, step: float) -> np.ndarray:
        return (value(name, step) - value(name, -step)) / (2 * step)

    found = greeks(**at, strikes=strikes, rights=right, parameters=model)
    assert found.prices.tolist() == value().tolist()
    assert found.deltas == pytest.approx(slope("spots", 1e-3), abs=1e-8)
    assert found.gammas == pytest.approx((value("spots", 0.05) - 2 * value() + value("spots", -0.05)) / 0.0025, abs=1e-7)
    assert found.thetas == pytest.approx(-slope("years", 1e-5), abs=1e-6)
    assert found.rhos == pytest.approx(slope("rates", 1e-5), abs=1e-6)
    assert found.vegas == pytest.approx(slope("variance", 1e-5) * 2 * math.sqrt(0.05), abs=1e-6)
    for name, step in (("reversion", 1e-4), ("long_variance", 1e-5), ("vol_of_vol", 1e-4), ("correlation", 1e-4)):
        assert getattr(found, name) == pytest.approx(slope(name, step), abs=1e-6), name


@pytest.mark.parametrize("sigma", [1e-2, 1e-4, 1e-6])
def test_without_volatility_of_variance_it_is_blacks_price_at_the_mean_variance(tier: tiers.Tier, sigma: float):
    model = HestonParameters(0.05, 1.3, 0.07, sigma, -0.5)
    mean = 0.07 + (0.05 - 0.07) * -math.expm1(-1.3) / 1.3
    found = prices(forwards=100.0, strikes=[70.0, 100.0, 140.0], years=1.0, rights=1, parameters=model)
    expected = black.prices(forwards=100.0, strikes=[70.0, 100.0, 140.0], years=1.0, vols=math.sqrt(mean), rights=1)
    assert found == pytest.approx(expected, abs=3.0 * sigma)


def test_a_variance_that_does_not_revert_has_a_price(tier: tiers.Tier):
    still = prices(forwards=100.0, strikes=105.0, years=0.5, rights=1, parameters=HestonParameters(0.04, 0.0, 0.3, 0.5, -0.5))
    hardly = prices(forwards=100.0, strikes=105.0, years=0.5, rights=1, parameters=HestonParameters(0.04, 1e-9, 0.3, 0.5, -0.5))
    assert float(still) == pytest.approx(float(hardly), abs=1e-6)


def test_the_smile_leans_with_the_correlation_and_bends_with_the_volatility_of_variance(tier: tiers.Tier):
    strikes = np.array([85.0, 100.0, 115.0])
    falling = smile(forwards=100.0, strikes=strikes, years=0.5, parameters=HestonParameters(0.04, 2.0, 0.04, 0.5, -0.7))
    rising = smile(forwards=100.0, strikes=strikes, years=0.5, parameters=HestonParameters(0.04, 2.0, 0.04, 0.5, 0.7))
    bent = smile(forwards=100.0, strikes=strikes, years=0.5, parameters=HestonParameters(0.04, 2.0, 0.04, 1.0, 0.0))
    assert (falling.statuses == IvStatus.OK).all()
    assert (np.diff(falling.vols) < 0).all()
    assert (np.diff(rising.vols) > 0).all()
    assert bent.vols[0] + bent.vols[2] > 2 * bent.vols[1] + 0.01


def test_a_wing_without_a_sure_digit_has_no_volatility(tier: tiers.Tier):
    found = smile(forwards=100.0, strikes=[1e-3, 100.0, 1e4], years=1e-3, parameters=HestonParameters(0.04, 2.0, 0.04, 0.5, -0.7))
    assert found.statuses.tolist() == [IvStatus.NO_TIME_VALUE, IvStatus.OK, IvStatus.NO_TIME_VALUE]


@pytest.mark.parametrize("correlation", [1.0, -1.0])
def test_a_perfect_correlation_has_a_price(tier: tiers.Tier, correlation: float):
    model = HestonParameters(0.04, 2.0, 0.04, 0.5, correlation)
    nearly = prices(
        forwards=100.0, strikes=[90.0, 110.0], years=1.0, rights=1, parameters=model._replace(correlation=0.999999 * correlation)
    )
    assert prices(forwards=100.0, strikes=[90.0, 110.0], years=1.0, rights=1, parameters=model) == pytest.approx(nearly, abs=1e-3)


def test_fellers_condition_is_told():
    assert LEWIS.feller
    assert not LEWIS._replace(vol_of_vol=2.0).feller
    assert not HestonParameters(0.04, np.array([4.0, 1.0]), 0.25, 1.0, -0.5).feller


@pytest.mark.parametrize(
    "wrong",
    [
        {"forwards": 0.0},
        {"strikes": -1.0},
        {"years": 0.0},
        {"years": math.nan},
        {"rights": 0.0},
        {"forwards": math.inf},
        *({"parameters": LEWIS._replace(**{name: value})} for name in LEWIS._fields for value in (math.nan, -1.5)),
        {"parameters": LEWIS._replace(vol_of_vol=0.0)},
    ],
)
def test_outside_its_domain_there_is_no_price_and_its_neighbours_have_theirs(tier: tiers.Tier, wrong: dict[str, float]):
    terms = {"forwards": 100.0, "strikes": 100.0, "years": 1.0, "rights": 1.0, "parameters": LEWIS}
    assert math.isnan(float(prices(**{**terms, **wrong})))
    both = prices(**{**terms, "years": [math.nan, 1.0]})
    assert math.isnan(both[0])
    assert both[1] == float(prices(**terms))


def test_numbers_and_arrays_of_any_shape_are_broadcast(tier: tiers.Tier):
    found = prices(forwards=100.0, strikes=[[90.0], [110.0]], years=[0.5, 1.0, 2.0], rights=1, parameters=LEWIS)
    assert found.shape == (2, 3)
    assert prices(forwards=[], strikes=[], years=[], rights=[], parameters=LEWIS).size == 0


@pytest.mark.usefixtures("warm_kernels")
def test_both_tiers_give_the_same_numbers():
    chance = np.random.default_rng(3)
    n = 400
    model = HestonParameters(
        chance.uniform(0.01, 0.5, n),
        chance.uniform(0.1, 8, n),
        chance.uniform(0.01, 0.5, n),
        chance.uniform(0.05, 3, n),
        chance.uniform(-0.95, 0.95, n),
    )
    terms = {
        "spots": 100.0, "strikes": chance.uniform(50, 200, n), "years": chance.uniform(0.01, 3, n), "rights": chance.choice([1.0, -1.0], n),
        "rates": 0.03, "parameters": model,
    }  # fmt: skip
    with tiers.using("numpy"):
        slow = greeks(**terms)
    with tiers.using("numba"):
        fast = greeks(**terms)
    for name in slow._fields:
        scale = 1e-9 * (1.0 + np.abs(getattr(slow, name)))
        assert (np.abs(getattr(slow, name) - getattr(fast, name)) <= scale).all(), name


@pytest.mark.usefixtures("warm_kernels")
def test_the_compiled_integrals_run_without_the_interpreters_lock():
    from engine.quant.kernels import stochastic

    assert stochastic.heston_integrals.targetoptions["nogil"]
