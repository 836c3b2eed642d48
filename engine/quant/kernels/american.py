"""The compiled loops over American options: one row after another, as :mod:`engine.quant.kernels.boundary` solves each."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.quant.arrays import Floats
from engine.quant.kernels.boundary import FORMULAS, NARROW, WIDE, interpolate, premium, solve
from engine.quant.kernels.compiling import kernel
from engine.quant.kernels.elementary import maximum, sqrt

_limit, _premium_terms = FORMULAS.limit, FORMULAS.premium_terms


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


@kernel("(f8[:,::1], i8[::1], f8[::1], f8[:,:,::1], f8[:,::1], f8[:,::1])")
def premiums_along(rows: Floats, owners: NDArray[np.int64], places: Floats, known: Floats, points: Floats, out: Floats) -> None:
    """As :func:`premiums_on`, on boundaries known as polynomials in the volatility's place: (owners, powers, nodes) of ln(B/X)/σ."""
    last, n = known.shape[1] - 1, known.shape[2]
    wide = np.empty((WIDE, points.shape[1]))
    squares = np.empty(n)
    for i in range(rows.shape[1]):
        vol, place, depths = rows[4, i], places[i], known[owners[i]]
        for j in range(n):
            squares[j] = depths[last, j]
        for power in range(last - 1, -1, -1):
            for j in range(n):
                squares[j] = squares[j] * place + depths[power, j]
        out[4, i] = _limit(rows[2, i], rows[3, i]) + squares[0] * vol
        for j in range(n):
            squares[j] = (squares[j] * vol) * (squares[j] * vol)
        row = premium(rows[0, i], rows[1, i], rows[2, i], rows[3, i], vol, squares, points, wide)
        out[0, i], out[1, i], out[2, i], out[3, i] = row


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
            interpolate(points, squares, 0, width, wide[side])
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
