"""Volatility forecasts and the Heston reference, against arch, scipy, statsmodels and QuantLib in the same run."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import QuantLib
from scipy.optimize import minimize

from engine.quant import tiers
from engine.quant.stochastic.heston import HestonParameters, prices
from engine.quant.stochastic.heston_fit import fit_heston
from engine.quant.volatility import plain
from engine.quant.volatility.autoregressive import innovation_vols
from engine.quant.volatility.ewma import ewma_variances
from engine.quant.volatility.garch import fit_garch, fit_gjr
from engine.quant.volatility.har import fit_har
from tests.speed.figure import Figure
from tests.speed.peers import peer, skipped
from tests.speed.timing import Work, interleaved

WITH_PEERS = True
DAYS = 1_260
MODEL = HestonParameters(0.04, 1.5, 0.05, 0.6, -0.7)


def _microseconds(works: dict[str, Work]) -> dict[str, float]:
    return interleaved(works, rounds=5, unit=1e-6)


def _returns() -> np.ndarray:
    chance = np.random.default_rng(4).normal(size=DAYS)
    h, out = 1e-4, np.empty(DAYS)
    for t in range(DAYS):
        out[t] = np.sqrt(h) * chance[t]
        h = 2e-6 + 0.09 * out[t] ** 2 + 0.89 * h
    return out


def _scipy_garch(series: np.ndarray) -> Callable[[], object]:
    """L-BFGS-B on the same likelihood in the plain tier, its gradient by differences, from arch's usual start."""
    scaled = (series - series.mean()) / series.std()

    def loss(x: np.ndarray) -> float:
        return plain._loss(scaled, 1.0, np.array([x[0], x[1], x[1], x[2], 0.0]), False) if x[1] + x[2] < 1.0 else 1e9

    return lambda: minimize(loss, [0.05, 0.1, 0.85], method="L-BFGS-B", bounds=[(1e-8, None), (0, 1), (0, 1)])


def _plain_ewma(series: list[float]) -> float:
    variance = sum(value * value for value in series[:20]) / 20
    for value in series[20:]:
        variance = 0.94 * variance + 0.06 * value * value
    return variance


def measures() -> Iterator[Figure]:
    begun = time.process_time()
    tiers.warm(rooms=("columns", "forecasts", "stochastic"))
    yield Figure("compiling or loading the kernels", time.process_time() - begun, "s CPU")
    yield from _garch()
    yield from _others()
    yield from _heston()


def _garch() -> Iterator[Figure]:
    series = _returns()
    works: dict[str, Work] = {
        "garch": lambda: fit_garch(returns=series),
        "gjr": lambda: fit_gjr(returns=series),
        "t": lambda: fit_garch(returns=series, innovations="t"),
        "scipy": _scipy_garch(series),
    }
    arch = peer("arch")
    if arch is not None:
        theirs = arch.arch_model(100 * series, vol="GARCH", p=1, q=1, rescale=False)  # it fits the mean along, we take off the sample's
        works["arch"] = lambda: theirs.fit(disp="off", show_warning=False)
    with tiers.using("numba"):
        took = _microseconds(works)
    yield Figure("GARCH(1,1), 1,260 days", took["garch"], "us/fit")
    yield Figure("GJR-GARCH(1,1)", took["gjr"], "us/fit")
    yield Figure("GARCH(1,1) with t innovations", took["t"], "us/fit")
    with tiers.using("numpy"):
        slow = _microseconds({"garch": lambda: fit_garch(returns=series)})["garch"]
    yield Figure("GARCH(1,1), numpy tier", slow, "us/fit")
    yield Figure("scipy L-BFGS-B on the same likelihood / ours", took["scipy"] / took["garch"], "x", 50, more_is_better=True)
    if "arch" in took:
        yield Figure("arch / ours", took["arch"] / took["garch"], "x", 150, more_is_better=True)
    else:
        yield from skipped("arch / ours", "arch")


def _others() -> Iterator[Figure]:
    series = _returns()
    listed = series.tolist()
    variances = series**2 + 1e-6
    works: dict[str, Work] = {
        "ewma": lambda: ewma_variances(returns=series),
        "loop": lambda: _plain_ewma(listed),
        "ar": lambda: innovation_vols(returns=series),
        "har": lambda: fit_har(variances=variances),
    }
    autoreg = peer("statsmodels.tsa.ar_model")
    if autoreg is not None:
        window = series[-100:]
        works["autoreg"] = lambda: autoreg.AutoReg(window, lags=1, trend="c").fit()
    with tiers.using("numba"):
        took = _microseconds(works)
    yield Figure("EWMA, 1,260 days", took["ewma"], "us")
    yield Figure("EWMA: a Python loop / ours", took["loop"] / took["ewma"], "x", 4, more_is_better=True)
    yield Figure("HAR with Newey-West errors", took["har"], "us/fit")
    yield Figure("AR estimator (window 100)", took["ar"] / (DAYS - 20), "us/return")
    if "autoreg" in took:
        ratio = took["autoreg"] / (took["ar"] / (DAYS - 20))
        yield Figure("AR estimator: statsmodels AutoReg / ours", ratio, "x", 40, more_is_better=True)
    else:
        yield from skipped("AR estimator: statsmodels AutoReg / ours", "statsmodels")


def _quantlib_heston(strikes: np.ndarray) -> Callable[[], object]:
    """The same forty options by the analytic engine at its defaults."""
    today = QuantLib.Date(1, 1, 2020)
    QuantLib.Settings.instance().evaluationDate = today
    flat = QuantLib.YieldTermStructureHandle(QuantLib.FlatForward(today, 0.0, QuantLib.Actual365Fixed()))
    v0, kappa, theta, sigma, rho = (float(value) for value in MODEL)
    process = QuantLib.HestonProcess(flat, flat, QuantLib.QuoteHandle(QuantLib.SimpleQuote(100.0)), v0, kappa, theta, sigma, rho)
    engine = QuantLib.AnalyticHestonEngine(QuantLib.HestonModel(process))
    exercise = QuantLib.EuropeanExercise(today + 182)

    def priced() -> None:
        for strike in strikes.tolist():
            option = QuantLib.VanillaOption(QuantLib.PlainVanillaPayoff(QuantLib.Option.Call, strike), exercise)
            option.setPricingEngine(engine)
            option.NPV()

    return priced


def _heston() -> Iterator[Figure]:
    strikes = np.linspace(70.0, 140.0, 40)
    terms = {"forwards": 100.0, "strikes": strikes, "years": 182 / 365, "rights": 1, "parameters": MODEL}
    with tiers.using("numba"):
        took = _microseconds({"ours": lambda: prices(**terms), "quantlib": _quantlib_heston(strikes)})
        years = np.repeat([0.1, 0.5, 1.0, 2.0], 12)
        around = 100.0 * np.exp(np.tile(np.linspace(-1.5, 1.5, 12), 4) * 0.2 * np.sqrt(years))
        vols = 0.2 - 0.1 * np.log(around / 100.0) / np.sqrt(years) * 0.3
        fitting = _microseconds({"fit": lambda: fit_heston(forwards=100.0, strikes=around, years=years, vols=vols)})["fit"]
    yield Figure("Heston price with all derivatives", took["ours"] / strikes.size, "us/option")
    yield Figure("Heston: QuantLib AnalyticHestonEngine, price alone / ours", took["quantlib"] / took["ours"], "x")
    yield Figure("Heston calibration, 48 quotes, three starts", fitting / 1e3, "ms")
