"""The compiled loop over trees with cash dividends: one option after another, the nodes of a level side by side in the registers."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.quant.arrays import Floats
from engine.quant.formulas.american_tree import build_tree
from engine.quant.kernels.compiling import inlined, kernel
from engine.quant.kernels.elementary import PRIMITIVES, log, maximum, minimum, where

_formulas = build_tree(PRIMITIVES)
_terms, _divisors, _cubic = _formulas.terms, _formulas.divisors, _formulas.cubic


@inlined
def _roll_back(
    values: Floats, powers: Floats, level: int, base: float, up: float, down: float, sign: float, strike: float, early: int
) -> None:
    """From the values of the level above to those of this one."""
    if early:
        for j in range(level + 1):
            held = up * values[j + 1] + down * values[j]
            exercised = sign * (base * powers[j] - strike)
            values[j] = maximum(held, exercised)
    else:
        for j in range(level + 1):
            values[j] = up * values[j + 1] + down * values[j]


@inlined
def _worthless(sign: float, strike: float, growth: float, early: int) -> float:
    """The option's value where the share is worth nothing and stays so."""
    waiting = math.exp(-growth)
    waiting = 1.0 if early and waiting < 1.0 else waiting
    return strike * waiting if sign < 0.0 else 0.0


@inlined
def _pay_dividend(
    values: Floats,
    kept: Floats,
    steps: Floats,
    powers: Floats,
    level: int,
    base: float,
    ratio: float,
    amount: float,
    bottom: float,
    sign: float,
    strike: float,
    early: int,
) -> None:
    """Values just before the share falls by ``amount``; ``bottom`` is the value of a worthless share."""
    for j in range(level + 1):
        kept[j] = values[j]
    per_node = 1.0 / log(ratio)
    fallen = amount / base
    farthest = float(level - 3)
    for j in range(level + 1):
        place = powers[j] - fallen
        steps[j] = minimum(maximum(log(maximum(place, 1.0)) * per_node - 1.0, 0.0), farthest)
    divisors = _divisors(ratio)
    for j in range(level + 1):
        place = powers[j] - fallen
        first = np.int32(steps[j])
        curved = _cubic(place / powers[first], divisors, kept[first], kept[first + 1], kept[first + 2], kept[first + 3])
        straight = bottom + (kept[0] - bottom) * maximum(place, 0.0)
        exercised = sign * (base * powers[j] - strike) if early else 0.0
        values[j] = maximum(maximum(where(place < 1.0, straight, curved), 0.0), exercised)


@kernel("(f8[:,::1], i8[::1], i8[::1], f8[::1], f8[::1], i8, i8, f8[:,::1])")
def trees(
    rows: Floats,
    leads: NDArray[np.int64],
    begins: NDArray[np.int64],
    places: Floats,
    amounts: Floats,
    steps: int,
    early: int,
    out: Floats,
) -> None:
    """Price, delta and gamma of (spots, strikes, years, vols, rates, yields, signs).

    ``leads`` are the steps before now; ``places`` (in steps from the tree's beginning) and ``amounts`` from ``begins[i]`` up to
    ``begins[i + 1]`` are option i's dividends in the order of time; ``early`` says whether it may be exercised before the end.
    """
    widest = steps + leads.max() + 2 if leads.size else 2
    values, paid, kept, powers, indices = (np.empty(widest), np.empty(widest), np.empty(widest), np.empty(widest), np.empty(widest))
    for i in range(rows.shape[1]):
        spot, strike, sign, rate = rows[0, i], rows[1, i], rows[6, i], rows[4, i]
        lead = leads[i]
        count = steps + lead
        base, fall, ratio, up, down = _terms(spot, strike, rows[2, i], rows[3, i], rate, rows[5, i], float(steps), float(lead))
        step = rows[2, i] / steps
        rise = 1.0 / fall
        powers[0] = 1.0
        for j in range(1, count + 1):
            powers[j] = powers[j - 1] * ratio
        for j in range(count + 1):
            payoff = sign * (base * powers[j] - strike)
            values[j] = maximum(payoff, 0.0)
        last = begins[i + 1] - 1
        for level in range(count - 1, lead - 1, -1):
            later = base
            base *= rise
            if last < begins[i] or places[last] < level:
                _roll_back(values, powers, level, base, up, down, sign, strike, early)
                continue
            share = min(places[last] - level, 1.0)
            for j in range(level + 2):
                paid[j] = values[j]
            _roll_back(values, powers, level, base, up, down, sign, strike, early)
            while last >= begins[i] and places[last] >= level:
                bottom = _worthless(sign, strike, rate * step * (count - level), early)
                _pay_dividend(values, kept, indices, powers, level, base, ratio, amounts[last], bottom, sign, strike, early)
                _pay_dividend(paid, kept, indices, powers, level + 1, later, ratio, amounts[last], bottom, sign, strike, early)
                last -= 1
            _roll_back(paid, powers, level, base, up, down, sign, strike, early)
            for j in range(level + 1):
                values[j] += share * (paid[j] - values[j])
        middle = lead // 2
        below, above = base * powers[middle - 1], base * powers[middle + 1]
        falling = (values[middle] - values[middle - 1]) / (spot - below)
        rising = (values[middle + 1] - values[middle]) / (above - spot)
        out[0, i] = values[middle]
        out[1, i] = (falling * (above - spot) + rising * (spot - below)) / (above - below)
        out[2, i] = 2.0 * (rising - falling) / (above - below)
