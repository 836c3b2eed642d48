"""The cubic spline of total variance at a point, the equations of its smoothing, and how much of it there has to be; for both tiers.

P. J. Green and B. W. Silverman, "Nonparametric Regression and Generalized Linear Models" (1994), section 2.1 (value-second derivative form)
and section 2.3 (Reinsch's algorithm, whose matrix has five diagonals).
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.formulas.primitives import Number, Primitives
from engine.quant.formulas.svi_fit import REACH

SMOOTHINGS = (0.0, *(1e-8 * 10.0 ** (0.5 * i) for i in range(25)))
"""λ in units of the knots' own scale, to 1e4."""
STEEPEST = 2.0 * (1.0 - 1e-9)
"""Short of Lee's bound."""
CORNER = 1e-6
"""By so much a slope may be steeper inside the last knot than beyond it."""
LOOKED_AT = 301
"""Places of each range in which a spline is checked."""
LEAST_PART = 1e-3
"""Of the least variance quoted: the spline may not fall below."""
ROUNDING = 1e-9
TERMS = 9
"""Rows of what :func:`build_spline_fit` takes of every knot."""


def build_cubic(primitives: Primitives) -> Callable[..., Any]:
    """Value and two derivatives, straight beyond the last knots."""
    where = primitives.where

    @primitives.inline
    def cubic(
        left: Number,
        step: Number,
        level: Number,
        next_level: Number,
        bend: Number,
        next_bend: Number,
        below: Number,
        above: Number,
        slope_left: Number,
        slope_right: Number,
    ) -> tuple[Number, Number, Number]:
        """``left``: k less the knot before; ``below``, ``above``: how far k lies beyond the first and last knot, 0 where it does not."""
        right = step - left
        value = (left * next_level + right * level) / step
        value = value - left * right / 6.0 * ((1.0 + left / step) * next_bend + (1.0 + right / step) * bend)
        first = (next_level - level) / step - (next_bend - bend) * step / 6.0
        first = first + (next_bend * left * left - bend * right * right) / (2.0 * step)
        second = (right * bend + left * next_bend) / step
        outside = (below > 0.0) | (above > 0.0)
        slope = where(below > 0.0, slope_left, slope_right)
        edge = where(below > 0.0, level, next_level)
        return where(outside, edge + slope * (above - below), value), where(outside, slope, first), where(outside, 0.0, second)

    return cubic


def build_five_diagonals(compiled: Callable[..., Any]) -> Callable[..., Any]:
    """LDLᵀ of a positive definite matrix with the diagonal ``a`` and those beside it ``b`` and ``c``, and the solution."""

    @compiled
    def five_diagonals(a: Any, b: Any, c: Any, right: Any, d: Any, e: Any, f: Any, x: Any) -> None:
        """The solution into ``x``; ``d``, ``e`` and ``f`` are scratch. What is indexed may be numbers, or rows of as many systems."""
        count = len(right)
        for i in range(count):
            own, value = a[i], right[i]
            beside = b[i] if i + 1 < count else a[i]
            if i > 0:
                own = own - e[i - 1] * e[i - 1] * d[i - 1]
                value = value - e[i - 1] * x[i - 1]
                beside = beside - f[i - 1] * e[i - 1] * d[i - 1]
            if i > 1:
                own = own - f[i - 2] * f[i - 2] * d[i - 2]
                value = value - f[i - 2] * x[i - 2]
            d[i], x[i] = own, value
            e[i] = beside / own if i + 1 < count else 0.0 * own
            f[i] = c[i] / own if i + 2 < count else 0.0 * own
        for i in range(count - 1, -1, -1):
            value = x[i] / d[i]
            if i + 1 < count:
                value = value - e[i] * x[i + 1]
            if i + 2 < count:
                value = value - f[i] * x[i + 2]
            x[i] = value

    result: Callable[..., Any] = five_diagonals
    return result


