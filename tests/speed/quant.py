"""Implied volatility and Greeks of a 20,000-row chain in both tiers, against the libraries people use, in the same run."""

import asyncio
import math
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import QuantLib
from scipy.optimize import brentq

from engine.quant import tiers
from engine.quant.american.values import prices as american_prices
from engine.quant.chain.book import SeriesQuotes
from engine.quant.chain.series import price_book
from engine.quant.european.black import greeks_on_forward, higher_greeks, prices
from engine.quant.european.implied import implied_vols
from tests.speed.figure import Figure
from tests.speed.peers import peer, peer_beside, skipped
from tests.speed.timing import Work, interleaved

WITH_PEERS = True
ROWS, PEER_ROWS = 20_000, 300
RATE = 0.043
SERIES = 12
OURS = ("numpy", "numba", "one", "european", "higher, numba", "iv", "iv libm", "greeks", "greeks libm")
FIRST_GREEKS = "from engine.quant.european.black import greeks\nprint(greeks(spots=100, strikes=100, years=0.5, vols=0.2, rights=1).deltas)"
Chain = dict[str, np.ndarray]


def _medians(works: dict[str, Work], rows: dict[str, int], rounds: int = 7) -> dict[str, float]:
    """CPU nanoseconds a row, of the works that run here."""
    able = {name: work for name, work in works.items() if _runs(name, work)}
    return {name: taken / rows.get(name, ROWS) for name, taken in interleaved(able, rounds, unit=1e-9).items()}


def _runs(name: str, work: Work) -> bool:
    """Whether it does; a library that is installed and fails is said and left out."""
    try:
        work()
    except Exception as error:
        if name in OURS:
            raise
        print(f"  {name}: not measured against ({type(error).__name__}: {str(error).splitlines()[0]})", file=sys.stderr, flush=True)
        return False
    return True


def _chain() -> Chain:
    chance = np.random.default_rng(3)
    years = chance.choice(np.geomspace(1 / 365, 2, 20), ROWS)
    forwards = np.full(ROWS, 500.0)
    vols = chance.uniform(0.1, 0.6, ROWS)
    strikes = forwards * np.exp(chance.uniform(-2.5, 2.5, ROWS) * vols * np.sqrt(years))
    signs = np.where(strikes >= forwards, 1.0, -1.0)
    return {"forwards": forwards, "strikes": strikes, "years": years, "vols": vols, "discounts": np.exp(-RATE * years), "rights": signs}


def _black(forward: float, strike: float, years: float, vol: float, discount: float, sign: float) -> float:
    s = vol * math.sqrt(years)
    d1 = math.log(forward / strike) / s + s / 2
    cdf = lambda x: 0.5 * math.erfc(-x / math.sqrt(2))  # noqa: E731
    return discount * sign * (forward * cdf(sign * d1) - strike * cdf(sign * (d1 - s)))


def _in_tier(tier: tiers.Tier, work: Work) -> Work:
    def within() -> object:
        with tiers.using(tier):
            return work()

    return within


