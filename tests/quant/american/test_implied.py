"""American implied volatilities: there and back, and a status where there is no way back."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant import tiers
from engine.quant.american import prices
from engine.quant.american.exercise import premiums
from engine.quant.american.implied import de_americanised, implied_vols
from engine.quant.codes import IvStatus
from engine.quant.european.black import greeks as european_greeks
from tests.kit.numbers import record
from tests.quant.american.tables import chain

anything = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.floats(0.0, 1e3))


def without_vols(terms: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: values for name, values in terms.items() if name != "vols"}


@pytest.mark.parametrize("setting", ["auto", "fine"])
def test_the_volatility_of_a_price_is_the_one_it_was_made_with(tier: tiers.Tier, setting: str):
    terms = chain(600, deviations=2.0)
    paid = prices(**terms, setting=setting)
    found = implied_vols(prices=paid, **without_vols(terms), setting=setting)
    exercised = paid <= np.maximum(terms["rights"] * (terms["spots"] - terms["strikes"]), 0.0)
    assert (found.statuses[exercised] == IvStatus.NO_TIME_VALUE).all()
    assert (found.statuses[~exercised] == IvStatus.OK).all()
    again = prices(**{**terms, "vols": np.where(exercised, 0.2, found.vols)}, setting=setting)
    record(
        table="American prices there and back",
        quantity=f"price met, per 100 of spot, {setting} setting",
        error=float(np.max(np.abs(again - paid)[~exercised])),
        tolerance=5e-5 if setting == "auto" else 1e-6,
        cases=int((~exercised).sum()),
    )
    lively = (
        ~exercised & (european_greeks(**terms).vegas > 1.0) & (paid > np.maximum(terms["rights"] * (100.0 - terms["strikes"]), 0.0) + 1e-2)
    )
    error = np.abs(found.vols - terms["vols"])[lively]
    record(table="American prices there and back", quantity=f"volatility, {setting} setting", error=float(np.max(error)), tolerance=3e-4)


def test_a_price_without_time_value_or_beyond_every_volatility_says_so(tier: tiers.Tier):
    terms = {"spots": 100.0, "strikes": [120.0, 120.0, 120.0, 80.0], "years": 0.5, "rights": [-1, -1, -1, 1], "rates": 0.05}
    found = implied_vols(prices=[20.0, 15.0, 120.0, 100.0], **terms)
    assert found.statuses.tolist() == [IvStatus.NO_TIME_VALUE, IvStatus.NO_TIME_VALUE, IvStatus.ABOVE_BOUND, IvStatus.ABOVE_BOUND]
    assert np.isnan(found.vols).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"prices": math.nan}, {"prices": -1.0}, {"prices": math.inf}, {"spots": 0.0}, {"spots": math.nan}, {"strikes": 0.0},
        {"years": 0.0}, {"years": -1.0}, {"rates": math.nan}, {"rights": 0.0},
    ],
)  # fmt: skip
def test_a_missing_or_impossible_input_is_bad_input(tier: tiers.Tier, wrong: dict[str, float]):
    usual = {"prices": 5.0, "spots": 100.0, "strikes": 100.0, "years": 0.5, "rights": -1.0, "rates": 0.05}
    found = implied_vols(**{**usual, **wrong})
    assert IvStatus(int(found.statuses)) is IvStatus.BAD_INPUT
    assert math.isnan(float(found.vols))


@given(price=anything, spot=anything, strike=anything, years=anything, rate=st.floats(-0.2, 0.5), right=st.sampled_from([1.0, -1.0]))
@settings(max_examples=60, deadline=None)
def test_whatever_comes_in_an_answer_with_a_status_comes_out(
    price: float, spot: float, strike: float, years: float, rate: float, right: float
):
    usual = {"prices": 5.0, "spots": 100.0, "strikes": 100.0, "years": 0.5}
    odd = {"prices": price, "spots": spot, "strikes": strike, "years": years}
    found = implied_vols(**{name: [usual[name], odd[name]] for name in usual}, rights=right, rates=rate)
    for vol, status in zip(found.vols.tolist(), found.statuses.tolist(), strict=True):
        assert (IvStatus(status) in {IvStatus.OK, IvStatus.ILL_CONDITIONED}) == (0.0 < vol < math.inf)


def test_a_price_a_hair_above_its_intrinsic_value_still_has_a_volatility(tier: tiers.Tier):
    found = implied_vols(prices=20.0 + 1e-5, spots=80.0, strikes=100.0, years=0.25, rights=-1, rates=0.06)
    assert int(found.statuses) == IvStatus.OK
    again = prices(spots=80.0, strikes=100.0, years=0.25, vols=float(found.vols), rights=-1, rates=0.06)
    assert float(again) == pytest.approx(20.00001, abs=1.1e-5)


def test_what_is_left_without_early_exercise_is_a_european_price_and_a_premium(tier: tiers.Tier):
    terms = chain(80, seed=2, deviations=1.0)
    paid = prices(**terms)
    found = de_americanised(prices=paid, **without_vols(terms))
    good = found.statuses == IvStatus.OK
    assert good.sum() > 60
    np.testing.assert_allclose(
        found.prices[good], european_greeks(**{**terms, "vols": np.where(good, found.vols, 0.2)}).prices[good], rtol=1e-12
    )
    np.testing.assert_allclose(found.premiums[good], premiums(**terms)[good], atol=1e-3)
    np.testing.assert_allclose((found.prices + found.premiums)[good], paid[good], rtol=1e-12)


@pytest.mark.usefixtures("warm_kernels")
def test_both_tiers_find_the_same_volatilities():
    found = []
    terms = chain(150, seed=4)
    paid = prices(**terms, setting="fine")
    for name in ("numpy", "numba"):
        with tiers.using(name):
            found.append(implied_vols(prices=paid, **without_vols(terms)))
    assert (found[0].statuses == found[1].statuses).all()
    np.testing.assert_allclose(found[0].vols, found[1].vols, rtol=1e-7)
