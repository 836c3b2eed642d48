r"""The raw SVI smile, what it implies at a point, and the least squares inside its calibration; all of them for both tiers.

J. Gatheral and A. Jacquier, "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14 (2014), p. 59 (arXiv:1204.0646): raw SVI,
eq. 3.1,

    w(k) = a + b (ρ (k - m) + √((k - m)² + σ²)),  k = ln(K/F),  w = (implied volatility)² T,

and the function whose sign is that of the density, eq. 2.1 (V. Durrleman): g = (1 - k w'/(2w))² - w'²/4 (1/w + 1/4) + w''/2.
"""

import math
from collections.abc import Callable
from typing import Any

from engine.quant.formulas.primitives import Number, Primitives

LEAST_PIVOT = 1e-13
"""Of its diagonal: columns closer to one another than this are taken as one."""


def build_svi(primitives: Primitives) -> Callable[..., Any]:
    """Total variance and its first two derivatives in k."""
    sqrt = primitives.sqrt

    @primitives.inline
    def svi(k: Number, a: Number, b: Number, rho: Number, m: Number, sigma: Number) -> tuple[Number, Number, Number]:
        x = k - m
        root = sqrt(x * x + sigma * sigma)
        flat = sigma / root
        return a + b * (rho * x + root), b * (rho + x / root), b * flat * flat / root

    return svi


def build_durrleman(primitives: Primitives) -> Callable[..., Any]:
    """Durrleman's g of a smile at one point; the density is not negative where it is not."""

    @primitives.inline
    def durrleman(k: Number, w: Number, slope: Number, curvature: Number) -> Number:
        straight = 1.0 - 0.5 * k * slope / w
        return straight * straight - 0.25 * slope * slope * (1.0 / w + 0.25) + 0.5 * curvature

    return durrleman


def build_box_quadratic(compiled: Callable[..., Any]) -> Callable[..., Any]:
    """The exact minimum of a convex quadratic in three variables on a box.

    If the free minimum lies outside, then at least one of the bounds that it breaks is active at the answer (else a small move towards it
    would do better), so that only those faces are looked at, each a problem in two variables of the same kind.
    """

    @compiled
    def two(
        a: float, b: float, c: float, f: float, g: float, low_x: float, high_x: float, low_y: float, high_y: float
    ) -> tuple[float, float, float]:
        """Least ½ax² + bxy + ½cy² - fx - gy: where and how much."""
        rest = max(c - b * b / a, LEAST_PIVOT * c)
        y = (g - b * f / a) / rest
        x = (f - b * y) / a
        found_x, found_y, least = x, y, math.inf
        if low_x <= x <= high_x and low_y <= y <= high_y:
            return x, y, 0.5 * (a * x * x + c * y * y) + b * x * y - f * x - g * y
        if not low_x <= x <= high_x:
            edge = low_x if x < low_x else high_x
            other = min(max((g - b * edge) / c, low_y), high_y)
            value = 0.5 * (a * edge * edge + c * other * other) + b * edge * other - f * edge - g * other
            found_x, found_y, least = edge, other, value
        if not low_y <= y <= high_y:
            edge = low_y if y < low_y else high_y
            other = min(max((f - b * edge) / a, low_x), high_x)
            value = 0.5 * (a * other * other + c * edge * edge) + b * edge * other - f * other - g * edge
            if value < least:
                found_x, found_y, least = other, edge, value
        return found_x, found_y, least

    @compiled
    def three(
        a: float,
        b: float,
        c: float,
        d: float,
        e: float,
        f: float,
        r: float,
        s: float,
        t: float,
        low: float,
        high: float,
        cap_y: float,
        cap_z: float,
    ) -> tuple[float, float, float, float]:
        """Least ½ v'Gv - h'v with G = [[a, b, c], [b, d, e], [c, e, f]], h = (r, s, t), on [low, high] x [0, cap_y] x [0, cap_z]."""
        first = max(d - b * b / a, LEAST_PIVOT * d)
        cross = e - b * c / a
        second = max(f - c * c / a - cross * cross / first, LEAST_PIVOT * f)
        middle = s - b * r / a
        z = (t - c * r / a - cross * middle / first) / second
        y = (middle - cross * z) / first
        x = (r - b * y - c * z) / a
        if low <= x <= high and 0.0 <= y <= cap_y and 0.0 <= z <= cap_z:
            return x, y, z, -0.5 * (r * x + s * y + t * z)
        found_x, found_y, found_z, least = low, 0.0, 0.0, math.inf
        if not low <= x <= high:
            edge = low if x < low else high
            p, q, value = two(d, e, f, s - b * edge, t - c * edge, 0.0, cap_y, 0.0, cap_z)
            value += 0.5 * a * edge * edge - r * edge
            found_x, found_y, found_z, least = edge, p, q, value
        if not 0.0 <= y <= cap_y:
            edge = 0.0 if y < 0.0 else cap_y
            p, q, value = two(a, c, f, r - b * edge, t - e * edge, low, high, 0.0, cap_z)
            value += 0.5 * d * edge * edge - s * edge
            if value < least:
                found_x, found_y, found_z, least = p, edge, q, value
        if not 0.0 <= z <= cap_z:
            edge = 0.0 if z < 0.0 else cap_z
            p, q, value = two(a, b, d, r - c * edge, s - e * edge, low, high, 0.0, cap_y)
            value += 0.5 * f * edge * edge - t * edge
            if value < least:
                found_x, found_y, found_z, least = p, q, edge, value
        return found_x, found_y, found_z, least

    result: Callable[..., Any] = three
    return result
