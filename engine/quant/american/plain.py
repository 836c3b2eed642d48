"""American options in the numpy tier: the scheme of the kernels, a whole block of rows at a time."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.quant.arrays import Floats
from engine.quant.formulas.american import EARNED, LEAST_DEPTH, MATCHED, NEWTON_STEPS, PLAIN, build_american
from engine.quant.numpy_tier import PRIMITIVES

BLOCK = 128
"""Rows at a time: a temporary of some 100 kB."""
_formulas = build_american(PRIMITIVES)


def _blocks(size: int) -> Iterator[slice]:
    for start in range(0, size, BLOCK):
        yield slice(start, min(start + BLOCK, size))


def _interpolated(squares: Floats, table: Floats) -> Floats:
    """The squares at the points of a table, added up in the same order however many rows there are: a row has its bits in any company."""
    found = squares[:, :1] * table[0]
    for j in range(1, squares.shape[1]):
        found += squares[:, j : j + 1] * table[j]
    result: Floats = found
    return result


def _column(values: Floats) -> Floats:
    result: Floats = values[:, None]
    return result


def _guess(rates: Floats, yields: Floats, vols: Floats, limits: Floats, roots: Floats) -> Floats:
    nearest = np.exp(-limits)
    farthest = _formulas.perpetual(rates, yields, vols, nearest)
    guess = _formulas.first_guess(roots, rates - yields, vols, nearest, farthest)
    for _ in range(NEWTON_STEPS):
        guess = _formulas.better_guess(guess, roots, rates, yields, vols, limits)
    result: Floats = guess
    return result


def _mixed(present: Floats, residuals: Floats, before: tuple[Floats, Floats] | None, limits: Floats) -> Floats:
    """One step of D. G. Anderson's mixing (Journal of the ACM 12 (1965), p. 547), row by row."""
    if before is None:
        return np.minimum(present + residuals, limits - LEAST_DEPTH)
    change = residuals - before[1]
    length = np.sum(change * change, axis=1)
    share = np.where(length > 0.0, np.sum(change * residuals, axis=1) / np.where(length > 0.0, length, 1.0), 0.0)
    mixed = present + residuals - share[:, None] * (present - before[0] + change)
    return np.where(mixed < limits - LEAST_DEPTH, mixed, limits - LEAST_DEPTH)


def _solved(terms: Floats, roots: Floats, sizes: NDArray[np.int64], nodes: Floats, form: int) -> Floats:
    """Logarithms of B at the nodes, (rows, nodes), of (years, rates, yields, vols)."""
    years, rates, yields, vols = (_column(row) for row in terms)
    n = roots.size
    span = np.sqrt(years)
    limits = _formulas.limit(rates, yields)
    if form == EARNED:
        boundary: Floats = _formulas.lower_guess(span * roots, vols, limits)
    else:
        upper = _formulas.upper_guess(span * roots, rates - yields, vols)
        boundary = np.where(rates < 0.0, upper, _guess(rates, yields, vols, limits, span * roots))
    integrands = _formulas.matching_terms if form >= MATCHED else _formulas.pasting_terms
    fixed_point: Callable[..., Any] = _formulas.matched if form == MATCHED else _formulas.pasted
    before: tuple[Floats, Floats] | None = None
    start = 0
    for size in sizes:
        table = nodes[:, start : start + size * n]
        gaps = boundary - limits
        above, below = integrands(
            np.tile(gaps, (1, size)),
            _interpolated(gaps * gaps, table[:n]),
            span * table[n],
            years * table[n + 1],
            years * table[n + 2],
            rates,
            yields,
            vols,
        )
        numerators, denominators = (
            np.broadcast_to(part, (*gaps.shape[:1], size * n)).reshape(-1, size, n).sum(axis=1) for part in (above, below)
        )
        if form == EARNED:
            moved = _formulas.earned(boundary, numerators, denominators, span * roots, rates, yields, limits)
        else:
            moved = fixed_point(boundary, numerators, denominators, span * roots, rates, yields, vols, limits)
        if form != PLAIN:
            residuals = moved - boundary
            boundary, before = _mixed(boundary, residuals, before, limits), (boundary, residuals)
        else:
            boundary = moved
        start += size * n
    return boundary


