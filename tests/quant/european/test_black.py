"""Black-76 and its Greeks: published tables, many digits, and the laws they must obey."""

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant import tiers
from engine.quant.european.black import expected_distances, greeks, greeks_on_forward, higher_greeks, prices
from tests.kit.numbers import record
from tests.kit.peers import peer
from tests.kit.quant import exact_price

mp, QuantLib = peer("mpmath"), peer("QuantLib")
RIGHTS = {"call": 1.0, "put": -1.0}
options = st.fixed_dictionaries(
    {
        "spots": st.floats(1.0, 10_000.0),
        "moneyness": st.floats(-1.5, 1.5),
        "years": st.one_of(st.floats(1 / 365 / 86_400, 1 / 365), st.floats(1 / 365, 10.0)),
        "vols": st.one_of(st.floats(0.001, 0.1), st.floats(0.1, 10.0)),
        "rates": st.floats(-0.05, 0.15),
        "yields": st.floats(-0.05, 0.15),
        "rights": st.sampled_from([1.0, -1.0]),
    }
)


def placed(option: dict[str, float]) -> dict[str, float]:
    """Strikes spread over the distances that matter, from the money to eight deviations off."""
    spread = 8.0 * option["vols"] * math.sqrt(option["years"])
    strike = option["spots"] * math.exp(max(min(option["moneyness"] * spread, 5.0), -5.0))
    return {**{name: value for name, value in option.items() if name != "moneyness"}, "strikes": strike}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def columns_of(rows: list[dict[str, str]], *names: str) -> list[np.ndarray]:
    return [np.array([float(row[name]) for row in rows]) for name in names]


def test_a_high_precision_table_is_met_to_1e_10(tier: tiers.Tier, fixtures: Path):
    rows = rows_of(fixtures / "model_tables" / "bsm_greeks_high_precision.csv")
    S, K, days, vol, r, q = columns_of(rows, "spot", "strike", "days_act365", "vol", "r", "q")
    given_numbers = {
        "spots": S, "strikes": K, "years": days / 365, "vols": vol, "rates": r, "yields": q,
        "rights": np.array([RIGHTS[row["type"]] for row in rows]),
    }  # fmt: skip
    found = greeks(**given_numbers)
    higher = higher_greeks(**given_numbers)
    names = {
        "price": found.prices, "delta": found.deltas, "gamma": found.gammas, "vega": found.vegas, "theta": found.thetas,
        "rho": found.rhos, "vanna": found.vannas, "volga": found.volgas, "charm_dDelta_dt": found.charms,
        "speed": higher.speeds, "zomma": higher.zommas, "color_dGamma_dt": higher.colors, "ultima": higher.ultimas,
        "dual_delta": higher.dual_deltas,
    }  # fmt: skip
    for name, ours in names.items():
        (truth,) = columns_of(rows, name)
        ordinary = np.abs(truth) > 1e-290  # what is below is nothing: both are
        assert (np.abs(ours[~ordinary]) <= 1e-290).all()
        error = np.abs(ours / np.where(ordinary, truth, 1.0) - 1.0)[ordinary]
        record(table="bsm_greeks_high_precision.csv", quantity=name, error=float(error.max()), tolerance=1e-10, cases=int(ordinary.sum()))


def test_haugs_prices_are_met(tier: tiers.Tier, fixtures: Path):
    rows = rows_of(fixtures / "model_tables" / "haug_european.csv")
    K, S, q, r, T, vol, value = columns_of(rows, "strike", "spot", "q", "r", "t", "vol", "value")
    rights = np.array([RIGHTS[row["type"]] for row in rows])
    found = greeks(spots=S, strikes=K, years=T, vols=vol, rates=r, yields=q, rights=rights)
    error = float(np.abs(found.prices - value).max())
    record(table="haug_european.csv", quantity="price", error=error, tolerance=1e-4, cases=len(rows))


