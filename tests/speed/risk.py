"""A book of 500 options over a grid and in 100,000 scenarios, against numpy, QuantLib and full revaluation in the same run."""

import math
from collections.abc import Iterator

import numpy as np
import QuantLib

from engine.quant import tiers
from engine.quant.risk.book import Book, book, states, totals, values
from engine.quant.risk.losses import Method, losses
from engine.quant.risk.scenarios import drawn
from engine.quant.risk.slide import profit_grid, read
from engine.quant.special import normal_cdf
from tests.speed.figure import Figure
from tests.speed.timing import best

CONTRACTS, SPOTS, VOLS = 500, 21, 11
NAMES, SCENARIOS = 20, 100_000
PEER_CELLS = 4000


def _desk(seed: int, size: int) -> Book:
    chance = np.random.default_rng(seed)
    return book(
        strikes=chance.uniform(75, 130, size),
        years=chance.uniform(0.02, 2.0, size),
        vols=chance.uniform(0.12, 0.6, size),
        rights=chance.choice([-1.0, 1.0], size),
        units=chance.integers(-20, 20, size) * 100.0,
        rates=0.04,
        yields=0.01,
    )


def _broadcast(of: Book, spots: np.ndarray, factors: np.ndarray) -> tuple[np.ndarray, ...]:
    """Price and eight Greeks the way one writes them in numpy: every contract against every cell."""
    K, T, sign, units, r, q = (column[:, None] for column in (of.strikes, of.years, of.rights, of.units, of.rates, of.yields))
    sigma = of.vols[:, None] * factors
    root = np.sqrt(T)
    d1 = (np.log(spots / K) + (r - q + 0.5 * sigma * sigma) * T) / (sigma * root)
    d2 = d1 - sigma * root
    held, paid, density = np.exp(-q * T), np.exp(-r * T), np.exp(-0.5 * d1 * d1) / math.sqrt(2.0 * math.pi)
    above, itm = normal_cdf(sign * d1), normal_cdf(sign * d2)
    price = sign * (spots * held * above - K * paid * itm)
    delta = sign * held * above
    gamma = held * density / (spots * sigma * root)
    vega = spots * held * density * root
    theta = -0.5 * vega * sigma / T - sign * (r * K * paid * itm - q * spots * held * above)
    rho = sign * T * K * paid * itm
    vanna, volga = -held * density * d2 / sigma, vega * d1 * d2 / sigma
    charm = sign * q * delta - held * density * ((r - q) / (sigma * root) - 0.5 * d2 / T)
    return tuple((units * part).sum(axis=0) for part in (price, delta, gamma, vega, theta, rho, vanna, volga, charm))


def measures() -> Iterator[Figure]:
    tiers.warm()
    of = _desk(1, CONTRACTS)
    spots = np.tile(100.0 * np.linspace(0.8, 1.2, SPOTS), VOLS)
    factors = np.repeat(np.linspace(0.7, 1.6, VOLS), SPOTS)
    at = states(spots=spots, vol_factors=factors)
    cells = CONTRACTS * spots.size
    with tiers.using("numba"):
        ours = best(lambda: totals(book=of, states=at), 9)
    with tiers.using("numpy"):
        plain = best(lambda: totals(book=of, states=at))
    numpy_way = best(lambda: _broadcast(of, spots, factors))

    def by_quantlib() -> None:
        for cell in range(PEER_CELLS):
            i, j = divmod(cell, spots.size)
            i %= CONTRACTS
            forward = spots[j] * math.exp((of.rates[i] - of.yields[i]) * of.years[i])
            payoff = QuantLib.PlainVanillaPayoff(QuantLib.Option.Call if of.rights[i] > 0 else QuantLib.Option.Put, of.strikes[i])
            one = QuantLib.BlackCalculator(
                payoff, forward, of.vols[i] * factors[j] * math.sqrt(of.years[i]), math.exp(-of.rates[i] * of.years[i])
            )
            (
                one.value(),
                one.delta(spots[j]),
                one.gamma(spots[j]),
                one.vega(of.years[i]),
                one.theta(spots[j], of.years[i]),
                one.rho(of.years[i]),
            )

    quantlib = best(by_quantlib, 3) / PEER_CELLS * cells
    yield Figure(
        f"grid {CONTRACTS}x{SPOTS}x{VOLS}, price and 8 Greeks: numba", ours * 1e3, "ms", note=f"{ours / cells * 1e9:.1f} ns a cell"
    )
    yield Figure("the same: numpy tier", plain * 1e3, "ms")
    yield Figure("grid: numpy broadcasting against numba", numpy_way / ours, "x", bar=4.0, more_is_better=True)
    yield Figure("grid: QuantLib BlackCalculator loop against numba", quantlib / ours, "x", bar=250.0, more_is_better=True)

    desks = [_desk(seed, 25) for seed in range(NAMES)]
    chance = np.random.default_rng(0)
    loads = chance.uniform(0.3, 0.9, NAMES)
    covariance = np.outer(loads, loads) * 0.02**2 + np.diag((1.0 - loads**2) * 0.02**2)
    logs = drawn(covariance=covariance, count=SCENARIOS, seed=2, degrees=5.0)
    vols = np.clip(-3.0 * logs, -0.6, 2.0)
    logs = np.clip(logs, -0.3, 0.3)
    columns = [(np.ascontiguousarray(logs[:, i]), np.ascontiguousarray(vols[:, i])) for i in range(NAMES)]
    found: dict[str, np.ndarray] = {}

    def full() -> None:
        total = np.zeros(SCENARIOS)
        for desk, (log, vol) in zip(desks, columns, strict=True):
            total += values(book=desk, states=states(spots=100.0 * np.exp(log), vol_factors=1.0 + vol)) - values(
                book=desk, states=states(spots=[100.0])
            )
        found["full"] = total

    def gridded() -> None:
        total = np.zeros(SCENARIOS)
        for desk, (log, vol) in zip(desks, columns, strict=True):
            read(
                grid=profit_grid(book=desk, spot=100.0, log_range=(-0.3, 0.3), vol_range=(-0.6, 2.0)),
                log_returns=log, vol_moves=vol, into=total,
            )  # fmt: skip
        found["grid"] = total

    with tiers.using("numba"):
        whole, short = best(full, 3), best(gridded, 5)
    true, near = losses(found["full"], method=Method.FULL), losses(found["grid"], method=Method.GRID)
    yield Figure(
        f"VaR, {SCENARIOS:,} scenarios x 500 options, full", whole * 1e3, "ms", note=f"{whole / SCENARIOS / 500 * 1e9:.1f} ns a revaluation"
    )
    yield Figure("VaR by grids of 41 x 17 for each name", short * 1e3, "ms")
    yield Figure("VaR: full revaluation against grids", whole / short, "x", bar=8.0, more_is_better=True)
    off = abs(near.value_at_risk / true.value_at_risk - 1.0)
    yield Figure(
        "VaR: how far the grids are off", off * 100.0, "%", bar=0.1, note=f"{near.value_at_risk:,.0f} for {true.value_at_risk:,.0f}"
    )
