"""Early-exercise premiums of many strikes at once, each at its own volatility: the strikes of an expiry share their boundaries.

Over its strike the exercise boundary knows time, rate, yield and volatility alone, so that the calls of an expiry, and its puts, need it
only as a function of volatility. It is solved at a few volatilities and interpolated between them, and a strike then costs one integral.
What is interpolated is ln(B/X)/σ (X the boundary at the end), a slowly varying number, by one polynomial in ln σ; below the lowest and
above the highest volatility it is held. The error against solving each strike is about 1e-6 per 100 of spot up to σ√T = 0.6 and a
fourfold range of volatilities, and up to 2e-3 where one expiry reaches from σ√T = 0.5 to 2.

No number raises, and no column is refused: what a premium cannot be told of is NaN.
"""

from functools import cache
from typing import Final, NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from engine.quant import tiers
from engine.quant.american import plain_sharing
from engine.quant.american.regimes import RECIPE_NAMES, Method
from engine.quant.american.schemes import scheme
from engine.quant.arrays import Bools, Bytes, Floats, Indices, for_loops
from engine.quant.formulas.american_sharing import CURVE, DISTANCE, SIZES_AT, SLOPE, VALUE, VOL_NODES, WIDEST_NODES

_NO_EUROPEANS: Final = np.empty(0)


class Jobs(Protocol):
    """Passes over expiries and their strikes, whose recipes' tables come packed; no number raises."""

    def boundaries(
        self,
        expiries: Floats,
        leaders: int,
        tables: Floats,
        recipes: NDArray[np.int64],
        methods: Bytes,
        ranges: Floats,
        coefficients: Floats,
    ) -> None:
        """Methods, ranges and coefficients of each expiry's boundary, as of a :class:`Boundaries`."""

    def premiums(
        self,
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


ROOM: Final = tiers.Room("sharing", cast(Jobs, plain_sharing))


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

    expiries: Floats
    """The columns of :class:`Expiries`."""
    methods: Bytes
    """:class:`Method` of all its strikes; never that of two boundaries."""
    ranges: Floats
    """The middle of the range of volatilities in ln σ, half its width, and ln X."""
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
    columns = np.array(expiries)
    size = columns.shape[1]
    methods, ranges = np.empty(size, dtype=np.int8), np.empty((3, size))
    coefficients = np.empty((size, VOL_NODES, WIDEST_NODES))
    ROOM.jobs().boundaries(columns, size // variants, *_packed(), methods, ranges, coefficients)
    return Boundaries(columns, methods, ranges, coefficients)


def premiums(known: Boundaries, owners: Indices, strikes: Floats, vols: Floats, europeans: Floats | None = None) -> Premiums:
    """Of options of the expiries named by ``owners``; ``europeans`` are their European values where they are at hand."""
    out = np.empty((DISTANCE + 1, owners.size))
    given = _NO_EUROPEANS if europeans is None else for_loops(europeans)
    ROOM.jobs().premiums(*known, *_packed(), for_loops(owners), for_loops(strikes), for_loops(vols), given, out)
    return Premiums(out[VALUE], out[SLOPE], out[CURVE], out[DISTANCE] <= 0.0, out[DISTANCE])


@cache
def _packed() -> tuple[Floats, NDArray[np.int64]]:
    """The tables of all recipes end to end, and a row a method of where each is; nothing where a method has no boundary."""
    longest = max(scheme(name).sizes.size for name in RECIPE_NAMES.values())
    recipes = np.zeros((max(Method) + 1, SIZES_AT + longest), dtype=np.int64)
    pieces: list[Floats] = []
    end = 0
    for method, name in RECIPE_NAMES.items():
        tables = scheme(name)
        begins = []
        for table in (tables.roots, tables.nodes, tables.points):
            pieces.append(table.ravel())
            begins.append(end)
            end += table.size
        row = (tables.roots.size, tables.points.shape[1], tables.form, tables.sizes.size, *begins, *tables.sizes)
        recipes[method, : len(row)] = row
    return np.concatenate(pieces), recipes