def test_haugs_greeks_are_met(tier: tiers.Tier, fixtures: Path):
    rows = rows_of(fixtures / "model_tables" / "haug_greeks.csv")
    K, S, q, r, T, vol, value = columns_of(rows, "strike", "spot", "q", "r", "t", "vol", "value")
    rights = np.array([RIGHTS[row["type"]] for row in rows])
    given_numbers = {"spots": S, "strikes": K, "years": T, "vols": vol, "rates": r, "yields": q, "rights": rights}
    found, higher = greeks(**given_numbers), higher_greeks(**given_numbers)
    by_name = {
        "delta": found.deltas, "elasticity": found.deltas * S / found.prices, "gamma": found.gammas, "vega": found.vegas,
        "theta": found.thetas, "theta_per_day": found.thetas / 365, "rho": found.rhos, "dividend_rho": higher.dividend_rhos,
    }  # fmt: skip
    for name, ours in by_name.items():
        mine = np.array([row["greek"] == name for row in rows])
        error = float(np.abs(ours - value)[mine].max())
        record(table="haug_greeks.csv", quantity=name, error=error, tolerance=1e-4, cases=int(mine.sum()))
    assert {row["greek"] for row in rows} == set(by_name)


def test_the_table_of_vollib_is_met_to_its_nine_digits(tier: tiers.Tier, fixtures: Path):
    table = json.loads((fixtures / "model_tables" / "vollib_bs_greeks.json").read_text(encoding="utf-8"))
    numbers = {name: np.array([row[i] for row in table["data"]]) for i, name in enumerate(table["columns"])}
    S, K, r, T, vol = (numbers[name] for name in "SKRtv")
    for right, letter, price in ((1.0, "C", "bs_call"), (-1.0, "P", "bs_put")):
        found = greeks(spots=S, strikes=K, years=T, vols=vol, rates=r, rights=right)
        named = {"delta": found.deltas, "gamma": found.gammas, "theta": found.thetas, "vega": found.vegas, "rho": found.rhos}
        pairs = [
            ("price", found.prices, numbers[price]),
            *((name, ours, numbers[letter + name[0].upper()]) for name, ours in named.items()),
        ]
        for name, ours, theirs in pairs:
            error = float((np.abs(ours - theirs) / (1.0 + np.abs(theirs))).max())
            record(table="vollib_bs_greeks.json", quantity=name, error=error, tolerance=6e-10, cases=S.size)


def test_prices_hold_their_digits_far_out_and_close_to_the_end(tier: tiers.Tier):
    second = 1 / 365 / 86_400
    cases = [
        (100.0, 100.0 * math.exp(x * vol * math.sqrt(T)), T, vol, right)
        for x in (-25.0, -8.0, -1.0, 0.0, 1e-6, 0.5, 8.0, 25.0)
        for T in (second, 1 / 365, 1.0, 30.0)
        for vol in (0.001, 0.2, 1.0, 10.0)
        for right in (1, -1)
        if abs(x * vol * math.sqrt(T)) < 60
    ]
    F, K, T, vol, right = (np.array(column, dtype=float) for column in zip(*cases, strict=True))
    found = prices(forwards=F, strikes=K, years=T, vols=vol, rights=right)
    truth = np.array([float(exact_price(*case)) for case in cases])
    floor = 4e-16 * np.maximum(F, K)  # the rounding of intrinsic value, and of F - K at the money
    assert (np.abs(found - truth) <= 1e-11 * truth + floor).all()


def test_out_of_the_money_prices_are_relatively_exact(tier: tiers.Tier):
    for x in (0.5, 2.0, 6.0, 15.0, 30.0):
        strike = 100.0 * math.exp(x * 0.02)
        truth = exact_price(100.0, strike, 0.01, 0.2, 1)
        found = float(prices(forwards=100.0, strikes=strike, years=0.01, vols=0.2, rights=1))
        assert abs(found / float(truth) - 1.0) < 3e-12, x


def test_quantlib_agrees(tier: tiers.Tier):
    rng = np.random.default_rng(5)
    for _ in range(60):
        F, x, T, vol, r, right = 100.0, rng.uniform(-2, 2), rng.uniform(0.01, 3), rng.uniform(0.05, 1.5), rng.uniform(-0.03, 0.1), 1
        right = int(rng.choice([1, -1]))
        K = F * math.exp(x * vol * math.sqrt(T))
        payoff = QuantLib.PlainVanillaPayoff(QuantLib.Option.Call if right > 0 else QuantLib.Option.Put, K)
        theirs = QuantLib.BlackCalculator(payoff, F, vol * math.sqrt(T), math.exp(-r * T))
        spot = F * math.exp(-r * T)
        ours = greeks(spots=spot, strikes=K, years=T, vols=vol, rates=r, rights=right)
        assert float(ours.prices) == pytest.approx(theirs.value(), rel=1e-9)
        assert float(ours.deltas) == pytest.approx(theirs.delta(spot), rel=1e-9)
        assert float(ours.gammas) == pytest.approx(theirs.gamma(spot), rel=1e-9)
        assert float(ours.vegas) == pytest.approx(theirs.vega(T), rel=1e-9)
        assert float(ours.rhos) == pytest.approx(theirs.rho(T), rel=1e-8)
        assert float(ours.thetas) == pytest.approx(theirs.theta(spot, T), rel=1e-7, abs=1e-10)


