"""What a fitted slice is worth, in one word and in numbers: measured in widths of the quotes it should go through.

A residual is (fitted volatility - that of the mid) / (IV(ask) - IV(bid)): within ±½ the smile lies between bid and ask. GOOD is a smile of
five numbers or fewer from at least five strikes that has no arbitrage, passes no further from a mid than the bid-ask is wide at the money
and at 15 % below and above it (where quoted), and meets nine of ten quotes that closely. The reasons name what is missing.
"""

from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Bools, Bytes, Floats, Indices
from engine.quant.chain.segments import picked
from engine.quant.codes import FitGrade, FitStatus, GradeReason
from engine.quant.smiles.quotes import ChosenQuotes

LEAST_WIDTH = 1e-4
"""A width in volatility that a locked quote is taken to have."""
PLACES = (0.0, float(np.log(0.85)), float(np.log(1.15)))
"""k of the checkpoints: at the money, 15 % below, 15 % above."""
NEAR = 0.05
"""How far in k a quote may be from a checkpoint in the wings to count."""
FAR = 0.5
"""Deviations from the forward, beyond :data:`NEAR`, from which the nearest quote says nothing of the money."""
ABOUT = 3
"""So many quotes about a checkpoint have to be met."""
GOOD_WIDTHS, FAIR_WIDTHS = 1.0, 2.5
FAIR_RESIDUAL = 0.005
"""In volatility: within half a point a residual is fair however narrow the quote."""
WORST_MEDIAN = 10.0
"""Median residual, in widths, and in volatility :data:`WORST_MISS`, from which a fit has failed."""
WORST_MISS = 0.05
MOST = 0.9
"""The part of the quotes that has to be met."""


class Yardstick(NamedTuple):
    """What the fits of some quotes are measured by, which is the quotes' alone: made once for all fits of them, by :func:`yardstick`."""

    quotes: ChosenQuotes
    known: Indices
    """Positions of the measured quotes."""
    owner: Indices
    """The slice of each."""
    column: Indices
    """Which of its slice's each is."""
    counts: Indices
    """How many a slice has, and how many of them below the forward."""
    left: Indices
    widths: Floats
    """IV(ask) - IV(bid) of each."""
    near: tuple[Indices, ...]
    """At each checkpoint a row a slice: the quotes about it, among the measured, nearest first; -1 where none is near."""
    typical_widths: Floats
    """Medians of a slice; so ``typical_vols``."""
    typical_vols: Floats


class Misses(NamedTuple):
    """By how much a fit misses its quotes, a number a slice; NaN where there is nothing to measure."""

    counts: Indices
    left: Indices
    hollow: Bools
    """No quote is near the forward."""
    inside: Floats
    median_widths: Floats
    most_widths: Floats
    most_lenient: Floats
    """Nine of ten are smaller, of what counts where quotes are narrow: the lesser of both measures, 1 being just fair."""
    median_vols: Floats
    rms_vols: Floats
    places: Floats
    """A row a slice: residual in widths of the quote nearest to each checkpoint, signed."""
    worst: Floats
    """Likewise the greatest size of those about it, and the greatest lenient one."""
    loosest: Floats
    tolerances: Floats
    """Of total variance: by so much it may fall from the expiry before without that being tradeable."""
    residuals: Floats
    """Of every quote, in widths; NaN for those that are not measured."""


class Grades(NamedTuple):
    """A number a slice; NaN where there is nothing to measure."""

    grades: Bytes
    """:class:`engine.quant.codes.FitGrade`."""
    reasons: Indices
    """:class:`engine.quant.codes.GradeReason` bits."""
    inside: Floats
    """Share of the measured quotes with the smile between bid and ask."""
    rms_vols: Floats
    """Root mean square of the residuals in volatility, every measured quote counting alike."""
    median_widths: Floats
    """Median size of the residuals, in widths."""
    most_widths: Floats
    """Nine of ten are smaller."""
    at_the_money: Floats
    """Residual of the quote nearest to the money, in widths, signed."""
    below: Floats
    """The same near 15 % below and above the forward; NaN where nothing is quoted there."""
    above: Floats
    residuals: Floats
    """Of every measured quote, in widths, signed; NaN for the others."""


