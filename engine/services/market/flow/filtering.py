"""Which prints pass a filter, whole columns at a time; what is unknown passes no condition on it."""

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Bytes, Flags, Floats, Longs
from engine.domain.flow import FlowFilter, FlowKind, FlowLegs, FlowMoney, FlowRight, FlowSide
from engine.domain.market import Side
from engine.domain.marks import FlowFlag

Passing = NDArray[np.bool_]
_KINDS = {
    FlowKind.SWEEP: FlowFlag.SWEEP,
    FlowKind.BLOCK: FlowFlag.BLOCK,
    FlowKind.LARGE: FlowFlag.SWEEP | FlowFlag.BLOCK,
}


def passing(
    wanted: FlowFilter,
    *,
    side: Bytes,
    right: Bytes,
    flags: Flags,
    otm: Floats,
    premium: Floats,
    size: Floats,
    days: Longs,
    ask_share: Floats,
) -> Passing:
    """Whether each print is wanted."""
    passes = np.ones(side.shape[0], dtype=np.bool_)
    with np.errstate(invalid="ignore"):
        if wanted.side is not FlowSide.ANY:
            passes &= side == (Side.BUY if wanted.side is FlowSide.ASK else Side.SELL)
        if wanted.right is not FlowRight.ANY:
            passes &= right == (1 if wanted.right is FlowRight.CALLS else -1)
        if wanted.legs is not FlowLegs.ANY:
            passes &= ((flags & FlowFlag.MULTI_LEG) != 0) == (wanted.legs is FlowLegs.MULTI)
        if wanted.money is not FlowMoney.ANY:
            passes &= otm > 0.0 if wanted.money is FlowMoney.OUT else otm < 0.0
        if wanted.kind is not FlowKind.ANY:
            passes &= (flags & _KINDS[wanted.kind]) != 0
        if wanted.above_open_interest:
            passes &= (flags & FlowFlag.ABOVE_OPEN_INTEREST) != 0
        if wanted.ask_share:
            passes &= ask_share >= wanted.ask_share
        if wanted.least_premium:
            passes &= premium >= wanted.least_premium
        if wanted.least_size:
            passes &= size >= wanted.least_size
        if wanted.most_days is not None:
            passes &= days <= wanted.most_days
    return passes


def ask_shares(at_ask: Floats, volume: Floats) -> Floats:
    """Of the seen volume, what met the ask; NaN where none was seen."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(volume > 0.0, at_ask / volume, np.nan)
