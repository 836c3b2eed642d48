"""Implied volatility and Greeks of a 20,000-row chain, both tiers, against scipy's root finder and QuantLib in the same run."""

import math
import time
from collections.abc import Callable, Iterator

import numpy as np
import QuantLib
from scipy.optimize import brentq

from engine.quant import tiers
from engine.quant.european.black import greeks_on_forward, prices
from engine.quant.european.implied import implied_vols
from tests.speed.figure import Figure

ROWS, PEER_ROWS = 20_000, 400


def _best(work: Callable[[], object], rounds: int = 7) -> float:
    """CPU seconds of the best round."""
    found = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return min(found)


def _chain() -> dict[str, np.ndarray]:
    chance = np.random.default_rng(3)
    years = chance.choice(np.geomspace(1 / 365, 2, 20), ROWS)
    forwards = np.full(ROWS, 500.0)
    vols = chance.uniform(0.1, 0.6, ROWS)
    strikes = forwards * np.exp(chance.uniform(-2.5, 2.5, ROWS) * vols * np.sqrt(years))
    signs = np.where(strikes >= forwards, 1.0, -1.0)
    return {"forwards": forwards, "strikes": strikes, "years": years, "vols": vols, "discounts": np.exp(-0.043 * years), "rights": signs}


def _black(forward: float, strike: float, years: float, vol: float, discount: float, sign: float) -> float:
    s = vol * math.sqrt(years)
    d1 = math.log(forward / strike) / s + s / 2
    cdf = lambda x: 0.5 * math.erfc(-x / math.sqrt(2))  # noqa: E731
    return discount * sign * (forward * cdf(sign * d1) - strike * cdf(sign * (d1 - s)))


def measures() -> Iterator[Figure]:
    chain = _chain()
    undiscounted = prices(**chain) / chain["discounts"]
    names = ("forwards", "strikes", "years", "rights")
    given = {name: chain[name] for name in names}
    rows = list(zip(*(chain[name][:PEER_ROWS].tolist() for name in chain), strict=True))
    paid = (undiscounted * chain["discounts"])[:PEER_ROWS].tolist()

    def by_brentq() -> None:
        for price, (f, k, t, _, d, w) in zip(paid, rows, strict=True):
            brentq(lambda vol, f=f, k=k, t=t, d=d, w=w, price=price: _black(f, k, t, vol, d, w) - price, 1e-4, 5.0, xtol=1e-12)

    def by_quantlib_iv() -> None:
        for price, (f, k, t, _, d, w) in zip(paid, rows, strict=True):
            QuantLib.blackFormulaImpliedStdDev(
                QuantLib.Option.Call if w > 0 else QuantLib.Option.Put, k, f, price, d, 0.0, 0.2 * math.sqrt(t), 1e-12
            )

    def by_quantlib_greeks() -> None:
        for f, k, t, vol, d, w in rows:
            payoff = QuantLib.PlainVanillaPayoff(QuantLib.Option.Call if w > 0 else QuantLib.Option.Put, k)
            calculator = QuantLib.BlackCalculator(payoff, f, vol * math.sqrt(t), d)
            calculator.value(), calculator.delta(f), calculator.gamma(f), calculator.vega(t), calculator.theta(f, t), calculator.rho(t)

    brent = _best(by_brentq, 3) / PEER_ROWS * 1e9
    quantlib_iv = _best(by_quantlib_iv, 3) / PEER_ROWS * 1e9
    quantlib_greeks = _best(by_quantlib_greeks, 3) / PEER_ROWS * 1e9
    yield Figure("IV: scipy brentq on erfc", brent, "ns/option")
    yield Figure("IV: QuantLib blackFormulaImpliedStdDev", quantlib_iv, "ns/option")
    yield Figure("Greeks: QuantLib BlackCalculator", quantlib_greeks, "ns/option")
    begun = time.perf_counter()
    tiers.warm()
    yield Figure("compiling or loading the kernels", time.perf_counter() - begun, "s")
    for tier in ("numpy", "numba"):
        with tiers.using(tier):
            iv = _best(lambda: implied_vols(prices=undiscounted, **given)) / ROWS * 1e9
            vols, statuses = implied_vols(prices=undiscounted, **given)
            error = float(np.nanmax(np.abs(vols - chain["vols"])[statuses == 0]))
            yield Figure(f"IV, {tier} tier", iv, "ns/option", note=f"largest error of rows called ok {error:.1e}")
            per_greek = _best(
                lambda: greeks_on_forward(
                    spots=chain["forwards"],
                    forwards=chain["forwards"],
                    strikes=chain["strikes"],
                    years=chain["years"],
                    vols=chain["vols"],
                    rates=0.043,
                    yields=0.043,
                    rights=chain["rights"],
                )
            )
            yield Figure(f"price and Greeks, {tier} tier", per_greek / ROWS * 1e9, "ns/option")
            yield Figure(f"brentq / {tier} tier, IV", brent / iv, "x", 100 if tier == "numpy" else 400, more_is_better=True)
            yield Figure(f"QuantLib / {tier} tier, IV", quantlib_iv / iv, "x", 4 if tier == "numpy" else 20, more_is_better=True)
            bar = 20 if tier == "numpy" else 250
            yield Figure(f"QuantLib / {tier} tier, Greeks", quantlib_greeks / (per_greek / ROWS * 1e9), "x", bar, more_is_better=True)
