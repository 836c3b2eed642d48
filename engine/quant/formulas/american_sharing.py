"""How the strikes of an expiry share a boundary: at which volatilities it is solved, how it runs between them, and by which method.

:mod:`engine.quant.american.sharing` tells why.
"""

from typing import Final

import numpy as np

from engine.quant.formulas.american_regimes import (
    ACCURATE,
    FAST,
    FAST_DRIFT,
    FAST_STEEP,
    FINE,
    FINE_DRIFT,
    FINE_STEEP,
    FINE_TWICE,
)

VOL_NODES: Final = 6
"""Volatilities at which a boundary is solved."""
WIDEST_NODES: Final = 16
"""Of any recipe's boundary."""
MARGIN: Final = 0.2
"""By which the range of volatilities is widened in ln σ, so that it never is a point."""
PLACES: Final = np.cos(np.arange(VOL_NODES) * np.pi / (VOL_NODES - 1))
"""The volatilities, from -1 to 1 in ln σ."""
FITTED: Final = np.linalg.inv(np.vander(PLACES, increasing=True))
"""From the depths at the volatilities to the coefficients of their polynomial."""
CARE: Final = np.zeros((FINE_STEEP + 1, 3), dtype=np.int8)
"""How careful each method is: 0 to 2 for the length of time, 0 to 2 for the drift, and whether there is anything to solve."""
for _method, _care in {
    FAST: (0, 0, 1),
    ACCURATE: (1, 0, 1),
    FINE: (2, 0, 1),
    FAST_DRIFT: (0, 1, 1),
    FINE_DRIFT: (2, 1, 1),
    FAST_STEEP: (0, 2, 1),
    FINE_STEEP: (2, 2, 1),
}.items():
    CARE[_method] = _care
MOST_CAREFUL: Final = np.array(
    [
        [FAST, FAST_DRIFT, FAST_STEEP],
        [ACCURATE, FAST_DRIFT, FAST_STEEP],
        [FINE, FINE_DRIFT, FINE_STEEP],
    ],
    dtype=np.int8,
)
LAST_WITHOUT_ONE: Final = FINE_TWICE
"""Of the methods in their order: those after it have one boundary."""
SPOT, YEARS, RATE, YIELD, SIGN, LOWEST, HIGHEST = range(7)
"""Rows of what the strikes of an expiry have in common."""
MIDDLE, HALF, LIMIT = range(3)
"""Rows of what a boundary is beside its coefficients: the middle of the range in ln σ, half its width, and ln X."""
VALUE, SLOPE, CURVE, DISTANCE = range(4)
"""Rows of a premium."""
NODES, POINTS, FORM, STEPS, ROOTS_AT, NODES_AT, POINTS_AT, SIZES_AT = range(8)
"""What is known of a recipe's tables in the row of its method: how many, the form of the fixed point, how many steps, where each begins,
and from the last column on the sizes of the steps."""
