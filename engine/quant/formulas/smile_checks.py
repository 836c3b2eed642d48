"""Where a smile is looked at for arbitrage: evenly over a range, and closely about its bend, where g changes fastest."""

from collections.abc import Callable
from typing import Any

from engine.quant.formulas.primitives import Number, Primitives
from engine.quant.formulas.smile import build_durrleman, build_svi

EVEN = 161
"""Points over the range."""
BEND = 80
"""Points at m ± σ·y/(1-y²)^(1/2)-like distances, up to about thirty widths away."""
POINTS = EVEN + BEND
LEAST_VARIANCE = 1e-12


def build_places(primitives: Primitives) -> Callable[..., Any]:
    """Point ``j`` of the :data:`POINTS` at which a slice is checked."""
    where, absolute = primitives.where, primitives.absolute

    @primitives.inline
    def place(j: Number, low: Number, high: Number, m: Number, sigma: Number) -> Number:
        even = low + (high - low) * (j / (EVEN - 1.0))
        y = 2.0 * (j - EVEN + 0.5) / BEND - 1.0
        bend = m + sigma * y * 4.0 / (1.0 - 0.9 * absolute(y))
        return where(j < EVEN, even, bend)

    return place


def build_checked(primitives: Primitives) -> Callable[..., Any]:
    """Durrleman's g at a point of a raw SVI slice; far below zero where the total variance itself is not positive."""
    where, maximum = primitives.where, primitives.maximum
    svi = build_svi(primitives)
    durrleman = build_durrleman(primitives)

    @primitives.inline
    def checked(k: Number, a: Number, b: Number, rho: Number, m: Number, sigma: Number) -> Number:
        w, slope, curvature = svi(k, a, b, rho, m, sigma)
        g = durrleman(k, maximum(w, LEAST_VARIANCE), slope, curvature)
        return where(w > 0.0, g, where(w <= 0.0, -1.0, w))

    return checked
