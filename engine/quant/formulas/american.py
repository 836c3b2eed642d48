r"""The exercise boundary of an American put and its early-exercise premium, node by node; a call is the put of swapped terms.

Unit strike; s spot, τ time left, r rate, q yield, b = r - q, σ volatility, all a year; X = min(1, r/q), the boundary at τ = 0. With
dev = σ√(τ-u) and d∓ = (ln(B(τ)/B(u)) + b (τ-u)) / dev ∓ dev/2, the boundary solves B = e^(-bτ) N/D (L. Andersen, M. Lake, D. Offengenden,
"High-performance American option pricing", Journal of Computational Finance 20 (2016), p. 39), where at B(τ)

* form A (smooth pasting): N = φ(d-)/(σ√τ) + r ∫ e^(ru) φ(d-)/dev du,  D = φ(d+)/(σ√τ) + N(d+) + q ∫ e^(qu) (N(d+) + φ(d+)/dev) du;
* form B (value matching): N = N(d-) + r ∫ e^(ru) N(d-) du,            D = N(d+) + q ∫ e^(qu) N(d+) du.

A contracts to about a quarter a step, but its sign alternates and it diverges where the drift b√τ/σ exceeds about 1; B always contracts,
slowly where A is quick. Integrals run over z = √(τ-u), in which the integrands are smooth; ln²(B/X) is the interpolated quantity.

Starting guess: G. Barone-Adesi and R. Whaley, "Efficient analytic approximation of American option values", Journal of Finance 42 (1987),
p. 301, by Newton's method from P. Bjerksund and G. Stensland, "Closed-form approximation of American options", Scandinavian
Journal of Management 9 (1993), p. 87. The premium is that of I. J. Kim, "The analytic valuation of American options", Review of
Financial Studies 3 (1990), p. 547: r ∫ e^(-rv) N(-d-) dv - q s ∫ e^(-qv) N(-d+) dv, with s in place of B(τ).

Two boundaries. For q < r < 0 exercise pays r - q s only above r/q, and it is exercised between Y(τ), which rises from r/q, and B(τ), which
falls from 1, until they meet at some τ*, if ever (L. Andersen and M. Lake, "Fast American option pricing: the double-boundary case",
Wilmott (2021)). Till then a path from above B comes to Y only through where it is exercised, so that either boundary is found as if the
other were not: B as that of one boundary, X = 1, and Y as that of a share which is handed over for the strike in the end in any case. Over
1/s, with r and q changed over, 1/Y falls from X = q/r, and of the form B only what is earned is left:

* form E: N = r ∫ e^(ru) N(d-) du,  D = q ∫ e^(qu) N(d+) du.

The premium is the integral above with B less that with Y, over u < τ* alone.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from engine.quant.formulas.american_normal import build_normal
from engine.quant.formulas.black import INVERSE_SQRT_2_PI
from engine.quant.formulas.primitives import Number, Primitives

PLAIN, MIXED, MATCHED, EARNED = 0, 1, 2, 3
"""Fixed points: form A; form A with each step mixed with the one before, which tames its oscillation; form B, mixed for speed; the same
without the payoff's terms, for the lower one of two boundaries."""
TINY = 1e-300
LEAST_DEPTH = 1e-12
"""How far below its limit ln(B/X) is kept; it is 0 at τ = 0 alone."""
NEWTON_STEPS = 2
"""Of the starting guess."""
FARTHEST_TRIGGER = 1e4
SMALL_GROWTH = 1e-4
"""Below this rτ the ratio r / (1 - e^(-rτ)) comes from its series, error (rτ)⁴/720."""
LEAST_STEP = 0.2
"""A Newton step of the guess may not go below this part of the boundary it starts from."""
NEAR_THE_END = 8.0 * math.pi
"""ln(B)² is σ²τ ln(σ² / (8π b²τ)) near the end where r > q (J. D. Evans, R. Kuske and J. B. Keller, "American options on assets with
dividends near expiry", Mathematical Finance 12 (2002), p. 219): the first guess of an upper boundary."""
LOWER_DEPTH = 0.5
"""Of the first guess of a lower boundary: so many deviations σ√τ from its limit."""


