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
from engine.quant.formulas import american_regimes as codes
from engine.quant.formulas.american_regimes import AUTO, build_method, build_put_rates
from engine.quant.numpy_tier import PRIMITIVES

_put_rates = build_put_rates(PRIMITIVES)
_method = build_method(PRIMITIVES)


class Method(IntEnum):
    """How a row is answered."""

    UNKNOWN = codes.UNKNOWN
    """An input is missing or impossible: NaN."""
    CERTAIN = codes.CERTAIN
    """No volatility, time, spot or strike: the best of exercising at a known time."""
    EUROPEAN = codes.EUROPEAN
    TWICE = codes.TWICE
    """Two boundaries."""
    FINE_TWICE = codes.FINE_TWICE
    FAST = codes.FAST
    """From here on there is one."""
    ACCURATE = codes.ACCURATE
    FINE = codes.FINE
    FAST_DRIFT = codes.FAST_DRIFT
    FINE_DRIFT = codes.FINE_DRIFT
    FAST_STEEP = codes.FAST_STEEP
    FINE_STEEP = codes.FINE_STEEP


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


_USUAL: Final[dict[str, int]] = {"fast": codes.FAST, "accurate": codes.ACCURATE, "fine": codes.FINE}


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
        rates, yields = _put_rates(rates, yields, call)
    return Terms(other, years, rates, yields, vols, unit, call.astype(np.float64))


def methods(rows: Floats, terms: Terms, setting: Setting | str) -> Bytes:
    """The :class:`Method` of each row."""
    with np.errstate(all="ignore"):
        result: Bytes = _method(*rows, terms.rates, terms.yields, _USUAL.get(setting, AUTO)).astype(np.int8)
    return result


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