@given(options)
@settings(max_examples=100, deadline=None)
def test_calls_and_puts_are_tied_by_parity(option: dict[str, float]):
    terms = placed(option)
    forward = terms["spots"] * math.exp((terms["rates"] - terms["yields"]) * terms["years"])
    common = {"forwards": forward, "strikes": terms["strikes"], "years": terms["years"], "vols": terms["vols"]}
    call, put = (float(prices(**common, rights=right)) for right in (1, -1))
    assert call - put == pytest.approx(forward - terms["strikes"], abs=1e-12 * max(forward, terms["strikes"]))


@given(options)
@settings(max_examples=100, deadline=None)
def test_a_price_lies_between_its_intrinsic_value_and_its_bound(option: dict[str, float]):
    terms = placed(option)
    forward, strike, right = terms["spots"], terms["strikes"], terms["rights"]
    value = float(prices(forwards=forward, strikes=strike, years=terms["years"], vols=terms["vols"], rights=right))
    assert max(right * (forward - strike), 0.0) <= value <= (forward if right > 0 else strike) * (1 + 1e-15)


@given(options)
@settings(max_examples=100, deadline=None)
def test_more_volatility_and_a_better_strike_never_cost_less(option: dict[str, float]):
    terms = placed(option)
    forward, strike, right = terms["spots"], terms["strikes"], terms["rights"]
    value, more, better = prices(
        forwards=forward,
        strikes=np.array([strike, strike, strike * (1 - 0.01 * right)]),
        years=terms["years"],
        vols=terms["vols"] * np.array([1.0, 1.01, 1.0]),
        rights=right,
    )
    slack = 4e-16 * max(forward, strike)
    assert more >= value - slack
    assert better >= value - slack


@given(options, st.floats(1e-3, 0.5))
@settings(max_examples=100, deadline=None)
def test_prices_are_convex_in_the_strike_and_fall_no_faster_than_it(option: dict[str, float], step: float):
    terms = placed(option)
    wide = step * min(terms["vols"] * math.sqrt(terms["years"]), 1.0)
    strikes = terms["strikes"] * np.array([1.0 - wide, 1.0, 1.0 + wide])
    low, middle, high = prices(forwards=terms["spots"], strikes=strikes, years=terms["years"], vols=terms["vols"], rights=terms["rights"])
    slack = 4e-16 * max(terms["spots"], strikes[2])
    assert low + high - 2.0 * middle >= -4 * slack
    assert abs(high - low) <= (strikes[2] - strikes[0]) * (1.0 + 1e-12) + 2 * slack


@given(options, st.floats(1e-3, 1e3))
@settings(max_examples=100, deadline=None)
def test_in_another_currency_it_is_the_same_option(option: dict[str, float], rate: float):
    terms = placed(option)
    ours, theirs = greeks(**terms), greeks(**{**terms, "spots": rate * terms["spots"], "strikes": rate * terms["strikes"]})
    size = rate * max(terms["spots"], terms["strikes"])
    assert float(theirs.prices) == pytest.approx(rate * float(ours.prices), rel=1e-9, abs=1e-13 * size)
    noise = 1e-15 / (terms["vols"] * math.sqrt(terms["years"]))  # of ln(S/K) over a deviation, when a second and little volatility are left
    assert float(theirs.deltas) == pytest.approx(float(ours.deltas), rel=1e-9, abs=1e-13 + 4 * noise)
    assert float(theirs.gammas) * rate == pytest.approx(float(ours.gammas), rel=1e-9 + 100 * noise, abs=1e-300)


