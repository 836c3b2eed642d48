"""Implied volatility: right where a price determines it, flagged where it does not, and an answer for everything."""

import gzip
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.quant import tiers
from engine.quant.codes import IvStatus
from engine.quant.european.black import greeks, prices
from engine.quant.european.implied import implied_range, implied_vols
from engine.quant.special import normal_cdf
from tests.kit.numbers import record
from tests.kit.peers import peer
from tests.kit.quant import exact_price

mp = peer("mpmath")
SECOND = 1 / 365 / 86_400
anything = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -0.0, 1.0, 100.0, -1.0, 5e-324, 1e-308, 1e308, math.nan, math.inf, -math.inf]),
)


def status_of(**terms: float) -> IvStatus:
    found = implied_vols(**{"forwards": 100.0, "strikes": 100.0, "years": 0.5, "rights": 1, **terms})
    return IvStatus(int(found.statuses))


def test_the_reference_of_lets_be_rational_is_met(tier: tiers.Tier, fixtures: Path):
    table = json.loads(gzip.decompress((fixtures / "model_tables" / "lets_be_rational_values_a.json.gz").read_bytes()))
    alive = [(row, out) for row, out in zip(table["input"], table["output"], strict=True) if row["T"] > 0]
    F, K, T, sigma, right = (np.array([float(row[name]) for row, _ in alive]) for name in ("F", "K", "T", "sigma", "q"))
    quoted = np.array([out["black"] for _, out in alive])
    expected = np.array([out["implied_volatility_from_a_transformed_rational_guess"] for _, out in alive])
    vols, statuses = implied_vols(prices=quoted, forwards=F, strikes=K, years=T, rights=right)
    good = statuses == IvStatus.OK
    assert good.sum() > 480
    assert (quoted[statuses == IvStatus.NO_TIME_VALUE] <= np.maximum(right * (F - K), 0.0)[statuses == IvStatus.NO_TIME_VALUE]).all()
    d1 = np.log(F / K) / (sigma * np.sqrt(T)) + 0.5 * sigma * np.sqrt(T)
    vega = F * np.exp(-0.5 * d1 * d1) / math.sqrt(2 * math.pi) * np.sqrt(T)
    allowed = 1e-12 + 16 * np.finfo(float).eps * quoted / vega  # their own rounding of the price, through vega
    error = np.abs(vols - expected)[good] / allowed[good]
    record(
        table="lets_be_rational_values_a.json.gz", quantity="implied volatility, in roundings of the price", error=float(error.max()),
        tolerance=1.0, cases=int(good.sum()),
    )  # fmt: skip


def test_the_prices_beside_them_are_met_to_rounding(tier: tiers.Tier, fixtures: Path):
    """Black, the normalised price b(x, s) = V/√(FK) with its vega φ(x/s) e^(-s²/8), and the normal distribution of the same table."""
    table = json.loads(gzip.decompress((fixtures / "model_tables" / "lets_be_rational_values_a.json.gz").read_bytes()))
    names = ("F", "K", "T", "sigma", "q", "x", "s", "z")
    F, K, T, sigma, right, x, s, z = (np.array([float(row[name]) for row in table["input"]]) for name in names)
    told = {name: np.array([row[name] for row in table["output"]]) for name in table["output"][0]}
    unit = {"strikes": np.exp(-0.5 * x), "forwards": np.exp(0.5 * x), "years": 1.0}
    vegas = greeks(spots=unit["forwards"], strikes=unit["strikes"], years=1.0, vols=s, rights=1).vegas
    ours = {
        "black": prices(forwards=F, strikes=K, years=T, vols=sigma, rights=right),
        "normalised_black": prices(**unit, vols=s, rights=right),
        "normalised_black_call": prices(**unit, vols=s, rights=1),
        "normalised_vega": np.where(s > 0.0, vegas, 0.0),
        "norm_cdf": normal_cdf(z),
    }
    for name, found in ours.items():
        scale = np.abs(told[name]) + (1e-3 * np.maximum(F, K) if name == "black" else 0.0)  # theirs keeps no digit of F - K
        error = np.abs(found - told[name]) / np.where(scale > 0.0, scale, 1.0)
        record(table="lets_be_rational_values_a.json.gz", quantity=name, error=float(error.max()), tolerance=3e-13, cases=error.size)