class AmericanFormulas(NamedTuple):
    """What the loops of a tier are made of."""

    limit: Callable[..., Any]
    perpetual: Callable[..., Any]
    first_guess: Callable[..., Any]
    better_guess: Callable[..., Any]
    upper_guess: Callable[..., Any]
    lower_guess: Callable[..., Any]
    pasting_terms: Callable[..., Any]
    matching_terms: Callable[..., Any]
    pasted: Callable[..., Any]
    matched: Callable[..., Any]
    earned: Callable[..., Any]
    premium_terms: Callable[..., Any]


def build_deviates(primitives: Primitives) -> Callable[..., Any]:
    """d- and d+ over a stretch of time, each with its exp(-d²/2)."""
    exp = primitives.exp

    @primitives.inline
    def deviates(log_ratio: Number, root: Number, carry: Number, vol: Number) -> tuple[Number, ...]:
        """Of ln(spot over boundary) and the root of the time between: 1/deviation, d-, d+, and their masses."""
        deviation = vol * root
        inverse = 1.0 / deviation
        lower = (log_ratio + carry * root * root) * inverse - 0.5 * deviation
        upper = lower + deviation
        return inverse, lower, upper, exp(-0.5 * lower * lower), exp(-0.5 * upper * upper)

    return deviates


def build_limits(primitives: Primitives) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """X as a logarithm, and the perpetual call trigger of the swapped problem that the first guess leans on."""
    log_ratio, sqrt, where = primitives.log_ratio, primitives.sqrt, primitives.where
    minimum, maximum = primitives.minimum, primitives.maximum

    @primitives.inline
    def limit(rate: Number, dividend: Number) -> Number:
        """That of min(1, r/q) for r > 0, or r = 0 > q; where both are negative 1 for q < r, and r/q > 1 of what is changed over."""
        below = dividend > rate
        return where(below, log_ratio(where(below, rate, 1.0), where(below, dividend, 1.0)), 0.0)

    @primitives.inline
    def perpetual(rate: Number, dividend: Number, vol: Number, nearest: Number) -> Number:
        """1/B at infinite time, a little beyond ``nearest`` = 1/X at least, and finite where it is never reached."""
        variance = vol * vol
        half = 0.5 + (rate - dividend) / variance
        beta = half + sqrt(maximum(half * half + 2.0 * dividend / variance, 0.0))
        return minimum(maximum(beta / maximum(beta - 1.0, 1e-9), nearest * 1.0001), nearest * FARTHEST_TRIGGER)

    return limit, perpetual


def build_guesses(primitives: Primitives, normal: Callable[..., Any], deviates: Callable[..., Any]) -> tuple[Callable[..., Any], ...]:
    """Logarithms of B at a time: Bjerksund and Stensland's trigger, and one Newton step from there towards Barone-Adesi and Whaley's."""
    exp, log, sqrt, maximum, minimum = primitives.exp, primitives.log, primitives.sqrt, primitives.maximum, primitives.minimum
    where = primitives.where

    @primitives.inline
    def first_guess(root: Number, carry: Number, vol: Number, nearest: Number, farthest: Number) -> Number:
        deviation = vol * root
        speed = minimum(carry * root * root - 2.0 * deviation, -0.5 * deviation) * nearest / (farthest - nearest)
        return -log(nearest + (farthest - nearest) * (1.0 - exp(speed)))

    @primitives.inline
    def better_guess(guess: Number, root: Number, rate: Number, dividend: Number, vol: Number, limit: Number) -> Number:
        carry = rate - dividend
        years = root * root
        growth = rate * years
        series = (1.0 + growth * (0.5 + growth / 12.0)) / years
        paid = where(growth < SMALL_GROWTH, series, rate / where(growth < SMALL_GROWTH, 1.0, 1.0 - exp(-growth)))
        variance = vol * vol
        slope = 2.0 * carry / variance - 1.0
        inner = 8.0 * paid / variance
        radical = sqrt(slope * slope + inner)
        power = where(slope > 0.0, -0.5 * (slope + radical), -0.5 * inner / (radical - slope))
        inverse, lower, upper, lower_mass, upper_mass = deviates(guess, root, carry, vol)
        kept = exp(-dividend * years)
        below = normal(-upper, upper_mass)
        boundary = exp(guess)
        put = exp(-growth) * normal(-lower, lower_mass) - boundary * kept * below
        value = (1.0 - kept * below) * boundary + power * (1.0 - boundary - put)
        derivative = (1.0 - kept * below) * (1.0 - power) + kept * INVERSE_SQRT_2_PI * upper_mass * inverse
        moved = maximum(boundary - value / derivative, LEAST_STEP * boundary)
        return minimum(log(maximum(moved, TINY)), limit - LEAST_DEPTH)

    return first_guess, better_guess


