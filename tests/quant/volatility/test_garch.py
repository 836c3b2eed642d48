"""GARCH and GJR: published fits met, exact derivatives, honest statuses, and a term structure that is the recursion's."""

import csv
import gzip
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant import tiers
from engine.quant.formulas.garch import FIT_ROWS, build_student_constant
from engine.quant.volatility import plain
from engine.quant.volatility.garch import FitStatus, expected_variances, fit_garch, fit_gjr, term_structure, variances_under
from tests.kit.numbers import record


@pytest.fixture(scope="module")
def index_returns(fixtures: Path) -> np.ndarray:
    text = gzip.decompress((fixtures / "market_series" / "arch_sp500.csv.gz").read_bytes()).decode()
    closes = np.array([float(row["Adj Close"]) for row in csv.DictReader(text.splitlines())])
    return np.diff(closes) / closes[:-1]


def simulated(
    count: int = 3000, seed: int = 4, omega: float = 2e-6, alpha: float = 0.08, gamma: float = 0.0, beta: float = 0.9
) -> np.ndarray:
    chance = np.random.default_rng(seed).normal(size=count)
    h, out = omega / (1 - alpha - gamma / 2 - beta), np.empty(count)
    for t in range(count):
        out[t] = math.sqrt(h) * chance[t]
        h = omega + (alpha + gamma * (out[t] < 0)) * out[t] ** 2 + beta * h
    return out


def test_the_published_garch_fit_of_the_index_is_met(tier: tiers.Tier, index_returns: np.ndarray):
    """The arch package's guide: mean 0.0564 %, omega 0.0175, alpha 0.1022, beta 0.8852, log-likelihood -6936.72 (percent returns)."""
    fit = fit_garch(returns=100 * index_returns - 0.0564, mean="zero")
    assert fit.status is FitStatus.CONVERGED
    for name, ours, theirs in (("omega", fit.omega, 0.0175), ("alpha", fit.alpha, 0.1022), ("beta", fit.beta, 0.8852)):
        record(table="arch_sp500.csv.gz (GARCH as published by arch)", quantity=name, error=abs(ours - theirs), tolerance=6e-5)
    record(
        table="arch_sp500.csv.gz (GARCH as published by arch)",
        quantity="log-likelihood",
        error=abs(fit.log_likelihood + 6936.72),
        tolerance=0.006,
    )


def test_the_published_gjr_fit_of_the_index_is_met_and_its_edge_is_said(tier: tiers.Tier, index_returns: np.ndarray):
    """The same guide: mean 0.0175 %, omega 0.0196, alpha 0, gamma 0.1831, beta 0.8922, log-likelihood -6822.88."""
    fit = fit_gjr(returns=100 * index_returns - 0.0175, mean="zero")
    assert fit.status is FitStatus.AT_EDGE  # alpha is zero
    for name, ours, theirs in (
        ("omega", fit.omega, 0.0196),
        ("alpha", fit.alpha, 0.0),
        ("gamma", fit.gamma, 0.1831),
        ("beta", fit.beta, 0.8922),
    ):
        record(table="arch_sp500.csv.gz (GJR as published by arch)", quantity=name, error=abs(ours - theirs), tolerance=6e-5)
    record(
        table="arch_sp500.csv.gz (GJR as published by arch)",
        quantity="log-likelihood",
        error=abs(fit.log_likelihood + 6822.88),
        tolerance=0.006,
    )


def test_the_unit_of_the_returns_is_only_a_unit(tier: tiers.Tier, index_returns: np.ndarray):
    fraction, percent = fit_garch(returns=index_returns[-1260:]), fit_garch(returns=100 * index_returns[-1260:])
    assert percent.omega == pytest.approx(1e4 * fraction.omega)
    assert percent.alpha == pytest.approx(fraction.alpha)
    assert percent.log_likelihood == pytest.approx(fraction.log_likelihood - 1260 * math.log(100))


@pytest.mark.parametrize("asymmetric", [False, True])
@pytest.mark.parametrize("student", [False, True])
def test_no_other_search_finds_more_likelihood(index_returns: np.ndarray, asymmetric: bool, student: bool):
    from scipy.optimize import minimize

    series = index_returns[-1260:] - index_returns[-1260:].mean()
    scaled = series / np.sqrt(np.mean(series**2))
    ours = np.empty(FIT_ROWS)
    plain.garch_fit(scaled, 1.0, asymmetric, student, ours)

    def loss(x: np.ndarray) -> float:
        natural = np.array([x[0], x[1], x[2] if asymmetric else x[1], x[3], x[4]])
        return plain._loss(scaled, 1.0, natural, student) if 0.5 * (natural[1] + natural[2]) + natural[3] < 1 else 1e9

    bounds = [(1e-8, None), (0, 1), (0, 1), (0, 1), (2.05, 100)]
    theirs = minimize(loss, [0.05, 0.1, 0.1, 0.85, 8.0], method="L-BFGS-B", bounds=bounds)
    assert ours[5] <= theirs.fun + 1e-4


