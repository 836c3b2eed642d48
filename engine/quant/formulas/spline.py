"""The cubic spline of total variance at a point, and the equations of its smoothing; both for both tiers.

P. J. Green and B. W. Silverman, "Nonparametric Regression and Generalized Linear Models" (1994), section 2.1 (value-second derivative form)
and section 2.3 (Reinsch's algorithm, whose matrix has five diagonals).
"""

from collections.abc import Callable
from typing import Any

from engine.quant.formulas.primitives import Number, Primitives


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
