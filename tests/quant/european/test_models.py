"""The other European models: Bachelier, digital and coin-settled options, against many digits, QuantLib and the laws they must obey."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant import tiers
from engine.quant.codes import IvStatus
from engine.quant.european import bachelier, black, digital, inverse
from engine.quant.european.greeks import FullGreeks
from tests.kit.peers import peer

mp, QuantLib = peer("mpmath"), peer("QuantLib")
SECOND = 1 / 365 / 86_400
NAN = math.nan
ORDERS = {
    "prices": (0, 0, 0, 0, 0), "deltas": (1, 0, 0, 0, 0), "gammas": (2, 0, 0, 0, 0), "vegas": (0, 0, 1, 0, 0), "thetas": (0, 1, 0, 0, 0),
    "rhos": (0, 0, 0, 1, 0), "vannas": (1, 0, 1, 0, 0), "volgas": (0, 0, 2, 0, 0), "charms": (1, 1, 0, 0, 0), "speeds": (3, 0, 0, 0, 0),
    "zommas": (2, 0, 1, 0, 0), "colors": (2, 1, 0, 0, 0), "ultimas": (0, 0, 3, 0, 0), "dividend_rhos": (0, 0, 0, 0, 1),
    "borrow_rhos": (0, 0, 0, 0, 1),
}  # fmt: skip
"""Derivatives by underlying, years, volatility, rate, yield."""

places = st.fixed_dictionaries(
    {
        "distance": st.floats(-6.0, 6.0),
        "years": st.one_of(st.floats(SECOND, 1 / 365), st.floats(1 / 365, 5.0)),
        "vols": st.one_of(st.floats(0.001, 0.1), st.floats(0.1, 10.0)),
        "rates": st.floats(-0.05, 0.15),
        "yields": st.floats(-0.05, 0.15),
        "rights": st.sampled_from([1, -1]),
    }
)


def lognormal(terms: dict[str, Any], S: Any, T: Any, vol: Any, r: Any, q: Any) -> tuple[Any, Any]:
    right = terms["rights"]
    s = vol * mp.sqrt(T)
    d1 = (mp.log(S / mp.mpf(terms["strikes"])) + (r - q) * T) / s + s / 2
    return mp.ncdf(right * d1), mp.ncdf(right * (d1 - s))


def cash(terms: dict[str, Any], S: Any, T: Any, vol: Any, r: Any, q: Any) -> Any:
    return mp.exp(-r * T) * lognormal(terms, S, T, vol, r, q)[1]


def asset(terms: dict[str, Any], S: Any, T: Any, vol: Any, r: Any, q: Any) -> Any:
    above, _ = lognormal(terms, S, T, vol, r, q)
    return S * mp.exp(-q * T) * above


def coin(terms: dict[str, Any], F: Any, T: Any, vol: Any, r: Any, q: Any) -> Any:
    above, itm = lognormal(terms, F, T, vol, r, q)
    return terms["rights"] * (above - mp.mpf(terms["strikes"]) / F * itm)


def normal(terms: dict[str, Any], F: Any, T: Any, vol: Any, r: Any, q: Any) -> Any:
    right, s = terms["rights"], vol * mp.sqrt(T)
    d = (F - mp.mpf(terms["strikes"])) / s
    return mp.exp(-r * T) * (right * (F - mp.mpf(terms["strikes"])) * mp.ncdf(right * d) + s * mp.npdf(d))


def truth(value: Callable[..., Any], terms: dict[str, Any], at: tuple[float, ...]) -> dict[str, float]:
    with mp.workdps(40):
        point = tuple(mp.mpf(x) for x in at)
        return {name: float(mp.diff(lambda *x: value(terms, *x), point, order)) * (-1 if order[1] else 1) for name, order in ORDERS.items()}


@given(places)
@settings(max_examples=12, deadline=None)
def test_the_greeks_of_cash_or_nothing_are_its_derivatives(place: dict[str, float]):
    terms = {**place, "strikes": 100.0 * math.exp(place["distance"] * min(place["vols"] * math.sqrt(place["years"]), 0.8))}
    del terms["distance"]
    ours = digital.cash_greeks(spots=100.0, **terms)
    theirs = truth(cash, terms, (100.0, terms["years"], terms["vols"], terms["rates"], terms["yields"]))
    s = terms["vols"] * math.sqrt(terms["years"])
    width = 100.0 * s
    for name, number in theirs.items():
        spots, times, vols, rates = (*ORDERS[name][:3], sum(ORDERS[name][3:]))
        scale = (1.0 + terms["years"] / s) ** rates / (width**spots * terms["years"] ** times * terms["vols"] ** vols) * (1.0 + s) ** 6
        assert float(getattr(ours, name)) == pytest.approx(number, rel=1e-7, abs=1e-9 * scale), name


@given(places)
@settings(max_examples=12, deadline=None)
def test_the_greeks_of_asset_or_nothing_are_its_derivatives(place: dict[str, float]):
    terms = {**place, "strikes": 100.0 * math.exp(place["distance"] * min(place["vols"] * math.sqrt(place["years"]), 0.8))}
    del terms["distance"]
    ours = digital.asset_greeks(spots=100.0, **terms)
    theirs = truth(asset, terms, (100.0, terms["years"], terms["vols"], terms["rates"], terms["yields"]))
    s = terms["vols"] * math.sqrt(terms["years"])
    for name, number in theirs.items():
        spots, times, vols, rates = (*ORDERS[name][:3], sum(ORDERS[name][3:]))
        scale = 100.0 * (1.0 + terms["years"] / s) ** rates / ((100.0 * s) ** spots * terms["years"] ** times * terms["vols"] ** vols)
        assert float(getattr(ours, name)) == pytest.approx(number, rel=1e-7, abs=1e-9 * scale * (1.0 + s) ** 6), name


@given(places)
@settings(max_examples=12, deadline=None)
def test_the_greeks_in_the_coin_are_the_derivatives_of_the_premium_in_the_coin(place: dict[str, float]):
    terms = {**place, "strikes": 100.0 * math.exp(place["distance"] * min(place["vols"] * math.sqrt(place["years"]), 0.8))}
    ours = inverse.greeks(forwards=100.0, **{name: terms[name] for name in ("strikes", "years", "vols", "rights")})
    theirs = truth(coin, terms, (100.0, terms["years"], terms["vols"], 0.0, 0.0))
    s = terms["vols"] * math.sqrt(terms["years"])
    for held in ("rhos", "dividend_rhos", "borrow_rhos"):  # all carry is in the forward, which is held
        assert float(getattr(ours, held)) == 0.0
        del theirs[held]
    for name, number in theirs.items():
        spots, times, vols, *_ = ORDERS[name]
        scale = (1.0 + terms["strikes"] / 100.0) / ((100.0 * s) ** spots * terms["years"] ** times * terms["vols"] ** vols) * (1.0 + s) ** 6
        assert float(getattr(ours, name)) == pytest.approx(number, rel=1e-7, abs=1e-9 * scale), name


@given(places, st.floats(-100.0, 100.0))
@settings(max_examples=12, deadline=None)
def test_the_greeks_of_the_normal_model_are_its_derivatives(place: dict[str, float], forward: float):
    vol = 20.0 * place["vols"]
    s = vol * math.sqrt(place["years"])
    terms = {**place, "strikes": forward + place["distance"] * s}
    ours = bachelier.greeks(
        forwards=forward, strikes=terms["strikes"], years=place["years"], vols=vol, rights=place["rights"], rates=place["rates"]
    )
    theirs = truth(normal, terms, (forward, place["years"], vol, place["rates"], 0.0))
    size = s + abs(forward - terms["strikes"])
    noise = 1.0 + 1e-6 * abs(forward) / s  # the strike is as exact as its last digit
    for name, number in theirs.items():
        spots, times, vols, rates = (*ORDERS[name][:3], sum(ORDERS[name][3:]))
        scale = size * place["years"] ** rates / (s**spots * place["years"] ** times * vol**vols)
        assert float(getattr(ours, name)) == pytest.approx(number, rel=1e-7, abs=1e-9 * scale * noise), name


def test_quantlib_agrees_on_digitals_and_on_the_normal_model():
    chance = np.random.default_rng(8)
    for _ in range(40):
        F, T, vol, r = 100.0, chance.uniform(0.01, 3), chance.uniform(0.05, 1.0), chance.uniform(-0.03, 0.1)
        K, right = F * math.exp(chance.uniform(-2, 2) * vol * math.sqrt(T)), int(chance.choice([1, -1]))
        kind = QuantLib.Option.Call if right > 0 else QuantLib.Option.Put
        terms = {"spots": F, "strikes": K, "years": T, "vols": vol, "rights": right, "rates": r, "yields": r}
        for payoff, ours in (
            (QuantLib.CashOrNothingPayoff(kind, K, 1.0), digital.cash_greeks(**terms)),
            (QuantLib.AssetOrNothingPayoff(kind, K), digital.asset_greeks(**terms)),
        ):
            theirs = QuantLib.BlackCalculator(payoff, F, vol * math.sqrt(T), math.exp(-r * T))
            assert float(ours.prices) == pytest.approx(theirs.value(), rel=1e-10)
            assert float(ours.vegas) == pytest.approx(theirs.vega(T), rel=1e-9, abs=1e-12)
        amount = 20.0 * vol
        value = QuantLib.bachelierBlackFormula(kind, K, F, amount * math.sqrt(T), math.exp(-r * T))
        ours = bachelier.prices(forwards=F, strikes=K, years=T, vols=amount, rights=right, rates=r)
        assert float(ours) == pytest.approx(value, rel=1e-10, abs=1e-12)
        found = bachelier.implied_vols(prices=ours, forwards=F, strikes=K, years=T, rights=right, discounts=math.exp(-r * T))
        if found.statuses == IvStatus.OK:
            assert float(found.vols) == pytest.approx(amount, rel=1e-9)


def test_a_call_is_the_asset_less_the_strike_in_cash_and_call_and_put_pay_for_sure(tier: tiers.Tier):
    terms = {"spots": 100.0, "strikes": np.linspace(60, 150, 19), "years": 0.4, "vols": 0.3, "rates": 0.05, "yields": 0.02}
    for right in (1, -1):
        both = [field(**terms, rights=right) for field in (digital.asset_greeks, digital.cash_greeks)]
        vanilla, higher = black.greeks(**terms, rights=right), black.higher_greeks(**terms, rights=right)
        for name in FullGreeks._fields:
            whole = getattr(vanilla if name in vanilla._fields else higher, name)
            parts = right * (getattr(both[0], name) - terms["strikes"] * getattr(both[1], name))
            assert np.allclose(parts, whole, rtol=1e-9, atol=1e-9 * np.abs(whole).max()), name
    sure = digital.cash_greeks(**terms, rights=1).prices + digital.cash_greeks(**terms, rights=-1).prices
    assert np.allclose(sure, math.exp(-0.05 * 0.4), rtol=1e-14)


def test_in_the_coin_the_delta_is_the_net_delta_and_parity_is_that_of_the_coin(tier: tiers.Tier):
    terms = {"forwards": 60_000.0, "strikes": np.linspace(20_000, 150_000, 27), "years": 0.1, "vols": 0.8}
    call, put = (inverse.greeks(**terms, rights=right) for right in (1, -1))
    assert np.allclose(call.prices - put.prices, 1.0 - terms["strikes"] / 60_000.0, rtol=0, atol=1e-15)
    spot = black.greeks(spots=60_000.0, strikes=terms["strikes"], years=0.1, vols=0.8, rights=1)
    assert np.allclose(60_000.0 * call.deltas, inverse.net_deltas(deltas=spot.deltas, coin_prices=call.prices), rtol=1e-12, atol=1e-15)


@given(
    forward=st.floats(-1e3, 1e3),
    distance=st.floats(-30.0, 30.0),
    years=st.floats(SECOND, 10.0),
    vol=st.floats(1e-3, 1e3),
    right=st.sampled_from([1, -1]),
)
@settings(max_examples=200, deadline=None)
def test_a_normal_price_gives_its_volatility_back(forward: float, distance: float, years: float, vol: float, right: int):
    strike = forward + distance * vol * math.sqrt(years)
    quoted = bachelier.prices(forwards=forward, strikes=strike, years=years, vols=vol, rights=right)
    found = bachelier.implied_vols(prices=quoted, forwards=forward, strikes=strike, years=years, rights=right)
    if found.statuses != IvStatus.OK:
        assert right * (forward - strike) > 0.0 or quoted < 1e-280
        return
    s = vol * math.sqrt(years)
    d = (forward - strike) / s
    vega = math.exp(-0.5 * d * d) / math.sqrt(2 * math.pi)
    rounding = 4e-16 * (float(quoted) / (s * vega) + 1.0)
    assert float(found.vols) == pytest.approx(vol, rel=1e-14 + 4 * rounding)


anything = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([0.0, 1.0, -1.0, 5e-324, 1e308, NAN, math.inf]))


@given(price=anything, forward=anything, strike=anything, years=anything, right=st.sampled_from([1.0, -1.0, 0.0, NAN]))
@settings(max_examples=300, deadline=None)
def test_every_normal_price_has_an_answer_and_a_status(price: float, forward: float, strike: float, years: float, right: float):
    found = bachelier.implied_vols(prices=price, forwards=forward, strikes=strike, years=min(years, 40.0), rights=right)
    status = IvStatus(int(found.statuses))
    assert (status is IvStatus.OK) <= (0.0 < float(found.vols) < math.inf)
    assert (status in {IvStatus.NO_TIME_VALUE, IvStatus.BAD_INPUT}) <= math.isnan(float(found.vols))


@pytest.mark.parametrize("wrong", [{"strikes": NAN}, {"years": 0.0}, {"years": -1.0}, {"vols": 0.0}, {"vols": NAN}, {"rights": 0.0}])
def test_outside_the_domain_nothing_is_known(wrong: dict[str, float]):
    terms = {"strikes": 100.0, "years": 0.5, "vols": 0.2, "rights": 1.0, **wrong}
    for found in (
        digital.cash_greeks(spots=100.0, **terms),
        digital.asset_greeks(spots=100.0, **terms),
        inverse.greeks(forwards=100.0, **terms),
        bachelier.greeks(forwards=100.0, **terms),
    ):
        assert np.isnan(np.array(found)).all()


def test_an_option_on_a_future_discounts_at_the_rate_and_does_nothing_else_with_it(tier: tiers.Tier):
    terms = {"forwards": 80.0, "strikes": 85.0, "years": 0.5, "vols": 0.4, "rights": -1}
    step = 1e-6
    found = black.futures_greeks(**terms, rates=0.05)
    up, down = (float(black.futures_greeks(**terms, rates=0.05 + sign * step).prices) for sign in (1, -1))
    assert float(found.rhos) == pytest.approx((up - down) / (2 * step), rel=1e-8)
    more, less = (float(black.futures_greeks(**{**terms, "forwards": 80.0 + sign * 1e-4}, rates=0.05).prices) for sign in (1, -1))
    assert float(found.deltas) == pytest.approx((more - less) / 2e-4, rel=1e-7)
