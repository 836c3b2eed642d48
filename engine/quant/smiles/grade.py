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


class Grades(NamedTuple):
    """A number a slice; NaN where there is nothing to measure."""

    grades: Bytes
    """:class:`engine.quant.codes.FitGrade`."""
    reasons: Indices
    """:class:`engine.quant.codes.GradeReason` bits."""
    inside: Floats
    """Share of the measured quotes with the smile between bid and ask."""
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


def grade_slices(
    *, fitted_vols: Floats, quotes: ChosenQuotes, statuses: Bytes, degenerate: Bools, butterflies: Bools, falls: Floats
) -> Grades:
    """Grades of slices; ``fitted_vols`` is the smile at every quote, ``degenerate`` and the other flags are one a slice.

    ``falls``, of total variance from the expiry before, count as calendar arbitrage from the median width of the quotes on: a lesser one
    cannot be traded.
    """
    cut = quotes.segments
    with np.errstate(all="ignore"):
        width = np.fmax(quotes.ask_vols - quotes.bid_vols, LEAST_WIDTH)
        miss = np.where(quotes.measured, fitted_vols - quotes.vols, np.nan)
        residuals = miss / width
        sizes = np.abs(residuals)
        lenient = np.fmin(sizes / FAIR_WIDTHS, np.abs(miss) / FAIR_RESIDUAL)
    median, most = (_quantile(sizes, quotes, part) for part in (0.5, MOST))
    counts = np.bincount(cut.owner[quotes.measured], minlength=cut.pieces)
    near = [_near(quotes, place) for place in PLACES]
    worst, loose = ([_worst(values, which) for which in near] for values in (sizes, lenient))
    at = [picked(residuals, which[0]) for which in near]
    reasons = _reasons(quotes, statuses, worst, most, counts) | np.where(butterflies, GradeReason.BUTTERFLY, 0)
    reasons |= np.where(_crosses(falls, quotes, width), GradeReason.CALENDAR, 0) | np.where(degenerate, GradeReason.DEGENERATE, 0)
    fair = np.fmax(np.fmax(np.fmax(loose[0], loose[1]), loose[2]), _quantile(lenient, quotes, MOST)) <= 1.0
    fair &= statuses <= FitStatus.FEW_STRIKES
    failed = degenerate | (statuses == FitStatus.NO_QUOTES) | (counts == 0)
    failed |= (median > WORST_MEDIAN) & (_quantile(np.abs(miss), quotes, 0.5) > WORST_MISS)
    grades = np.select([failed, reasons == 0, fair], [FitGrade.FAILED, FitGrade.GOOD, FitGrade.FAIR], FitGrade.POOR).astype(np.int8)
    with np.errstate(all="ignore"):
        within = (fitted_vols >= quotes.bid_vols) & (fitted_vols <= quotes.ask_vols) & quotes.measured
        inside = np.bincount(cut.owner, weights=within, minlength=cut.pieces) / np.where(counts > 0, counts, np.nan)
    return Grades(grades, reasons, inside, median, most, at[0], at[1], at[2], residuals)


def _crosses(falls: Floats, quotes: ChosenQuotes, width: Floats) -> Bools:
    """Δw/(2σT) of a fall, σ the median of the slice, against the median width."""
    with np.errstate(all="ignore"):
        result: Bools = falls > _quantile(width, quotes, 0.5) * 2.0 * _quantile(quotes.vols, quotes, 0.5) * quotes.years
    return result


def _reasons(quotes: ChosenQuotes, statuses: Bytes, worst: list[Floats], most: Floats, counts: Indices) -> Indices:
    """Bits of what keeps a slice from being good, as far as the quotes tell."""
    cut = quotes.segments
    with np.errstate(all="ignore"):
        wings = np.fmax(worst[1], worst[2]) > GOOD_WIDTHS
        left = np.bincount(cut.owner[quotes.measured & (quotes.log_moneyness < 0.0)], minlength=cut.pieces)
        bits = (
            np.where(statuses != FitStatus.OK, GradeReason.FEW_STRIKES, 0)
            | np.where(~(most <= GOOD_WIDTHS) & (counts > 0), GradeReason.OUTSIDE_QUOTES, 0)
            | np.where(worst[0] > GOOD_WIDTHS, GradeReason.OFF_AT_THE_MONEY, 0)
            | np.where(wings, GradeReason.OFF_IN_THE_WINGS, 0)
            | np.where(counts == 0, GradeReason.NO_WIDTHS, 0)
            | np.where((left == 0) | (left == counts), GradeReason.NARROW, 0)
        )
    result: Indices = bits.astype(np.intp)
    return result


def _near(quotes: ChosenQuotes, place: float) -> list[Indices]:
    """The measured quotes about a checkpoint, nearest first: of each slice the first, the second and the third; -1 where none is near."""
    with np.errstate(all="ignore"):
        distance = np.abs(quotes.log_moneyness - place)
    near = np.flatnonzero(quotes.measured & (distance <= (np.inf if place == 0.0 else NEAR)))
    order = near[np.lexsort((distance[near], quotes.segments.owner[near]))]
    owner = quotes.segments.owner[order]
    counts = np.bincount(owner, minlength=quotes.segments.pieces)
    rank = np.arange(order.size) - (np.cumsum(counts) - counts)[owner]
    found = []
    for i in range(ABOUT):
        which = np.full(quotes.segments.pieces, -1, dtype=np.intp)
        which[owner[rank == i]] = order[rank == i]
        found.append(which)
    return found


def _worst(values: Floats, which: list[Indices]) -> Floats:
    """Of each slice the greatest of the values at these quotes; NaN where there is none."""
    worst = np.full(which[0].shape, np.nan)
    for positions in which:
        worst = np.fmax(worst, picked(values, positions))
    return worst


def _quantile(values: Floats, quotes: ChosenQuotes, part: float) -> Floats:
    """Of each slice's measured quotes the value that this part of them does not exceed."""
    known = np.flatnonzero(quotes.measured)
    owner = quotes.segments.owner[known]
    counts = np.bincount(owner, minlength=quotes.segments.pieces)
    found = np.full(quotes.segments.pieces, np.nan)
    if known.size:
        table = np.full((counts.size, int(counts.max())), np.inf)
        table[owner, np.arange(known.size) - (np.cumsum(counts) - counts)[owner]] = np.where(np.isnan(values[known]), np.inf, values[known])
        table.sort(axis=1)
        filled = np.flatnonzero(counts > 0)
        found[filled] = table[filled, np.clip(np.ceil(part * counts[filled]).astype(np.intp) - 1, 0, None)]
    return found