def build_corridor_guesses(primitives: Primitives) -> tuple[Callable[..., Any], ...]:
    """Logarithms of B, of the upper one of two boundaries and of the lower one changed over."""
    log, sqrt, maximum = primitives.log, primitives.sqrt, primitives.maximum

    @primitives.inline
    def upper_guess(root: Number, carry: Number, vol: Number) -> Number:
        drift = carry * root / vol
        return -vol * root * sqrt(maximum(-log(maximum(NEAR_THE_END * drift * drift, TINY)), 1.0))

    @primitives.inline
    def lower_guess(root: Number, vol: Number, limit: Number) -> Number:
        return limit - LOWER_DEPTH * vol * root

    return upper_guess, lower_guess


def build_terms(normal: Callable[..., Any], deviates: Callable[..., Any], primitives: Primitives) -> tuple[Callable[..., Any], ...]:
    """The integrands of N and D at one node of the quadrature, in both forms."""
    exp, sqrt, maximum = primitives.exp, primitives.sqrt, primitives.maximum

    @primitives.inline
    def pasting_terms(
        gap: Number, square: Number, root: Number, past: Number, weight: Number, rate: Number, dividend: Number, vol: Number
    ) -> tuple[Number, Number]:
        """Of gap = ln(B(τ)/X), square = ln²(B(u)/X), root = √(τ-u), past = u and the weight in years."""
        inverse, _, upper, lower_mass, upper_mass = deviates(gap + sqrt(maximum(square, 0.0)), root, rate - dividend, vol)
        dense = INVERSE_SQRT_2_PI * inverse
        numerator = weight * rate * exp(rate * past) * dense * lower_mass
        return numerator, weight * dividend * exp(dividend * past) * (normal(upper, upper_mass) + dense * upper_mass)

    @primitives.inline
    def matching_terms(
        gap: Number, square: Number, root: Number, past: Number, weight: Number, rate: Number, dividend: Number, vol: Number
    ) -> tuple[Number, Number]:
        _, lower, upper, lower_mass, upper_mass = deviates(gap + sqrt(maximum(square, 0.0)), root, rate - dividend, vol)
        numerator = weight * rate * exp(rate * past) * normal(lower, lower_mass)
        return numerator, weight * dividend * exp(dividend * past) * normal(upper, upper_mass)

    return pasting_terms, matching_terms