def yardstick(quotes: ChosenQuotes) -> Yardstick:
    """What a fit of these quotes is measured by."""
    known = np.flatnonzero(quotes.measured)
    owner, pieces = quotes.segments.owner[known], quotes.segments.pieces
    counts = np.bincount(owner, minlength=pieces)
    column = np.arange(known.size) - (np.cumsum(counts) - counts)[owner]
    k = quotes.log_moneyness[known]
    widths = np.fmax(quotes.ask_vols[known] - quotes.bid_vols[known], LEAST_WIDTH)
    bare = Yardstick(
        quotes, known, owner, column, counts, np.bincount(owner[k < 0.0], minlength=pieces), widths, (), np.empty(0), np.empty(0)
    )
    (typical_widths,), (typical_vols,) = _quantiles(widths, bare, (0.5,)), _quantiles(quotes.vols[known], bare, (0.5,))
    near = tuple(_near(k, bare, place) for place in PLACES)
    return bare._replace(near=near, typical_widths=typical_widths, typical_vols=typical_vols)


def measure(*, fitted_vols: Floats, by: Yardstick) -> Misses:
    """How a fit does; ``fitted_vols`` is the smile at every measured quote."""
    quotes, pieces = by.quotes, by.counts.size
    with np.errstate(all="ignore"):
        miss = fitted_vols - quotes.vols[by.known]
        residuals = miss / by.widths
        sizes, in_vol = np.abs(residuals), np.abs(miss)
        lenient = np.fmin(sizes / FAIR_WIDTHS, in_vol / FAIR_RESIDUAL)
        some = np.where(by.counts > 0, by.counts, np.nan)
        within = (fitted_vols >= quotes.bid_vols[by.known]) & (fitted_vols <= quotes.ask_vols[by.known])
        inside = np.bincount(by.owner, weights=within, minlength=pieces) / some
        rms = np.sqrt(np.bincount(by.owner, weights=miss * miss, minlength=pieces) / some)
        tolerances = by.typical_widths * 2.0 * by.typical_vols * quotes.years
    median, most = _quantiles(sizes, by, (0.5, MOST))
    (most_lenient,), (median_vol,) = _quantiles(lenient, by, (MOST,)), _quantiles(in_vol, by, (0.5,))
    places, worst, loosest = np.empty((pieces, len(PLACES))), np.empty((pieces, len(PLACES))), np.empty((pieces, len(PLACES)))
    for i, which in enumerate(by.near):
        places[:, i] = picked(residuals, which[:, 0])
        worst[:, i] = np.fmax.reduce(picked(sizes, which), axis=1)
        loosest[:, i] = np.fmax.reduce(picked(lenient, which), axis=1)
    told = np.full(quotes.measured.shape, np.nan)
    told[by.known] = residuals
    return Misses(
        by.counts, by.left, _hollow(by), inside, median, most, most_lenient, median_vol, rms, places, worst, loosest, tolerances, told
    )


def _hollow(by: Yardstick) -> Bools:
    """Slices whose measured quotes all lie far from the forward."""
    nearest = np.abs(picked(by.quotes.log_moneyness[by.known], by.near[0][:, 0]))
    with np.errstate(all="ignore"):
        far: Bools = nearest > np.fmax(NEAR, FAR * by.typical_vols * np.sqrt(by.quotes.years))
    return far


