"""The compiled loops over American options: one row after another, the nodes of its boundary side by side in the vector registers."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.quant.arrays import Floats
from engine.quant.formulas.american import EARNED, LEAST_DEPTH, MATCHED, NEWTON_STEPS, PLAIN, build_american
from engine.quant.kernels.compiling import inlined, kernel
from engine.quant.kernels.elementary import PRIMITIVES, maximum, minimum, sqrt

_formulas = build_american(PRIMITIVES)
_limit, _perpetual, _first_guess, _better_guess = _formulas.limit, _formulas.perpetual, _formulas.first_guess, _formulas.better_guess
_upper_guess, _lower_guess = _formulas.upper_guess, _formulas.lower_guess
_pasting_terms, _matching_terms = _formulas.pasting_terms, _formulas.matching_terms
_pasted, _matched, _earned, _premium_terms = _formulas.pasted, _formulas.matched, _formulas.earned, _formulas.premium_terms

WIDE, NARROW = 5, 7
"""Rows of working storage, one number a quadrature point and one a node."""


@inlined
def _interpolate(table: Floats, squares: Floats, start: int, width: int, out: Floats) -> None:
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
        _interpolate(nodes, squares, start, width, interpolated)
        for k in range(sizes[step]):
            for i in range(n):
                above[k * n + i] = boundary[i] - limit
        for k in range(width):
            at, past, weight = root * places[start + k], years * pasts[start + k], years * weights[start + k]
            if form >= MATCHED:
                above[k], below[k] = _matching_terms(above[k], interpolated[k], at, past, weight, rate, dividend, vol)
            else:
                above[k], below[k] = _pasting_terms(above[k], interpolated[k], at, past, weight, rate, dividend, vol)
        for i in range(n):
            numerators[i] = 0.0
            denominators[i] = 0.0
        for k in range(sizes[step]):
            for i in range(n):
                numerators[i] += above[k * n + i]
                denominators[i] += below[k * n + i]
        for i in range(n):
            if form == EARNED:
                moved[i] = _earned(boundary[i], numerators[i], denominators[i], root * roots[i], rate, dividend, limit)
            elif form == MATCHED:
                moved[i] = _matched(boundary[i], numerators[i], denominators[i], root * roots[i], rate, dividend, vol, limit)
            else:
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
    _interpolate(points, squares, 0, places.size, interpolated)
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


@kernel("(f8[:,::1], f8[::1], i8[::1], f8[:,::1], f8[:,::1], i8, f8[:,::1])")
def premiums(rows: Floats, roots: Floats, sizes: NDArray[np.int64], nodes: Floats, points: Floats, form: int, out: Floats) -> None:
    """Premium, its three derivatives against the spot, and ln B(T), of puts struck at 1: (ln spots, years, rates, yields, vols)."""
    n = roots.size
    wide = np.empty((WIDE, max(n * sizes.max(), points.shape[1])))
    narrow = np.zeros((NARROW, n))
    for i in range(rows.shape[1]):
        years, rate, dividend, vol = rows[1, i], rows[2, i], rows[3, i], rows[4, i]
        solve(years, rate, dividend, vol, roots, sizes, nodes, form, wide, narrow)
        row = premium(rows[0, i], years, rate, dividend, vol, narrow[1], points, wide)
        out[0, i], out[1, i], out[2, i], out[3, i] = row
        out[4, i] = narrow[0, 0]


@kernel("(f8[:,::1], f8[::1], i8[::1], f8[:,::1], i8, f8[:,::1])")
def boundaries(rows: Floats, roots: Floats, sizes: NDArray[np.int64], nodes: Floats, form: int, out: Floats) -> None:
    """Logarithms of B at the nodes, a row an option, of (years, rates, yields, vols)."""
    n = roots.size
    wide = np.empty((WIDE, n * sizes.max()))
    narrow = np.zeros((NARROW, n))
    for i in range(rows.shape[1]):
        solve(rows[0, i], rows[1, i], rows[2, i], rows[3, i], roots, sizes, nodes, form, wide, narrow)
        for j in range(n):
            out[i, j] = narrow[0, j]


@kernel("(f8[:,::1], i8[::1], f8[:,::1], f8[:,::1], f8[:,::1])")
def premiums_on(rows: Floats, owners: NDArray[np.int64], known: Floats, points: Floats, out: Floats) -> None:
    """As :func:`premiums`, on boundaries that are already there: ``owners`` is the row of ``known`` that serves each option."""
    n = known.shape[1]
    wide = np.empty((WIDE, points.shape[1]))
    squares = np.empty(n)
    for i in range(rows.shape[1]):
        boundary = known[owners[i]]
        limit = _limit(rows[2, i], rows[3, i])
        for j in range(n):
            squares[j] = (boundary[j] - limit) * (boundary[j] - limit)
        row = premium(rows[0, i], rows[1, i], rows[2, i], rows[3, i], rows[4, i], squares, points, wide)
        out[0, i], out[1, i], out[2, i], out[3, i] = row
        out[4, i] = boundary[0]


@kernel("(f8[:,::1], f8[:,::1], f8[:,::1], f8[:,::1], f8[:,::1])")
def premiums_between(rows: Floats, uppers: Floats, lowers: Floats, points: Floats, out: Floats) -> None:
    """Premium and its three derivatives of puts exercised between two boundaries until some time before the end.

    Of (ln spots, years, years of the boundaries, rates, yields, vols); ``uppers`` are ln B at the nodes, ``lowers`` ln(1/Y).
    """
    n = uppers.shape[1]
    width = points.shape[1]
    wide = np.empty((6, width))
    squares = np.empty(n)
    places, weights = points[n], points[n + 1]
    for i in range(rows.shape[1]):
        log_spot, horizon, rate, dividend, vol = rows[0, i], rows[2, i], rows[3, i], rows[4, i], rows[5, i]
        after = rows[1, i] - horizon
        spot = math.exp(log_spot)
        for side in range(2):
            limit = _limit(dividend, rate) if side else _limit(rate, dividend)
            levels = lowers[i] if side else uppers[i]
            for j in range(n):
                squares[j] = (levels[j] - limit) * (levels[j] - limit)
            _interpolate(points, squares, 0, width, wide[side])
        gap_above, gap_below = log_spot - _limit(rate, dividend), log_spot + _limit(dividend, rate)
        for k in range(width):
            root = sqrt(after + horizon * places[k] * places[k])
            weight = horizon * weights[k]
            above = _premium_terms(gap_above + sqrt(maximum(wide[0, k], 0.0)), spot, root, weight, rate, dividend, vol)
            below = _premium_terms(gap_below - sqrt(maximum(wide[1, k], 0.0)), spot, root, weight, rate, dividend, vol)
            wide[2, k], wide[3, k] = above[0] - below[0], above[1] - below[1]
            wide[4, k], wide[5, k] = above[2] - below[2], above[3] - below[3]
        for row in range(4):
            total = 0.0
            for k in range(width):
                total += wide[2 + row, k]
            out[row, i] = total
