"""The compiled passes over expiries whose strikes share their boundaries, and over those strikes."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.quant.arrays import Bytes, Floats, Indices
from engine.quant.formulas.american_regimes import (
    AUTO,
    CERTAIN,
    EUROPEAN,
    LEAST_DEVIATION,
    UNKNOWN,
    build_method,
    build_put_rates,
)
from engine.quant.formulas.american_sharing import (
    CARE,
    CURVE,
    DISTANCE,
    FITTED,
    FORM,
    HALF,
    HIGHEST,
    LAST_WITHOUT_ONE,
    LIMIT,
    LOWEST,
    MARGIN,
    MIDDLE,
    MOST_CAREFUL,
    NODES,
    NODES_AT,
    PLACES,
    POINTS,
    POINTS_AT,
    RATE,
    ROOTS_AT,
    SIGN,
    SIZES_AT,
    SLOPE,
    SPOT,
    STEPS,
    VALUE,
    VOL_NODES,
    WIDEST_NODES,
    YEARS,
    YIELD,
)
from engine.quant.kernels.boundary import FORMULAS, NARROW, WIDE, premium, solve
from engine.quant.kernels.columns import prices
from engine.quant.kernels.compiling import inlined, kernel
from engine.quant.kernels.elementary import PRIMITIVES

_limit = FORMULAS.limit
_method = build_method(PRIMITIVES)
_put_rates = build_put_rates(PRIMITIVES)


@inlined
def _greater(a: float, b: float) -> float:
    """The greater number; NaN where either is."""
    return a if a >= b or a != a else b  # noqa: PLR0124 - only NaN differs from itself


@inlined
def _together(kinds: Bytes) -> int:
    """One method for all volatilities of a range: the most careful that one of them asks for."""
    length, drift, solvable, unknown, never = 0, 0, 0, False, False
    for kind in kinds:
        length, drift, solvable = max(length, CARE[kind, 0]), max(drift, CARE[kind, 1]), max(solvable, CARE[kind, 2])
        unknown |= kind == UNKNOWN
        never |= EUROPEAN <= kind <= LAST_WITHOUT_ONE
    if unknown:
        return UNKNOWN
    if never:
        return EUROPEAN
    return int(MOST_CAREFUL[length, drift]) if solvable > 0 else CERTAIN


@kernel("(f8[:,::1], i8, f8[::1], i8[:,::1], i1[::1], f8[:,::1], f8[:,:,::1])")
def boundaries(
    expiries: Floats,
    leaders: int,
    tables: Floats,
    recipes: NDArray[np.int64],
    methods: Bytes,
    ranges: Floats,
    coefficients: Floats,
) -> None:
    """Methods, ranges and coefficients of each expiry's boundary; the expiries after so many ``leaders`` take the methods of those."""
    places, most = coefficients.shape[1], coefficients.shape[2]  # unknown to the compiler, which would else write out every loop
    vols, kinds = np.empty(places), np.empty(places, dtype=np.int8)
    depths = np.empty((places, most))
    widest = 0
    for kind in range(recipes.shape[0]):
        for step in range(recipes[kind, STEPS]):
            widest = max(widest, recipes[kind, NODES] * recipes[kind, SIZES_AT + step])
    wide, storage = np.empty((WIDE, widest)), np.empty(NARROW * WIDEST_NODES)
    for one in range(expiries.shape[1]):
        spot, years, sign = expiries[SPOT, one], expiries[YEARS, one], expiries[SIGN, one]
        low, high = math.log(expiries[LOWEST, one]) - MARGIN, math.log(expiries[HIGHEST, one]) + MARGIN
        middle, half = 0.5 * (low + high), 0.5 * (high - low)
        rate, dividend = _put_rates(expiries[RATE, one], expiries[YIELD, one], sign > 0.0)
        ranges[MIDDLE, one], ranges[HALF, one], ranges[LIMIT, one] = middle, half, 0.0
        for q in range(places):
            vols[q] = math.exp(middle + half * PLACES[q])
            kinds[q] = _method(spot, spot, years, vols[q], expiries[RATE, one], expiries[YIELD, one], sign, rate, dividend, AUTO)
        methods[one] = _together(kinds) if one < leaders else methods[one % leaders]
        recipe = recipes[methods[one]]
        n = recipe[NODES]
        for power in range(places):
            for j in range(most):
                coefficients[one, power, j] = 0.0
        if n == 0:
            continue
        limit = _limit(rate, dividend)
        ranges[LIMIT, one] = limit
        roots = tables[recipe[ROOTS_AT] : recipe[ROOTS_AT] + n]
        nodes = tables[recipe[NODES_AT] : recipe[POINTS_AT]].reshape((n + 3, (recipe[POINTS_AT] - recipe[NODES_AT]) // (n + 3)))
        narrow = storage[: NARROW * n].reshape((NARROW, n))
        for q in range(places):
            for at in range(NARROW * n):
                storage[at] = 0.0
            sizes = recipe[SIZES_AT : SIZES_AT + recipe[STEPS]]
            solve(years, rate, dividend, vols[q], roots, sizes, nodes, recipe[FORM], wide, narrow)
            for j in range(n):
                depths[q, j] = (narrow[0, j] - limit) / vols[q]
        for power in range(places):
            for q in range(places):
                for j in range(n):
                    coefficients[one, power, j] += FITTED[power, q] * depths[q, j]


@kernel("(f8[:,::1], i8[::1], f8[::1], f8[::1], f8[::1])")
def _europeans(expiries: Floats, owners: Indices, strikes: Floats, vols: Floats, out: Floats) -> None:
    """Black-Scholes-Merton prices."""
    count = expiries.shape[1]
    forwards, discounts = np.empty(count), np.empty(count)
    for one in range(count):
        spot, years, rate = expiries[SPOT, one], expiries[YEARS, one], expiries[RATE, one]
        forwards[one] = spot * math.exp((rate - expiries[YIELD, one]) * years)
        discounts[one] = math.exp(-rate * years)
    rows = np.empty((6, owners.size))
    for i in range(owners.size):
        owner = owners[i]
        rows[0, i], rows[1, i], rows[2, i] = forwards[owner], strikes[i], expiries[YEARS, owner]
        rows[3, i], rows[4, i], rows[5, i] = vols[i], discounts[owner], expiries[SIGN, owner]
    prices(rows, out)


@kernel("(f8[:,::1], i1[::1], f8[:,::1], f8[:,:,::1], f8[::1], i8[:,::1], i8[::1], f8[::1], f8[::1], f8[::1], f8[:,::1])")
def premiums(
    expiries: Floats,
    methods: Bytes,
    ranges: Floats,
    coefficients: Floats,
    tables: Floats,
    recipes: NDArray[np.int64],
    owners: Indices,
    strikes: Floats,
    vols: Floats,
    europeans: Floats,
    out: Floats,
) -> None:
    """Value, slope, curve and distance of each option's premium; European values are found where none are given."""
    if europeans.size < owners.size:
        europeans = np.empty(owners.size)
        _europeans(expiries, owners, strikes, vols, europeans)
    widest = 0
    for kind in range(recipes.shape[0]):
        widest = max(widest, recipes[kind, POINTS])
    wide = np.empty((WIDE, widest))
    squares = np.empty(WIDEST_NODES)
    for i in range(owners.size):
        owner = owners[i]
        kind, strike, vol = methods[owner], strikes[i], vols[i]
        spot, years, sign = expiries[SPOT, owner], expiries[YEARS, owner], expiries[SIGN, owner]
        known = math.isfinite(vol + strike)
        held = vol * math.sqrt(years) >= LEAST_DEVIATION and strike > 0.0 and known
        recipe = recipes[kind]
        n, width = recipe[NODES], recipe[POINTS]
        value, slope, curve, distance = 0.0, 0.0, 0.0, np.inf
        if held and n > 0:
            call = sign > 0.0
            unit = spot if call else strike
            unit_spot = (strike if call else spot) / unit
            rate, dividend = _put_rates(expiries[RATE, owner], expiries[YIELD, owner], call)
            log_spot = math.log(unit_spot)
            place = min(max((math.log(vol) - ranges[MIDDLE, owner]) / ranges[HALF, owner], -1.0), 1.0)
            depths = coefficients[owner]
            for j in range(n):
                squares[j] = depths[VOL_NODES - 1, j]
            for power in range(VOL_NODES - 2, -1, -1):
                for j in range(n):
                    squares[j] = squares[j] * place + depths[power, j]
            distance = log_spot - (ranges[LIMIT, owner] + squares[0] * vol)
            for j in range(n):
                squares[j] = (squares[j] * vol) * (squares[j] * vol)
            points = tables[recipe[POINTS_AT] : recipe[POINTS_AT] + (n + 2) * width].reshape((n + 2, width))
            value, slope, curve, _ = premium(log_spot, years, rate, dividend, vol, squares[:n], points, wide)
            if call:
                slope = value - unit_spot * slope
                curve = unit_spot * unit_spot * curve
            value, curve = unit * value, curve / unit
        out[SLOPE, i], out[CURVE, i], out[DISTANCE, i] = slope, curve, distance
        floor = sign * (spot - strike) - europeans[i]
        if kind == UNKNOWN or not known:
            out[VALUE, i] = np.nan
        elif kind == EUROPEAN:
            out[VALUE, i] = _greater(value, 0.0)
        elif distance <= 0.0 or not held:
            out[VALUE, i] = _greater(floor, 0.0)
        else:
            out[VALUE, i] = _greater(value, floor)
