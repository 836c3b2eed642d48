"""Prices of American options on an underlying with a continuous yield, and their derivatives against the spot.

An American option is its European one plus the early-exercise premium, which the boundary gives: :mod:`engine.quant.formulas.american`.
Symbols and units as in :mod:`engine.quant.european.black`; every argument may be a number or an array. Errors per 100 of spot: 1e-3 in the
``fast`` setting up to σ√T = 0.6 and in ``auto``, which chooses by σ√T and by the drift (r-q)√T/σ; 1e-4 in ``fine``.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.american.premiums import unit_premiums
from engine.quant.american.regimes import Method, Terms, as_puts, certain_european, certain_values, methods
from engine.quant.american.schemes import SETTINGS
from engine.quant.arrays import Bools, Bytes, Floats, Indices, columns
from engine.quant.european.black import GREEKS, HIGHER_GREEKS
from engine.quant.meant import require_fractions
from engine.quant.tiers import core

ROUNDING = 1e-12
"""Of the strike: a tree's value this close to the intrinsic one is that."""


class Values(NamedTuple):
    """Columns of one length; the derivatives are NaN where the value is that of a certain outcome."""

    prices: Floats
    deltas: Floats
    gammas: Floats
    speeds: Floats
    europeans: Floats
    """The European option's value."""
    exercised: Bools
    """To be exercised at once: the price is the intrinsic value."""


class SpotLadder(NamedTuple):
    """(..., spots)."""

    prices: Floats
    deltas: Floats
    gammas: Floats


def prices(
    *,
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    rights: ArrayLike,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
    setting: str = "auto",
) -> Floats:
    """American prices; ``rights`` +1 call, -1 put; ``setting`` auto, fast, accurate or fine.

    Andersen, Lake and Offengenden (2016), table 2: the put at 100 struck at 100, one year, r = q = 5 %, volatility 25 %, whose European
    value is 9.4730 and whose premium is 0.1069527:

    >>> terms = {"spots": 100, "strikes": 100, "years": 1, "vols": 0.25, "rights": -1}
    >>> european = prices(**terms) * np.exp(-0.05)
    >>> round(float(prices(**terms, rates=0.05, yields=0.05, setting="fine") - european), 5)
    0.10695
    """
    rows, shape = checked(spots, strikes, years, vols, rates, yields, rights, setting)
    return american_prices(rows, methods(rows, as_puts(rows), setting)).reshape(shape)


def spot_ladder(
    *,
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    rights: ArrayLike,
    rates: ArrayLike = 0.0,
    yields: ArrayLike = 0.0,
    setting: str = "auto",
) -> SpotLadder:
    """Prices, deltas and gammas at many spots an option, whose boundary is solved once; ``spots`` has one last axis more than the rest."""
    ladder = np.asarray(spots, dtype=np.float64)
    K, T, sigma, r, q, sign = (np.asarray(term, dtype=np.float64)[..., None] for term in (strikes, years, vols, rates, yields, rights))
    rows, shape = checked(ladder, K, T, sigma, r, q, sign, setting)
    owners = np.arange(rows.shape[1]) // max(shape[-1], 1)
    found = values(rows, methods(rows, as_puts(rows), setting), owners)
    return SpotLadder(found.prices.reshape(shape), found.deltas.reshape(shape), found.gammas.reshape(shape))


def checked(
    spots: ArrayLike,
    strikes: ArrayLike,
    years: ArrayLike,
    vols: ArrayLike,
    rates: ArrayLike,
    yields: ArrayLike,
    rights: ArrayLike,
    setting: str,
) -> tuple[Floats, tuple[int, ...]]:
    """The rows (spots, strikes, years, vols, rates, yields, signs) and their shape; a unit or a setting that cannot be meant is refused."""
    if setting not in ("auto", *SETTINGS):
        message = f"there is no setting {setting!r}: auto, {', '.join(SETTINGS)}"
        raise ValueError(message)
    require_fractions(vols=vols, rates=rates, yields=yields, years=years)
    return columns(spots, strikes, years, vols, rates, yields, rights)