@given(
    omega=st.floats(0.01, 0.5),
    up=st.floats(0.001, 0.3),
    down=st.floats(0.001, 0.3),
    beta=st.floats(0.2, 0.9),
    nu=st.floats(2.5, 60.0),
    student=st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_gradient_and_hessian_are_those_of_the_likelihood(omega: float, up: float, down: float, beta: float, nu: float, student: bool):
    series = np.random.default_rng(3).standard_t(5, 200)
    at = np.array([omega, up, down, beta, nu])
    g, H, ignored = np.empty(5), np.empty((5, 5)), np.empty((5, 5))
    plain._derivatives(series, 1.2, at, student, True, g, H)
    for i in range(5 if student else 4):
        step = np.zeros(5)
        step[i] = 1e-5 * max(at[i], 0.01)
        up_g, down_g = np.empty(5), np.empty(5)
        higher = plain._derivatives(series, 1.2, at + step, student, True, up_g, ignored)
        lower = plain._derivatives(series, 1.2, at - step, student, True, down_g, ignored)
        assert (higher - lower) / (2 * step[i]) == pytest.approx(g[i], rel=1e-5, abs=1e-4)
        assert (up_g - down_g) / (2 * step[i]) == pytest.approx(H[i], rel=1e-4, abs=1e-3 * np.abs(H).max())


def test_the_gamma_functions_derivatives_are_scipys():
    from scipy.special import digamma, gammaln, polygamma

    for nu in (2.01, 3.0, 8.0, 77.0, 500.0):
        value, first, second = build_student_constant(lambda function: function)(nu)
        assert value == pytest.approx(gammaln(nu / 2) - gammaln((nu + 1) / 2) + 0.5 * math.log(math.pi * (nu - 2)), rel=1e-12, abs=1e-12)
        assert first == pytest.approx(0.5 * (digamma(nu / 2) - digamma((nu + 1) / 2)) + 0.5 / (nu - 2), rel=1e-10, abs=1e-14)
        assert second == pytest.approx(
            0.25 * (polygamma(1, nu / 2) - polygamma(1, (nu + 1) / 2)) - 0.5 / (nu - 2) ** 2, rel=1e-8, abs=1e-14
        )


def test_a_simulated_market_gives_its_parameters_back(tier: tiers.Tier):
    fit = fit_garch(returns=simulated(8000))
    assert fit.alpha == pytest.approx(0.08, abs=0.02)
    assert fit.beta == pytest.approx(0.9, abs=0.03)
    asymmetric = fit_gjr(returns=simulated(8000, alpha=0.02, gamma=0.12, beta=0.88))
    assert asymmetric.gamma == pytest.approx(0.12, abs=0.03)


def test_fat_tails_are_seen_by_t_innovations_and_normal_ones_are_called_an_edge(tier: tiers.Tier):
    chance = np.random.default_rng(6)
    assert fit_garch(returns=0.01 * chance.standard_t(5, 3000), innovations="t").degrees == pytest.approx(5, abs=1)
    normal = fit_garch(returns=simulated(), innovations="t")
    assert normal.degrees > 30


@pytest.mark.usefixtures("warm_kernels")
@pytest.mark.parametrize("innovations", ["normal", "t"])
@pytest.mark.parametrize("fit", [fit_garch, fit_gjr])
def test_both_tiers_take_the_same_steps(fit, innovations: str):
    series = simulated(900, gamma=0.05, alpha=0.04) * np.sqrt(np.random.default_rng(5).chisquare(6, 900))
    with tiers.using("numpy"):
        slow = fit(returns=series, innovations=innovations)
    with tiers.using("numba"):
        fast = fit(returns=series, innovations=innovations)
    assert slow.rounds == fast.rounds
    assert slow.status is fast.status
    assert slow[:6] == pytest.approx(fast[:6], rel=1e-9, abs=1e-15)
    assert slow.variances == pytest.approx(fast.variances, rel=1e-9)


def test_the_term_structure_is_the_recursion_carried_on(tier: tiers.Tier):
    fit = fit_gjr(returns=simulated(gamma=0.05, alpha=0.04))
    h, expected = float(fit.variances[-1]), []
    for _ in range(300):
        expected.append(h)
        h = fit.omega + fit.persistence * h
    horizons = np.array([1, 5, 21, 252, 300])
    assert expected_variances(fit, horizons=horizons) == pytest.approx([expected[k - 1] for k in horizons])
    assert term_structure(fit, horizons=horizons) == pytest.approx([math.sqrt(252 * np.mean(expected[:k])) for k in horizons])
    far = term_structure(fit, horizons=1e6)
    assert far == pytest.approx(math.sqrt(252 * fit.long_run_variance), rel=1e-3)
    assert fit.persistence**fit.half_life == pytest.approx(0.5)


@pytest.mark.parametrize("rest", [1e-3, 1e-6, 1e-8, 2e-9])
def test_a_persistence_next_to_one_keeps_the_digits_of_the_term_structure(rest: float):
    fit = fit_garch(returns=simulated(200))._replace(omega=1e-5, alpha=0.05, gamma=0.0, beta=0.95 - rest, variances=np.array([1e-4, 2e-4]))
    variance, expected = 2e-4, []
    for _ in range(22):
        expected.append(variance)
        variance = 1e-5 + fit.persistence * variance
    assert term_structure(fit, horizons=22, periods_a_year=1.0) == pytest.approx(math.sqrt(math.fsum(expected) / 22), rel=1e-7)


def test_a_persistence_of_one_has_a_term_structure_without_end(tier: tiers.Tier):
    fit = fit_garch(returns=simulated())._replace(alpha=0.1, beta=0.9, omega=1e-6)
    assert fit.long_run_variance == math.inf
    assert fit.half_life == math.inf
    h = float(fit.variances[-1])
    assert expected_variances(fit, horizons=11) == pytest.approx(h + 10e-6)
    assert term_structure(fit, horizons=11, periods_a_year=1.0) == pytest.approx(math.sqrt(h + 5e-6))


def test_the_variances_do_not_know_the_returns_they_stand_before(tier: tiers.Tier):
    series = simulated()
    fit = fit_garch(returns=series)
    other = series.copy()
    other[1000:] *= 7.0
    before, after = variances_under(fit, returns=series), variances_under(fit, returns=other)
    assert before == pytest.approx(fit.variances, rel=1e-12)
    assert after[:1001].tolist() == before[:1001].tolist()
    assert after[1001] != before[1001]


def test_one_jump_is_fitted_or_refused_but_never_silently(tier: tiers.Tier):
    series = np.random.default_rng(1).normal(0, 1e-4, 500)
    series[250] = 0.5
    for fit in (fit_garch(returns=series), fit_gjr(returns=series), fit_garch(returns=series, innovations="t")):
        assert fit.status in set(FitStatus)
        assert np.isfinite(fit.variances).all()
        assert (fit.status is FitStatus.NOT_CONVERGED) == (not fit.decrement < 1e-4)


def test_returns_without_clusters_are_at_an_edge_or_nearly_flat(tier: tiers.Tier):
    fit = fit_garch(returns=np.random.default_rng(12).normal(0, 0.01, 600))
    assert fit.status in {FitStatus.CONVERGED, FitStatus.AT_EDGE}
    assert math.sqrt(fit.variances[-1]) == pytest.approx(0.01, rel=0.15)


@pytest.mark.parametrize(
    ("series", "said"),
    [
        (np.zeros(500), "all 500 returns are 0"),
        (np.full(500, 0.01), "all 500 returns are 0.01"),
        (np.ones(99), "99 returns are too few for GARCH"),
        (np.array([]), "0 returns are too few"),
        (np.append(np.ones(200), np.nan), "1 of 201 returns are missing"),
        (np.append(np.ones(200), np.inf), "1 of 201 returns are missing"),
        (np.ones((2, 200)), "takes one series"),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_the_count(series: np.ndarray, said: str):
    with pytest.raises(ValueError, match=said):
        fit_garch(returns=series)


def test_unknown_settings_are_refused():
    with pytest.raises(ValueError, match="choose normal or t"):
        fit_garch(returns=simulated(200), innovations="cauchy")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="1 period or more"):
        term_structure(fit_garch(returns=simulated(200)), horizons=0)


@pytest.mark.usefixtures("warm_kernels")
def test_every_compiled_recursion_runs_without_the_interpreters_lock():
    from engine.quant.kernels import forecasts

    for name in ("ewma", "garch_variances", "garch_fit"):
        assert getattr(forecasts, name).targetoptions["nogil"], name
