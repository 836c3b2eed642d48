"""The strikes of an expiry share their boundaries, and lose nothing by it."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.quant import tiers
from engine.quant.american.regimes import as_puts, methods
from engine.quant.american.sharing import Expiries, boundaries, premiums
from engine.quant.american.values import american_prices, european_prices

SIGNS = np.array([1.0, -1.0])


def expiry(years: float, rate: float, dividend: float, lowest: float, highest: float) -> Expiries:
    """Calls and puts of one expiry on a spot of 100."""
    return Expiries(*(np.full(2, value) for value in (100.0, years, rate, dividend)), SIGNS, np.full(2, lowest), np.full(2, highest))


def alone(one: Expiries, owners: np.ndarray, strikes: np.ndarray, vols: np.ndarray, setting: str = "fine") -> np.ndarray:
    """Premiums with a boundary solved for every option."""
    spots, years, rates, yields, signs = (column[owners] for column in one[:5])
    rows = np.stack([spots, strikes, years, vols, rates, yields, signs])
    return american_prices(rows, methods(rows, as_puts(rows), setting)) - european_prices(rows)


@pytest.mark.parametrize("years", [0.003, 0.1, 1.0, 2.5])
@pytest.mark.parametrize(("rate", "dividend"), [(0.04, 0.01), (0.04, 0.0), (0.04, 0.10), (0.01, 0.03), (0.0, 0.02)])
def test_shared_premiums_are_those_of_options_solved_one_by_one(tier: tiers.Tier, years: float, rate: float, dividend: float):
    dice = np.random.default_rng(3)
    vols = np.exp(dice.uniform(np.log(0.12), np.log(0.48), 60))
    strikes = 100.0 * np.exp(dice.uniform(-2.5, 2.5, 60) * 0.25 * np.sqrt(years))
    owners = dice.integers(0, 2, 60)
    one = expiry(years, rate, dividend, 0.12, 0.48)
    found = premiums(boundaries(one), owners, strikes, vols).values
    assert np.abs(found - alone(one, owners, strikes, vols)).max() < 2e-3


def test_a_row_has_the_same_bits_in_any_company(tier: tiers.Tier):
    dice = np.random.default_rng(4)
    strikes, vols, owners = dice.uniform(80, 120, 150), dice.uniform(0.15, 0.4, 150), dice.integers(0, 2, 150)
    one = expiry(0.5, 0.04, 0.02, 0.15, 0.4)
    many = Expiries(*(np.tile(column, 3) for column in one))
    whole = premiums(boundaries(many), owners + 2, strikes, vols)
    for place in (0, 77, 149):
        single = premiums(boundaries(one), owners[[place]], strikes[[place]], vols[[place]])
        assert all(np.asarray(few)[0].tobytes() == np.asarray(all_)[place].tobytes() for few, all_ in zip(single, whole, strict=True))


def test_columns_that_are_read_only_or_parts_of_others_are_taken(tier: tiers.Tier):
    one = expiry(0.5, 0.04, 0.02, 0.15, 0.4)
    owners, strikes, vols = np.array([0, 1, 1, 0]), np.array([90.0, 100.0, 110.0, 120.0]), np.array([0.2, 0.25, 0.3, 0.35])
    known = boundaries(one)
    wanted = premiums(known, owners, strikes, vols)
    parts = premiums(known, np.repeat(owners, 2)[::2], np.repeat(strikes, 2)[::2], np.repeat(vols, 2)[::2])
    for column in (owners, strikes, vols):
        column.flags.writeable = False
    for found in (parts, premiums(known, owners, strikes, vols)):
        np.testing.assert_array_equal(np.stack(found), np.stack(wanted))


def test_where_exercise_never_pays_the_premium_is_nothing_and_where_it_pays_at_once_it_is_the_difference(tier: tiers.Tier):
    found = premiums(boundaries(expiry(0.5, 0.04, 0.0, 0.2, 0.2)), np.array([0, 1]), np.array([100.0, 160.0]), np.array([0.2, 0.2]))
    assert found.values[0] == 0.0
    assert found.exercised.tolist() == [False, True]
    european = european_prices(np.array([[100.0], [160.0], [0.5], [0.2], [0.04], [0.0], [-1.0]]))
    assert found.values[1] == pytest.approx(60.0 - european[0])
    assert np.isinf(found.distances[0])


def test_two_boundaries_are_left_to_the_european_value(tier: tiers.Tier):
    found = premiums(boundaries(expiry(1.0, -0.01, -0.03, 0.2, 0.2)), np.array([1]), np.array([100.0]), np.array([0.2]))
    assert found.values[0] == 0.0


@pytest.mark.usefixtures("warm_kernels")
@pytest.mark.parametrize("years", [0.0, 1e-4, 0.01, 0.4, 3.0, -1.0, np.nan])
@pytest.mark.parametrize(
    ("rate", "dividend"), [(0.04, 0.01), (0.04, 0.0), (0.0, 0.0), (0.02, 0.15), (0.3, 0.0), (-0.01, -0.03), (np.nan, 0.0)]
)
def test_both_tiers_say_the_same(years: float, rate: float, dividend: float):
    dice = np.random.default_rng(5)
    strikes = np.concatenate([100.0 * np.exp(dice.uniform(-1.0, 1.0, 60)), [0.0, np.nan, np.inf, -3.0]])
    vols = np.concatenate([dice.uniform(0.03, 1.2, 60), [0.2, 0.2, 0.2, 0.2]])
    vols[:4] = 0.0, np.nan, 1e-9, -0.2
    one = Expiries(*(np.tile(column, 2) for column in expiry(years, rate, dividend, 0.05, 1.1)))
    one.rates[2:] += 1e-4
    owners = dice.integers(0, 4, strikes.size)
    found = []
    for tier in ("numpy", "numba"):
        with tiers.using(tier):
            known = boundaries(one, 2)
            europeans = np.full(strikes.size, np.inf)
            found.append((known.methods, *premiums(known, owners, strikes, vols), *premiums(known, owners, strikes, vols, europeans)))
    for plain, compiled in zip(*found, strict=True):
        np.testing.assert_allclose(compiled, plain, rtol=1e-12, atol=1e-12)


odd = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([0.0, 0.3, 1.0, -0.1, 1e308, 5e-324]))


@given(numbers=st.lists(odd, min_size=8, max_size=8))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_number_raises(tier: tiers.Tier, numbers: list[float]):
    spot, years, rate, dividend, lowest, highest, strike, vol = numbers
    one = Expiries(*(np.full(2, value) for value in (spot, years, rate, dividend)), SIGNS, np.full(2, lowest), np.full(2, highest))
    found = premiums(boundaries(one), np.array([0, 1]), np.full(2, strike), np.full(2, vol))
    assert found.values.shape == (2,)
    assert not (found.values < 0.0).any()
