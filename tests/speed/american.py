"""American prices, implied volatilities and cash dividends against QuantLib's engines in the same run, each with its error beside it."""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import QuantLib
from scipy.optimize import brentq

from engine.quant import tiers
from engine.quant.american import prices
from engine.quant.american.dividends import DividendSchedule
from engine.quant.american.dividends import prices as cash_prices
from engine.quant.american.greeks import greeks
from engine.quant.american.implied import implied_vols
from tests.speed.figure import Figure
from tests.speed.timing import best

ROWS, PEER_ROWS, SLOW_ROWS = 6_000, 300, 10
TODAY = QuantLib.Date(1, 1, 2020)
CLOCK = QuantLib.Actual365Fixed()
QUARTERLY = (30, 121, 212, 303)
AMOUNT = 0.6
"""Cash dividends of 0.60 a quarter, in days from now."""


class _Peer:
    """One QuantLib process whose quotes are moved from option to option."""

    def __init__(self) -> None:
        QuantLib.Settings.instance().evaluationDate = TODAY
        self.spot, self.rate, self.dividend, self.vol = (QuantLib.SimpleQuote(value) for value in (100.0, 0.05, 0.02, 0.2))
        rate, dividend, vol = (QuantLib.QuoteHandle(quote) for quote in (self.rate, self.dividend, self.vol))
        self.process = QuantLib.BlackScholesMertonProcess(
            QuantLib.QuoteHandle(self.spot),
            QuantLib.YieldTermStructureHandle(QuantLib.FlatForward(TODAY, dividend, CLOCK)),
            QuantLib.YieldTermStructureHandle(QuantLib.FlatForward(TODAY, rate, CLOCK)),
            QuantLib.BlackVolTermStructureHandle(QuantLib.BlackConstantVol(TODAY, QuantLib.NullCalendar(), vol, CLOCK)),
        )
        schemes = QuantLib.QdFpAmericanEngine
        self.fast = QuantLib.QdFpAmericanEngine(self.process, schemes.fastScheme())
        self.exact = QuantLib.QdFpAmericanEngine(self.process, schemes.highPrecisionScheme())
        self.tree = QuantLib.BinomialCRRVanillaEngine(self.process, 500)

    def differences(self, days: int, steps: int) -> QuantLib.PricingEngine:
        ex_days = [day for day in QUARTERLY if day < days]
        paid = QuantLib.DividendVector([TODAY + day for day in ex_days], [AMOUNT] * len(ex_days))
        return QuantLib.FdBlackScholesVanillaEngine(self.process, paid, steps, steps)

    def price(self, option: tuple[float, ...], engine: QuantLib.PricingEngine) -> float:
        strike, days, vol, rate, dividend, right = option
        self.vol.setValue(vol)
        self.rate.setValue(rate)
        self.dividend.setValue(dividend)
        payoff = QuantLib.PlainVanillaPayoff(QuantLib.Option.Call if right > 0 else QuantLib.Option.Put, strike)
        contract = QuantLib.VanillaOption(payoff, QuantLib.AmericanExercise(TODAY, TODAY + int(days)))
        contract.setPricingEngine(engine)
        return contract.NPV()


def _options() -> dict[str, Any]:
    """A week to two years, volatility 10 to 80 %, σ√T up to 0.6, rates 0.5 to 8 %, yields 0 to 6 %."""
    chance = np.random.default_rng(7)
    days = chance.choice([7, 14, 30, 60, 90, 180, 365, 730], 2 * ROWS)
    vols = chance.uniform(0.1, 0.8, 2 * ROWS)
    chosen = np.flatnonzero(vols * np.sqrt(days / 365) <= 0.6)[:ROWS]
    days, vols = days[chosen], vols[chosen]
    strikes = 100.0 * np.exp(chance.uniform(-1.4, 1.4, ROWS) * vols * np.sqrt(days / 365))
    rates, yields = chance.uniform(0.005, 0.08, ROWS), chance.uniform(0.0, 0.06, ROWS)
    return {"strikes": strikes, "days": days, "vols": vols, "rates": rates, "yields": yields, "rights": chance.choice([1.0, -1.0], ROWS)}


def _measured(what: str, peer: float, ours: float, bar: float, note: str = "") -> Figure:
    return Figure(what, peer / ours, "x", bar, more_is_better=True, note=note)


def measures() -> Iterator[Figure]:
    options, peer = _options(), _Peer()
    terms = {"spots": 100.0, "years": options["days"] / 365, **{name: values for name, values in options.items() if name != "days"}}
    rows = list(zip(*(column[:PEER_ROWS].tolist() for column in options.values()), strict=True))
    begun = time.perf_counter()
    tiers.warm(rooms=("columns", "american", "dividends"))
    yield Figure("compiling or loading the kernels", time.perf_counter() - begun, "s")
    yield from _prices(peer, terms, rows)
    yield from _vols(peer, terms, rows)
    yield from _dividends(peer, terms, rows)


