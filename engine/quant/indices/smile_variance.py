r"""The variance that a whole smile pays for: the same strip as the VIX's, over a fitted curve instead of quotes.

    σ² = (2/T) ∫ Q(K)/K² dK = (2/T) ∫ Q(F e^k)/(F e^k) dk,  Q the undiscounted out-of-the-money Black value

(K. Demeterfi, E. Derman, M. Kamal, J. Zou, "More Than You Ever Wanted To Know About Volatility Swaps", Goldman Sachs (1999), eq. 26, with
the forward as boundary). Indices of coin options such as Deribit's DVOL integrate a smile too; their curve and filters are the venue's own,
so a number from here is of their kind and not theirs.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats
from engine.quant.european.black import prices

DEVIATIONS = 8.0
"""How far the strip goes at first, in at-the-money standard deviations ..."""
WIDENINGS = 4
"""... and how often it is doubled while its ends still pay: a steep wing has a long tail."""
WORTHLESS = 1e-6
"""A part of the at-the-money value: what is beyond adds less than a thousandth of a volatility point. The wings of index options, whose
farthest puts cost the least tick, pay 1e-12 of it a hundred deviations out: to go there for it refuses what is known to four digits."""
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
    return float(smile_variances(vols_at=lambda k: np.asarray(vols_at(k[:, 0])).reshape(-1, 1), years=[years])[0])


@np.errstate(all="ignore")
def smile_variances(*, vols_at: Callable[[Floats], Floats], years: ArrayLike, steps: int = STEPS) -> Floats:
    """The same of many smiles, one a column of what ``vols_at`` is asked; ``steps`` to either side, even.

    >>> smile_variances(vols_at=lambda k: np.array([0.2, 0.3]) + 0.0 * k, years=[0.25, 0.5]).round(10).tolist()
    [0.04, 0.09]
    """
    T = np.asarray(years, dtype=np.float64)
    T = np.where(T > 0.0, T, np.nan)
    middle = vols_at(np.zeros((1, T.size)))[0]
    reach = DEVIATIONS * np.where(middle > 0.0, middle, np.nan) * np.sqrt(T)
    for widened in range(WIDENINGS + 1):
        center, left, right = _paid(np.stack((np.zeros(T.size), -reach, reach)), vols_at, T)
        spent = np.maximum(left, right) <= WORTHLESS * center
        if (spent | np.isnan(center)).all() or widened == WIDENINGS:
            break
        reach = np.where(spent, reach, 2.0 * reach)
    reach = np.where(spent, reach, np.nan)
    k = np.linspace(-1.0, 1.0, 2 * steps + 1)[:, np.newaxis] * reach
    weights = np.full((2 * steps + 1, 1), 2.0)
    weights[1::2] = 4.0
    weights[0] = weights[-1] = 1.0
    found: Floats = 2.0 / T * np.sum(weights * _paid(k, vols_at, T), axis=0) * (reach / steps) / 3.0
    return found


def _paid(k: Floats, vols_at: Callable[[Floats], Floats], years: Floats) -> Floats:
    """Q(F e^k)/(F e^k)."""
    vols = vols_at(k)
    known = np.where(vols < STEEPEST, vols, np.nan)
    return prices(forwards=1.0, strikes=np.exp(k), years=years, vols=known, rights=np.where(k < 0.0, -1.0, 1.0)) * np.exp(-k)