@given(options)
@settings(max_examples=100, deadline=None)
def test_greeks_keep_their_bounds_and_signs(option: dict[str, float]):
    terms = placed(option)
    found = greeks(**terms)
    held = math.exp(-terms["yields"] * terms["years"])
    assert 0.0 <= terms["rights"] * float(found.deltas) <= held * (1.0 + 1e-12)
    assert float(found.gammas) >= 0.0
    assert float(found.vegas) >= 0.0
    assert terms["rights"] * float(found.rhos) >= 0.0
    assert 0.0 <= float(found.probabilities_itm) <= 1.0
    assert terms["rights"] * float(higher_greeks(**terms).dividend_rhos) <= 0.0


@given(options)
@settings(max_examples=60, deadline=None)
def test_the_value_obeys_the_equation_it_comes_from(option: dict[str, float]):
    """V_t + (r-q) S V_S + σ²S²V_SS/2 = r V: theta, delta, gamma and price hang together."""
    terms = placed(option)
    found, S = greeks(**terms), terms["spots"]
    r, q, vol = terms["rates"], terms["yields"], terms["vols"]
    parts = np.array([found.thetas, (r - q) * S * found.deltas, 0.5 * vol * vol * S * S * found.gammas, -r * found.prices])
    assert abs(parts.sum()) <= 1e-11 * np.abs(parts).sum() + 1e-14 * max(S, terms["strikes"])


@given(options)
@settings(max_examples=40, deadline=None)
def test_every_greek_is_the_derivative_it_is_named_after(option: dict[str, float]):
    terms = placed(option)
    S, K, T, vol = terms["spots"], terms["strikes"], terms["years"], terms["vols"]
    r, q, right = terms["rates"], terms["yields"], int(terms["rights"])
    found, higher = greeks(**terms), higher_greeks(**terms)

    def value(s: Any, t: Any, v: Any, rate: Any, k: Any, held: Any) -> Any:
        total = v * mp.sqrt(t)
        forward = s * mp.exp((rate - held) * t)
        d1 = mp.log(forward / k) / total + total / 2
        return mp.exp(-rate * t) * right * (forward * mp.ncdf(right * d1) - k * mp.ncdf(right * (d1 - total)))

    orders = {
        "prices": (0, 0, 0, 0, 0, 0), "deltas": (1, 0, 0, 0, 0, 0), "gammas": (2, 0, 0, 0, 0, 0), "vegas": (0, 0, 1, 0, 0, 0),
        "thetas": (0, 1, 0, 0, 0, 0), "rhos": (0, 0, 0, 1, 0, 0), "vannas": (1, 0, 1, 0, 0, 0), "volgas": (0, 0, 2, 0, 0, 0),
        "charms": (1, 1, 0, 0, 0, 0), "dual_deltas": (0, 0, 0, 0, 1, 0), "zommas": (2, 0, 1, 0, 0, 0), "colors": (2, 1, 0, 0, 0, 0),
        "speeds": (3, 0, 0, 0, 0, 0), "ultimas": (0, 0, 3, 0, 0, 0), "dividend_rhos": (0, 0, 0, 0, 0, 1),
        "borrow_rhos": (0, 0, 0, 0, 0, 1),
    }  # fmt: skip
    with mp.workdps(30):
        at = tuple(mp.mpf(x) for x in (S, T, vol, r, K, q))
        truth = {name: float(mp.diff(value, at, order)) * (-1 if order[1] else 1) for name, order in orders.items()}
    gamma = 1 / (S * vol * math.sqrt(T))
    size = {
        "prices": S, "deltas": 1.0, "gammas": gamma, "vegas": S * math.sqrt(T), "thetas": S * vol / math.sqrt(T) + S, "rhos": K * T,
        "vannas": math.sqrt(T) + 1 / vol, "volgas": S * math.sqrt(T) / vol, "charms": 1 / T + 1, "dual_deltas": 1.0, "zommas": gamma / vol,
        "colors": gamma / T, "speeds": gamma / (S * vol * math.sqrt(T)), "ultimas": S * math.sqrt(T) / vol**2,
        "dividend_rhos": S * T, "borrow_rhos": S * T,
    }  # fmt: skip
    for name, number in truth.items():
        ours = getattr(found, name) if name in found._fields else getattr(higher, name)
        assert float(ours) == pytest.approx(number, rel=1e-7, abs=1e-9 * size[name]), name