def _prices(peer: _Peer, terms: dict[str, Any], rows: list[tuple[float, ...]]) -> Iterator[Figure]:
    exact = np.array([peer.price(row, peer.exact) for row in rows[:100]])
    quick = best(lambda: [peer.price(row, peer.fast) for row in rows], 3) / PEER_ROWS
    slow = best(lambda: [peer.price(row, peer.tree) for row in rows[:SLOW_ROWS]], 3) / SLOW_ROWS
    peer_error = max(abs(peer.price(row, peer.fast) - true) for row, true in zip(rows[:100], exact, strict=True))
    with tiers.using("numba"):
        ours = best(lambda: prices(**terms, setting="fast")) / ROWS
        all_greeks = best(lambda: greeks(**terms), 2) / ROWS
        error = float(np.max(np.abs(prices(**terms, setting="fast")[:100] - exact)))
        negative = {**_of_negative_rates(terms), "rights": -1.0}
        twice = best(lambda: prices(**negative), 2) / PEER_ROWS
    with tiers.using("numpy"):
        plain = best(lambda: prices(**terms, setting="fast"), 2) / ROWS
    yield Figure("American price, fast setting", ours * 1e6, "us/option", note=f"largest error {error:.1e} per 100 of spot")
    yield Figure("American price, largest error", error, "per 100", 1e-3)
    yield Figure("American price, numpy tier", plain * 1e6, "us/option")
    yield Figure("American price, two boundaries", twice * 1e6, "us/option")
    yield Figure("American price and all Greeks", all_greeks * 1e6, "us/option")
    yield _measured("QuantLib QdFp fast / ours, price", quick, ours, 8, f"its largest error {peer_error:.1e}; 10 on AVX-512")
    yield _measured("QuantLib CRR 500 / ours, price", slow, ours, 200)


def _of_negative_rates(terms: dict[str, Any]) -> dict[str, Any]:
    """A few of the same, with a rate below nothing and a yield below that: for puts both boundaries are solved."""
    few = {name: values[:PEER_ROWS] if isinstance(values, np.ndarray) else values for name, values in terms.items()}
    return {**few, "rates": -0.2 * few["rates"], "yields": -0.2 * few["rates"] - few["yields"]}


def _vols(peer: _Peer, terms: dict[str, Any], rows: list[tuple[float, ...]]) -> Iterator[Figure]:
    given = {name: values for name, values in terms.items() if name != "vols"}
    paid = prices(**terms, setting="fine")
    lively = paid > np.maximum(terms["rights"] * (100.0 - terms["strikes"]), 0.0) + 0.05
    chosen = np.flatnonzero(lively)
    part = {name: values[chosen] if isinstance(values, np.ndarray) else values for name, values in given.items()}
    asked = [(rows[i], float(paid[i])) for i in chosen[chosen < PEER_ROWS][:40]]

    def by_brentq() -> None:
        for row, price in asked:
            brentq(lambda vol, row=row, price=price: peer.price((*row[:2], vol, *row[3:]), peer.fast) - price, 0.01, 4.0, xtol=1e-6)

    slow = best(by_brentq, 2) / len(asked)
    with tiers.using("numba"):
        ours = best(lambda: implied_vols(prices=paid[chosen], **part), 4) / chosen.size
        found = implied_vols(prices=paid[chosen], **part)
    error = float(np.nanmax(np.abs(found.vols - terms["vols"][chosen])))
    yield Figure("American implied volatility", ours * 1e6, "us/option", note=f"largest error {error:.1e}")
    yield _measured("QuantLib QdFp fast + brentq / ours, IV", slow, ours, 25)


def _dividends(peer: _Peer, terms: dict[str, Any], rows: list[tuple[float, ...]]) -> Iterator[Figure]:
    some = [(*row[:4], 0.0, row[5]) for row in rows if row[1] >= 60][:SLOW_ROWS]
    strikes, days, vols, rates, yields, rights = (np.array(column) for column in zip(*some, strict=True))
    few: dict[str, Any] = {
        "spots": 100.0,
        "strikes": strikes,
        "years": days / 365,
        "vols": vols,
        "rates": rates,
        "yields": yields,
        "rights": rights,
    }
    schedule = DividendSchedule(np.array(QUARTERLY) / 365, AMOUNT)
    slow = best(lambda: [peer.price(row, peer.differences(int(row[1]), 400)) for row in some], 1) / SLOW_ROWS
    true = np.array([peer.price(row, peer.differences(int(row[1]), 1600)) for row in some])
    theirs = max(abs(peer.price(row, peer.differences(int(row[1]), 400)) - value) for row, value in zip(some, true, strict=True))
    many = {name: np.tile(values, 60) if isinstance(values, np.ndarray) else values for name, values in few.items()}
    with tiers.using("numba"):
        ours = best(lambda: cash_prices(**many, dividends=schedule, setting="fast")) / (60 * SLOW_ROWS)
        error = float(np.max(np.abs(cash_prices(**few, dividends=schedule, setting="fast") - true)))
    yield Figure("cash dividends, fast", ours * 1e6, "us/option", note=f"largest error {error:.1e}, of finite differences {theirs:.1e}")
    yield _measured("QuantLib FD 400x400 / ours, cash dividends", slow, ours, 500)
    yield Figure("cash dividends, largest error", error, "per 100", max(theirs, 5e-3))
