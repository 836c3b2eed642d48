"""Volatility surfaces: 16 expiries and 656 quotes with noise and a bump no model has, against scipy's Levenberg-Marquardt and QuantLib."""

import math
import os
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import QuantLib
from scipy.optimize import least_squares

from engine.quant import tiers
from engine.quant.chain.book import SeriesQuotes
from engine.quant.chain.segments import of_sizes
from engine.quant.chain.series import price_book
from engine.quant.smiles import essvi, sabr, ssvi, svi
from engine.quant.smiles.arbitrage import butterflies, calendars
from engine.quant.smiles.contracts import contract_numbers
from engine.quant.smiles.fitting import SmileModel, fit_surface
from engine.quant.smiles.quotes import SmileQuotes, quotes_of_series
from engine.quant.smiles.svi import RawSvi
from engine.quant.smiles.underlying import fit_underlying
from tests.kit.quant import NEW_YORK, recorded_chain
from tests.kit.smiles import smile_quotes
from tests.speed.figure import Figure
from tests.speed.timing import Work, interleaved

SLICES, POINTS = 16, 41
EXPIRIES, STRIKES = 58, 86
TICK = 0.05
RECORDED = "SPX_2022-07-12_1155ET_intraday.csv.gz"
"""Of the recorded chains the one that takes longest: two slices of three need a spline."""
RECORDED_AT = datetime(2022, 7, 12, 11, 40, tzinfo=NEW_YORK)


def _market() -> dict[str, object]:
    """An equity-like surface, 15 basis points of noise, and a bump of half a point above the money."""
    years = np.geomspace(3 / 365, 2.0, SLICES)
    thetas = 0.04 * years * (1.0 + 0.4 * np.exp(-years))
    surface = ssvi.raw_slices(thetas=thetas, rhos=-0.6, etas=1.0, gammas=0.45)
    places = np.linspace(-3.2, 2.0, POINTS)
    k = np.concatenate([places * root for root in np.sqrt(thetas)])
    segments = of_sizes(np.full(SLICES, POINTS))
    vols = svi.vols(log_moneyness=k, slices=surface.of(segments.owner), years=years[segments.owner])
    vols = vols + 0.0015 * np.random.default_rng(5).standard_normal(k.size) + np.tile(0.005 * np.exp(-((places - 0.8) ** 2) / 0.1), SLICES)
    return {"log_moneyness": k, "vols": vols, "segments": segments, "years": years}


def _chain() -> SmileQuotes:
    """Calls and puts of 58 expiries, 10,000 in all, with noise, as long as the full chain of an index."""
    years = np.geomspace(1 / 365, 2.5, EXPIRIES)
    surface = ssvi.raw_slices(thetas=0.04 * years * (1.0 + 0.4 * np.exp(-years)), rhos=-0.6, etas=1.0, gammas=0.45)
    return smile_quotes(surface=surface, years=years, points=STRIKES, noise=0.0007)


def _whole_chain(series: list[SeriesQuotes], spot: float) -> Work:
    """Everything that is computed of a chain: forwards, volatilities, both surfaces with grades and flags, and all Greeks twice.

    The Greeks are those at each strike's own volatility and those on the surface that risk is computed on.
    """
    years = np.array([one.years for one in series])

    def work() -> object:
        numbers = price_book(series)
        quotes = quotes_of_series(series=series, numbers=numbers)
        fit = fit_underlying(quotes=quotes, spot=spot)
        discounts = np.exp(-np.array([one.rate for one in numbers]) * years)
        terms = {"strikes": quotes.strikes, "rights": quotes.rights, "segments": quotes.segments, "forwards": quotes.forwards}
        return contract_numbers(surface=fit.risk.surface, **terms, discounts=discounts, years=years)

    return work


