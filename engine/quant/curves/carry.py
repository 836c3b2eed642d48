"""The yield that a forward implies beside its spot, as far as so little time and a late spot let it be believed.

    q = r - ln(F/S) / T

Over two days a spot late by five hundredths of a percent is a yield of nine percent, which nothing that carries a spot through time
should believe. So it is drawn to what is known of the yield beforehand, by the precision of the two (normal errors, known variances).
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats, or_zero

CARRY_DEVIATION: Final = 0.02
"""Standard deviation of the carry about its hint, a year: what is believed of it before the forward is seen."""
WORST_CARRY: Final = 0.25
"""A carry further from its hint is a wrong spot, whatever the time."""
SPOT_NOISE: Final = 5e-4
"""How far, as a fraction, the spot may be from the one the options saw (an index is computed, a last price is late)."""


@np.errstate(all="ignore")
def believed_yields(
    *, spots: ArrayLike, forwards: ArrayLike, years: ArrayLike, rates: ArrayLike, hints: ArrayLike = 0.0, errors: ArrayLike = 0.0
) -> Floats:
    """Yields, continuous; ``errors`` are the forwards' standard errors. The hint alone where the forward or the spot says nothing.

    A year away the forward decides; a day away the hint does:

    >>> S, F = 100.0, 100.0 * np.exp([0.04 - 0.012, (0.04 - 0.2) / 365])
    >>> found = believed_yields(spots=S, forwards=F, years=[1.0, 1 / 365], rates=0.04, hints=0.01)
    >>> round(float(found[0]), 4), round(float(found[1]), 4)
    (0.012, 0.0123)
    """
    S, F, T, r = (np.asarray(column, dtype=np.float64) for column in (spots, forwards, years, rates))
    prior = or_zero(np.asarray(hints, dtype=np.float64))
    implied = r - np.log(F / S) / T
    noise = np.maximum(or_zero(np.asarray(errors, dtype=np.float64) / F), SPOT_NOISE) / T
    weight = CARRY_DEVIATION**2 / (CARRY_DEVIATION**2 + noise**2)
    believed = np.isfinite(implied) & (np.abs(implied - prior) < WORST_CARRY)
    result: Floats = np.where(believed, prior + weight * (implied - prior), prior)
    return result
