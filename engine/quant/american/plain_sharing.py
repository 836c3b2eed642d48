"""The jobs on expiries whose strikes share their boundaries in the numpy tier: recipe by recipe, a column at a time."""

import numpy as np
from numpy.typing import NDArray

from engine.quant.american import solver
from engine.quant.american.regimes import RECIPE_NAMES, Terms, as_puts, methods
from engine.quant.american.schemes import scheme
from engine.quant.american.values import european_prices
from engine.quant.arrays import Bytes, Floats, Indices
from engine.quant.formulas.american import build_limits
from engine.quant.formulas.american_regimes import CERTAIN, EUROPEAN, FINE_TWICE, LEAST_DEVIATION, UNKNOWN
from engine.quant.formulas.american_sharing import (
    CARE,
    CURVE,
    DISTANCE,
    FITTED,
    HALF,
    LIMIT,
    MARGIN,
    MIDDLE,
    MOST_CAREFUL,
    PLACES,
    SIGN,
    VALUE,
    VOL_NODES,
)
from engine.quant.numpy_tier import PRIMITIVES

_limit = build_limits(PRIMITIVES)[0]
_NAMES = {int(method): name for method, name in RECIPE_NAMES.items()}


def boundaries(
    expiries: Floats,
    leaders: int,
    tables: Floats,  # noqa: ARG001 - the compiled loops' packed form of what scheme() has
    recipes: NDArray[np.int64],  # noqa: ARG001
    chosen: Bytes,
    ranges: Floats,
    coefficients: Floats,
) -> None:
    """Methods, ranges and coefficients of each expiry's boundary; the expiries after so many ``leaders`` take the methods of those."""
    size = expiries.shape[1]
    with np.errstate(all="ignore"):
        low, high = np.log(expiries[5]) - MARGIN, np.log(expiries[6]) + MARGIN
        middles, halves = 0.5 * (low + high), 0.5 * (high - low)
        vols = np.exp(middles[:, None] + halves[:, None] * PLACES)
        spots, years, rates, yields, signs = np.repeat(expiries[: SIGN + 1], VOL_NODES, axis=1)
        rows = np.stack([spots, spots, years, vols.ravel(), rates, yields, signs])
        terms = as_puts(rows)
        first = _together(methods(rows, terms, "auto").reshape(size, VOL_NODES)[:leaders])
        chosen[:] = np.tile(first, size // leaders)
        ranges[MIDDLE], ranges[HALF], ranges[LIMIT] = middles, halves, 0.0
        coefficients[:] = 0.0
        inputs = np.stack([terms.years, terms.rates, terms.yields, terms.vols])
        for method, name in _recipes(chosen):
            group = np.flatnonzero(chosen == method)
            scheme_tables = scheme(name)
            nodes = scheme_tables.roots.size
            at = (group[:, None] * VOL_NODES + np.arange(VOL_NODES)).ravel()
            found = np.empty((at.size, nodes))
            columns = np.ascontiguousarray(inputs[:, at])
            solver.ROOM.jobs().boundaries(columns, scheme_tables.roots, scheme_tables.sizes, scheme_tables.nodes, scheme_tables.form, found)
            begin = group * VOL_NODES
            limits = _limit(terms.rates[begin], terms.yields[begin])
            ranges[LIMIT, group] = limits
            depths = (found.reshape(group.size, VOL_NODES, nodes) - limits[:, None, None]) / vols[group][:, :, None]
            coefficients[group, :, :nodes] = np.matmul(FITTED, depths)  # matrix by matrix, so that company changes no bit


def premiums(
    expiries: Floats,
    chosen: Bytes,
    ranges: Floats,
    coefficients: Floats,
    tables: Floats,  # noqa: ARG001
    recipes: NDArray[np.int64],  # noqa: ARG001
    owners: Indices,
    strikes: Floats,
    vols: Floats,
    europeans: Floats,
    out: Floats,
) -> None:
    """Value, slope, curve and distance of each option's premium; European values are found where none are given."""
    spots, years, rates, yields, signs = expiries[: SIGN + 1, owners]
    rows = np.stack([spots, strikes, years, vols, rates, yields, signs])
    terms = as_puts(rows)
    kinds = chosen[owners]
    out[:DISTANCE], out[DISTANCE] = 0.0, np.inf
    with np.errstate(all="ignore"):
        known_row = np.isfinite(vols + strikes)
        held = (vols * np.sqrt(years) >= LEAST_DEVIATION) & (strikes > 0.0) & known_row
        log_spots = np.log(terms.spots)
        inputs = np.stack([log_spots, terms.years, terms.rates, terms.yields, vols])
        place = np.minimum(np.maximum((np.log(vols) - ranges[MIDDLE, owners]) / ranges[HALF, owners], -1.0), 1.0)
        for method, name in _recipes(kinds):
            group = np.flatnonzero((kinds == method) & held)
            integral = _integrals(ranges[LIMIT], coefficients, owners[group], inputs[:, group], place[group], name)
            out[: CURVE + 1, group] = _in_the_options_terms(terms, group, integral)
            out[DISTANCE, group] = log_spots[group] - integral[4]
        exercised = out[DISTANCE] <= 0.0
        intrinsic = signs * (spots - strikes)
        floor = intrinsic - (europeans if europeans.size == owners.size else european_prices(rows))
        single = kinds != EUROPEAN
        found = np.maximum(out[VALUE], np.where(single, floor, 0.0))
        value = np.where(exercised | (single & ~held), np.maximum(floor, 0.0), found)
        out[VALUE] = np.where((kinds != UNKNOWN) & known_row, value, np.nan)


def _recipes(kinds: Bytes) -> list[tuple[int, str]]:
    """The methods among these that have boundaries, and the names of their recipes."""
    return [(kind, _NAMES[kind]) for kind in np.flatnonzero(np.bincount(kinds)).tolist() if kind in _NAMES]


def _together(kinds: Bytes) -> Bytes:
    """One method for all volatilities of a range: the most careful that one of them asks for."""
    care = CARE[kinds].max(axis=1)
    found = np.where(care[:, 2] > 0, MOST_CAREFUL[care[:, 0], care[:, 1]], CERTAIN)
    never = ((kinds >= EUROPEAN) & (kinds <= FINE_TWICE)).any(axis=1)
    result: Bytes = np.where((kinds == UNKNOWN).any(axis=1), UNKNOWN, np.where(never, EUROPEAN, found)).astype(np.int8)
    return result


def _integrals(limits: Floats, coefficients: Floats, owners: Indices, inputs: Floats, place: Floats, name: str) -> Floats:
    """:data:`engine.quant.american.solver.PREMIUM_ROWS` of rows of one recipe."""
    tables = scheme(name)
    nodes = tables.roots.size
    depth = coefficients[owners, VOL_NODES - 1, :nodes]
    for power in range(VOL_NODES - 2, -1, -1):
        depth = depth * place[:, None] + coefficients[owners, power, :nodes]
    levels = limits[owners, None] + depth * inputs[4][:, None]
    out = np.empty((solver.PREMIUM_ROWS, owners.size))
    jobs = solver.ROOM.jobs()
    jobs.premiums_on(np.ascontiguousarray(inputs), np.arange(owners.size), np.ascontiguousarray(levels), tables.points, out)
    return out


def _in_the_options_terms(terms: Terms, rows: Indices, premium: Floats) -> Floats:
    """Premium, delta and gamma of the option from the unit put's."""
    value, slope, curve = premium[:3]
    spot, unit, call = terms.spots[rows], terms.unit[rows], terms.calls[rows] > 0.0
    return np.stack(
        [unit * value, np.where(call, value - spot * slope, slope), np.where(call, spot * spot * curve, curve) / unit],
    )