def build_spline_fit(compiled: Callable[..., Any], look: Callable[..., Any]) -> Callable[..., Any]:
    """The least smoothed spline of one slice that is free of butterflies, from the tier's look at a spline.

    ``look(knots, w, curvatures, low, high, left, right, least)``: whether at :data:`LOOKED_AT` places from ``low`` to ``high`` w is above
    ``least`` and g nowhere below zero by more than a rounding; ``left`` and ``right`` are the slopes beyond the knots.

    The rows of ``terms``, of n knots with steps h and inverse steps i: 1/weight; of Q, whose column j stands at knots j to j + 2, the first
    and the last entry, i_j and i_(j+1), n - 2 of each; the diagonals of R, (h_j + h_(j+1))/3 and h_(j+1)/6; those of QᵀW⁻¹Q; and Qᵀy.
    """
    five_diagonals = build_five_diagonals(compiled)

    @compiled
    def slopes(knots: Floats, w: Floats, curvatures: Floats) -> tuple[float, float]:
        """dw/dk at the first and the last knot, where w'' is nothing."""
        n = knots.size
        if n < 2:
            return 0.0, 0.0
        first, last = knots[1] - knots[0], knots[n - 1] - knots[n - 2]
        left = (w[1] - w[0]) / first - first * curvatures[1] / 6.0
        right = (w[n - 1] - w[n - 2]) / last + last * curvatures[n - 2] / 6.0
        return left, right

    @compiled
    def wings(knots: Floats, w: Floats, curvatures: Floats) -> tuple[float, float]:
        """Those beyond the knots: never falling outwards, never steeper than Lee's bound."""
        left, right = slopes(knots, w, curvatures)
        return min(max(left, -STEEPEST), 0.0), min(max(right, 0.0), STEEPEST)

    @compiled
    def smooth(knots: Floats, level: Floats, terms: Floats, part: float, w: Floats, curvatures: Floats) -> None:
        """Reinsch: (R + λ QᵀW⁻¹Q) γ = Qᵀy, w = y - λ W⁻¹Qγ; λ is ``part`` of the knots' own scale."""
        n = knots.size
        w[:] = level
        curvatures[:] = 0.0
        if n < 3:
            return
        m = n - 2
        spread, first, last = terms[0], terms[1, :m], terms[2, :m]
        scale = part * terms[3, :m].sum() / terms[5, :m].sum()
        own, beside = terms[3, :m] + scale * terms[5, :m], terms[4, :m] + scale * terms[6, :m]
        gamma = np.empty(m)
        five_diagonals(own, beside, scale * terms[7, :m], terms[8, :m], np.empty(m), np.empty(m), np.empty(m), gamma)
        curvatures[1 : n - 1] = gamma
        if scale > 0.0:
            w[:m] -= scale * spread[:m] * first * gamma
            w[1 : n - 1] += scale * spread[1 : n - 1] * (first + last) * gamma
            w[2:] -= scale * spread[2:] * last * gamma

    @compiled
    def is_free_inside(knots: Floats, _level: Floats, w: Floats, curvatures: Floats) -> bool:
        """No g < 0 between the second knot and the last but one."""
        n = knots.size
        left, right = wings(knots, w, curvatures)
        return bool(n < 4 or look(knots, w, curvatures, knots[1], knots[n - 2], left, right, -math.inf))

    @compiled
    def is_free(knots: Floats, level: Floats, w: Floats, curvatures: Floats) -> bool:
        """No g < 0 and no variance near nothing, at the knots, between them and ten deviations out; no concave corner at the last knots."""
        n = knots.size
        least = level.min()
        if n == 1:
            return bool(least > 0.0)
        left, right = slopes(knots, w, curvatures)
        if left < -STEEPEST - CORNER or right > STEEPEST + CORNER:
            return False
        left, right = wings(knots, w, curvatures)
        reach = REACH * math.sqrt(max(w.max(), least))
        low, high = min(-reach, knots[0]), max(reach, knots[n - 1])
        if not look(knots, w, curvatures, knots[0], knots[n - 1], left, right, LEAST_PART * least):
            return False
        return bool(look(knots, w, curvatures, low, high, left, right, LEAST_PART * least))

    def first_that(free: Callable[..., Any]) -> Callable[..., Any]:
        """The search for the least smoothing of which this holds; the more smoothed a spline is, the more it is taken to."""

        @compiled
        def first(knots: Floats, level: Floats, terms: Floats, w: Floats, curvatures: Floats) -> int:
            """-1 where it holds of none."""
            last = len(SMOOTHINGS) - 1 if knots.size > 2 else 0
            low, high, found = 0, last, -1
            smooth(knots, level, terms, SMOOTHINGS[0], w, curvatures)
            if free(knots, level, w, curvatures):
                return 0
            if last > 0:
                smooth(knots, level, terms, SMOOTHINGS[last], w, curvatures)
                if free(knots, level, w, curvatures):
                    found = last
            while found >= 0 and high - low > 1:
                middle = (low + high) // 2
                smooth(knots, level, terms, SMOOTHINGS[middle], w, curvatures)
                if free(knots, level, w, curvatures):
                    high, found = middle, middle
                else:
                    low = middle
            return found

        search: Callable[..., Any] = first
        return search

    first_free, first_free_inside = first_that(is_free), first_that(is_free_inside)

    @compiled
    def fit(knots: Floats, level: Floats, terms: Floats, w: Floats, curvatures: Floats) -> tuple[float, float, float, float]:
        """W and w'' at the knots into place, and λ, 1 where there is arbitrage left, and the slopes beyond the knots."""
        arbitrage = 0.0
        found = first_free(knots, level, terms, w, curvatures)
        if found < 0:  # the wings cannot be had free of butterflies: at least between the quotes, else as quoted
            arbitrage = 1.0
            found = max(first_free_inside(knots, level, terms, w, curvatures), 0)
        smooth(knots, level, terms, SMOOTHINGS[found], w, curvatures)
        left, right = wings(knots, w, curvatures)
        return SMOOTHINGS[found], arbitrage, left, right

    result: Callable[..., Any] = fit
    return result