def test_a_worthless_wing_and_a_sure_one_have_the_greeks_of_nothing_and_of_the_forward(tier: tiers.Tier):
    far = greeks(spots=100.0, strikes=[1e-3, 1e5], years=1 / 365, vols=0.2, rights=1, rates=0.05)
    assert far.deltas.tolist() == [1.0, 0.0]
    assert far.gammas.tolist() == [0.0, 0.0]
    assert far.prices[1] == 0.0
    assert far.probabilities_itm.tolist() == [1.0, 0.0]


def test_without_time_or_volatility_the_price_is_the_discounted_intrinsic_value(tier: tiers.Tier):
    found = prices(
        forwards=100.0, strikes=[90.0, 110.0, 100.0, 90.0], years=[0.0, 0.0, 1.0, 1.0], vols=[0.2, 0.2, 0.0, 0.0], rights=1, discounts=0.9
    )
    assert found.tolist() == pytest.approx([9.0, 0.0, 0.0, 9.0])


@pytest.mark.parametrize(
    "wrong",
    [
        {"spots": 0.0},
        {"spots": -1.0},
        {"spots": math.nan},
        {"strikes": 0.0},
        {"years": 0.0},
        {"years": -0.1},
        {"vols": 0.0},
        {"vols": math.nan},
        {"rates": math.nan},
        {"yields": math.nan},
        {"rights": 0.0},
        {"rights": math.nan},
        {"spots": math.inf},
    ],
)
def test_outside_its_domain_every_greek_is_unknown(tier: tiers.Tier, wrong: dict[str, float]):
    terms = {"spots": 100.0, "strikes": 100.0, "years": 0.5, "vols": 0.2, "rights": 1.0, **wrong}
    found = greeks(**terms)
    assert [name for name in found._fields if not math.isnan(float(getattr(found, name)))] == []


def test_numbers_and_arrays_of_any_shape_are_broadcast(tier: tiers.Tier):
    found = greeks(spots=100.0, strikes=np.array([[90.0], [100.0], [110.0]]), years=[0.1, 0.2], vols=0.2, rights=1)
    assert found.prices.shape == (3, 2)
    assert float(found.prices[1, 1]) == float(greeks(spots=100.0, strikes=100.0, years=0.2, vols=0.2, rights=1).prices)
    assert greeks(spots=[], strikes=[], years=[], vols=[], rights=[]).prices.size == 0


def test_the_greeks_on_a_forward_are_those_of_the_yield_it_implies(tier: tiers.Tier):
    terms = {"spots": 100.0, "strikes": 95.0, "years": 0.7, "vols": 0.3, "rights": -1, "rates": 0.05, "yields": 0.02}
    on_forward = greeks_on_forward(forwards=100.0 * math.exp(0.03 * 0.7), **terms)
    assert np.allclose(on_forward, greeks(**terms), rtol=1e-13)


def test_the_mean_distance_is_eighty_hundredths_of_a_deviation_when_that_is_small():
    assert float(expected_distances(forwards=100.0, years=0.01, vols=0.2)) == pytest.approx(2.0 * math.sqrt(2 / math.pi), rel=1e-4)


@pytest.mark.usefixtures("warm_kernels")
def test_both_tiers_give_the_same_numbers():
    rng = np.random.default_rng(2)
    n = 5_000  # more than a block of the numpy tier
    terms = {
        "spots": rng.uniform(10, 5000, n), "years": rng.uniform(1e-6, 3, n), "vols": rng.uniform(0.01, 3, n),
        "rates": rng.uniform(-0.03, 0.1, n),
        "yields": rng.uniform(-0.03, 0.1, n), "rights": rng.choice([1.0, -1.0], n),
    }  # fmt: skip
    terms["strikes"] = terms["spots"] * np.exp(rng.uniform(-4, 4, n) * terms["vols"] * np.sqrt(terms["years"]))
    with tiers.using("numpy"):
        slow = greeks(**terms)
    with tiers.using("numba"):
        fast = greeks(**terms)
    for name in slow._fields:
        scale = np.abs(getattr(slow, name)) + 1e-3 * np.abs(getattr(slow, name)).mean()
        assert (np.abs(getattr(slow, name) - getattr(fast, name)) <= 1e-10 * scale).all(), name