def build_fixed_points(primitives: Primitives, normal: Callable[..., Any], deviates: Callable[..., Any]) -> tuple[Callable[..., Any], ...]:
    """The next ln B from the integrals at the present one, in both forms; where nothing is left of N or D it stays."""
    log, maximum, minimum, where = primitives.log, primitives.maximum, primitives.minimum, primitives.where

    @primitives.inline
    def quotient(present: Number, numerator: Number, denominator: Number, drift: Number, limit: Number) -> Number:
        usable = (numerator > TINY) & (denominator > TINY)
        ratio = where(usable, numerator, 1.0) / where(usable, denominator, 1.0)
        moved = where(usable, log(maximum(ratio, TINY)) - drift, present)
        return minimum(moved, limit - LEAST_DEPTH)

    @primitives.inline
    def pasted(
        present: Number, numerator: Number, denominator: Number, root: Number, rate: Number, dividend: Number, vol: Number, limit: Number
    ) -> Number:
        carry = rate - dividend
        inverse, _, upper, lower_mass, upper_mass = deviates(present, root, carry, vol)
        dense = INVERSE_SQRT_2_PI * inverse
        above = numerator + dense * lower_mass
        below = denominator + normal(upper, upper_mass) + dense * upper_mass
        return quotient(present, above, below, carry * root * root, limit)

    @primitives.inline
    def matched(
        present: Number, numerator: Number, denominator: Number, root: Number, rate: Number, dividend: Number, vol: Number, limit: Number
    ) -> Number:
        carry = rate - dividend
        _, lower, upper, lower_mass, upper_mass = deviates(present, root, carry, vol)
        above = numerator + normal(lower, lower_mass)
        below = denominator + normal(upper, upper_mass)
        return quotient(present, above, below, carry * root * root, limit)

    @primitives.inline
    def earned(
        present: Number, numerator: Number, denominator: Number, root: Number, rate: Number, dividend: Number, limit: Number
    ) -> Number:
        """Both integrals are negative, as rate and yield are."""
        return quotient(present, -numerator, -denominator, (rate - dividend) * root * root, limit)

    return pasted, matched, earned


def build_premium_terms(primitives: Primitives, normal: Callable[..., Any], deviates: Callable[..., Any]) -> Callable[..., Any]:
    """The premium's integrand and its first three derivatives against the spot."""
    exp = primitives.exp

    @primitives.inline
    def premium_terms(
        distance: Number, spot: Number, root: Number, weight: Number, rate: Number, dividend: Number, vol: Number
    ) -> tuple[Number, ...]:
        """Of distance = ln(s/B(u)); the derivatives are those of the integrand at a fixed boundary, which depends on no spot."""
        years = root * root
        inverse, lower, upper, lower_mass, upper_mass = deviates(distance, root, rate - dividend, vol)
        interest = weight * rate * exp(-rate * years)
        dividends = weight * dividend * exp(-dividend * years)
        over_spot = 1.0 / spot
        strike_density = interest * INVERSE_SQRT_2_PI * lower_mass * inverse * over_spot
        spot_density = dividends * INVERSE_SQRT_2_PI * upper_mass * inverse
        steep_lower = 1.0 + lower * inverse
        steep_upper = 1.0 - upper * inverse
        falling = dividends * normal(-upper, upper_mass)
        square_inverse = inverse * inverse
        return (
            interest * normal(-lower, lower_mass) - spot * falling,
            spot_density - strike_density - falling,
            (strike_density * steep_lower + spot_density * steep_upper) * over_spot,
            (
                strike_density * (square_inverse - steep_lower * (1.0 + steep_lower))
                - spot_density * (square_inverse + steep_upper * (1.0 + upper * inverse))
            )
            * over_spot
            * over_spot,
        )

    return premium_terms


def build_american(primitives: Primitives) -> AmericanFormulas:
    """All of them in one tier's elementary functions."""
    normal = build_normal(primitives)
    deviates = build_deviates(primitives)
    limit, perpetual = build_limits(primitives)
    first_guess, better_guess = build_guesses(primitives, normal, deviates)
    upper_guess, lower_guess = build_corridor_guesses(primitives)
    pasting_terms, matching_terms = build_terms(normal, deviates, primitives)
    pasted, matched, earned = build_fixed_points(primitives, normal, deviates)
    premium_terms = build_premium_terms(primitives, normal, deviates)
    return AmericanFormulas(
        limit=limit,
        perpetual=perpetual,
        first_guess=first_guess,
        better_guess=better_guess,
        upper_guess=upper_guess,
        lower_guess=lower_guess,
        pasting_terms=pasting_terms,
        matching_terms=matching_terms,
        pasted=pasted,
        matched=matched,
        earned=earned,
        premium_terms=premium_terms,
    )
