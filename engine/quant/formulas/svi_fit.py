r"""Quasi-explicit calibration of one raw SVI slice, written once for both tiers.

Zeliade Systems, "Quasi-explicit calibration of Gatheral's SVI model", white paper (2009), p. 3 ff.: for given (m, σ) the smile is linear in
three numbers. Here w = a + p (R + x) + q (R - x) with x = k - m, R = √(x² + σ²), p = b(1+ρ)/2, q = b(1-ρ)/2, so that Lee's bound on the
slopes of total variance, b(1 + |ρ|) <= 2 (R. W. Lee, "The moment formula for implied volatility at extreme strikes", Mathematical Finance
14 (2004), p. 469), is the box p, q <= 1 itself. Instead of the paper's a >= 0 the least total variance, a + 2σ√(pq), must not be negative;
where the free minimum would break that, a >= 0 is asked for.

Outside, (m, ln σ): a grid of starts, then from the best of each half of the grid Levenberg-Marquardt on the variable projection
(G. H. Golub and V. Pereyra, "Separable nonlinear least squares", Inverse Problems 19 (2003), p. R1, in L. Kaufman's form): the normal
equations of all five numbers with the inner ones that are free eliminated.

Where the quotes end, nothing holds a wing, and the best fit often bends into butterfly arbitrage (g < 0) there. Then the slope on that
side is bounded more and more tightly, as long as this costs the fit little; a smile whose quotes themselves are arbitrageable keeps it.

A slice of many quotes is gathered in cells of k (means by weight) for the starts and the repairs, so that what they cost does not grow with
the quotes; the last steps are taken on all of them.
"""

import math
from collections.abc import Callable
from typing import Any

from engine.quant.arrays import Floats
from engine.quant.formulas.smile import LEAST_PIVOT, build_box_quadratic

STEEPEST = 1.0 - 1e-9
"""Bound of p and q: half of Lee's 2, and short of it, so that the density has all its mass."""
CENTRES = (0.1, 0.3, 0.45, 0.6, 0.75, 0.9)
"""Starts of m, parts of the range of k."""
WIDTHS = (0.03, 0.08, 0.2, 0.5)
"""Starts of σ, parts of the range of k; from each half of them the best goes on."""
NARROWEST, WIDEST = 0.01, 5.0
"""Bounds of σ, parts of the range of k."""
STEPS = 40
TRIES, ROUGH_TRIES = 8, 3
"""Dampings tried before a step is given up: in the last descent, and between two repairs."""
SETTLED = 1e-10
"""A step that gains less than this part of the objective is the last."""
EXACT = 1e-26
"""Of the weighted squares of w: nothing is left to gain below."""
REPAIRS = 24
TIGHTER = 0.85
"""The bound of a wing's slope at each repair, a part of the slope before."""
ROUGHLY = 1e-3
"""As SETTLED, between two repairs."""
MANY, CELLS, LEAST_CELLS = 96, 64, 16
"""More points than the first are gathered in so many cells of k, if at least the last number of these are not empty."""
WORTH = 3.0
"""So many times the objective a smile free of butterflies may cost."""
ROUNDING = 1e-9
REACH = 10.0
"""Deviations to each side of the money in which no g < 0 is wanted, beside the quoted range."""