def _synthetic_chain() -> Work:
    """The quotes of :func:`_chain` as a feed brings them: in whole ticks, of twice as many strikes, for the whole of an index."""
    years = np.geomspace(1 / 365, 2.5, EXPIRIES)
    surface = ssvi.raw_slices(thetas=0.04 * years * (1.0 + 0.4 * np.exp(-years)), rhos=-0.6, etas=1.0, gammas=0.45)
    quotes = smile_quotes(surface=surface, years=years, points=2 * STRIKES, noise=0.0007)
    bids, asks = np.round(np.asarray(quotes.bids) / TICK) * TICK, np.round(np.asarray(quotes.asks) / TICK) * TICK
    series = []
    for i, left in enumerate(years.tolist()):
        own = np.flatnonzero(quotes.segments.owner == i)
        bid, ask = (column[own].reshape(-1, 2).T for column in (bids, asks))
        series.append(SeriesQuotes(strikes=np.asarray(quotes.strikes)[own[::2]], bid=bid, ask=ask, spot=5000.0, years=left, tick=TICK))
    return _whole_chain(series, 5000.0)


def _recorded_chain(path: Path) -> Work:
    spot, expiries = recorded_chain(path)
    alive = sorted((one for one in expiries if one.years_from(RECORDED_AT) > 0.0), key=lambda one: one.years_from(RECORDED_AT))
    series = [
        SeriesQuotes(strikes=one.strikes, bid=one.bid, ask=one.ask, spot=spot, years=one.years_from(RECORDED_AT), tick=TICK)
        for one in alive
    ]
    return _whole_chain(series, spot)


def _whole() -> Iterator[Figure]:
    """The chain of an index: a synthetic one, and a recorded one where the recordings are at hand."""
    works = {"synthetic": _synthetic_chain()}
    folder = os.environ.get("OPTIX_FIXTURES")
    recorded = (Path(folder) if folder else Path(__file__).parents[3] / "shared" / "fixtures") / "cboe_quotedata_csv" / RECORDED
    if recorded.exists():
        works["recorded"] = _recorded_chain(recorded)
    for name, milliseconds in _milliseconds(works).items():
        yield Figure(f"a whole {name} SPX-sized chain: fitted and priced", milliseconds, "ms", 50)


def _milliseconds(works: dict[str, Work]) -> dict[str, float]:
    return interleaved(works, turn=0.02, unit=1e-3)


def _by_scipy(market: dict[str, object]) -> list[np.ndarray]:
    """Every slice by Levenberg-Marquardt on the five numbers, with the derivatives written out."""
    k, vols, years = (np.asarray(market[name]) for name in ("log_moneyness", "vols", "years"))
    found = []
    for i in range(SLICES):
        own = slice(i * POINTS, (i + 1) * POINTS)
        x, sigma, T = k[own], vols[own], years[i]
        w, scale = sigma**2 * T, 1.0 / (2.0 * sigma * T)

        def residual(p: np.ndarray, x: np.ndarray = x, w: np.ndarray = w, scale: np.ndarray = scale) -> np.ndarray:
            root = np.sqrt((x - p[3]) ** 2 + p[4] ** 2)
            return (p[0] + p[1] * (p[2] * (x - p[3]) + root) - w) * scale

        def jacobian(p: np.ndarray, x: np.ndarray = x, scale: np.ndarray = scale) -> np.ndarray:
            d = x - p[3]
            root = np.sqrt(d * d + p[4] ** 2)
            columns = (np.ones(x.size), p[2] * d + root, p[1] * d, -p[1] * (p[2] + d / root), p[1] * p[4] / root)
            return np.column_stack(columns) * scale[:, np.newaxis]

        start = [0.5 * w.min(), 0.5 * (w.max() - w.min()) / np.ptp(x), -0.5, 0.0, 0.2 * np.ptp(x)]
        found.append(least_squares(residual, start, jac=jacobian, method="lm").x)
    return found


