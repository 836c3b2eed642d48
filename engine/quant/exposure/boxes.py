"""Box spreads in an index's open interest: loans, whose calls and puts stand on both sides of every exposure and cancel.

A box is long a call and short a put at one strike against the reverse at another, of one size and expiry. It carries no gamma, but each of
its legs is counted, so the sums of calls and of puts swell and the range of :func:`engine.quant.exposure.ladder.dealer_range` with them;
net exposure and flip do not move. The legs are guessed from the open interest alone and are shown as a guess.
"""

import numpy as np

from engine.quant.arrays import Bools, Floats

FEWEST = 1000.0
"""Contracts on each side, below which a strike is no leg."""
ALIKE = 0.10
"""How far call and put open interest of a leg may be apart, as a part of the larger."""
MATCHED = 0.25
"""How far the sizes of the two ends may be apart, as a part of the larger."""
FARTHER_THAN = 0.03
"""A part of the spot within which a strike trades for its own sake."""


def boxed(*, strikes: Floats, call_open_interest: Floats, put_open_interest: Floats, spot: float, grid: float) -> Floats:
    """Contracts of each strike of one expiry to take off both sides; ``grid`` is the round step on which boxes are struck (500 on SPX)."""
    if not (spot > 0.0 and grid > 0.0 and np.isfinite(spot) and np.isfinite(grid)):
        message = f"boxes are looked for around a spot on a grid of strikes, both above zero: {spot:g} and {grid:g} were given"
        raise ValueError(message)
    calls, puts = (np.where(np.isfinite(side), side, 0.0) for side in (call_open_interest, put_open_interest))
    smaller, larger = np.minimum(calls, puts), np.maximum(calls, puts)
    alike: Bools = np.asarray((smaller >= FEWEST) & (larger - smaller <= ALIKE * larger))
    steps = np.where(np.isfinite(strikes), strikes, np.nan) / grid
    leg: Bools = alike & (np.abs(steps - np.round(steps)) < 1e-9) & (np.abs(strikes / spot - 1.0) >= FARTHER_THAN)
    return np.where(leg & _matched(smaller, leg), smaller, 0.0)


def _matched(sizes: Floats, leg: Bools) -> Bools:
    """Whether another leg of the same expiry is of about the same size."""
    one, other = sizes[:, None], sizes[None, :]
    near = np.asarray(np.abs(one - other) <= MATCHED * np.maximum(one, other)) & leg[None, :] & ~np.eye(sizes.size, dtype=bool)
    return np.asarray(near.any(axis=1), dtype=np.bool_)
