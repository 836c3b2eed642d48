"""Puts with q < r < 0, which are exercised between two boundaries until these meet, and calls with r < q < 0."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant import tiers
from engine.quant.american import prices
from engine.quant.american.exercise import boundaries, boundary, premiums
from engine.quant.american.greeks import greeks
from engine.quant.american.implied import implied_vols
from engine.quant.american.regimes import Method, as_puts, methods
from engine.quant.american.trees import tree_values
from engine.quant.american.values import spot_ladder
from engine.quant.arrays import columns
from engine.quant.european.black import greeks as european_greeks
from tests.kit.numbers import record
from tests.quant.american.two_boundaries import TRUE_PRICES

NAMES = ("spots", "years", "vols", "rates", "yields")
USUAL = {"strikes": 100.0, "years": 5.0, "vols": 0.1, "rights": -1.0, "rates": -0.005, "yields": -0.02}
MEET_AT = 3.0505
"""Years at which the boundaries of USUAL with a volatility of 30 % meet."""


def true_prices() -> tuple[dict[str, np.ndarray], np.ndarray]:
    *terms, found = np.array(TRUE_PRICES).T
    return {**dict(zip(NAMES, terms, strict=True)), "strikes": np.full(found.size, 100.0), "rights": np.full(found.size, -1.0)}, found


def swapped(terms: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The calls of the same value."""
    pairs = {"spots": "strikes", "strikes": "spots", "rates": "yields", "yields": "rates"}
    return {name: terms[pairs.get(name, name)] if name != "rights" else -terms["rights"] for name in terms}


@pytest.mark.parametrize(("setting", "tolerance"), [("fast", 1e-3), ("auto", 1e-3), ("fine", 1e-4)])
def test_prices_are_the_true_ones_of_puts_and_of_calls(tier: tiers.Tier, setting: str, tolerance: float):
    terms, true = true_prices()
    for kind in (terms, swapped(terms)):
        error = np.abs(prices(**kind, setting=setting) - true) * 100.0 / np.maximum(terms["spots"], 100.0)
        record(
            table="two exercise boundaries (trees of up to 20,001 steps)",
            quantity=f"price per 100 of spot or strike, {setting} setting",
            error=float(np.max(error)),
            tolerance=tolerance,
            cases=error.size,
        )


def test_every_such_row_is_answered_by_both_boundaries_and_the_fine_setting_finely():
    terms, _ = true_prices()
    rows, _ = columns(*(terms[name] for name in ("spots", "strikes", "years", "vols", "rates", "yields", "rights")))
    assert set(methods(rows, as_puts(rows), "auto").tolist()) <= {Method.TWICE, Method.FINE_TWICE}
    assert set(methods(rows, as_puts(rows), "fine").tolist()) == {Method.FINE_TWICE}


@pytest.mark.usefixtures("warm_kernels")
def test_both_tiers_give_the_same_prices():
    found = []
    for name in ("numpy", "numba"):
        with tiers.using(name):
            found.append(prices(**true_prices()[0]))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-8, atol=1e-9)


def test_it_is_exercised_between_the_boundaries_and_nowhere_else(tier: tiers.Tier):
    lower, upper = (float(edge) for edge in boundaries(**USUAL))
    assert 25.0 < lower < upper < 100.0
    for spot in (lower * 1.001, 0.5 * (lower + upper), upper * 0.999):
        assert float(prices(spots=spot, **USUAL)) == 100.0 - spot
    for spot in (lower * 0.97, upper * 1.03):
        assert float(prices(spots=spot, **USUAL)) > 100.0 - spot + 1e-5
    assert float(boundary(**USUAL)) == upper


def test_a_calls_boundaries_are_the_swapped_puts(tier: tiers.Tier):
    put = boundaries(**USUAL)
    call = boundaries(**{**USUAL, "rights": 1.0, "rates": USUAL["yields"], "yields": USUAL["rates"]})
    assert float(call.lowers * put.uppers) == pytest.approx(1e4, rel=1e-12)
    assert float(call.uppers * put.lowers) == pytest.approx(1e4, rel=1e-12)
    assert float(boundary(**{**USUAL, "rights": 1.0, "rates": USUAL["yields"], "yields": USUAL["rates"]})) == float(call.lowers)


def test_with_less_time_the_boundaries_part_until_their_limits(tier: tiers.Tier):
    found = boundaries(**{**USUAL, "years": [0.0, 1e-4, 0.1, 1.0, 5.0, 20.0]})
    assert (np.diff(found.uppers) < 0.0).all()
    assert (np.diff(found.lowers) > 0.0).all()
    assert (found.lowers[0], found.uppers[0]) == (25.0, 100.0)
    assert found.lowers[1] == pytest.approx(25.0, rel=1e-3)


def test_below_the_critical_volatility_the_boundaries_never_meet_and_come_to_the_perpetual_ones(tier: tiers.Tier):
    # of the powers p of the spot that the perpetual put follows, σ²p(p-1)/2 + (r-q)p - r = 0: each boundary is K p / (p - 1)
    vol, rate, dividend = 0.2, -0.03, -0.12
    half = 0.5 - (rate - dividend) / vol**2
    root = math.sqrt(half * half + 2.0 * rate / vol**2)
    perpetual = [100.0 * power / (power - 1.0) for power in (half + root, half - root)]
    found = boundaries(**{**USUAL, "vols": vol, "rates": rate, "yields": dividend, "years": 40.0})
    assert sorted(perpetual) == pytest.approx([float(found.lowers), float(found.uppers)], rel=2e-2)
    assert min(perpetual) >= float(found.lowers)
    assert max(perpetual) <= float(found.uppers)