def test_a_price_of_many_digits_gives_its_volatility_back(tier: tiers.Tier):
    cases = [
        (100.0, 100.0 * math.exp(x * vol * math.sqrt(T)), T, vol, right)
        for x in (-6.0, -3.0, -1.0, -0.2, 0.0, 1e-9, 0.4, 1.5, 5.0)
        for T in (SECOND, 1 / 8760, 1 / 365, 0.1, 1.0, 10.0)
        for vol in (0.001, 0.05, 0.2, 1.0, 3.0, 10.0)
        for right in (1, -1)
        if abs(x * vol * math.sqrt(T)) < 5 and vol * math.sqrt(T) < 12
    ]
    F, K, T, vol, right = (np.array(column, dtype=float) for column in zip(*cases, strict=True))
    quoted = np.array([float(exact_price(*case)) for case in cases])
    vols, statuses = implied_vols(prices=quoted, forwards=F, strikes=K, years=T, rights=right)
    with mp.workdps(30):
        d1 = np.array([float(mp.log(f / k) / (v * mp.sqrt(t)) + v * mp.sqrt(t) / 2) for f, k, t, v, _ in cases])
    vega = F * np.exp(-0.5 * d1 * d1) / math.sqrt(2 * math.pi) * np.sqrt(T)
    rounding = np.finfo(float).eps * np.maximum(quoted, np.abs(F - K)) / vega  # what a rounding of the price makes of it
    answered = (statuses == IvStatus.OK) | (statuses == IvStatus.ILL_CONDITIONED)
    assert answered.sum() > 0.9 * len(cases)
    differences = 8 * np.finfo(float).eps / np.sqrt(T)  # two tails of nearly the same size: matters in the last second alone
    assert (np.abs(vols - vol)[answered] <= (1e-13 * vol + 4 * rounding + differences)[answered]).all()
    assert (rounding[statuses == IvStatus.OK] < 1e-3).all()
    assert (rounding[statuses != IvStatus.OK] > 1e-5).all()


def test_no_corner_of_the_plane_of_moneyness_and_deviation_is_lost(tier: tiers.Tier):
    rng = np.random.default_rng(0)
    n = 20_000
    s = np.exp(rng.uniform(np.log(1e-9), np.log(12.0), n))
    wide, near = np.exp(rng.uniform(np.log(1e-15), np.log(6.0), n)), s * rng.uniform(0.0, 9.0, n)
    x = np.minimum(np.where(rng.random(n) < 0.5, wide, near), 12.0) * rng.choice([1.0, -1.0], n)
    x[:200] = 0.0
    strikes = 100.0 * np.exp(-x)
    x = np.log1p((100.0 - strikes) / strikes)
    rights = np.where(strikes >= 100.0, 1.0, -1.0)
    quoted = prices(forwards=100.0, strikes=strikes, years=1.0, vols=s, rights=rights)
    vols, statuses = implied_vols(prices=quoted, forwards=100.0, strikes=strikes, years=1.0, rights=rights)
    assert set(statuses.tolist()) <= {IvStatus.OK, IvStatus.NO_TIME_VALUE, IvStatus.ILL_CONDITIONED, IvStatus.ABOVE_BOUND}
    assert (quoted[statuses == IvStatus.NO_TIME_VALUE] < 1e-280).all()
    good = statuses == IvStatus.OK
    assert good.sum() > 0.7 * n
    d1 = x / s + 0.5 * s
    with np.errstate(all="ignore"):
        vega = 100.0 * np.exp(-0.5 * d1 * d1) / math.sqrt(2 * math.pi)
        allowed = 1e-12 * s + 2e-15 * quoted / vega + 3e-15 * (1.0 + np.abs(x / s)) ** 2
    assert (np.abs(vols - s) <= allowed)[good].all()


def test_a_price_at_or_below_intrinsic_value_has_no_time_value(tier: tiers.Tier):
    assert status_of(prices=20.0, strikes=80.0) is IvStatus.NO_TIME_VALUE
    assert status_of(prices=19.0, strikes=80.0) is IvStatus.NO_TIME_VALUE
    assert status_of(prices=0.0) is IvStatus.NO_TIME_VALUE


