# ruff: noqa: FBT001 - the search takes its two switches by position, as compiled code does
r"""GARCH(1,1) and GJR by exact Newton steps: the gradient and the Hessian of the likelihood come from the same pass over the returns.

    h_t = ω + a⁺ e²_{t-1} [e_{t-1} >= 0] + a⁻ e²_{t-1} [e_{t-1} < 0] + β h_{t-1}

with a⁺ = α, a⁻ = α + γ (T. Bollerslev, "Generalized Autoregressive Conditional Heteroskedasticity", Journal of Econometrics 31 (1986), p.
307; L. Glosten, R. Jagannathan and D. Runkle, Journal of Finance 48 (1993), p. 1779). First and second derivatives of h obey linear
recursions of the same β (G. Fiorentini, G. Calzolari and L. Panattoni, "Analytic Derivatives and the Computation of GARCH Estimates",
Journal of Applied Econometrics 11 (1996), p. 399). A returns' loss -ln f(e; h, ν), u = e²/h:

* normal: ½ (ln 2π + ln h + u);
* Student t of ν > 2 with variance h: ½ ln h + (ν+1)/2 ln(1 + u/(ν-2)) - ln Γ((ν+1)/2) + ln Γ(ν/2) + ½ ln(π(ν-2)).

The search runs over ln ω, the weights' log-odds (their sum, the persistence, is below 1 by construction: Σ weights + rest = 1) and ln(ν-2),
so that no step leaves the domain. Steps are Newton's, damped (Levenberg) where the Hessian is not positive; the end is a Newton decrement
gᵀH⁻¹g (twice the log-likelihood still to be had) under 1e-4, and one step more.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.formulas.inline import Inline

OMEGA, UP, DOWN, BETA, NU = range(5)
"""Rows of the natural parameters."""
NATURAL = 5
SETTLED = 1e-4
"""Below it one more step is taken and the search ends: inside the domain a step squares the decrement, which
leaves 1e-10 and less; at its edge, where it only falls by e, up to 1e-4 of log-likelihood."""
ROUNDS = 100
LONGEST_STEP = 2.5
DAMPING_START = 1e-3
DAMPING_GIVES_UP = 1e12
EDGE = 1e-4
"""A weight, or what is left to a persistence of 1, below this lies on the edge of the domain."""
NU_EDGE = 200.0
"""Degrees of freedom from which on a t is a normal."""
CONVERGED, AT_EDGE, NOT_CONVERGED = 0.0, 1.0, 2.0
SKETCHED = 512
"""The last returns, on which alone the starts are compared."""
STARTS = ((0.05, 0.97), (0.10, 0.97), (0.12, 0.85), (0.05, 0.50))
"""(reaction, persistence) of the likelihoods that are compared before the search."""
NU_START = 8.0
LOSS, ROUNDS_TAKEN, STATUS, DECREMENT = range(NATURAL, NATURAL + 4)
"""Rows of a fit after the natural parameters."""
FIT_ROWS = NATURAL + 4


def build_polygammas(inline: Inline) -> Callable[..., Any]:
    """ψ and ψ' of x > 0 by recurrence to 8 and the asymptotic series (Abramowitz and Stegun (1964), 6.3.18 and 6.4.12), to 1e-13."""

    @inline
    def polygammas(x: float) -> tuple[float, float]:
        first, second = 0.0, 0.0
        while x < 8.0:
            first -= 1.0 / x
            second += 1.0 / (x * x)
            x += 1.0
        r = 1.0 / (x * x)
        series = r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r * (1 / 132 - r * (691 / 32760 - r / 12))))))
        first += math.log(x) - 0.5 / x - series
        tail = r * (1 / 6 - r * (1 / 30 - r * (1 / 42 - r * (1 / 30 - r * (5 / 66 - r * (691 / 2730 - r * 7 / 6))))))
        second += 1.0 / x + 0.5 * r + tail / x
        return first, second

    return polygammas


def build_student_constant(inline: Inline) -> Callable[..., Any]:
    """The part of a t's loss that only knows ν, and its first two derivatives."""
    polygammas = build_polygammas(inline)

    @inline
    def constant(nu: float) -> tuple[float, float, float]:
        upper, lower = polygammas(0.5 * (nu + 1.0)), polygammas(0.5 * nu)
        value = math.lgamma(0.5 * nu) - math.lgamma(0.5 * (nu + 1.0)) + 0.5 * math.log(math.pi * (nu - 2.0))
        first = 0.5 * (lower[0] - upper[0]) + 0.5 / (nu - 2.0)
        second = 0.25 * (lower[1] - upper[1]) - 0.5 / ((nu - 2.0) * (nu - 2.0))
        return value, first, second

    return constant