def test_above_the_critical_volatility_they_meet_and_beyond_that_time_there_are_none(tier: tiers.Tier):
    early, late = (boundaries(**{**USUAL, "vols": 0.3, "years": MEET_AT + change}) for change in (-0.01, 0.01))
    assert 0.0 < float(early.uppers - early.lowers) < 0.5
    assert (float(late.lowers), float(late.uppers)) == (0.0, 0.0)
    call = boundaries(**{**USUAL, "vols": 0.3, "years": MEET_AT + 0.01, "rights": 1.0, "rates": -0.02, "yields": -0.005})
    assert (float(call.lowers), float(call.uppers)) == (math.inf, math.inf)
    spots = np.linspace(25.0, 60.0, 8)
    assert (prices(spots=spots, **{**USUAL, "vols": 0.3, "years": MEET_AT + 0.5}) > 100.0 - spots + 1e-6).all()


@pytest.mark.usefixtures("warm_kernels")
@given(
    right=st.sampled_from([1.0, -1.0]), away=st.floats(-1.5, 0.5), years=st.floats(1e-4, 30.0), vol=st.floats(0.001, 1.5),
    dividend=st.floats(-0.3, -1e-4), share=st.floats(1e-4, 0.999),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_prices_follow_a_tree_over_the_whole_domain(right: float, away: float, years: float, vol: float, dividend: float, share: float):
    rate = dividend * share
    spot = 100.0 * math.exp(away * min(-1.5 * math.log(share), 2.0 * min(vol * math.sqrt(years), 1.0) + 0.02))
    put = {"spots": spot, "strikes": 100.0, "years": years, "vols": vol, "rights": -1.0, "rates": rate, "yields": dividend}
    rows, _ = columns(*(put[name] for name in ("spots", "strikes", "years", "vols", "rates", "yields", "rights")))
    asked = {**put, "spots": 100.0, "strikes": spot, "rights": 1.0, "rates": dividend, "yields": rate} if right > 0.0 else put
    unit = max(spot, 100.0) * math.exp(max(-rate * years, 0.0))
    with tiers.using("numba"):
        coarse, fine = (float(tree_values(rows, steps=steps)[0, 0]) for steps in (801, 1601))
        found = float(prices(**asked))
    assert found == pytest.approx(max(2.0 * fine - coarse, 100.0 - spot), abs=2e-5 * unit + abs(fine - coarse))


def test_the_premium_is_bounded_by_what_exercise_can_earn(tier: tiers.Tier):
    terms, _ = true_prices()
    found = premiums(**terms)
    assert (found >= -1e-4).all()
    earned = 100.0 * (terms["rates"] - terms["yields"]) * terms["years"] * np.exp(-terms["yields"] * terms["years"])
    assert (found <= earned + 1e-4).all()


def test_where_nothing_can_be_earned_there_is_no_premium():
    terms = {**USUAL, "spots": [80.0, 99.0], "yields": USUAL["rates"] - 1e-9, "years": 1.0}
    np.testing.assert_array_equal(prices(**terms), european_greeks(**terms).prices)


def test_greeks_are_the_differences_of_fine_prices(tier: tiers.Tier):
    terms = {**USUAL, "spots": np.array([22.0, 88.0, 105.0]), "vols": 0.12}
    found = greeks(**terms, setting="fine")

    def slope(name: str, step: float) -> np.ndarray:
        sides = [prices(**{**terms, name: terms[name] + sign * step}, setting="fine") for sign in (1.0, -1.0)]
        return (sides[0] - sides[1]) / (2.0 * step)

    np.testing.assert_allclose(found.deltas, slope("spots", 0.05), atol=1e-4)
    np.testing.assert_allclose(found.vegas, slope("vols", 2e-3), atol=0.1)
    np.testing.assert_allclose(found.rhos, slope("rates", 1e-5), atol=1.0)
    np.testing.assert_allclose(found.thetas, -slope("years", 2e-2), atol=5e-3)
    exercised = greeks(**{**USUAL, "spots": 60.0})
    assert (float(exercised.prices), float(exercised.deltas), float(exercised.gammas), float(exercised.vegas)) == (40.0, -1.0, 0.0, 0.0)


def test_a_ladder_of_spots_shares_the_boundaries(tier: tiers.Tier):
    spots = np.linspace(15.0, 130.0, 12)
    ladder = spot_ladder(spots=spots, **USUAL)
    np.testing.assert_allclose(ladder.prices, prices(spots=spots, **USUAL), rtol=1e-11, atol=1e-11)


def test_the_volatility_is_found_again(tier: tiers.Tier):
    given_terms = {name: value for name, value in USUAL.items() if name != "vols"}
    spots = np.array([22.0, 92.0, 100.0, 110.0])
    paid = prices(spots=spots, **{**USUAL, "vols": 0.15})
    found = implied_vols(prices=paid, spots=spots, **given_terms)
    np.testing.assert_allclose(found.vols, 0.15, atol=1e-4)


def test_an_unknown_input_has_no_boundaries():
    for wrong in ({"vols": math.nan}, {"rates": math.nan}, {"years": -1.0}, {"rights": 0.0}):
        assert np.isnan(np.stack(boundaries(**{**USUAL, **wrong}))).all()