def grade_slices(*, misses: Misses, statuses: Bytes, degenerate: Bools, butterflies: Bools, falls: Floats) -> Grades:
    """Grades of slices by what they miss; ``degenerate`` and the other flags are one a slice.

    ``falls``, of total variance from the expiry before, count as calendar arbitrage from the median width of the quotes on: a lesser one
    cannot be traded.
    """
    quoted = misses.counts > 0
    with np.errstate(all="ignore"):
        reasons = _reasons(misses, statuses) | np.where(butterflies, GradeReason.BUTTERFLY, 0)
        reasons |= np.where(falls > misses.tolerances, GradeReason.CALENDAR, 0) | np.where(degenerate, GradeReason.DEGENERATE, 0)
        fair = np.fmax(np.fmax.reduce(misses.loosest, axis=1), misses.most_lenient) <= 1.0
        fair &= statuses <= FitStatus.FEW_STRIKES
        failed = degenerate | (statuses == FitStatus.NO_QUOTES) | ~quoted
        failed |= (misses.median_widths > WORST_MEDIAN) & (misses.median_vols > WORST_MISS)
    grades = np.select([failed, reasons == 0, fair], [FitGrade.FAILED, FitGrade.GOOD, FitGrade.FAIR], FitGrade.POOR).astype(np.int8)
    at_the_money, below, above = misses.places.T
    return Grades(
        grades,
        reasons,
        misses.inside,
        misses.rms_vols,
        misses.median_widths,
        misses.most_widths,
        at_the_money,
        below,
        above,
        misses.residuals,
    )


def _reasons(misses: Misses, statuses: Bytes) -> Indices:
    """Bits of what keeps a slice from being good, as far as the quotes tell."""
    quoted = misses.counts > 0
    wings = np.fmax(misses.worst[:, 1], misses.worst[:, 2]) > GOOD_WIDTHS
    bits = (
        np.where(statuses != FitStatus.OK, GradeReason.FEW_STRIKES, 0)
        | np.where(~(misses.most_widths <= GOOD_WIDTHS) & quoted, GradeReason.OUTSIDE_QUOTES, 0)
        | np.where(misses.worst[:, 0] > GOOD_WIDTHS, GradeReason.OFF_AT_THE_MONEY, 0)
        | np.where(wings, GradeReason.OFF_IN_THE_WINGS, 0)
        | np.where(quoted, 0, GradeReason.NO_WIDTHS)
        | np.where((misses.left == 0) | (misses.left == misses.counts), GradeReason.NARROW, 0)
        | np.where(misses.hollow, GradeReason.NOTHING_NEAR, 0)
    )
    result: Indices = bits.astype(np.intp)
    return result


def _table(values: Floats, by: Yardstick, filling: float) -> Floats:
    """A row a slice; NaN and what is missing are ``filling``."""
    table = np.full((by.counts.size, max(int(by.counts.max(initial=0)), ABOUT)), filling)
    table[by.owner, by.column] = np.where(np.isnan(values), filling, values)
    return table


def _near(k: Floats, by: Yardstick, place: float) -> Indices:
    """The quotes about a checkpoint among the measured ones, nearest first: a row a slice; -1 where none is near."""
    distance = np.abs(k - place)
    distance[distance > (np.inf if place == 0.0 else NEAR)] = np.inf
    table = _table(distance, by, np.inf)
    first = np.argpartition(table, ABOUT - 1, axis=1)[:, :ABOUT]
    reached = np.take_along_axis(table, first, axis=1)
    order = np.argsort(reached, axis=1, kind="stable")
    begins = np.cumsum(by.counts) - by.counts
    found: Indices = np.where(np.isfinite(reached), first + begins[:, np.newaxis], -1)
    return np.take_along_axis(found, order, axis=1)


def _quantiles(values: Floats, by: Yardstick, parts: tuple[float, ...]) -> list[Floats]:
    """Of each slice's measured quotes the values that these parts of them do not exceed; a NaN exceeds everything."""
    table = _table(values, by, np.inf)
    table.sort(axis=1)
    rows = np.arange(by.counts.size)
    filled = by.counts > 0
    return [
        np.where(filled, table[rows, np.clip(np.ceil(part * by.counts).astype(np.intp) - 1, 0, table.shape[1] - 1)], np.nan)
        for part in parts
    ]
