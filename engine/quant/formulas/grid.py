"""Between the nodes of a grid: the cubic through four equidistant values that both tiers read by.

E. Catmull and R. Rom, "A class of local interpolating splines", in Computer Aided Geometric Design (1974), p. 317.
"""

from collections.abc import Callable
from typing import Any

from engine.quant.formulas.inline import Inline
from engine.quant.formulas.primitives import Number


def build_cubic(inline: Inline) -> Callable[..., Any]:
    """The reading at a place between the second and the third of four values."""

    @inline
    def cubic(a: Number, b: Number, c: Number, d: Number, t: Number) -> Number:
        """At the part ``t`` of the way; the slopes at b and c are those between their neighbours."""
        return b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))

    return cubic