def american_prices(rows: Floats, how: Bytes) -> Floats:
    """Prices alone of (spots, strikes, years, vols, rates, yields, signs), each by its method."""
    spots, strikes, _, _, _, _, signs = rows
    terms = as_puts(rows)
    with np.errstate(all="ignore"):
        intrinsic = signs * (spots - strikes)
        found = european_prices(rows)
        early = how >= Method.TWICE
        if early.any():
            premium = unit_premiums(terms, how)
            held = np.maximum(found + terms.unit * premium[0], intrinsic)
            found = np.where(early, np.where(_exercised(terms, premium), intrinsic, held), found)
        if (how == Method.CERTAIN).any():
            found = np.where(how == Method.CERTAIN, certain_values(rows), found)
        result: Floats = np.where(how == Method.UNKNOWN, np.nan, found)
    return result


def european_prices(rows: Floats) -> Floats:
    """Black-Scholes-Merton prices of the same rows."""
    spots, strikes, years, vols, rates, yields, signs = rows
    out = np.empty(spots.size)
    with np.errstate(all="ignore"):
        discounts = np.exp(-rates * years)
        forwards = spots * np.exp((rates - yields) * years)
        core().prices(np.stack([forwards, strikes, years, vols, discounts, signs]), out)
    return out


def values(rows: Floats, how: Bytes, owners: Indices | None = None) -> Values:
    """Price and spot derivatives of (spots, strikes, years, vols, rates, yields, signs), each by its method.

    Rows of one owner differ in their spot alone.
    """
    spots, strikes, _, _, _, _, signs = rows
    terms = as_puts(rows)
    with np.errstate(all="ignore"):
        european = _european(rows)
        found = european.copy()
        early = how >= Method.TWICE
        premium = unit_premiums(terms, how, owners)
        found[:, early] += _in_the_options_terms(terms, premium)[:, early]
        intrinsic = signs * (spots - strikes)
        exercised = early & _exercised(terms, premium)
        found = np.where(exercised, np.stack([intrinsic, signs, np.zeros_like(signs), np.zeros_like(signs)]), found)
        found[0] = np.where(early, np.maximum(found[0], intrinsic), found[0])
        certain = how == Method.CERTAIN
        if certain.any():
            european[0] = np.where(certain, certain_european(rows), european[0])
            found = np.where(certain, np.nan, found)
            found[0] = np.where(certain, certain_values(rows), found[0])
        found = np.where(how == Method.UNKNOWN, np.nan, found)
    price, delta, gamma, speed = found
    return Values(price, delta, gamma, speed, european[0], exercised)


def _european(rows: Floats) -> Floats:
    """Price, delta, gamma and speed."""
    spots, strikes, years, vols, rates, yields, signs = rows
    first, more = np.empty((GREEKS, spots.size)), np.empty((HIGHER_GREEKS, spots.size))
    forwards = spots * np.exp((rates - yields) * years)
    core().greeks(np.stack([spots, forwards, strikes, years, vols, rates, yields, signs]), first)
    core().higher_greeks(np.stack([spots, strikes, years, vols, rates, yields, signs]), more)
    return np.stack([first[0], first[1], first[2], more[0]])


def _in_the_options_terms(terms: Terms, premium: Floats) -> Floats:
    """Premium, delta, gamma and speed of the option from the unit put's; of a call C(S) = S P(K/S)."""
    value, slope, curve, third = premium[:4]
    spot, unit = terms.spots, terms.unit
    call = terms.calls > 0.0
    return np.stack(
        [
            unit * value,
            np.where(call, value - spot * slope, slope),
            np.where(call, spot * spot * curve, curve) / unit,
            np.where(call, -spot * spot * (3.0 * curve + spot * third), third) / (unit * unit),
        ]
    )


def _exercised(terms: Terms, premium: Floats) -> Bools:
    """Where the spot is at the upper boundary or below it, and, where there are two, not below the lower one."""
    log_spots = np.log(terms.spots)
    result: Bools = (log_spots <= premium[4]) & (log_spots >= premium[5])
    return result
