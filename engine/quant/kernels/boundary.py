"""The exercise boundary of one American put and its premium: the nodes of the boundary side by side in the vector registers."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.quant.arrays import Floats
from engine.quant.formulas.american import EARNED, LEAST_DEPTH, MATCHED, NEWTON_STEPS, PLAIN, build_american
from engine.quant.kernels.compiling import inlined, kernel
from engine.quant.kernels.elementary import PRIMITIVES, maximum, minimum, sqrt

FORMULAS = build_american(PRIMITIVES)
_limit, _perpetual, _first_guess, _better_guess = FORMULAS.limit, FORMULAS.perpetual, FORMULAS.first_guess, FORMULAS.better_guess
_upper_guess, _lower_guess = FORMULAS.upper_guess, FORMULAS.lower_guess
_pasting_terms, _matching_terms = FORMULAS.pasting_terms, FORMULAS.matching_terms
_pasted, _matched, _earned, _premium_terms = FORMULAS.pasted, FORMULAS.matched, FORMULAS.earned, FORMULAS.premium_terms

WIDE, NARROW = 5, 7
"""Rows of working storage, one number a quadrature point and one a node."""


@inlined
def interpolate(table: Floats, squares: Floats, start: int, width: int, out: Floats) -> None:
    """From ln²(B/X) at the nodes to that at the points of a table, of its columns from ``start`` on."""
    for k in range(width):
        out[k] = 0.0
    for j in range(squares.size):
        weights = table[j]
        square = squares[j]
        for k in range(width):
            out[k] += weights[start + k] * square


@inlined
def _accelerated(boundary: Floats, moved: Floats, before: Floats, residuals: Floats, step: int, limit: float) -> None:
    """D. G. Anderson's mixing of the last two steps (Journal of the ACM 12 (1965), p. 547), which takes out the slowest mode."""
    product = 0.0
    length = 0.0
    for i in range(boundary.size):
        moved[i] -= boundary[i]
        change = moved[i] - residuals[i]
        product += change * moved[i]
        length += change * change
    share = product / length if step > 0 and length > 0.0 else 0.0
    for i in range(boundary.size):
        present = boundary[i]
        mixed = present + moved[i] - share * (present - before[i] + moved[i] - residuals[i])
        before[i] = present
        residuals[i] = moved[i]
        boundary[i] = minimum(mixed, limit - LEAST_DEPTH)


@kernel("(f8, f8, f8, f8, f8[::1], i8[::1], f8[:,::1], i8, f8[:,::1], f8[:,::1])")
def solve(
    years: float,
    rate: float,
    dividend: float,
    vol: float,
    roots: Floats,
    sizes: NDArray[np.int64],
    nodes: Floats,
    form: int,
    wide: Floats,
    narrow: Floats,
) -> None:
    """Logarithms of B at the nodes into narrow[0] and ln²(B/X) into narrow[1]; ``wide`` and the rest of ``narrow`` are working storage."""
    n = roots.size
    boundary, squares, numerators, denominators, moved = narrow[0], narrow[1], narrow[2], narrow[3], narrow[4]
    interpolated, above, below = wide[0], wide[1], wide[2]
    places, pasts, weights = nodes[n], nodes[n + 1], nodes[n + 2]
    root = math.sqrt(years)
    carry = rate - dividend
    limit = _limit(rate, dividend)
    nearest = math.exp(-limit)
    farthest = _perpetual(rate, dividend, vol, nearest)
    if form == EARNED:
        for i in range(n):
            boundary[i] = _lower_guess(root * roots[i], vol, limit)
    elif rate < 0.0:
        for i in range(n):
            boundary[i] = _upper_guess(root * roots[i], carry, vol)
    else:
        for i in range(n):
            boundary[i] = _first_guess(root * roots[i], carry, vol, nearest, farthest)
        for _ in range(NEWTON_STEPS):
            for i in range(n):
                boundary[i] = _better_guess(boundary[i], root * roots[i], rate, dividend, vol, limit)
    for i in range(n):
        squares[i] = (boundary[i] - limit) * (boundary[i] - limit)
    start = 0
    for step in range(sizes.size):
        width = sizes[step] * n
        interpolate(nodes, squares, start, width, interpolated)
        for k in range(sizes[step]):
            for i in range(n):
                above[k * n + i] = boundary[i] - limit
        if form >= MATCHED:
            for k in range(width):
                at, past, weight = root * places[start + k], years * pasts[start + k], years * weights[start + k]
                above[k], below[k] = _matching_terms(above[k], interpolated[k], at, past, weight, rate, dividend, vol)
        else:
            for k in range(width):
                at, past, weight = root * places[start + k], years * pasts[start + k], years * weights[start + k]
                above[k], below[k] = _pasting_terms(above[k], interpolated[k], at, past, weight, rate, dividend, vol)
        for i in range(n):
            numerators[i] = 0.0
            denominators[i] = 0.0
        for k in range(sizes[step]):
            for i in range(n):
                numerators[i] += above[k * n + i]
                denominators[i] += below[k * n + i]
        if form == EARNED:
            for i in range(n):
                moved[i] = _earned(boundary[i], numerators[i], denominators[i], root * roots[i], rate, dividend, limit)
        elif form == MATCHED:
            for i in range(n):
                moved[i] = _matched(boundary[i], numerators[i], denominators[i], root * roots[i], rate, dividend, vol, limit)
        else:
            for i in range(n):
                moved[i] = _pasted(boundary[i], numerators[i], denominators[i], root * roots[i], rate, dividend, vol, limit)
        if form != PLAIN:
            _accelerated(boundary, moved, narrow[5], narrow[6], step, limit)
        else:
            for i in range(n):
                boundary[i] = moved[i]
        for i in range(n):
            squares[i] = (boundary[i] - limit) * (boundary[i] - limit)
        start += width


@kernel("(f8, f8, f8, f8, f8, f8[::1], f8[:,::1], f8[:,::1])")
def premium(
    log_spot: float, years: float, rate: float, dividend: float, vol: float, squares: Floats, points: Floats, wide: Floats
) -> tuple[float, float, float, float]:
    """Premium and its three derivatives of one put, on ln²(B/X) at the nodes; ``wide`` is working storage."""
    n = squares.size
    places, weights = points[n], points[n + 1]
    values, slopes, curves, thirds = wide[1], wide[2], wide[3], wide[4]
    interpolated = wide[0]
    root = math.sqrt(years)
    gap = log_spot - _limit(rate, dividend)
    spot = math.exp(log_spot)
    interpolate(points, squares, 0, places.size, interpolated)
    for k in range(places.size):
        values[k], slopes[k], curves[k], thirds[k] = _premium_terms(
            gap + sqrt(maximum(interpolated[k], 0.0)), spot, root * places[k], years * weights[k], rate, dividend, vol
        )
    value, slope, curve, third = 0.0, 0.0, 0.0, 0.0
    for k in range(places.size):
        value += values[k]
        slope += slopes[k]
        curve += curves[k]
        third += thirds[k]
    return value, slope, curve, third