def _depths(gaps: Floats, table: Floats) -> Floats:
    """|ln(B/X)| at the points of a table."""
    result: Floats = np.sqrt(np.maximum(_interpolated(gaps * gaps, table), 0.0))
    return result


def _premium(rows: Floats, boundary: Floats, points: Floats, out: Floats) -> None:
    log_spots, years, rates, yields, vols = (_column(row) for row in rows)
    n = boundary.shape[1]
    limits = _formulas.limit(rates, yields)
    gaps = boundary - limits
    results = _formulas.premium_terms(
        log_spots - limits + _depths(gaps, points[:n]),
        np.exp(log_spots),
        np.sqrt(years) * points[n],
        years * points[n + 1],
        rates,
        yields,
        vols,
    )
    for line, values in zip(out, results, strict=False):
        line[:] = np.sum(values, axis=1)
    out[4] = boundary[:, 0]


def premiums(rows: Floats, roots: Floats, sizes: NDArray[np.int64], nodes: Floats, points: Floats, form: int, out: Floats) -> None:
    """Premium, its three derivatives against the spot, and ln B(T), of puts struck at 1: (ln spots, years, rates, yields, vols)."""
    with np.errstate(all="ignore"):
        for block in _blocks(rows.shape[1]):
            _premium(rows[:, block], _solved(rows[1:, block], roots, sizes, nodes, form), points, out[:, block])


def boundaries(rows: Floats, roots: Floats, sizes: NDArray[np.int64], nodes: Floats, form: int, out: Floats) -> None:
    """Logarithms of B at the nodes, a row an option, of (years, rates, yields, vols)."""
    with np.errstate(all="ignore"):
        for block in _blocks(rows.shape[1]):
            out[block] = _solved(rows[:, block], roots, sizes, nodes, form)


def premiums_on(rows: Floats, owners: NDArray[np.int64], known: Floats, points: Floats, out: Floats) -> None:
    """As :func:`premiums`, on boundaries that are already there: ``owners`` is the row of ``known`` that serves each option."""
    with np.errstate(all="ignore"):
        for block in _blocks(rows.shape[1]):
            _premium(rows[:, block], known[owners[block]], points, out[:, block])


def premiums_along(rows: Floats, owners: NDArray[np.int64], places: Floats, known: Floats, points: Floats, out: Floats) -> None:
    """As :func:`premiums_on`, on boundaries known as polynomials in the volatility's place: (owners, powers, nodes) of ln(B/X)/σ."""
    with np.errstate(all="ignore"):
        for block in _blocks(rows.shape[1]):
            _, _, rates, yields, vols = rows[:, block]
            depths = known[owners[block]]
            found = depths[:, -1]
            for power in range(depths.shape[1] - 2, -1, -1):
                found = found * _column(places[block]) + depths[:, power]
            _premium(rows[:, block], _column(_formulas.limit(rates, yields)) + found * _column(vols), points, out[:, block])


def premiums_between(rows: Floats, uppers: Floats, lowers: Floats, points: Floats, out: Floats) -> None:
    """Premium and its three derivatives of puts exercised between two boundaries until some time before the end.

    Of (ln spots, years, years of the boundaries, rates, yields, vols); ``uppers`` are ln B at the nodes, ``lowers`` ln(1/Y).
    """
    n = uppers.shape[1]
    with np.errstate(all="ignore"):
        for block in _blocks(rows.shape[1]):
            log_spots, years, horizons, rates, yields, vols = (_column(row) for row in rows[:, block])
            limit, other = _formulas.limit(rates, yields), _formulas.limit(yields, rates)
            roots = np.sqrt(years - horizons + horizons * points[n] * points[n])
            same = (np.exp(log_spots), roots, horizons * points[n + 1], rates, yields, vols)
            above = _formulas.premium_terms(log_spots - limit + _depths(uppers[block] - limit, points[:n]), *same)
            below = _formulas.premium_terms(log_spots + other - _depths(lowers[block] - other, points[:n]), *same)
            for line, upper, lower in zip(out, above, below, strict=True):
                line[block] = np.sum(upper - lower, axis=1)
