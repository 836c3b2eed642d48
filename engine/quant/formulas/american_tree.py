r"""A binomial tree whose nodes straddle the strike at the end and hit the spot exactly now, and cash dividends on it.

D. P. J. Leisen and M. Reimer, "Binomial models for option valuation: examining and improving convergence", Applied Mathematical Finance 3
(1996), p. 319, section 4: with n odd, up and down probabilities are the Peizer-Pratt inversions of d2 and d1. The tree begins a few steps
before now, so that there are prices around the spot at time zero and a dividend of tomorrow falls among nodes.

A share falls by its dividend D on the ex-date (never below zero), so V(S) just before is V(S - D) just after, by the cubic through the four
nodes around S - D; linear interpolation would cost ten times the error. Where the ex-date falls between two levels, both are tried and
their values mixed in proportion: rounding the date would cost twice the error.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from engine.quant.formulas.primitives import Number, Primitives

DEEPEST = 1.5
"""Deviates beyond this times √n are placed here: there is no strike among such nodes to straddle."""
PLACINGS = 3
"""Rounds in which the beginning of the tree is found from which the spot is hit."""


class TreeFormulas(NamedTuple):
    """What the loops of a tier are made of."""

    terms: Callable[..., Any]
    divisors: Callable[..., Any]
    cubic: Callable[..., Any]


def build_terms(primitives: Primitives) -> Callable[..., Any]:
    """Where the nodes are and what a step is worth."""
    exp, log, log_ratio, sqrt = primitives.exp, primitives.log, primitives.log_ratio, primitives.sqrt
    minimum, maximum, where = primitives.minimum, primitives.maximum, primitives.where

    @primitives.inline
    def probability(deviate: Number, count: Number) -> Number:
        share = deviate / (count + 1.0 / 3.0 + 0.1 / (count + 1.0))
        half = 0.5 * sqrt(maximum(1.0 - exp(-share * share * (count + 1.0 / 6.0)), 0.0))
        return 0.5 + where(deviate >= 0.0, half, -half)

    @primitives.inline
    def terms(
        spot: Number, strike: Number, years: Number, vol: Number, rate: Number, dividend: Number, steps: Number, lead: Number
    ) -> tuple[Number, ...]:
        """The lowest spot at the end, what a step down multiplies by, up over down, and the discounted weights of up and down."""
        step = years / steps
        count = steps + lead
        span = step * count
        deviation = vol * sqrt(span)
        growth = exp((rate - dividend) * step)
        drift = (rate - dividend) * span - 0.5 * deviation * deviation
        deepest = DEEPEST * sqrt(count)
        begin = log_ratio(spot, strike)
        moneyness = begin
        up, down, weight = growth, growth, growth
        for _ in range(PLACINGS):
            d2 = minimum(maximum((begin + drift) / deviation, -deepest), deepest)
            weight = probability(d2, count)
            tilted = probability(d2 + deviation, count)
            up = growth * tilted / weight
            down = growth * (1.0 - tilted) / (1.0 - weight)
            begin = moneyness - 0.5 * lead * log(up * down)
        lowest = spot * exp(begin - moneyness + count * log(down))
        discount = exp(-rate * step)
        return lowest, down, up / down, discount * weight, discount * (1.0 - weight)

    return terms


def build_cubic(primitives: Primitives) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The cubic through four nodes whose spots are in the proportions 1, ρ, ρ², ρ³, by Lagrange's formula."""

    @primitives.inline
    def divisors(ratio: Number) -> tuple[Number, ...]:
        """ρ, ρ², ρ³ and one over the divisors of the four nodes."""
        square = ratio * ratio
        cube = square * ratio
        gap, wide, far = 1.0 - ratio, 1.0 - square, 1.0 - cube
        return (
            ratio,
            square,
            cube,
            1.0 / (gap * wide * far),
            -1.0 / (square * gap * gap * wide),
            1.0 / (cube * gap * gap * wide),
            -1.0 / (cube * gap * wide * far),
        )

    @primitives.inline
    def cubic(place: Number, divisors: tuple[Number, ...], first: Number, second: Number, third: Number, fourth: Number) -> Number:
        """At ``place`` times the first node's spot."""
        ratio, square, cube, by_first, by_second, by_third, by_fourth = divisors
        e0, e1, e2, e3 = place - 1.0, place - ratio, place - square, place - cube
        outer = e1 * e2
        inner = e0 * e3
        return outer * (first * by_first * e3 + fourth * by_fourth * e0) + inner * (second * by_second * e2 + third * by_third * e1)

    return divisors, cubic


def build_tree(primitives: Primitives) -> TreeFormulas:
    """Both of them in one tier's elementary functions."""
    return TreeFormulas(build_terms(primitives), *build_cubic(primitives))
