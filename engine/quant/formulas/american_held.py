"""Where a share that pays cash dividends may stand before an ex-date, and the derivatives that a sum against a Gaussian gives.

:mod:`engine.quant.american.held` tells what they are for.
"""

from collections.abc import Callable
from typing import Any, Final

from engine.quant.formulas.primitives import Number, Primitives

REACH: Final = 6.5
"""Deviations to either side that are looked at; what lies beyond weighs 8e-11."""
LEAST_SHARE: Final = 0.01
"""Of the lowest share that is looked at without dividends: below it, where only very great ones lead, the value is that here."""
NO_SHARE: Final = 1e-12
"""Of the strike: what a share is worth that its dividends have used up."""
DERIVATIVES: Final = 5
"""Price and the derivatives against the spot up to the fourth."""


def build_edges(primitives: Primitives) -> Callable[..., Any]:
    """The logarithms of the share between which it stands just before an ex-date."""
    exp, log, maximum, sqrt = primitives.exp, primitives.log, primitives.maximum, primitives.sqrt

    @primitives.inline
    def edges(spot: Number, carry: Number, vol: Number, time: Number, paid: Number) -> tuple[Number, Number]:
        """Of the spot, and what dividends before have taken from the forward; above, the share itself is the weight of a call's value."""
        variance = vol * vol * time
        middle = log(spot) + carry * time
        reach = REACH * vol * sqrt(time)
        lowest = exp(middle - 0.5 * variance - reach)
        return log(maximum(lowest - paid, LEAST_SHARE * lowest)), middle + 0.5 * variance + reach

    return edges


def build_spot_derivatives(primitives: Primitives) -> Callable[..., Any]:
    """From moments against the Gaussian to derivatives."""

    @primitives.inline
    def spot_derivatives(
        price: Number, first: Number, second: Number, third: Number, fourth: Number, deviation: Number, spot: Number
    ) -> tuple[Number, ...]:
        """:data:`DERIVATIVES`, of the sums with Hermite's polynomials of order 0 to 4 in deviates of ln S."""
        by_one = first / deviation
        by_two = second / (deviation * deviation)
        by_three = third / (deviation * deviation * deviation)
        by_four = fourth / (deviation * deviation * deviation * deviation)
        square = spot * spot
        return (
            price,
            by_one / spot,
            (by_two - by_one) / square,
            (by_three - 3.0 * by_two + 2.0 * by_one) / (square * spot),
            (by_four - 6.0 * by_three + 11.0 * by_two - 6.0 * by_one) / (square * square),
        )

    return spot_derivatives
