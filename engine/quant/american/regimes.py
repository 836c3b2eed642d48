"""What kind of American problem a row is: whether exercise before the end can pay at all, and which method answers.

In the put's terms (a call on S struck at K with rate r and yield q is the put on K struck at S with rate q and yield r: R. L. McDonald and
M. D. Schroder, "A parity result for American options", Journal of Computational Finance 1 (1998), p. 5). Holding an exercised put earns
r K - q S a year, so with

* r <= 0 and q >= r nothing is ever earned: never exercised early, the European value;
* q < r < 0 there are two boundaries, between which it is exercised (L. Andersen and M. Lake, "Fast American option pricing: the
  double-boundary case", Wilmott (2021));
* else one.
"""

from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np

from engine.quant.american.schemes import Setting
from engine.quant.arrays import Bytes, Floats
from engine.quant.formulas.black import LARGEST

SHORT_DEVIATION: Final = 0.6
"""σ√T up to which the fast setting holds 1e-3 per 100 of spot."""
LONG_DEVIATION: Final = 1.5
"""σ√T up to which the accurate one does."""
DRIFT: Final = 0.6
"""b√T/σ from which the plain fixed point no longer settles in a few steps."""
STEEP_DRIFT: Final = 1.2
"""b√T/σ from which only value matching does."""
STEEPEST_DRIFT: Final = 6.0
"""b√T/σ, of either sign, from which it takes the finest quadrature: the integrands are steps."""
NEGLIGIBLE_RATE: Final = 1e-10
"""A rate or yield nearer to zero than this is zero to early exercise."""
LEAST_PREMIUM: Final = 1e-8
"""Of the strike: where two boundaries could not earn so much, (r - q)T at most, there are none."""
GREATEST_CARRY: Final = 700.0
"""(|r| + |q|)T whose exponential is no number any more."""
LEAST_DEVIATION: Final = 1e-5
"""σ√T below which the value is that without volatility, 4e-4 per 100 of spot away from it at most."""


class Method(IntEnum):
    """How a row is answered."""

    UNKNOWN = 0
    """An input is missing or impossible: NaN."""
    CERTAIN = 1
    """No volatility, time, spot or strike: the best of exercising at a known time."""
    EUROPEAN = 2
    TWICE = 3
    """Two boundaries."""
    FINE_TWICE = 4
    FAST = 5
    """From here on there is one."""
    ACCURATE = 6
    FINE = 7
    FAST_DRIFT = 8
    FINE_DRIFT = 9
    FAST_STEEP = 10
    FINE_STEEP = 11


RECIPE_NAMES: Final = {
    Method.FAST: "fast",
    Method.ACCURATE: "accurate",
    Method.FINE: "fine",
    Method.FAST_DRIFT: "fast drift",
    Method.FINE_DRIFT: "fine drift",
    Method.FAST_STEEP: "fast steep",
    Method.FINE_STEEP: "fine steep",
}
"""The recipes of :mod:`engine.quant.american.schemes` that serve the methods of one boundary."""
CORRIDOR_NAMES: Final = {Method.TWICE: "corridor", Method.FINE_TWICE: "fine corridor"}
"""And of two."""


_UNKNOWN, _CERTAIN, _EUROPEAN, _TWICE, _FINE_TWICE, _FAST, _ACCURATE, _FINE, _FAST_DRIFT, _FINE_DRIFT, _FAST_STEEP, _FINE_STEEP = map(
    int, Method
)
"""The same as numbers: a member is looked up by a slow function."""
_USUAL: Final[dict[str, int]] = {"fast": _FAST, "accurate": _ACCURATE, "fine": _FINE}


class Terms(NamedTuple):
    """Options as puts: ``unit`` is the put's strike, ``spots`` its spot over that."""

    spots: Floats
    years: Floats
    rates: Floats
    yields: Floats
    vols: Floats
    unit: Floats
    calls: Floats
    """1.0 where the option is a call, so that spot and strike, rate and yield have changed places."""


