"""The arithmetic of options of either style with cash dividends, on rows; :mod:`engine.quant.american.dividends` is the way in.

A European price is an integral, good to 1e-6 (:mod:`engine.quant.american.held`). An American one is that and the early-exercise premium,
the difference of two trees which only differ in that right: it is never below the European one, equals it where exercise never pays, and
of the trees' errors only that of the premium is left. In the ``fast`` setting both styles are the trees' own.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.american.greeks import AmericanGreeks, american_greeks
from engine.quant.american.held import held_greeks, held_values
from engine.quant.american.regimes import Method, as_puts, certain_european, certain_values, methods
from engine.quant.american.search import Search, search
from engine.quant.american.trees import FINE_STEPS, STEPS, Payments, tree_values
from engine.quant.american.values import american_prices, european_prices
from engine.quant.arrays import Bools, Bytes, Floats, Indices

VOL_BUMP = 0.08
"""Part of the volatility by which it is moved; a tree's values are smooth to about 1e-4."""
RATE_BUMP = 1e-3
SPOT_BUMP = 0.02
"""Part of the spot by which it is moved for the speed."""
TIME_BUMP = 0.1
"""Part of the time to the first ex-date by which time passes."""
GREEK_STEPS = 401
"""Of the trees whose differences are the Greeks of the premium; :data:`FINE_STEPS` in the fine setting."""
ROUNDING = 1e-12
"""Of the strike: a tree's value this close to the intrinsic one is that."""
NO_PREMIUM = 1e-9
"""Of the strike: two trees this close to each other show no premium."""


class DividendSchedule(NamedTuple):
    """Cash dividends: ex-dates in years from now and amounts, of all options alike, or with ``rows`` of the options named there."""

    years: ArrayLike
    amounts: ArrayLike
    rows: Indices | None = None


def payments_of(dividends: DividendSchedule, rows: Floats) -> Payments:
    """The dividends of each row that fall between now and its end, in order."""
    times, amounts = np.broadcast_arrays(
        np.atleast_1d(np.asarray(dividends.years, dtype=np.float64)), np.atleast_1d(np.asarray(dividends.amounts, dtype=np.float64))
    )
    if times.ndim != 1:
        message = "dividend years and amounts are lists of one length, one entry a dividend"
        raise ValueError(message)
    if not (np.isfinite(times).all() and np.isfinite(amounts).all() and (amounts >= 0.0).all()):
        message = "dividend years and amounts must be known, and no amount negative"
        raise ValueError(message)
    size = rows.shape[1]
    if dividends.rows is None:
        owners, times, amounts = np.repeat(np.arange(size), times.size), np.tile(times, size), np.tile(amounts, size)
    else:
        owners = np.asarray(dividends.rows, dtype=np.intp)
        if owners.shape != times.shape or (owners.size and not 0 <= owners.min() <= owners.max() < size):
            message = f"dividend rows name the options, from 0 to {size - 1}, one entry a dividend"
            raise ValueError(message)
    kept = (times > 0.0) & (times < rows[2][owners]) & (amounts > 0.0)
    owners, times, amounts = owners[kept], times[kept], amounts[kept]
    order = np.lexsort((times, owners))
    return Payments(owners[order], times[order], amounts[order])


class _Payment(NamedTuple):
    """The k-th dividend of every row that has so many."""

    rows: Indices
    years: Floats
    amounts: Floats


def _in_turn(payments: Payments) -> Iterator[_Payment]:
    ranks = np.arange(payments.rows.size) - np.searchsorted(payments.rows, payments.rows)
    for rank in range(int(ranks.max(initial=-1)) + 1):
        chosen = ranks == rank
        yield _Payment(payments.rows[chosen], payments.years[chosen], payments.amounts[chosen])


def cash_forwards(rows: Floats, payments: Payments) -> Floats:
    """F = S e^((r-q)T) - Σ D e^((r-q)(T-t))."""
    spots, _, years, _, rates, yields, _ = rows
    carry, owners = rates - yields, payments.rows
    paid = payments.amounts * np.exp(carry[owners] * (years[owners] - payments.years))
    result: Floats = spots * np.exp(carry * years) - np.bincount(owners, paid, spots.size)
    return result


