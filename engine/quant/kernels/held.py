"""The compiled pass over European options with cash dividends: one option after another, the places just before an ex-date side by side."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.quant.arrays import Floats
from engine.quant.formulas.american_held import NO_SHARE, build_edges, build_spot_derivatives
from engine.quant.formulas.black import INVERSE_SQRT_2_PI
from engine.quant.kernels.columns import prices
from engine.quant.kernels.compiling import inlined, kernel
from engine.quant.kernels.elementary import PRIMITIVES, exp, log, maximum

_edges = build_edges(PRIMITIVES)
_spot_derivatives = build_spot_derivatives(PRIMITIVES)


@inlined
def _before(
    nodes: Floats, later: Floats, values: Floats, drift: float, lowest: float, deviation: float, discount: float, out: Floats
) -> None:
    """Values at these logarithms of the share just after an ex-date, from those just before the next; ``nodes`` are overwritten."""
    size = nodes.size
    masses = np.zeros(size)
    inverse = 1.0 / deviation
    for m in range(size):
        nodes[m] = maximum(nodes[m] + drift, lowest)
        out[m] = 0.0
    for j in range(later.size):
        at, value = later[j], values[j]
        for m in range(size):
            z = (at - nodes[m]) * inverse
            mass = exp(-0.5 * z * z)
            masses[m] += mass
            out[m] += mass * value
    for m in range(size):
        out[m] = discount * out[m] / masses[m]


@kernel("(f8[:,::1], i8[::1], f8[::1], f8[::1], i8[::1], f8[:,::1])")
def held(rows: Floats, begins: NDArray[np.int64], times: Floats, amounts: Floats, counts: NDArray[np.int64], out: Floats) -> None:
    """Price and spot derivatives of (spots, strikes, years, vols, rates, yields, signs).

    ``times``, ``amounts`` and ``counts`` (of the places looked at) from ``begins[i]`` up to ``begins[i + 1]`` are option i's dividends.
    """
    most = counts.max() if counts.size else 0
    nodes, later, shares, values, found = np.empty(most), np.empty(most), np.empty(most), np.empty(most), np.empty(most)
    for i in range(rows.shape[1]):
        spot, strike, years, vol, rate = rows[0, i], rows[1, i], rows[2, i], rows[3, i], rows[4, i]
        carry = rate - rows[5, i]
        begin, end = begins[i], begins[i + 1]
        low, lowest, ending, size = 0.0, 0.0, years, 0
        for k in range(end - 1, begin - 1, -1):
            time, amount, after = times[k], amounts[k], size
            paid = 0.0
            for earlier in range(begin, k):
                paid += amounts[earlier] * math.exp(carry * (time - times[earlier]))
            low, high = _edges(spot, carry, vol, time, paid)
            size = counts[k]
            step = (high - low) / (size - 1)
            for m in range(size):
                nodes[m] = low + step * m
                shares[m] = maximum(exp(nodes[m]) - amount, NO_SHARE * strike)
            wait = ending - time
            discount = math.exp(-rate * wait)
            if k == end - 1:
                asked = np.empty((6, size))
                forward = math.exp(carry * wait)
                for m in range(size):
                    asked[0, m], asked[1, m], asked[2, m] = shares[m] * forward, strike, wait
                    asked[3, m], asked[4, m], asked[5, m] = vol, discount, rows[6, i]
                prices(asked, found[:size])
            else:
                for m in range(size):
                    shares[m] = log(shares[m])
                drift = (carry - 0.5 * vol * vol) * wait
                _before(shares[:size], later[:after], values[:after], drift, lowest, vol * math.sqrt(wait), discount, found[:size])
            for m in range(size):
                later[m], values[m] = nodes[m], found[m]
            lowest, ending = low, time
        deviation = vol * math.sqrt(ending)
        centre = math.log(spot) + (carry - 0.5 * vol * vol) * ending
        weight = (later[1] - later[0]) * INVERSE_SQRT_2_PI * math.exp(-rate * ending) / deviation
        price, first, second, third, fourth = 0.0, 0.0, 0.0, 0.0, 0.0
        for m in range(size):
            z = (later[m] - centre) / deviation
            mass = values[m] * weight * exp(-0.5 * z * z)
            square = z * z
            price += mass
            first += mass * z
            second += mass * (square - 1.0)
            third += mass * z * (square - 3.0)
            fourth += mass * (square * (square - 6.0) + 3.0)
        row = _spot_derivatives(price, first, second, third, fourth, deviation, spot)
        out[0, i], out[1, i], out[2, i], out[3, i], out[4, i] = row
