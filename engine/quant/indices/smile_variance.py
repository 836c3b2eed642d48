r"""The variance that a whole smile pays for: the same strip as the VIX's, over a fitted curve instead of quotes.

    σ² = (2/T) ∫ Q(K)/K² dK = (2/T) ∫ Q(F e^k)/(F e^k) dk,  Q the undiscounted out-of-the-money Black value

(K. Demeterfi, E. Derman, M. Kamal, J. Zou, "More Than You Ever Wanted To Know About Volatility Swaps", Goldman Sachs (1999), eq. 26, with
the forward as boundary). Indices of coin options such as Deribit's DVOL integrate a smile too; their curve and filters are the venue's own,
so a number from here is of their kind and not theirs.
"""

from collections.abc import Callable

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.european.black import prices

DEVIATIONS = 8.0
"""How far the strip goes at first, in at-the-money standard deviations ..."""
WIDENINGS = 4
"""... and how often it is doubled while its ends still pay: a steep wing has a long tail."""
WORTHLESS = 1e-12
"""A part of the at-the-money value."""
STEEPEST = 10.0
"""1000 % a year: a wing beyond is unknown."""
STEPS = 1000
"""To either side; even, so that the kink at the money is where two of Simpson's intervals meet."""


def smile_variance(*, vols_at: Callable[[Floats], Floats], years: float) -> float:
    """σ² a year of one expiry; ``vols_at`` gives the volatility at log-moneyness ln(K/F). NaN where the smile is unknown at the money,
    or where a wing is so steep that its options never become worthless.

    A flat smile pays its own square:

    >>> round(smile_variance(vols_at=lambda k: 0.2 + 0.0 * k, years=0.25), 10)
    0.04
    """
    middle = float(vols_at(np.zeros(1))[0])
    if not (middle > 0.0 and years > 0.0):
        return float("nan")
    reach = DEVIATIONS * middle * np.sqrt(years)
    for _ in range(WIDENINGS):
        ends, center = _paid(np.array([-reach, reach]), vols_at, years), _paid(np.zeros(1), vols_at, years)
        if ends.max() <= WORTHLESS * center[0]:
            break
        reach *= 2.0
    else:
        return float("nan")
    k = np.linspace(-reach, reach, 2 * STEPS + 1)
    weights = np.full(k.size, 2.0)
    weights[1::2] = 4.0
    weights[0] = weights[-1] = 1.0
    return float(2.0 / years * np.sum(weights * _paid(k, vols_at, years)) * (k[1] - k[0]) / 3.0)


def _paid(k: Floats, vols_at: Callable[[Floats], Floats], years: float) -> Floats:
    """Q(F e^k)/(F e^k)."""
    vols = vols_at(k)
    known = np.where(vols < STEEPEST, vols, np.nan)
    return prices(forwards=1.0, strikes=np.exp(k), years=years, vols=known, rights=np.where(k < 0.0, -1.0, 1.0)) * np.exp(-k)