def _by_quantlib(market: dict[str, object]) -> list[float]:
    """Every slice by QuantLib's SVI smile section; asking a volatility fits it."""
    k, vols, years = (np.asarray(market[name]) for name in ("log_moneyness", "vols", "years"))
    today = QuantLib.Date(2, 1, 2025)
    QuantLib.Settings.instance().evaluationDate = today
    found = []
    for i in range(SLICES):
        own = slice(i * POINTS, (i + 1) * POINTS)
        x, sigma = k[own], vols[own]
        w = sigma**2 * years[i]
        start = (0.5 * w.min(), 0.5 * (w.max() - w.min()) / np.ptp(x), 0.2 * np.ptp(x), -0.5, 0.0)
        section = QuantLib.SviInterpolatedSmileSection(
            today + max(round(years[i] * 365), 1), 1.0, np.exp(x).tolist(), False, float(sigma[POINTS // 2]), sigma.tolist(),
            *(float(value) for value in start), False, False, False, False, False, True,
        )  # fmt: skip
        found.append(section.volatility(1.0))
    return found


def measures() -> Iterator[Figure]:
    market = _market()
    begun = time.perf_counter()
    tiers.warm()
    yield Figure("compiling or loading the kernels", time.perf_counter() - begun, "s")
    with tiers.using("numba"):
        cost = _milliseconds(
            {
                "SVI": lambda: svi.fit_slices(**market),
                "eSSVI": lambda: essvi.fit_surface(**market),
                "SSVI": lambda: ssvi.fit_surfaces(**market),
                "SABR": lambda: sabr.fit_slices(**market),
                "scipy": lambda: _by_scipy(market),
                "QuantLib": lambda: _by_quantlib(market),
            }
        )
        raw, free = svi.fit_slices(**market), essvi.fit_surface(**market)
        whole, hagan = ssvi.fit_surfaces(**market), sabr.fit_slices(**market)
        chain = _chain()
        long = _milliseconds({model.name: lambda model=model: fit_surface(quotes=chain, model=model) for model in SmileModel})
        checks = _milliseconds({"flags": lambda: (butterflies(slices=raw.slices), calendars(slices=raw.slices))})
        crossings = int(calendars(slices=free.slices).arbitrage.sum() + butterflies(slices=free.slices).arbitrage.sum())
    peer = RawSvi(*np.array(_by_scipy(market)).T)
    owner, years = market["segments"].owner, np.asarray(market["years"])
    off = svi.vols(log_moneyness=market["log_moneyness"], slices=peer.of(owner), years=years[owner]) - np.asarray(market["vols"])
    rms = {"SVI": raw.errors, "eSSVI": free.errors, "SSVI": whole.errors, "SABR": hagan.errors}
    for name, errors in rms.items():
        yield Figure(f"{name}, 16 slices", cost[name], "ms", note=f"rms {1e4 * math.sqrt(np.mean(np.square(errors))):.1f} bp")
    yield Figure("scipy LM with Jacobian, SVI", cost["scipy"], "ms", note=f"rms {1e4 * math.sqrt(np.nanmean(off**2)):.1f} bp")
    yield Figure("QuantLib SviInterpolatedSmileSection", cost["QuantLib"], "ms")
    yield Figure("g and calendar flags, 16 slices", checks["flags"], "ms")
    for name, milliseconds in long.items():
        yield Figure(f"{name} of 10,000 options: chosen, fitted, graded", milliseconds, "ms", 40)
    with tiers.using("numba"):
        yield from _whole()
    yield Figure("scipy LM / SVI", cost["scipy"] / cost["SVI"], "x", 15, more_is_better=True)
    yield Figure("QuantLib / SVI", cost["QuantLib"] / cost["SVI"], "x", 4, more_is_better=True)
    yield Figure("eSSVI / SVI", cost["eSSVI"] / cost["SVI"], "x", 2)
    yield Figure("eSSVI: slices that cross or have g < 0", crossings, "slices", 0)
    with tiers.using("numpy"):
        plain = _milliseconds({"SVI": lambda: svi.fit_slices(**market)})
    yield Figure("SVI, numpy tier", plain["SVI"], "ms")