def test_a_price_above_what_any_volatility_gives_is_above_the_bound(tier: tiers.Tier):
    assert status_of(prices=100.0) is IvStatus.ABOVE_BOUND
    assert status_of(prices=80.0, strikes=80.0, rights=-1) is IvStatus.ABOVE_BOUND
    assert status_of(prices=1e6) is IvStatus.ABOVE_BOUND


@pytest.mark.parametrize(
    "wrong",
    [
        {"prices": math.nan}, {"prices": -1.0}, {"prices": math.inf}, {"forwards": math.nan}, {"forwards": 0.0}, {"strikes": -5.0},
        {"years": 0.0}, {"years": -1.0}, {"years": math.nan}, {"rights": 0.0}, {"rights": math.nan}, {"discounts": 0.0},
        {"discounts": math.nan},
    ],
)  # fmt: skip
def test_a_missing_or_impossible_input_is_bad_input(tier: tiers.Tier, wrong: dict[str, float]):
    assert status_of(**{"prices": 5.0, **wrong}) is IvStatus.BAD_INPUT


def test_a_deep_price_whose_rounding_moves_the_answer_is_ill_conditioned(tier: tiers.Tier):
    deep = math.nextafter(60.0, 61.0)
    assert status_of(prices=deep, strikes=40.0) is IvStatus.ILL_CONDITIONED


@pytest.mark.parametrize("fraction", [1e-300, 1e-290, 1.68e-171, 1e-154, 1e-30, 1e-12, 9e-9, 1.1e-8, 1e-6, 1e-3])
def test_at_the_forward_the_smallest_price_has_its_volatility(tier: tiers.Tier, fraction: float):
    found = implied_vols(prices=5.0 * fraction, forwards=5.0, strikes=5.0, years=1.0, rights=1)
    if fraction <= 1e-290:
        assert int(found.statuses) == IvStatus.NO_TIME_VALUE
        return
    assert int(found.statuses) == IvStatus.OK
    with mp.workdps(30):
        truth = 2 * mp.sqrt(2) * mp.erfinv(mp.mpf(5.0 * fraction) / 5)
    assert float(found.vols) == pytest.approx(float(truth), rel=1e-7 if fraction > 1e-8 else 1e-15)


def test_a_discount_is_taken_off_first(tier: tiers.Tier):
    whole = implied_vols(prices=5.0, forwards=100.0, strikes=101.0, years=0.3, rights=-1)
    part = implied_vols(prices=4.5, forwards=100.0, strikes=101.0, years=0.3, rights=-1, discounts=0.9)
    assert float(part.vols) == pytest.approx(float(whole.vols), rel=1e-14)


@given(price=anything, forward=anything, strike=anything, years=anything, right=st.sampled_from([1.0, -1.0]))
@example(price=5e-324, forward=2.4609972882248606e-271, strike=1.0, years=1.0, right=1.0)
@settings(max_examples=400, deadline=None)
def test_whatever_comes_in_an_answer_with_a_status_comes_out(price: float, forward: float, strike: float, years: float, right: float):
    if 40.0 < years < math.inf:
        with pytest.raises(ValueError, match="longer than any option lives"):
            implied_vols(prices=price, forwards=forward, strikes=strike, years=years, rights=right)
        return
    found = implied_vols(prices=price, forwards=forward, strikes=strike, years=years, rights=right)
    status = IvStatus(int(found.statuses))
    assert (status is IvStatus.OK) <= (0.0 < float(found.vols) < math.inf)
    assert (status is IvStatus.ILL_CONDITIONED) <= (0.0 <= float(found.vols) < math.inf)
    assert (status in {IvStatus.NO_TIME_VALUE, IvStatus.ABOVE_BOUND, IvStatus.BAD_INPUT}) <= math.isnan(float(found.vols))


@given(
    vol=st.floats(0.01, 5.0),
    distance=st.floats(-4.0, 4.0),
    years=st.floats(1e-5, 5.0),
    right=st.sampled_from([1.0, -1.0]),
    more=st.floats(1.001, 1.2),
)
@settings(max_examples=150, deadline=None)
def test_a_dearer_option_has_more_volatility(vol: float, distance: float, years: float, right: float, more: float):
    strike = 100.0 * math.exp(distance * vol * math.sqrt(years))
    cheap, dear = prices(forwards=100.0, strikes=strike, years=years, vols=[vol, vol * more], rights=right)
    found = implied_vols(prices=[cheap, dear], forwards=100.0, strikes=strike, years=years, rights=right)
    if (found.statuses == IvStatus.OK).all():
        assert found.vols[1] > found.vols[0]