def _iv_works(chain: Chain, undiscounted: np.ndarray) -> tuple[dict[str, Work], dict[str, int]]:
    """The same 20,000 prices to each library, in the form it likes best; the scalar ones get the first few hundred."""
    F, K, T, D, sign = (chain[name] for name in ("forwards", "strikes", "years", "discounts", "rights"))
    few = list(zip(*(column[:PEER_ROWS].tolist() for column in (undiscounted, F, K, T, D, sign)), strict=True))
    calls, puts = sign > 0, sign < 0
    given = {"forwards": F, "strikes": K, "years": T, "rights": sign}
    works: dict[str, Work] = {tier: _in_tier(tier, lambda: implied_vols(prices=undiscounted, **given)) for tier in ("numpy", "numba")}
    works["scipy brentq"] = lambda: [
        brentq(lambda vol, f=f, k=k, t=t, d=d, w=w, p=p: _black(f, k, t, vol, d, w) - p * d, 1e-4, 5.0, xtol=1e-12)
        for p, f, k, t, d, w in few
    ]
    works["QuantLib"] = lambda: [
        QuantLib.blackFormulaImpliedStdDev(
            QuantLib.Option.Call if w > 0 else QuantLib.Option.Put, k, f, p * d, d, 0.0, 0.2 * math.sqrt(t), 1e-12
        )
        for p, f, k, t, d, w in few
    ]
    if (vollib := peer("vollib.black.implied_volatility")) is not None:
        works["vollib"] = lambda: [vollib.implied_volatility(p * d, f, k, RATE, t, "c" if w > 0 else "p") for p, f, k, t, d, w in few]
    if (iv_engine := peer("iv_engine.batch")) is not None:
        parts = [tuple(np.ascontiguousarray(column[side]) for column in (undiscounted, F, K, T)) for side in (calls, puts)]
        works["iv_engine"] = lambda: [
            iv_engine.implied_volatilities(*part, is_call=call, parallel=False) for part, call in zip(parts, (True, False), strict=True)
        ]
    if (lbriv := peer("lbriv")) is not None:
        halves = [(np.ascontiguousarray(undiscounted[side]), np.ascontiguousarray(K[side])) for side in (calls, puts)]
        works["lbriv"] = lambda: [
            lbriv.vectorized_implied_vol_strikes(price, 500.0, strike, q=q) for (price, strike), q in zip(halves, (1, -1), strict=True)
        ]
    scalar = ("scipy brentq", "QuantLib", "vollib")
    return works, dict.fromkeys(scalar, PEER_ROWS)


def _vectorized_works(chain: Chain, undiscounted: np.ndarray) -> dict[str, Work]:
    """Apart from the others and after them: on import it puts itself in the place of vollib."""
    F, K, T, D, sign = (chain[name] for name in ("forwards", "strikes", "years", "discounts", "rights"))
    given = {"forwards": F, "strikes": K, "years": T, "rights": sign}
    works: dict[str, Work] = {tier: _in_tier(tier, lambda: implied_vols(prices=undiscounted, **given)) for tier in ("numpy", "numba")}
    if (vectorized := peer_beside("py_vollib_vectorized.implied_volatility", "py_lets_be_rational")) is not None:
        letters, paid = np.where(sign > 0, "c", "p"), undiscounted * D
        works["py_vollib_vectorized"] = lambda: vectorized.vectorized_implied_volatility_black(
            paid, F, K, RATE, T, letters, on_error="ignore", return_as="numpy"
        )
    return works


def _greek_works(chain: Chain) -> tuple[dict[str, Work], dict[str, int]]:
    F, K, T, vol, D, sign = (chain[name] for name in ("forwards", "strikes", "years", "vols", "discounts", "rights"))
    few = list(zip(*(column[:PEER_ROWS].tolist() for column in (F, K, T, vol, D, sign)), strict=True))
    given = {"spots": F, "strikes": K, "years": T, "vols": vol, "rates": RATE, "yields": RATE, "rights": sign}
    works: dict[str, Work] = {tier: _in_tier(tier, lambda: greeks_on_forward(forwards=F, **given)) for tier in ("numpy", "numba")}
    works["higher, numba"] = _in_tier("numba", lambda: higher_greeks(**given))

    def by_quantlib() -> None:
        for f, k, t, sigma, d, w in few:
            payoff = QuantLib.PlainVanillaPayoff(QuantLib.Option.Call if w > 0 else QuantLib.Option.Put, k)
            calculator = QuantLib.BlackCalculator(payoff, f, sigma * math.sqrt(t), d)
            calculator.value(), calculator.delta(f), calculator.gamma(f), calculator.vega(t), calculator.theta(f, t), calculator.rho(t)

    works["QuantLib"] = by_quantlib
    if (fast := peer("fast_vollib")) is not None:
        letters = np.where(sign > 0, "c", "p")
        works["fast_vollib"] = lambda: fast.get_all_greeks(letters, F, K, T, RATE, vol, model="black", return_as="dict", backend="numpy")
    if (vollib := peer("vollib.black.greeks.analytical")) is not None:
        names = ("delta", "gamma", "vega", "theta", "rho")
        works["vollib"] = lambda: [
            getattr(vollib, name)("c" if w > 0 else "p", f, k, t, RATE, sigma) for f, k, t, sigma, _, w in few for name in names
        ]
    return works, dict.fromkeys(("QuantLib", "vollib"), PEER_ROWS)


