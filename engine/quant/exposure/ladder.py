"""Exposure by strike or by expiry: the bars, the walls, the totals, and how far they hold if dealers hold only part."""

from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Floats

LEAST_SHARE, GREATEST_SHARE = 0.25, 0.75
"""The part of the open interest that dealers may hold, of calls and of puts separately; the rest sits between customers."""


class Ladder(NamedTuple):
    """One row a strike (or expiry), rising."""

    rungs: Floats
    calls: Floats
    puts: Floats
    left_out: int
    """Contracts without a greek or a count."""

    @property
    def nets(self) -> Floats:
        """Calls and puts together, signed as the convention has it."""
        return self.calls + self.puts


class Walls(NamedTuple):
    """The strikes that carry most: of positive net exposure above all others, and of negative; NaN where there is none."""

    positive: float
    negative: float


class DealerRange(NamedTuple):
    """The whole, and between what it lies when dealers hold from a quarter to three quarters of the calls, and of the puts."""

    net: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """The sign is the same whoever holds what."""
        return self.low > 0.0 or self.high < 0.0


def ladder(*, rungs: Floats, rights: Floats, contributions: Floats) -> Ladder:
    """Sums of contracts by their rung; each rung that has a known contract is there once."""
    known = ~np.isnan(contributions)
    steps, at = np.unique(rungs[known], return_inverse=True)
    of_calls = rights[known] > 0.0
    values = contributions[known]
    calls: Floats = np.bincount(at, weights=np.where(of_calls, values, 0.0), minlength=steps.size).astype(np.float64)
    puts: Floats = np.bincount(at, weights=np.where(of_calls, 0.0, values), minlength=steps.size).astype(np.float64)
    return Ladder(steps, calls, puts, int(known.size - known.sum()))


def walls(steps: Ladder) -> Walls:
    """The rungs of largest positive and of largest negative net exposure; of equals the lower."""
    nets = steps.nets
    if not nets.size:
        return Walls(float("nan"), float("nan"))
    most, least = int(np.argmax(nets)), int(np.argmin(nets))
    return Walls(
        float(steps.rungs[most]) if nets[most] > 0.0 else float("nan"),
        float(steps.rungs[least]) if nets[least] < 0.0 else float("nan"),
    )


def dealer_range(steps: Ladder) -> DealerRange:
    """Net exposure if dealers hold all, and its extremes over the shares they may hold."""
    sums = (float(steps.calls.sum()), float(steps.puts.sum()))
    low = sum(min(LEAST_SHARE * side, GREATEST_SHARE * side) for side in sums)
    high = sum(max(LEAST_SHARE * side, GREATEST_SHARE * side) for side in sums)
    return DealerRange(sum(sums), low, high)
