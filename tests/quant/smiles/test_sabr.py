"""SABR: Hagan's volatilities to the table, and fits that find what made the quotes."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
import QuantLib

from engine.quant import tiers
from engine.quant.chain.segments import of_sizes
from engine.quant.codes import FitStatus
from engine.quant.smiles.sabr import Sabr, fit_slices
from engine.quant.smiles.sabr import lognormal_vols as lognormal_vols_of
from engine.quant.smiles.sabr import normal_vols as normal_vols_of
from tests.kit.numbers import record

TABLE = "ql_sabr_hagan_lognormal.csv"
NAMES = {"forwards": "forward", "strikes": "strike", "years": "T", "alphas": "alpha", "betas": "beta", "nus": "nu", "rhos": "rho"}


def lognormal_vols(*, forwards: object, strikes: object, years: object, **numbers: object) -> np.ndarray:
    return lognormal_vols_of(forwards=forwards, strikes=strikes, years=years, sabr=Sabr(**numbers))


def normal_vols(*, forwards: object, strikes: object, years: object, **numbers: object) -> np.ndarray:
    return normal_vols_of(forwards=forwards, strikes=strikes, years=years, sabr=Sabr(**numbers))


def table_of(fixtures: Path) -> tuple[dict[str, np.ndarray], np.ndarray]:
    with (fixtures / "model_tables" / TABLE).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    given = {name: np.array([float(row[theirs]) for row in rows]) for name, theirs in NAMES.items()}
    return given, np.array([float(row["implied_vol"]) for row in rows])


def test_the_table_of_hagans_volatilities_is_met(fixtures: Path):
    given, truth = table_of(fixtures)
    error = np.abs(lognormal_vols(**given) - truth)
    record(table=TABLE, quantity="lognormal volatility", error=float(error.max()), tolerance=1e-10, cases=truth.size)


def test_normal_volatilities_are_quantlibs(fixtures: Path):
    given, _ = table_of(fixtures)
    ours = normal_vols(**given)
    checked = np.flatnonzero(given["betas"] > 0.0)
    for i in checked:
        terms = {name: float(values[i]) for name, values in given.items()}
        theirs = QuantLib.sabrVolatility(
            terms["strikes"], terms["forwards"], terms["years"], terms["alphas"], terms["betas"], terms["nus"], terms["rhos"],
            QuantLib.Normal,
        )  # fmt: skip
        assert ours[i] == pytest.approx(theirs, rel=1e-10)
    assert checked.size > 100


def test_at_the_money_and_beside_it_there_is_no_step():
    strikes = 100.0 * np.exp(np.array([-1e-4, -1e-5, -1e-7, 0.0, 1e-7, 1e-5, 1e-4]))
    terms = {"forwards": 100.0, "strikes": strikes, "years": 0.5, "alphas": 0.2, "betas": 1.0, "rhos": -0.6, "nus": 1.5}
    found = lognormal_vols(**terms)
    slope = np.diff(found) / np.diff(np.log(strikes))
    assert np.ptp(slope) < 5e-3 * abs(slope.mean())


def test_a_forward_below_zero_has_a_normal_volatility_at_beta_zero_alone():
    terms = {"forwards": -0.005, "strikes": 0.002, "years": 1.0, "alphas": 0.006, "rhos": -0.2, "nus": 0.4}
    assert 0.005 < float(normal_vols(**terms, betas=0.0)) < 0.008
    assert math.isnan(float(normal_vols(**terms, betas=0.5)))
    assert math.isnan(float(lognormal_vols(**terms, betas=0.0)))
    near = normal_vols(forwards=0.03, strikes=0.031, years=1.0, alphas=0.006, betas=[0.0, 1e-9], rhos=-0.2, nus=0.4)
    assert near[0] == pytest.approx(near[1], rel=1e-6)


@pytest.mark.parametrize("wrong", [{"rhos": 1.0}, {"nus": -0.1}, {"alphas": 0.0}, {"betas": 1.5}, {"strikes": -1.0}, {"years": math.nan}])
def test_outside_the_domain_there_is_no_number(wrong: dict[str, float]):
    good = {"forwards": 100.0, "strikes": 110.0, "years": 0.5, "alphas": 0.2, "betas": 1.0, "rhos": -0.6, "nus": 1.5}
    assert math.isnan(float(lognormal_vols(**{**good, **wrong})))


@pytest.mark.parametrize(("beta", "level"), [(1.0, 0.2), (0.5, 14.0), (0.0, 1000.0)])
@pytest.mark.parametrize(("rho", "nu"), [(-0.6, 1.2), (0.3, 0.8)])
def test_known_numbers_are_recovered(tier: tiers.Tier, beta: float, level: float, rho: float, nu: float):
    k, forward, years = np.linspace(-0.3, 0.2, 15), 5000.0, 0.25
    quoted = lognormal_vols(forwards=forward, strikes=forward * np.exp(k), years=years, alphas=level, betas=beta, rhos=rho, nus=nu)
    found = fit_slices(
        log_moneyness=k, vols=quoted, segments=of_sizes(np.array([15])), years=np.array([years]), forwards=forward, betas=beta
    )
    assert found.errors[0] < 1e-8
    assert (found.alphas[0] / level, found.rhos[0], found.nus[0]) == pytest.approx((1.0, rho, nu), abs=1e-5)


def test_both_tiers_agree_on_noise(warm_kernels: None):
    k = np.tile(np.linspace(-0.3, 0.2, 15), 3)
    quoted = 0.2 - 0.2 * k + 0.3 * k * k + 0.003 * np.random.default_rng(2).standard_normal(45)
    fits = []
    for name in ("numpy", "numba"):
        with tiers.using(name):
            fits.append(fit_slices(log_moneyness=k, vols=quoted, segments=of_sizes(np.full(3, 15)), years=np.array([0.1, 0.3, 1.0])))
    assert np.allclose(fits[0].errors, fits[1].errors, rtol=1e-6)


def test_two_strikes_are_too_few_and_say_so(tier: tiers.Tier):
    found = fit_slices(log_moneyness=[-0.1, 0.1], vols=[0.2, 0.2], segments=of_sizes(np.array([2, 0])), years=np.array([0.1, 0.2]))
    assert found.statuses.tolist() == [FitStatus.TWO_STRIKES, FitStatus.NO_QUOTES]
    assert np.isnan(found.alphas).all()


def test_a_beta_that_cannot_be_meant_is_refused_in_words():
    with pytest.raises(ValueError, match="between 0 and 1"):
        fit_slices(log_moneyness=[0.0], vols=[0.2], segments=of_sizes(np.array([1])), years=np.array([0.1]), betas=2.0)