def build_solve(inline: Inline) -> Callable[..., Any]:
    """Cholesky of H + damping diag(|H|) for a step s with (H + ...) s = -g; False where that is not positive definite."""

    @inline
    def solve(hessian: Floats, gradient: Floats, damping: float, size: int, factor: Floats, step: Floats) -> bool:
        for i in range(size):
            for j in range(i + 1):
                total = hessian[i, j]
                if i == j:
                    total += damping * (abs(hessian[i, i]) + 1e-8)
                for k in range(j):
                    total -= factor[i, k] * factor[j, k]
                if i == j:
                    if not total > 1e-14 * (abs(hessian[i, i]) + 1e-8):
                        return False
                    factor[i, i] = math.sqrt(total)
                else:
                    factor[i, j] = total / factor[j, j]
        for i in range(size):
            total = -gradient[i]
            for k in range(i):
                total -= factor[i, k] * step[k]
            step[i] = total / factor[i, i]
        for i in range(size - 1, -1, -1):
            total = step[i]
            for k in range(i + 1, size):
                total -= factor[k, i] * step[k]
            step[i] = total / factor[i, i]
        return True

    return solve


def build_fit(inline: Inline, loss: Callable[..., Any], derivatives: Callable[..., Any]) -> Callable[..., Any]:
    """The search. ``loss(returns, backcast, natural, student)`` is the sum of losses, ``derivatives`` also fills gradient and Hessian."""
    solve = build_solve(inline)

    @inline
    def place(x: Floats, weights: int, student: bool, asymmetric: bool, natural: Floats, shares: Floats) -> None:
        """Natural parameters and weights of a point of the search; nothing overflows, the highest log-odds being taken out first."""
        highest = 0.0
        for i in range(weights):
            highest = max(highest, x[1 + i])
        total = math.exp(-highest)
        for i in range(weights):
            shares[i] = math.exp(x[1 + i] - highest)
            total += shares[i]
        for i in range(weights):
            shares[i] /= total
        natural[OMEGA] = math.exp(x[0])
        if asymmetric:
            natural[UP], natural[DOWN], natural[BETA] = 2.0 * shares[0], 2.0 * shares[1], shares[2]
        else:
            natural[UP], natural[DOWN], natural[BETA] = shares[0], shares[0], shares[1]
        natural[NU] = 2.0 + math.exp(x[1 + weights]) if student else 0.0

    @inline
    def spread(i: int, asymmetric: bool, spreading: Floats) -> None:
        """What one weight is in natural parameters."""
        for k in range(NATURAL):
            spreading[k] = 0.0
        if asymmetric:
            spreading[1 + i] = 2.0 if i < 2 else 1.0
        elif i == 0:
            spreading[UP], spreading[DOWN] = 1.0, 1.0
        else:
            spreading[BETA] = 1.0

    @inline
    def carry_over(
        natural: Floats,
        shares: Floats,
        weights: int,
        student: bool,
        asymmetric: bool,
        g: Floats,
        H: Floats,
        gradient: Floats,
        hessian: Floats,
    ) -> None:
        """The chain rule from natural parameters to the search's own, with the curvature of the map."""
        size = weights + 1 + (1 if student else 0)
        jacobian = np.empty((NATURAL, size))
        by_weight, column = np.empty(weights), np.empty(NATURAL)
        for k in range(NATURAL):
            for j in range(size):
                jacobian[k, j] = 0.0
        jacobian[OMEGA, 0] = natural[OMEGA]
        if student:
            jacobian[NU, size - 1] = natural[NU] - 2.0
        for i in range(weights):
            spread(i, asymmetric, column)
            by_weight[i] = 0.0
            for k in range(NATURAL):
                by_weight[i] += g[k] * column[k]
                for j in range(weights):
                    slope = shares[i] * ((1.0 if i == j else 0.0) - shares[j])
                    jacobian[k, 1 + j] += column[k] * slope
        for a in range(size):
            gradient[a] = 0.0
            for k in range(NATURAL):
                gradient[a] += g[k] * jacobian[k, a]
            for b in range(size):
                total = 0.0
                for k in range(NATURAL):
                    for m in range(NATURAL):
                        total += jacobian[k, a] * H[k, m] * jacobian[m, b]
                hessian[a, b] = total
        hessian[0, 0] += g[OMEGA] * natural[OMEGA]
        if student:
            hessian[size - 1, size - 1] += g[NU] * (natural[NU] - 2.0)
        for j in range(weights):
            for k in range(weights):
                for i in range(weights):
                    first = (1.0 if i == k else 0.0) - shares[k]
                    second = (1.0 if i == j else 0.0) - shares[j]
                    third = shares[j] * ((1.0 if j == k else 0.0) - shares[k])
                    hessian[1 + j, 1 + k] += by_weight[i] * shares[i] * (first * second - third)

    @inline
    def begin(returns: Floats, backcast: float, asymmetric: bool, student: bool, x: Floats, natural: Floats, shares: Floats) -> None:
        """The best of a few points to start from, for returns of mean square 1."""
        weights = 3 if asymmetric else 2
        trial = np.empty(weights + 2)
        recent = returns[max(returns.size - SKETCHED, 0) :]
        best = math.inf
        for reaction, persistence in STARTS:
            rest = 1.0 - persistence
            trial[0] = math.log(rest)
            if asymmetric:
                trial[1], trial[2] = math.log(0.25 * reaction / rest), math.log(0.75 * reaction / rest)
            else:
                trial[1] = math.log(reaction / rest)
            trial[weights] = math.log((persistence - reaction) / rest)
            trial[weights + 1] = math.log(NU_START - 2.0)
            place(trial, weights, student, asymmetric, natural, shares)
            value = loss(recent, backcast, natural, student)
            if value < best:
                best = value
                for i in range(weights + 2):
                    x[i] = trial[i]

    def fit(returns: Floats, backcast: float, asymmetric: bool, student: bool, out: Floats) -> None:
        """Returns of mean square 1 and the variance before the first; ``out`` takes the rows named above."""
        weights = 3 if asymmetric else 2
        size = weights + 1 + (1 if student else 0)
        x, moved, step = np.empty(weights + 2), np.empty(weights + 2), np.empty(size)
        natural, shares, g, H = np.empty(NATURAL), np.empty(weights), np.empty(NATURAL), np.empty((NATURAL, NATURAL))
        gradient, hessian, factor = np.empty(size), np.empty((size, size)), np.empty((size, size))
        begin(returns, backcast, asymmetric, student, x, natural, shares)
        place(x, weights, student, asymmetric, natural, shares)
        value = derivatives(returns, backcast, natural, student, asymmetric, g, H)
        carry_over(natural, shares, weights, student, asymmetric, g, H, gradient, hessian)
        damping, decrement, status, rounds = 0.0, math.inf, NOT_CONVERGED, 0
        while rounds < ROUNDS:
            rounds += 1
            while not solve(hessian, gradient, damping, size, factor, step):
                damping = max(4.0 * damping, DAMPING_START)
            slope, longest = 0.0, 0.0
            for i in range(size):
                slope -= gradient[i] * step[i]
                longest = max(longest, abs(step[i]))
            if damping == 0.0:
                decrement = slope
                if slope < SETTLED:
                    status = CONVERGED
                    value -= 0.5 * slope
                    for i in range(size):
                        x[i] += step[i]
                    break
            shrink = min(1.0, LONGEST_STEP / longest)
            for i in range(weights + 2):
                moved[i] = x[i] + (shrink * step[i] if i < size else 0.0)
            place(moved, weights, student, asymmetric, natural, shares)
            found = derivatives(returns, backcast, natural, student, asymmetric, g, H)
            if found <= value:  # NaN is not
                value = found
                for i in range(weights + 2):
                    x[i] = moved[i]
                carry_over(natural, shares, weights, student, asymmetric, g, H, gradient, hessian)
                damping = 0.0 if damping <= DAMPING_START else 0.1 * damping
            else:
                damping = max(8.0 * damping, DAMPING_START)
                if damping > DAMPING_GIVES_UP:
                    break
        place(x, weights, student, asymmetric, natural, shares)
        rest, least = 1.0, 1.0
        for i in range(weights):
            rest -= shares[i]
            least = min(least, shares[i])
        if status == CONVERGED and (min(least, rest) < EDGE or natural[NU] > NU_EDGE):
            status = AT_EDGE
        for k in range(NATURAL):
            out[k] = natural[k]
        out[LOSS], out[ROUNDS_TAKEN], out[STATUS], out[DECREMENT] = value, float(rounds), status, decrement

    return fit
