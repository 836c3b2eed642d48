"""Early-exercise premiums of many strikes at once, each at its own volatility: the strikes of an expiry share their boundaries.

Over its strike the exercise boundary knows time, rate, yield and volatility alone, so that the calls of an expiry, and its puts, need it
only as a function of volatility. It is solved at a few volatilities and interpolated between them, and a strike then costs one integral.
What is interpolated is ln(B/X)/σ (X the boundary at the end), a slowly varying number, by one polynomial in ln σ; below the lowest and
above the highest volatility it is held. The error against solving each strike is about 1e-6 per 100 of spot up to σ√T = 0.6 and a
fourfold range of volatilities, and up to 2e-3 where one expiry reaches from σ√T = 0.5 to 2.

No number raises, and no column is refused: what a premium cannot be told of is NaN.
"""

from typing import Final, NamedTuple

import numpy as np

from engine.quant.american import solver
from engine.quant.american.regimes import LEAST_DEVIATION, RECIPE_NAMES, Method, Terms, as_puts, methods
from engine.quant.american.schemes import scheme
from engine.quant.american.values import european_prices
from engine.quant.arrays import Bools, Bytes, Floats, Indices
from engine.quant.formulas.american import build_limits
from engine.quant.numpy_tier import PRIMITIVES

VOL_NODES: Final = 6
"""Volatilities at which a boundary is solved."""
WIDEST_NODES: Final = 16
"""Of any recipe's boundary."""
MARGIN: Final = 0.2
"""By which the range of volatilities is widened in ln σ, so that it never is a point."""
_PLACES: Final = np.cos(np.arange(VOL_NODES) * np.pi / (VOL_NODES - 1))
_FITTED: Final = np.linalg.inv(np.vander(_PLACES, increasing=True))
_limit = build_limits(PRIMITIVES)[0]
_UNKNOWN, _CERTAIN, _NEVER, _FINE_TWICE = (int(method) for method in (Method.UNKNOWN, Method.CERTAIN, Method.EUROPEAN, Method.FINE_TWICE))
_NAMES: Final = {int(method): name for method, name in RECIPE_NAMES.items()}
_CARE: Final = np.zeros((max(Method) + 1, 3), dtype=np.int8)
"""How careful each method is: 0 to 2 for the length of time, 0 to 2 for the drift, and whether there is anything to solve."""
for _method, _care in {
    Method.FAST: (0, 0, 1),
    Method.ACCURATE: (1, 0, 1),
    Method.FINE: (2, 0, 1),
    Method.FAST_DRIFT: (0, 1, 1),
    Method.FINE_DRIFT: (2, 1, 1),
    Method.FAST_STEEP: (0, 2, 1),
    Method.FINE_STEEP: (2, 2, 1),
}.items():
    _CARE[_method] = _care
_MOST_CAREFUL: Final = np.array(
    [
        [Method.FAST, Method.FAST_DRIFT, Method.FAST_STEEP],
        [Method.ACCURATE, Method.FAST_DRIFT, Method.FAST_STEEP],
        [Method.FINE, Method.FINE_DRIFT, Method.FINE_STEEP],
    ],
    dtype=np.int8,
)


class Expiries(NamedTuple):
    """What the strikes of one right and one expiry have in common, a number each."""

    spots: Floats
    years: Floats
    rates: Floats
    yields: Floats
    signs: Floats
    """+1 calls, -1 puts."""
    lowest: Floats
    """Of the volatilities that will be asked for; beyond the range the boundary is less exact."""
    highest: Floats


class Boundaries(NamedTuple):
    """Boundaries as functions of the volatility, one an expiry and right."""

    expiries: Expiries
    methods: Bytes
    """:class:`Method` of all its strikes; never that of two boundaries."""
    middles: Floats
    """Of the range, in ln σ, and half its width."""
    halves: Floats
    limits: Floats
    """ln X."""
    coefficients: Floats
    """(expiries, powers, boundary nodes)."""


class Premiums(NamedTuple):
    """A column each."""

    values: Floats
    """The American price less the European one."""
    slopes: Floats
    """Derivative against the spot; of what is to be exercised, of the integral and not of the value."""
    curves: Floats
    """The second."""
    exercised: Bools
    """To be exercised at once."""
    distances: Floats
    """From the boundary, in ln of the spot: positive where it is held, infinite where it never is exercised."""