def certain_cash_values(rows: Floats, payments: Payments, *, early: bool = True) -> Floats:
    """Without volatility: the best of exercising now, just before or after an ex-date, or at the end; only the end if not ``early``."""
    spots, strikes, years, _, rates, yields, signs = rows
    best = np.fmax(signs * (spots - strikes), 0.0) if early else np.zeros(spots.shape)
    share, since = spots.copy(), np.zeros(spots.shape)
    for chosen, times, amounts in _in_turn(payments):
        before = share[chosen] * np.exp((rates[chosen] - yields[chosen]) * (times - since[chosen]))
        share[chosen], since[chosen] = np.maximum(before - amounts, 0.0), times
        for at in (before, share[chosen]) if early else ():
            best[chosen] = np.fmax(best[chosen], np.exp(-rates[chosen] * times) * signs[chosen] * (at - strikes[chosen]))
    ending = share * np.exp((rates - yields) * (years - since))
    result: Floats = np.fmax(best, np.exp(-rates * years) * signs * (ending - strikes))
    return result


def cash_prices(rows: Floats, payments: Payments, setting: str, *, early: bool = True) -> Floats:
    """American prices, or European ones; rows without a dividend as if there were none anywhere."""
    how = methods(rows, as_puts(rows), setting)
    found = american_prices(rows, how) if early else np.where(how == Method.UNKNOWN, np.nan, european_prices(rows))
    paying = _paying(rows, payments)
    with np.errstate(all="ignore"):
        found = np.where(paying & (how == Method.CERTAIN), certain_cash_values(rows, payments, early=early), found)
        chosen = np.flatnonzero(paying & (how > Method.CERTAIN))
        if chosen.size:
            found[chosen] = _prices(rows[:, chosen], _of(payments, chosen, rows), setting, early=early)
    return found


def _prices(rows: Floats, payments: Payments, setting: str, *, early: bool) -> Floats:
    """Of rows that each have a dividend, volatility and time."""
    steps = FINE_STEPS if setting == "fine" else STEPS
    if setting == "fast":
        prices: Floats = tree_values(rows, payments, steps=steps, early=early)[0]
        return prices
    europeans: Floats = held_values(rows, payments)[0]
    return _with_premiums(rows, europeans, _pair(rows, payments, steps)) if early else europeans


class _Pair(NamedTuple):
    """Price, delta and gamma by one tree with the right to exercise early and by one without it."""

    american: Floats
    european: Floats


def _pair(rows: Floats, payments: Payments, steps: int) -> _Pair:
    return _Pair(*(tree_values(rows, payments, steps=steps, early=early) for early in (True, False)))


def _with_premiums(rows: Floats, europeans: Floats, trees: _Pair) -> Floats:
    """American prices: European ones and the premiums of the trees, and what exercise pays where the tree takes it."""
    spots, strikes, *_, signs = rows
    intrinsic = signs * (spots - strikes)
    worth = np.maximum(europeans + np.maximum(trees.american[0] - trees.european[0], 0.0), intrinsic)
    result: Floats = np.where(_exercised(rows, trees), np.maximum(intrinsic, europeans), worth)
    return result


def _exercised(rows: Floats, trees: _Pair) -> Bools:
    spots, strikes, *_, signs = rows
    result: Bools = trees.american[0] <= signs * (spots - strikes) + ROUNDING * strikes
    return result


def cash_greeks(rows: Floats, payments: Payments, setting: str, *, early: bool = True) -> AmericanGreeks:
    """Price and Greeks, American or European; rows without a dividend as if there were none anywhere."""
    how = methods(rows, as_puts(rows), setting)
    if not early:
        how = np.where(how > Method.CERTAIN, Method.EUROPEAN, how).astype(np.int8)
    found = np.stack(american_greeks(rows, how))
    paying = _paying(rows, payments)
    certain = np.flatnonzero(paying & (how <= Method.CERTAIN))
    if certain.size:
        found[:, certain] = np.nan
        found[0, certain] = cash_prices(rows[:, certain], _of(payments, certain, rows), setting, early=early)
    chosen = np.flatnonzero(paying & (how > Method.CERTAIN))
    if chosen.size:
        with np.errstate(all="ignore"):
            part, paid = rows[:, chosen], _of(payments, chosen, rows)
            found[:, chosen] = _american_greeks(part, paid, setting) if early else held_greeks(part, paid)
    return AmericanGreeks(*found)