def _ratios(what: str, found: dict[str, float], bars: dict[str, float]) -> Iterator[Figure]:
    for name, bar in bars.items():
        text = f"{what}: {name} / numba tier"
        if name in found:
            yield Figure(text, found[name] / found["numba"], "x", bar or None, more_is_better=True, note=f"{found[name]:,.0f} ns/option")
        else:
            yield from skipped(text, name)


def _against_libm(chain: Chain, undiscounted: np.ndarray) -> Iterator[Figure]:
    """A kernel that lost its vectors gives the same answers, at this price."""
    from engine.quant.kernels import columns
    from tests.speed import libm

    rows = np.vstack((undiscounted, chain["forwards"], chain["strikes"], chain["years"], chain["rights"]))
    vols, statuses = np.empty(ROWS), np.empty(ROWS, dtype=np.int8)
    rates = np.full(ROWS, RATE)
    greek_rows = np.vstack([chain[name] for name in ("forwards", "forwards", "strikes", "years", "vols")] + [rates, rates, chain["rights"]])
    out = np.empty((10, ROWS))
    found = _medians(
        {
            "iv": lambda: columns.implied_vols(rows, vols, statuses),
            "iv libm": lambda: libm.implied_vols(rows, vols, statuses),
            "greeks": lambda: columns.greeks(greek_rows, out),
            "greeks libm": lambda: libm.greeks(greek_rows, out),
        },
        {},
    )
    for what in ("iv", "greeks"):
        yield Figure(f"{what} kernel over libm / over its own vectors", found[f"{what} libm"] / found[what], "x", 2.5, more_is_better=True,
                     note=f"{found[what]:.1f} ns/option")  # fmt: skip


def _loop_lag(chain: Chain, undiscounted: np.ndarray) -> Iterator[Figure]:
    """How late the event loop's turns are while a kernel works in a thread all the time."""
    many = {name: np.tile(chain[name], 10) for name in ("forwards", "strikes", "years", "rights")}
    quoted = np.tile(undiscounted, 10)

    async def lags(*, working_too: bool) -> list[float]:
        loop = asyncio.get_running_loop()
        end = loop.time() + 1.5

        def work() -> None:
            while working_too and loop.time() < end:
                implied_vols(prices=quoted, **many)

        found = []
        with ThreadPoolExecutor(1) as pool:
            working = loop.run_in_executor(pool, work)
            while loop.time() < end:
                begun = loop.time()
                await asyncio.sleep(0.001)
                found.append(loop.time() - begun - 0.001)
            await working
        return found

    with tiers.using("numba"):
        alone, beside = (float(np.quantile(asyncio.run(lags(working_too=busy)), 0.99)) * 1e3 for busy in (False, True))
    note = f"{alone:.2f} ms without one: what else the machine does counts too"
    yield Figure("event loop's lag beside a running kernel, p99", beside, "ms (wall)", 5.0, note=note)