def boundaries(expiries: Expiries, variants: int = 1) -> Boundaries:
    """Solve them. With ``variants`` the expiries come so many times over, a little moved: all are solved by the methods of the first.

    Two boundaries (a negative rate, and a yield below it) are not followed: there the European value is taken, a little too low.
    """
    size = expiries.spots.size
    with np.errstate(all="ignore"):
        low, high = np.log(expiries.lowest) - MARGIN, np.log(expiries.highest) + MARGIN
        middles, halves = 0.5 * (low + high), 0.5 * (high - low)
        vols = np.exp(middles[:, None] + halves[:, None] * _PLACES)
        spots, years, rates, yields, signs = np.repeat(np.stack(expiries[:5]), VOL_NODES, axis=1)
        rows = np.stack([spots, spots, years, vols.ravel(), rates, yields, signs])
        terms = as_puts(rows)
        first = _together(methods(rows, terms, "auto").reshape(size, VOL_NODES)[: size // variants])
        chosen = np.tile(first, variants)
        limits = np.zeros(size)
        coefficients = np.zeros((size, VOL_NODES, WIDEST_NODES))
        inputs = np.stack([terms.years, terms.rates, terms.yields, terms.vols])
        for method, name in _recipes(chosen):
            group = np.flatnonzero(chosen == method)
            tables = scheme(name)
            nodes = tables.roots.size
            at = (group[:, None] * VOL_NODES + np.arange(VOL_NODES)).ravel()
            found = np.empty((at.size, nodes))
            solver.ROOM.jobs().boundaries(np.ascontiguousarray(inputs[:, at]), tables.roots, tables.sizes, tables.nodes, tables.form, found)
            begin = group * VOL_NODES
            limits[group] = _limit(terms.rates[begin], terms.yields[begin])
            depths = (found.reshape(group.size, VOL_NODES, nodes) - limits[group, None, None]) / vols[group][:, :, None]
            coefficients[group, :, :nodes] = np.matmul(_FITTED, depths)  # matrix by matrix, so that company changes no bit
    return Boundaries(expiries, chosen, middles, halves, limits, coefficients)


def premiums(known: Boundaries, owners: Indices, strikes: Floats, vols: Floats, europeans: Floats | None = None) -> Premiums:
    """Of options of the expiries named by ``owners``; ``europeans`` are their European values where they are at hand."""
    expiries = known.expiries
    spots, years, rates, yields, signs = (column[owners] for column in expiries[:5])
    rows = np.stack([spots, strikes, years, vols, rates, yields, signs])
    terms = as_puts(rows)
    kinds = known.methods[owners]
    found = np.zeros((3, owners.size))
    distances = np.full(owners.size, np.inf)
    with np.errstate(all="ignore"):
        known_row = np.isfinite(vols + strikes)
        held = (vols * np.sqrt(years) >= LEAST_DEVIATION) & (strikes > 0.0) & known_row
        log_spots = np.log(terms.spots)
        inputs = np.stack([log_spots, terms.years, terms.rates, terms.yields, vols])
        place = np.minimum(np.maximum((np.log(vols) - known.middles[owners]) / known.halves[owners], -1.0), 1.0)
        for method, name in _recipes(kinds):
            group = np.flatnonzero((kinds == method) & held)
            integral = _integrals(known, owners[group], inputs[:, group], place[group], name)
            found[:, group] = _in_the_options_terms(terms, group, integral)
            distances[group] = log_spots[group] - integral[4]
        exercised = distances <= 0.0
        intrinsic = signs * (spots - strikes)
        floor = intrinsic - (european_prices(rows) if europeans is None else europeans)
        single = kinds != _NEVER
        value = np.where(exercised | (single & ~held), np.maximum(floor, 0.0), np.maximum(found[0], np.where(single, floor, 0.0)))
        value = np.where((kinds != _UNKNOWN) & known_row, value, np.nan)
    return Premiums(value, found[1], found[2], exercised, distances)


def _recipes(kinds: Bytes) -> list[tuple[int, str]]:
    """The methods among these that have boundaries, and the names of their recipes."""
    return [(kind, _NAMES[kind]) for kind in np.flatnonzero(np.bincount(kinds)).tolist() if kind in _NAMES]


def _together(kinds: Bytes) -> Bytes:
    """One method for all volatilities of a range: the most careful that one of them asks for."""
    care = _CARE[kinds].max(axis=1)
    found = np.where(care[:, 2] > 0, _MOST_CAREFUL[care[:, 0], care[:, 1]], _CERTAIN)
    never = ((kinds >= _NEVER) & (kinds <= _FINE_TWICE)).any(axis=1)
    result: Bytes = np.where((kinds == _UNKNOWN).any(axis=1), _UNKNOWN, np.where(never, _NEVER, found)).astype(np.int8)
    return result


def _integrals(known: Boundaries, owners: Indices, inputs: Floats, place: Floats, name: str) -> Floats:
    """:data:`engine.quant.american.solver.PREMIUM_ROWS` of rows of one recipe."""
    tables = scheme(name)
    nodes = tables.roots.size
    depth = known.coefficients[owners, VOL_NODES - 1, :nodes]
    for power in range(VOL_NODES - 2, -1, -1):
        depth = depth * place[:, None] + known.coefficients[owners, power, :nodes]
    levels = known.limits[owners, None] + depth * inputs[4][:, None]
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