def _american_greeks(rows: Floats, payments: Payments, setting: str) -> Floats:
    """Those of the European option and of the premium beside it; the price is that of :func:`cash_prices`."""
    strikes, signs = rows[1], rows[6]
    found = held_greeks(rows, payments)
    steps = FINE_STEPS if setting == "fine" else GREEK_STEPS
    trees = _pair(rows, payments, steps)
    exercised = _exercised(rows, trees)
    premium = trees.american - trees.european
    early = np.flatnonzero((premium[0] > NO_PREMIUM * strikes) & ~exercised)
    if early.size:
        found[:, early] += premium_greeks(rows[:, early], _of(payments, early, rows), steps, premium[:, early])
    found[0] = _prices(rows, payments, setting, early=True)
    found[1] = np.where(exercised, signs, found[1])
    found[2:] = np.where(exercised, 0.0, found[2:])
    return found


def premium_greeks(rows: Floats, payments: Payments, steps: int, known: Floats | None = None) -> Floats:
    """Differences of trees, whose errors with the right to exercise and without it are nearly the same; ``known`` are the premium's own
    price, delta and gamma where they are at hand.
    """
    spots, _, years, vols, rates, yields, _ = rows

    def premium(asked: Floats, paid: Payments) -> Floats:
        """(price, delta, gamma)."""
        trees = _pair(asked, paid, steps)
        return trees.american - trees.european

    def moved(row: int, step: Floats) -> Floats:
        """(up and down), (price, delta, gamma)."""
        sides = []
        for sign in (1.0, -1.0):
            changed = rows.copy()
            changed[row] += sign * step
            shift = sign * step[payments.rows] if row == 2 else 0.0
            sides.append(premium(changed, payments._replace(years=payments.years + shift)))
        return np.stack(sides)

    price, delta, gamma = premium(rows, payments) if known is None else known
    vol_step, rate_step, spot_step = VOL_BUMP * vols, np.full(spots.shape, RATE_BUMP), SPOT_BUMP * spots
    firsts = years.copy()
    np.minimum.at(firsts, payments.rows, payments.years)
    time_step = TIME_BUMP * firsts
    by_vol, by_rate, by_yield = moved(3, vol_step), moved(4, rate_step), moved(5, rate_step)
    by_spot, by_time = moved(0, spot_step), moved(2, time_step)
    vega, vanna, zomma = (by_vol[0] - by_vol[1]) / (2.0 * vol_step)
    volga = (by_vol[0, 0] - 2.0 * price + by_vol[1, 0]) / (vol_step * vol_step)
    speed = (by_spot[0, 2] - by_spot[1, 2]) / (2.0 * spot_step)
    _, charm, color = (by_time[1] - by_time[0]) / (2.0 * time_step)
    theta = rates * price - (rates - yields) * spots * delta - 0.5 * vols * vols * spots * spots * gamma
    rho, dividend_rho = ((each[0, 0] - each[1, 0]) / (2.0 * rate_step) for each in (by_rate, by_yield))
    return np.stack([price, delta, gamma, vega, theta, rho, vanna, volga, charm, speed, zomma, color, dividend_rho])


def cash_vols(rows: Floats, payments: Payments, prices: Floats, setting: str, *, early: bool = True) -> tuple[Floats, Bytes]:
    """Volatilities of the share and statuses of (spots, strikes, years, -, rates, yields, signs), of American prices or European ones."""
    spots, strikes, years, _, rates, yields, signs = rows

    def priced(chosen: Indices, vols: Floats, _turn: int) -> Floats:
        part = rows[:, chosen]
        part[3] = vols
        return cash_prices(part, _of(payments, chosen, rows), setting, early=early)

    certain = certain_values if early else certain_european
    growths = (-yields * years, -rates * years)
    at_share, at_strike = (np.exp(np.maximum(growth, 0.0) if early else growth) for growth in growths)
    with np.errstate(all="ignore"):
        wanted = Search(
            prices=prices,
            spots=spots,
            forwards=cash_forwards(rows, payments),
            strikes=strikes,
            years=years,
            discounts=np.exp(-rates * years),
            signs=signs,
            least=np.where(_paying(rows, payments), certain_cash_values(rows, payments, early=early), certain(rows)),
            greatest=np.where(signs > 0.0, spots * at_share, strikes * at_strike),
        )
    return search(wanted, priced)


def _paying(rows: Floats, payments: Payments) -> Bools:
    result: Bools = np.bincount(payments.rows, minlength=rows.shape[1]) > 0
    return result


def _of(payments: Payments, chosen: Indices, rows: Floats) -> Payments:
    """The dividends of some rows, which are numbered anew."""
    place = np.full(rows.shape[1], -1, dtype=np.intp)
    place[chosen] = np.arange(chosen.size)
    owners = place[payments.rows]
    kept = owners >= 0
    return Payments(owners[kept], payments.years[kept], payments.amounts[kept])
