"""American prices against published and high-precision values, and what must hold of every one of them."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant import tiers
from engine.quant.american import prices
from engine.quant.american.greeks import greeks
from engine.quant.american.trees import tree_values
from engine.quant.american.values import spot_ladder
from engine.quant.arrays import columns
from engine.quant.european.black import greeks as european_greeks
from tests.kit.numbers import record
from tests.quant.american.tables import chain, table

ROWS = ("spots", "strikes", "years", "vols", "rates", "yields", "rights")
some_vol = st.floats(0.001, 10.0)
some_time = st.floats(1.0 / 31_536_000, 3.0)
some_rate = st.floats(-0.1, 0.3)
a_right = st.sampled_from([1.0, -1.0])


def european(terms: dict[str, object]) -> np.ndarray:
    return european_greeks(**terms).prices


@pytest.mark.parametrize(("setting", "tolerance"), [("fast", 1e-3), ("auto", 1e-3), ("accurate", 2e-4), ("fine", 1e-4)])
def test_prices_meet_the_high_precision_scheme(tier: tiers.Tier, fixtures: Path, setting: str, tolerance: float):
    known = table(fixtures / "model_tables" / "ql_american_qdfp.csv")
    error = np.abs(prices(**known.terms, setting=setting) - known.of("american")) / known.terms["spots"] * 100.0
    record(
        table="ql_american_qdfp.csv",
        quantity=f"price per 100 of spot, {setting} setting",
        error=float(np.max(error)),
        tolerance=tolerance,
        cases=error.size,
    )


@pytest.mark.parametrize(("setting", "tolerance"), [("auto", 1e-3), ("fine", 1e-4)])
def test_degenerate_and_extreme_options_have_their_true_prices(tier: tiers.Tier, fixtures: Path, setting: str, tolerance: float):
    known = table(fixtures / "model_tables" / "american_edge_cases.csv")
    spots, years = known.terms["spots"], known.terms["years"]
    found, true = prices(**known.terms, setting=setting), known.of("true_price")
    ended = years == 0.0
    assert ended.sum() == 1
    assert found[ended] == pytest.approx(20.0)  # the table's 0 is that of an instrument already gone; ours pays its intrinsic value
    error = (np.abs(found - true) * 100.0 / np.maximum(spots, 100.0))[~ended]
    record(
        table="american_edge_cases.csv",
        quantity=f"true price per 100 of spot, {setting} setting",
        error=float(np.max(error)),
        tolerance=tolerance,
        cases=error.size,
    )


def test_the_premium_is_that_of_andersen_lake_and_offengenden(tier: tiers.Tier):
    terms = {"spots": 100.0, "strikes": 100.0, "years": 1.0, "vols": 0.25, "rights": -1.0, "yields": 0.05}
    for rate, premium in ((0.05, 0.1069527028), (0.075, 0.3671112309)):
        found = float(prices(**terms, rates=rate, setting="fine") - european({**terms, "rates": rate}))
        record(table="andersen_lake_offengenden.csv", quantity="premium, fine setting", error=abs(found - premium), tolerance=5e-6, cases=2)


@pytest.mark.parametrize(
    ("name", "column", "allowed"),
    [("haug_american_barone_adesi_whaley.csv", "baw_value", 0.06), ("bjerksund_stensland.csv", "bs_value", 0.05)],
)
def test_the_published_approximations_are_near(tier: tiers.Tier, fixtures: Path, name: str, column: str, allowed: float):
    known = table(fixtures / "model_tables" / name)
    usual = known.terms["vols"] < 5.0  # an approximation at 1000 % is none
    error = np.abs(prices(**known.terms) - known.of(column))[usual]
    record(table=name, quantity="the approximation less the price", error=float(np.max(error)), tolerance=allowed, cases=error.size)


def test_the_fine_setting_agrees_with_quantlib_far_outside_the_usual():
    quantlib = pytest.importorskip("QuantLib")
    today = quantlib.Date(1, 1, 2020)
    quantlib.Settings.instance().evaluationDate = today
    clock = quantlib.Actual365Fixed()
    cases = [
        (107.77, 1095, 0.379, 0.05, 0.3, 1), (112.13, 1095, 0.211, 0.05, -0.005, -1), (99.18, 365, 0.043, -0.05, 0.0, 1),
        (121.0, 3650, 0.219, 0.01, 0.08, 1), (95.67, 365, 0.01, 0.001, 0.5, -1), (101.0, 1, 2.3, 0.05, 0.0, -1),
        (100.0, 730, 0.05, 0.08, 0.0, -1), (100.0, 30, 3.0, 0.0, -0.02, -1), (130.0, 365, 0.109, 0.0787, 0.0, -1),
    ]  # fmt: skip
    for strike, days, vol, rate, dividend, right in cases:
        quote = quantlib.QuoteHandle(quantlib.SimpleQuote(100.0))
        curves = [quantlib.YieldTermStructureHandle(quantlib.FlatForward(today, r, clock)) for r in (dividend, rate)]
        surface = quantlib.BlackVolTermStructureHandle(quantlib.BlackConstantVol(today, quantlib.NullCalendar(), vol, clock))
        process = quantlib.BlackScholesMertonProcess(quote, *curves, surface)
        kind = quantlib.Option.Call if right > 0 else quantlib.Option.Put
        option = quantlib.VanillaOption(quantlib.PlainVanillaPayoff(kind, strike), quantlib.AmericanExercise(today, today + days))
        option.setPricingEngine(quantlib.QdFpAmericanEngine(process, quantlib.QdFpAmericanEngine.highPrecisionScheme()))
        terms = {"spots": 100.0, "strikes": strike, "years": days / 365, "vols": vol, "rights": right, "rates": rate, "yields": dividend}
        assert float(prices(**terms, setting="fine")) == pytest.approx(option.NPV(), abs=2e-4), terms
        assert float(prices(**terms)) == pytest.approx(option.NPV(), abs=1.2e-3), terms


def test_where_nothing_is_earned_by_exercise_the_price_is_the_european_one(tier: tiers.Tier):
    base = {"spots": 100.0, "strikes": [80.0, 100.0, 120.0], "years": 0.7, "vols": 0.3}
    for right, rate, dividend in ((-1.0, 0.0, 0.0), (-1.0, -0.02, 0.01), (-1.0, -0.02, -0.01), (1.0, 0.03, 0.0), (1.0, 0.05, -0.02)):
        terms = {**base, "rights": right, "rates": rate, "yields": dividend}
        np.testing.assert_allclose(prices(**terms), european(terms), rtol=1e-14)


def test_a_zero_rate_and_a_negative_yield_leave_one_boundary(tier: tiers.Tier):
    terms = {"spots": 86.0, "strikes": 100.0, "years": 0.3, "vols": 0.3, "rights": -1.0, "rates": 0.0, "yields": -0.03}
    rows, _ = columns(*(terms[name] for name in ROWS))
    assert float(prices(**terms)) == pytest.approx(float(tree_values(rows, steps=2001)[0, 0]), abs=2e-3)
    assert float(prices(**terms)) > float(european(terms)) + 1e-3


@pytest.mark.usefixtures("warm_kernels")
def test_both_tiers_give_the_same_prices():
    found = []
    terms = chain(400)
    for name in ("numpy", "numba"):
        with tiers.using(name):
            found.append([prices(**terms, setting=setting) for setting in ("fast", "auto", "fine")])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-9, atol=1e-11)


@given(
    right=a_right, moneyness=st.floats(-3.0, 3.0), years=some_time, vol=some_vol, rate=some_rate, dividend=some_rate,
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_an_american_option_is_worth_its_intrinsic_and_its_european_value_at_least(
    right: float, moneyness: float, years: float, vol: float, rate: float, dividend: float
):
    strike = 100.0 * math.exp(moneyness * min(vol * math.sqrt(years), 1.0))
    terms = {"spots": 100.0, "strikes": strike, "years": years, "vols": vol, "rights": right, "rates": rate, "yields": dividend}
    found, least = float(prices(**terms)), float(european(terms))
    greatest = 100.0 * math.exp(max(-dividend * years, 0.0)) if right > 0 else strike * math.exp(max(-rate * years, 0.0))
    slack = 5e-3 * max(1.0, strike / 100.0)
    assert found >= max(right * (100.0 - strike), 0.0) - (slack if math.isnan(found) else 1e-9)
    assert found >= least - slack
    assert found <= greatest + slack


@given(right=a_right, years=st.floats(0.01, 2.0), vol=st.floats(0.05, 1.5), rate=st.floats(0.0, 0.15), dividend=st.floats(0.0, 0.15))
@settings(max_examples=25, deadline=None)
def test_prices_are_convex_and_monotone_in_the_strike_and_grow_with_time_and_volatility(
    right: float, years: float, vol: float, rate: float, dividend: float
):
    strikes = 100.0 * np.exp(np.linspace(-2.0, 2.0, 41) * vol * math.sqrt(years))
    terms = {"spots": 100.0, "strikes": strikes, "years": years, "vols": vol, "rights": right, "rates": rate, "yields": dividend}
    found = prices(**terms, setting="fine")
    slopes = np.diff(found) / np.diff(strikes)
    assert (right * slopes <= 1e-6).all()
    assert (np.abs(slopes) <= 1.0 + 1e-6).all()
    assert (np.diff(slopes) >= -2e-4).all()
    assert (prices(**{**terms, "years": years * 1.1}, setting="fine") >= found - 1e-4).all()
    assert (prices(**{**terms, "vols": vol * 1.1}, setting="fine") >= found - 1e-4).all()


@given(strike=st.floats(50.0, 200.0), years=st.floats(0.01, 3.0), vol=st.floats(0.05, 2.0), rate=some_rate, dividend=some_rate)
@settings(max_examples=60, deadline=None)
def test_a_call_is_the_put_with_spot_and_strike_rate_and_yield_changed_over(
    strike: float, years: float, vol: float, rate: float, dividend: float
):
    call = prices(spots=100.0, strikes=strike, years=years, vols=vol, rights=1, rates=rate, yields=dividend)
    put = prices(spots=strike, strikes=100.0, years=years, vols=vol, rights=-1, rates=dividend, yields=rate)
    assert float(call) == pytest.approx(float(put), rel=1e-9, abs=1e-9)


def test_prices_scale_with_the_currency(tier: tiers.Tier):
    terms = chain(50)
    scaled = {**terms, "spots": terms["spots"] * 1e4, "strikes": terms["strikes"] * 1e4}
    np.testing.assert_allclose(prices(**scaled), 1e4 * prices(**terms), rtol=1e-10)


@pytest.mark.parametrize(
    "wrong",
    [
        {"spots": math.nan}, {"spots": -1.0}, {"spots": math.inf}, {"strikes": math.nan}, {"years": -0.1}, {"years": math.nan},
        {"vols": -0.2}, {"vols": math.nan}, {"rates": math.nan}, {"yields": math.inf}, {"rights": 0.0}, {"rights": math.nan},
    ],
)  # fmt: skip
def test_an_unknown_or_impossible_input_gives_no_number(tier: tiers.Tier, wrong: dict[str, float]):
    terms = {"spots": 100.0, "strikes": 100.0, "years": 1.0, "vols": 0.2, "rights": -1.0, "rates": 0.05, "yields": 0.02}
    found = prices(
        **{**{name: [value, value] for name, value in terms.items()}, **{name: [terms[name], value] for name, value in wrong.items()}}
    )
    assert math.isfinite(found[0])
    assert math.isnan(found[1])


def test_units_and_settings_that_cannot_be_meant_are_refused():
    terms = {"spots": 100.0, "strikes": 100.0, "years": 1.0, "vols": 0.2, "rights": 1.0}
    with pytest.raises(ValueError, match=r"write 20 % as 0\.2"):
        prices(**{**terms, "vols": 20.0})
    with pytest.raises(ValueError, match="there is no setting 'best'"):
        prices(**terms, setting="best")
    with pytest.raises(ValueError, match="shape"):
        prices(**{**terms, "strikes": [90.0, 100.0], "spots": [1.0, 2.0, 3.0]})


def test_shapes_are_kept_and_an_empty_column_is_answered(tier: tiers.Tier):
    terms = {"spots": 100.0, "strikes": np.full((2, 3), 100.0), "years": 1.0, "vols": 0.2, "rights": -1.0, "rates": 0.05}
    assert prices(**terms).shape == (2, 3)
    assert prices(**{**terms, "strikes": []}).size == 0


def test_a_ladder_of_spots_has_the_prices_of_its_rungs(tier: tiers.Tier):
    terms = {name: values for name, values in chain(12, seed=9).items() if name != "spots"}
    terms["yields"][0] = terms["rates"][0] = 0.0
    spots = np.linspace(70.0, 140.0, 15)
    found = spot_ladder(spots=spots, **terms)
    assert found.prices.shape == (12, 15)
    rungs = prices(spots=spots, **{name: values[:, None] for name, values in terms.items()})
    np.testing.assert_allclose(found.prices, rungs, rtol=1e-11, atol=1e-11)
    single = greeks(spots=100.0, **terms, setting="fast")
    middle = spot_ladder(spots=np.full((12, 1), 100.0), **terms, setting="fast")
    np.testing.assert_allclose(middle.deltas[:, 0], single.deltas, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(middle.gammas[:, 0], single.gammas, rtol=1e-10, atol=1e-11)
    assert spot_ladder(spots=np.empty((12, 0)), **terms).prices.shape == (12, 0)
