"""How a forward is fitted to put-call parity: the numbers both tiers go by. :mod:`engine.quant.curves.forwards` tells why."""

from typing import Final

PAIRS: Final = 128
"""Most pairs of a European expiry that are looked at, those nearest to the money."""
AMERICAN_PAIRS: Final = 24
AMERICAN_NEARNESS: Final = 0.03
"""Distance from the money, a fraction, at which an American pair has half its weight."""
CONTRADICTING: Final = 0.05
"""A pair that puts the forward further than this fraction from where the middle pair puts it is wrong, however tightly quoted."""
LOWEST_RATE, HIGHEST_RATE = -0.05, 0.30
TUKEY: Final = 4.685
MAD_TO_DEVIATION: Final = 1.4826
WIDTH: Final = 3.0
"""Pairs quoted more than so many times as wide as the tightest tenth hardly count: wide quotes err together, and no mean heals that."""
COUNTED: Final = 0.01
"""Pairs with less than this part of the greatest weight are not counted as used."""
ITERATIONS: Final = 3
LEAST_SPREAD: Final = 1e-7
"""Of the strike: no pair is trusted beyond this, not even a locked one without a tick."""
LEAST_PRIOR: Final = 1e-12
"""Least deviation of the discount."""
LEAST_WEIGHT: Final = 1e-300
"""What a row without a pair weighs."""
STRIKE, CALL, PUT, CALL_SPREAD, PUT_SPREAD = range(5)
"""Rows of the quotes."""
TIME, TICK, INVERSE, AMERICAN, CHECKED, EXPECTED_RATE, RATE_DEVIATION = range(7)
"""Rows of what is known of each series: years, the least price step, three yes (1) or no (0), the last of which drops pairs that contradict
the middle one, and the prior on the rate."""
LEVEL, DISCOUNT, LEVEL_ERROR, DISCOUNT_ERROR, INFORMED, UNIT, COUNT, RESIDUAL = range(8)
"""Rows of a fitted line; the residual is in units."""
