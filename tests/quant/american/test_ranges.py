"""Many options of the same terms, whose boundaries are solved for octaves of volatility."""

import numpy as np
import pytest

from engine.quant import american, tiers
from engine.quant.american import ranges, solver
from engine.quant.american.greeks import AmericanGreeks, greeks
from engine.quant.american.schemes import scheme
from tests.kit.numbers import record

MANY = ranges.MANY


def rows_of(name: str, *, years: float, rate: float, dividend: float, deviation: tuple[float, float], size: int = 3 * MANY) -> np.ndarray:
    """Puts struck at 1 over more than an octave of volatility, in no order: (ln spots, years, rates, yields, vols)."""
    chance = np.random.default_rng(len(name))
    vols = chance.uniform(*deviation, size) / np.sqrt(years)
    spots = chance.uniform(-0.5, 2.0, size) * vols * np.sqrt(years)
    return np.stack([spots, *(np.full(size, term) for term in (years, rate, dividend)), vols])


def alone(rows: np.ndarray, name: str) -> np.ndarray:
    found = np.empty((solver.PREMIUM_ROWS, rows.shape[1]))
    solver.ROOM.jobs().premiums(rows, *scheme(name), found)
    return found


CASES = {
    "fast": {"years": 0.5, "rate": 0.04, "dividend": 0.02, "deviation": (0.05, 0.6)},
    "accurate": {"years": 1.0, "rate": 0.03, "dividend": 0.05, "deviation": (0.6, 1.5)},
    "fine": {"years": 5.0, "rate": 0.03, "dividend": 0.02, "deviation": (1.5, 3.0)},
    "fast steep": {"years": 2.0, "rate": 0.12, "dividend": 0.0, "deviation": (0.06, 0.14)},
}


@pytest.mark.parametrize("name", CASES)
def test_an_octaves_boundary_gives_the_premiums_of_boundaries_solved_one_by_one(tier: tiers.Tier, name: str):
    rows = rows_of(name, **CASES[name])
    found, true = ranges.premiums(rows, scheme(name)), alone(rows, name)
    held = rows[0] > true[4]
    error = 100.0 * float(np.max(np.abs(found[0] - true[0])[held]))
    record(table="boundaries of octaves of volatility", quantity=f"premium per 100 of spot, {name}", error=error, tolerance=3e-6)
    np.testing.assert_allclose(found[1:4, held], true[1:4, held], rtol=2e-3, atol=2e-6)
    assert not (found == true).all()


def test_few_of_the_same_terms_and_the_form_that_settles_near_its_drift_are_solved_one_by_one(tier: tiers.Tier):
    rows = rows_of("fast", **CASES["fast"], size=MANY - 1)
    np.testing.assert_array_equal(ranges.premiums(rows, scheme("fast")), alone(rows, "fast"))
    drifting = rows_of("fast drift", years=1.0, rate=0.1, dividend=0.0, deviation=(0.09, 0.16))
    np.testing.assert_array_equal(ranges.premiums(drifting, scheme("fast drift")), alone(drifting, "fast drift"))


def test_octaves_meet():
    ends = np.array([1.0 - 1e-12, 1.0, 1.0 + 1e-12]) * 0.25
    rows = rows_of("fast", **CASES["fast"])
    rows[0], rows[4] = 0.05, np.resize(ends, rows.shape[1])
    found = ranges.premiums(rows, scheme("fast"))
    np.testing.assert_allclose(found[:4, 0], found[:4, 1], rtol=1e-9)
    np.testing.assert_allclose(found[:4, 2], found[:4, 1], rtol=1e-9)


def test_company_of_the_same_terms_or_of_others_changes_no_bit(tier: tiers.Tier):
    rows = rows_of("fast", **CASES["fast"])
    others = rows_of("others", **{**CASES["fast"], "years": 0.4}, size=MANY + 7)
    single = rows_of("single", **{**CASES["fast"], "years": 0.3}, size=3)
    whole = np.concatenate([rows, others, single], axis=1)
    mixed = np.random.default_rng(4).permutation(whole.shape[1])
    found = ranges.premiums(np.ascontiguousarray(whole[:, mixed]), scheme("fast"))
    apart = [ranges.premiums(part, scheme("fast")) for part in (rows, others, single)]
    np.testing.assert_array_equal(found[:, np.argsort(mixed)], np.concatenate(apart, axis=1))
    half = ranges.premiums(np.ascontiguousarray(rows[:, : MANY + 1]), scheme("fast"))
    np.testing.assert_array_equal(half, apart[0][:, : MANY + 1])


@pytest.mark.usefixtures("warm_kernels")
def test_both_tiers_give_the_same_premiums():
    rows = rows_of("fast", **CASES["fast"])
    found = []
    for name in ("numpy", "numba"):
        with tiers.using(name):
            found.append(ranges.premiums(rows, scheme("fast")))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-9, atol=1e-12)


def test_the_greeks_of_many_strikes_are_those_of_each_alone(tier: tiers.Tier):
    strikes = np.linspace(80.0, 125.0, 2 * MANY)
    terms = {"spots": 100.0, "years": 0.75, "rights": -1.0, "rates": 0.04, "yields": 0.01}
    vols = 0.26 - 0.15 * np.log(strikes / 100.0)  # on both sides of 0.25, where two octaves meet
    found = greeks(**terms, strikes=strikes, vols=vols)
    each = [greeks(**terms, strikes=strike, vols=vol) for strike, vol in zip(strikes.tolist(), vols.tolist(), strict=True)]
    for name, column in zip(AmericanGreeks._fields, found, strict=True):
        true = np.array([float(getattr(one, name)) for one in each])
        np.testing.assert_allclose(column, true, rtol=1e-4, atol=1e-4 * float(np.max(np.abs(true))), err_msg=name)
    np.testing.assert_allclose(american.prices(**terms, strikes=strikes, vols=vols), [float(one.prices) for one in each], atol=1e-3)