def test_bid_and_ask_give_an_interval_and_a_missing_side_says_why(tier: tiers.Tier):
    found = implied_range(bids=[4.0, 0.0], asks=[5.0, 5.0], forwards=100.0, strikes=100.0, years=0.5, rights=1)
    assert found.lows[0] < 0.2 * 5 / 4 * 0.9
    assert found.lows[0] < found.highs[0]
    assert math.isnan(found.lows[1])
    assert found.low_statuses.tolist() == [IvStatus.OK, IvStatus.NO_TIME_VALUE]
    assert found.high_statuses.tolist() == [IvStatus.OK, IvStatus.OK]


def test_below_the_vega_floor_a_volatility_is_not_to_be_shown_bare(tier: tiers.Tier):
    chance = np.random.default_rng(4)
    n = 4_000
    years, vol = chance.choice([1 / 365, 7 / 365, 0.1, 1.0], n), chance.uniform(0.1, 0.8, n)
    strikes = 100.0 * np.exp(chance.uniform(-4, 4, n) * vol * np.sqrt(years))
    rights = np.where(strikes >= 100.0, 1.0, -1.0)
    terms = {"forwards": 100.0, "strikes": strikes, "years": years, "rights": rights, "discounts": 0.97}
    quoted = np.round(prices(**{name: value for name, value in terms.items() if name != "rights"}, vols=vol, rights=rights), 2)
    found = implied_vols(prices=quoted, **terms, ticks=0.01)
    error = np.abs(found.vols - vol)
    assert np.median(error[found.statuses == IvStatus.OK]) < 1e-3
    assert error[found.statuses == IvStatus.OK].max() < 0.011
    assert np.nanmax(error[found.statuses == IvStatus.ILL_CONDITIONED]) > 0.02
    bare = implied_vols(prices=quoted, **terms)
    assert (bare.statuses != IvStatus.ILL_CONDITIONED).all()
    assert np.array_equal(bare.vols, found.vols, equal_nan=True)


def test_the_interval_of_bid_and_ask_knows_the_floor_too():
    found = implied_range(
        bids=[0.01, 4.0], asks=[0.02, 4.1], forwards=100.0, strikes=[108.0, 100.0], years=[2 / 365, 0.3], rights=1, ticks=0.01
    )
    assert found.low_statuses.tolist() == [IvStatus.ILL_CONDITIONED, IvStatus.OK]
    assert found.high_statuses.tolist() == [IvStatus.ILL_CONDITIONED, IvStatus.OK]
    assert (found.highs > found.lows).all()


@pytest.mark.usefixtures("warm_kernels")
def test_both_tiers_agree_on_every_status_and_volatility():
    rng = np.random.default_rng(11)
    n = 6_000
    years, vol = rng.choice([SECOND * 60, 1 / 365, 0.1, 2.0], n), rng.uniform(0.02, 3, n)
    strikes = 100 * np.exp(rng.uniform(-7, 7, n) * vol * np.sqrt(years))
    rights = rng.choice([1.0, -1.0], n)
    quoted = prices(forwards=100.0, strikes=strikes, years=years, vols=vol, rights=rights) * rng.choice(
        [1.0, 0.0, 30.0, np.nan], n, p=[0.85, 0.05, 0.05, 0.05]
    )
    given_terms = {"prices": quoted, "forwards": 100.0, "strikes": strikes, "years": years, "rights": rights}
    with tiers.using("numpy"):
        slow = implied_vols(**given_terms)
    with tiers.using("numba"):
        fast = implied_vols(**given_terms)
    sure = (slow.statuses != IvStatus.ILL_CONDITIONED) & (fast.statuses != IvStatus.ILL_CONDITIONED)
    assert (slow.statuses == fast.statuses)[sure].all()
    good = sure & (slow.statuses == IvStatus.OK)
    assert set(slow.statuses.tolist()) == {0, 1, 2, 3, 4}
    assert np.allclose(slow.vols[good], fast.vols[good], rtol=1e-9, atol=1e-4)
    assert np.median(np.abs(slow.vols - fast.vols)[good]) < 1e-14