def build_svi_fit(
    compiled: Callable[..., Any],
    moments: Callable[..., Any],
    slopes: Callable[..., Any],
    least_g: Callable[..., Any],
    gathered: Callable[..., Any],
) -> Callable[..., Any]:
    """The fit of one slice, from the tier's two passes over its points and its look at g.

    ``gathered(k, w, t, low, high)``: the points' weighted means in cells of k, rising. ``moments(k, w, t, m, σ)``: the weighted sums of
    1, P, Q, P², PQ, Q², w, Pw, Qw with P = R + x, Q = R - x. ``slopes(k, w, t, m, σ, a, p, q)``: of the residual e = w - model and of the
    derivatives u in m and v in ln σ the weighted sums of e², ue, ve, u², uv, v², u, uP, uQ, v, vP, vQ. ``least_g(a, b, ρ, m, σ, low,
    high)``: the least g and where.
    """
    three = build_box_quadratic(compiled)

    @compiled
    def solved(sums: tuple[float, ...], sigma: float, caps: tuple[float, float, float]) -> tuple[float, float, float, float]:
        """The best (a, p, q) for these sums, and its objective less Σtw²."""
        top, cap_p, cap_q = caps
        one, tp, tq, pp, pq, qq, tw, pw, qw = sums
        a, p, q, value = three(one, tp, tq, pp, pq, qq, tw, pw, qw, -top, top, cap_p, cap_q)
        if a + 2.0 * sigma * math.sqrt(p * q) < 0.0:
            a, p, q, value = three(one, tp, tq, pp, pq, qq, tw, pw, qw, 0.0, top, cap_p, cap_q)
        return a, p, q, value

    @compiled
    def inner(
        k: Floats, w: Floats, t: Floats, m: float, sigma: float, caps: tuple[float, float, float]
    ) -> tuple[float, float, float, float, tuple[float, ...]]:
        """The best (a, p, q) for this (m, σ), its objective less Σtw², and the sums it came from."""
        sums = moments(k, w, t, m, sigma)
        a, p, q, value = solved(sums, sigma, caps)
        return a, p, q, value, sums

    @compiled
    def step(
        sums: tuple[float, ...], slope: tuple[float, ...], a: float, p: float, q: float, caps: tuple[float, float, float], damping: float
    ) -> tuple[float, float]:
        """The damped step in (m, ln σ), with those of a, p, q that are free eliminated."""
        top, cap_p, cap_q = caps
        one, tp, tq, pp, pq, qq, _, _, _ = sums
        _, ue, ve, uu, uv, vv, u1, up, uq, v1, vp, vq = slope
        if -top < a < top and a != 0.0:
            pp, pq, qq = pp - tp * tp / one, pq - tp * tq / one, qq - tq * tq / one
            up, uq, vp, vq = up - tp * u1 / one, uq - tq * u1 / one, vp - tp * v1 / one, vq - tq * v1 / one
            uu, uv, vv = uu - u1 * u1 / one, uv - u1 * v1 / one, vv - v1 * v1 / one
        if 0.0 < p < cap_p and pp > LEAST_PIVOT * sums[3]:
            qq, uq, vq = qq - pq * pq / pp, uq - pq * up / pp, vq - pq * vp / pp
            uu, uv, vv = uu - up * up / pp, uv - up * vp / pp, vv - vp * vp / pp
        if 0.0 < q < cap_q and qq > LEAST_PIVOT * sums[5]:
            uu, uv, vv = uu - uq * uq / qq, uv - uq * vq / qq, vv - vq * vq / qq
        uu = max(uu, LEAST_PIVOT * slope[3]) * (1.0 + damping)
        vv = max(vv, LEAST_PIVOT * slope[5]) * (1.0 + damping)
        determinant = uu * vv - uv * uv
        if not determinant > 0.0:
            return 0.0, 0.0
        return (ue * vv - ve * uv) / determinant, (ve * uu - ue * uv) / determinant

    @compiled
    def descend(
        k: Floats,
        w: Floats,
        t: Floats,
        m: float,
        width: float,
        low: float,
        span: float,
        caps: tuple[float, float, float],
        settled: float,
    ) -> tuple[float, float, float, float, float, float]:
        """Levenberg-Marquardt from (m, ln σ = width) until a step gains less than ``settled``: m, ln σ, a, p, q and the objective."""
        sigma = math.exp(width)
        a, p, q, _, sums = inner(k, w, t, m, sigma, caps)
        slope = slopes(k, w, t, m, sigma, a, p, q)
        narrow, wide = math.log(NARROWEST * span), math.log(WIDEST * span)
        nothing = EXACT * caps[0] * caps[0] * sums[0]
        damping = 1e-3
        tries = TRIES if settled < ROUGHLY else ROUGH_TRIES
        for _ in range(STEPS):
            gain = -1.0
            for _ in range(tries):
                dm, ds = step(sums, slope, a, p, q, caps, damping)
                new_m = min(max(m + min(max(dm, -0.5 * span), 0.5 * span), low - span), low + 2.0 * span)
                new_width = min(max(width + min(max(ds, -1.0), 1.0), narrow), wide)
                sigma = math.exp(new_width)
                new_a, new_p, new_q, _, new_sums = inner(k, w, t, new_m, sigma, caps)
                new_slope = slopes(k, w, t, new_m, sigma, new_a, new_p, new_q)
                gain = slope[0] - new_slope[0]
                if gain > 0.0:
                    break
                damping *= 10.0
            if not gain > 0.0:
                break
            done = gain <= settled * slope[0]
            m, width, a, p, q, sums, slope = new_m, new_width, new_a, new_p, new_q, new_sums, new_slope
            damping *= 0.1
            if done or slope[0] <= nothing:
                break
        return m, width, a, p, q, slope[0]

    @compiled
    def put(out: Floats, found: tuple[float, ...]) -> float:
        """The five numbers as they are known, and the objective back."""
        m, width, a, p, q, value = found
        b = p + q
        out[0], out[1], out[2], out[3], out[4] = a, b, 0.0, m, math.exp(width)
        if b > 0.0:
            out[2] = (p - q) / b
        return value

    @compiled
    def repair(
        k: Floats, w: Floats, t: Floats, found: tuple[float, ...], low: float, high: float, caps: tuple[float, float, float], limit: float
    ) -> tuple[bool, tuple[float, ...], tuple[float, float, float]]:
        """Bounds the slope of the wing that has g < 0 until none has: whether that could be had within the limit, the slice, the bounds."""
        m, width, a, p, q, _ = found
        root = math.sqrt(m * m + math.exp(2.0 * width))
        far = REACH * math.sqrt(max(a + p * (root - m) + q * (root + m), 0.0))
        top, cap_p, cap_q = caps
        for _ in range(REPAIRS):
            m, width, a, p, q, value = found
            b = p + q
            if not (b > 0.0 and value <= limit):
                break
            g, place = least_g(a, b, (p - q) / b, m, math.exp(width), min(low, -far), max(high, far))
            if g >= -ROUNDING:
                return True, found, (top, cap_p, cap_q)
            if place > m:
                cap_p = TIGHTER * p
            else:
                cap_q = TIGHTER * q
            found = descend(k, w, t, m, width, low, high - low, (top, cap_p, cap_q), ROUGHLY)
        return False, found, (top, cap_p, cap_q)

    @compiled
    def nearest_start(
        k: Floats, w: Floats, t: Floats, low: float, span: float, caps: tuple[float, float, float], half: int
    ) -> tuple[float, float, float]:
        """The best (m, ln σ) of half of the grid of starts, and half its objective less half Σtw²."""
        start, start_m, start_width = math.inf, low + 0.5 * span, math.log(WIDTHS[2 * half] * span)
        for j in range(2 * half, 2 * half + 2):
            for centre in CENTRES:
                _, _, _, value, _ = inner(k, w, t, low + centre * span, WIDTHS[j] * span, caps)
                if value < start:
                    start, start_m, start_width = value, low + centre * span, math.log(WIDTHS[j] * span)
        return start_m, start_width, start

    @compiled
    def started(k: Floats, w: Floats, t: Floats, low: float, span: float, caps: tuple[float, float, float]) -> tuple[float, ...]:
        """The best of the descents from the starts."""
        best = (low, 0.0, 0.0, 0.0, 0.0, math.inf)
        for half in range(2):
            start_m, start_width, _ = nearest_start(k, w, t, low, span, caps, half)
            found = descend(k, w, t, start_m, start_width, low, span, caps, SETTLED)
            if found[5] < best[5]:
                best = found
        return best

    @compiled
    def resumed(
        k: Floats, w: Floats, t: Floats, low: float, span: float, caps: tuple[float, float, float], m: float, sigma: float
    ) -> tuple[float, ...]:
        """The descent from where a fit stood before; where that is so wrong that a bare start is better, those from the starts."""
        fresh: tuple[float, ...]
        if not (abs(m) < math.inf and sigma > 0.0):
            fresh = started(k, w, t, low, span, caps)
            return fresh
        narrow, wide = math.log(NARROWEST * span), math.log(WIDEST * span)
        m, width = min(max(m, low - span), low + 2.0 * span), min(max(math.log(sigma), narrow), wide)
        found: tuple[float, ...] = descend(k, w, t, m, width, low, span, caps, SETTLED)
        squares = (t * w * w).sum()
        for half in range(2):
            if nearest_start(k, w, t, low, span, caps, half)[2] + 0.5 * squares < 0.5 * found[5]:
                fresh = started(k, w, t, low, span, caps)
                return fresh
        return found

    @compiled
    def fit(k: Floats, w: Floats, t: Floats, start_m: float, start_sigma: float, out: Floats) -> float:
        """(a, b, ρ, m, σ) into ``out`` and the weighted sum of squares back; at least five points of positive weight, not all at one k.

        The fit begins at (``start_m``, ``start_sigma``) of one before, or, where these are NaN, at the grid of starts.
        """
        low, high, top = k[0], k[0], w[0]
        for i in range(1, k.size):
            low, high, top = min(low, k[i]), max(high, k[i]), max(top, w[i])
        span = high - low
        x, y, z = k, w, t
        if k.size > MANY:
            x, y, z = gathered(k, w, t, low, high)
        if x.size < LEAST_CELLS:
            x, y, z = k, w, t
        caps = (top, STEEPEST, STEEPEST)
        rough = resumed(x, y, z, low, span, caps, start_m, start_sigma)
        best = rough
        if x.size < k.size:
            best = descend(k, w, t, rough[0], rough[1], low, span, caps, SETTLED)
        scatter = best[5] - rough[5]  # of points within their cells
        limit = WORTH * best[5]
        free, near, caps = repair(x, y, z, rough, low, high, caps, limit - scatter)
        if free:
            near = descend(k, w, t, near[0], near[1], low, span, caps, SETTLED)
            free, near, _ = repair(k, w, t, near, low, high, caps, limit)
        value: float = put(out, near if free else best)
        return value

    result: Callable[..., Any] = fit
    return result