def _fresh() -> Iterator[Figure]:
    """A new process, nothing warm: Python, numpy, the numpy tier and one option's Greeks."""
    spent = []
    for _ in range(3):
        before, begun = os.times(), time.perf_counter()
        subprocess.run([sys.executable, "-c", FIRST_GREEKS], check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        spent.append(
            (after.children_user + after.children_system - before.children_user - before.children_system, time.perf_counter() - begun)
        )
    cpu, wall = min(spent)
    yield Figure("a fresh process to its first Greeks", cpu, "s", 0.5, note=f"{wall:.2f} s wall")


def _features() -> set[str]:
    from llvmlite import binding

    return {name for name, there in binding.get_host_cpu_features().items() if there}


def measures() -> Iterator[Figure]:
    warnings.simplefilter("ignore")  # of the peers' own
    yield from _fresh()
    begun = time.perf_counter()
    tiers.warm(rooms=("columns",))
    yield Figure("compiling or loading the kernels of columns", time.perf_counter() - begun, "s (wall)")
    features = _features()
    wide, narrow = "avx512f" in features, "avx2" not in features
    kind = "AVX-512: the bars of AVX-512" if wide else "no AVX2: the lowest bars" if narrow else "AVX2 without AVX-512: the bars of AVX2"
    yield Figure("vector registers", 512 if wide else 128 if narrow else 256, "bits", note=kind)

    chain = _chain()
    undiscounted = prices(**chain) / chain["discounts"]
    works, rows = _iv_works(chain, undiscounted)
    found = _medians(works, rows)
    with tiers.using("numba"):
        vols, statuses = implied_vols(prices=undiscounted, **{name: chain[name] for name in ("forwards", "strikes", "years", "rights")})
    error = float(np.nanmax(np.abs(vols - chain["vols"])[statuses == 0]))
    yield Figure("IV, numpy tier", found["numpy"], "ns/option")
    yield Figure("IV, numba tier", found["numba"], "ns/option", note=f"largest error of rows called ok {error:.1e}")
    wheel = 1.2 if narrow else 4.0
    bars = {"vollib": 60.0 if narrow else 250.0, "iv_engine": wheel, "lbriv": wheel}
    yield from _ratios("IV", found, bars | {"QuantLib": 20.0, "scipy brentq": 250.0})
    yield from _greek_figures(chain, narrow=narrow)
    found = _medians(_vectorized_works(chain, undiscounted), {})
    yield from _ratios("IV", found, {"py_vollib_vectorized": 10.0 if wide else wheel})
    if "py_vollib_vectorized" in found:
        yield Figure("IV: py_vollib_vectorized / numpy tier", found["py_vollib_vectorized"] / found["numpy"], "x", 1.2, more_is_better=True)
    if narrow:
        yield Figure("kernels over libm", float("nan"), "x", note="skipped: two lanes gain next to nothing")
    else:
        yield from _against_libm(chain, undiscounted)
    yield from _loop_lag(chain, undiscounted)
    yield from _american_series()


def _american_series() -> Iterator[Figure]:
    """Series of 300 options in the chain's own call: volatilities of mid, bid and ask, Greeks, forward and summary."""
    tiers.warm(rooms=tiers.CHAIN_ROOMS)
    strikes = np.linspace(75.0, 130.0, 150)
    rights, book = np.array([[1.0], [-1.0]]), []
    for years in np.linspace(0.02, 1.5, SERIES):
        vols = 0.2 - 0.1 * np.log(strikes / 100.0)
        mids = american_prices(spots=100, strikes=strikes, years=years, vols=vols, rights=rights, rates=RATE, yields=0.012)
        half = np.minimum(0.02, 0.9 * mids)
        book.append(
            SeriesQuotes(strikes, mids - half, mids + half, spot=100.0, years=years, rate_hint=RATE, rate_given=True, american=True)
        )
    late = [series._replace(american=False) for series in book]
    works: dict[str, Work] = {
        "one": lambda: price_book(book[:1], apart=True),
        "numba": lambda: price_book(book, apart=True),
        "european": lambda: price_book(late, apart=True),
    }
    rows = {"one": 1, "numba": SERIES, "european": SERIES}
    found = _medians({name: _in_tier("numba", work) for name, work in works.items()}, rows)
    plain = _medians({"numpy": _in_tier("numpy", works["numba"])}, {"numpy": SERIES}, 3)
    yield Figure("an American series of 300 in a book, numba tier", found["numba"] / 1e6, "ms CPU", 2.5)
    yield Figure("the same alone", found["one"] / 1e6, "ms CPU", 4.0, note="half of it the calls themselves: 300 rows are few")
    yield Figure("the same in a book, numpy tier", plain["numpy"] / 1e6, "ms CPU")
    yield Figure("a European series of 300 in a book, numba tier", found["european"] / 1e6, "ms CPU")


def _greek_figures(chain: Chain, *, narrow: bool) -> Iterator[Figure]:
    works, rows = _greek_works(chain)
    found = _medians(works, rows)
    yield Figure("price and 9 Greeks, numpy tier", found["numpy"], "ns/option")
    yield Figure("price and 9 Greeks, numba tier", found["numba"], "ns/option")
    yield Figure("6 higher Greeks, numba tier", found["higher, numba"], "ns/option")
    bars = {"QuantLib": 80.0 if narrow else 250.0, "vollib": 250.0 if narrow else 700.0, "fast_vollib": 1.0 if narrow else 3.0}
    yield from _ratios("Greeks", found, bars)