def as_puts(rows: Floats) -> Terms:
    """Of (spots, strikes, years, vols, rates, yields, signs)."""
    spots, strikes, years, vols, rates, yields, signs = rows
    call = signs > 0.0
    unit = np.where(call, spots, strikes)
    with np.errstate(all="ignore"):
        other = np.where(call, strikes, spots) / unit
        rates, yields = (np.where(np.abs(each) < NEGLIGIBLE_RATE, 0.0, each) for each in (rates, yields))
    return Terms(other, years, np.where(call, yields, rates), np.where(call, rates, yields), vols, unit, call.astype(np.float64))


def methods(rows: Floats, terms: Terms, setting: Setting | str) -> Bytes:
    """The :class:`Method` of each row."""
    spots, strikes, years, vols, rates, yields, signs = rows
    with np.errstate(all="ignore"):
        known = (spots >= 0.0) & (strikes >= 0.0) & (years >= 0.0) & (vols >= 0.0) & (signs * signs == 1.0)
        known &= (spots + strikes + years + vols < LARGEST) & ((np.abs(rates) + np.abs(yields)) * np.maximum(years, 1.0) < GREATEST_CARRY)
        deviation = vols * np.sqrt(years)
        drift = (terms.rates - terms.yields) * np.sqrt(years) / vols
        usual = _USUAL.get(setting)
        if usual is None:
            single = np.where(deviation <= SHORT_DEVIATION, _FAST, np.where(deviation <= LONG_DEVIATION, _ACCURATE, _FINE))
        else:
            single = np.full(deviation.shape, usual)
        extreme = np.abs(drift) > STEEPEST_DRIFT
        fine = (single == _FINE) | extreme
        by_drift = np.where(drift > STEEP_DRIFT, np.where(fine, _FINE_STEEP, _FAST_STEEP), np.where(fine, _FINE_DRIFT, _FAST_DRIFT))
        single = np.where(drift > DRIFT, by_drift, np.where(fine, _FINE, single))
        never = (terms.rates <= 0.0) & (terms.yields >= terms.rates)
        negative = (terms.rates < 0.0) & (terms.yields < terms.rates)
        if negative.any():
            never |= negative & ((terms.rates - terms.yields) * years < LEAST_PREMIUM)
            twice = np.where((deviation > LONG_DEVIATION) | extreme, _FINE_TWICE, _FINE_TWICE if usual == _FINE else _TWICE)
            single = np.where(negative, twice, single)
        certain = (deviation < LEAST_DEVIATION) | (spots == 0.0) | (strikes == 0.0)
        found = np.where(known, np.where(certain, _CERTAIN, np.where(never, _EUROPEAN, single)), _UNKNOWN)
    return found.astype(np.int8)


def certain_values(rows: Floats) -> Floats:
    """The best of ε (S e^(-qt) - K e^(-rt)) over 0 <= t <= T, and 0: now, at the end, or where r K e^(-rt) = q S e^(-qt)."""
    spots, strikes, years, _, rates, yields, signs = rows
    with np.errstate(all="ignore"):
        turning = np.log(rates * strikes / (yields * spots)) / (rates - yields)
        turning = np.where((turning > 0.0) & (turning < years), turning, 0.0)
        best = np.zeros(spots.shape)
        for at in (0.0, years, turning):
            best = np.fmax(best, signs * (spots * np.exp(-yields * at) - strikes * np.exp(-rates * at)))
    result: Floats = best
    return result


def certain_european(rows: Floats) -> Floats:
    """ε (S e^(-qT) - K e^(-rT)), or 0."""
    spots, strikes, years, _, rates, yields, signs = rows
    with np.errstate(all="ignore"):
        result: Floats = np.maximum(signs * (spots * np.exp(-yields * years) - strikes * np.exp(-rates * years)), 0.0)
    return result
