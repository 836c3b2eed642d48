"""What several legs are called that printed together: a guess, from the sides that the quote lets one guess."""

from typing import NamedTuple

import numpy as np

from engine.domain.columns import Bytes, Floats, Longs
from engine.domain.instants import YEAR_NS
from engine.quant.structures.legs import Kind, legs
from engine.quant.structures.recognition import recognise


class PackageLegs(NamedTuple):
    """The prints of one guess."""

    row: Longs
    right: Bytes
    side: Bytes
    size: Floats
    strike: Floats
    settles_at: Longs
    multiplier: Floats


def name_of(package: PackageLegs, now: int) -> str:
    """``bull call spread``, or how many legs there are where a side is unknown or no structure is made of them."""
    contracts, place = np.unique(package.row, return_inverse=True)
    unnamed = f"{contracts.size} legs"
    signed = np.bincount(place.reshape(-1), weights=package.size * package.side, minlength=contracts.size)
    if (package.side == 0).any() or not (np.isfinite(signed) & (signed != 0.0)).all():
        return unnamed
    first = np.array([int(np.flatnonzero(place.reshape(-1) == one)[0]) for one in range(contracts.size)])
    years = np.maximum(package.settles_at[first] - now, 1) / YEAR_NS
    try:
        held = legs(
            kinds=[Kind.CALL if right > 0 else Kind.PUT for right in package.right[first].tolist()],
            quantities=signed,
            strikes=package.strike[first],
            years=years,
            multipliers=package.multiplier[first],
        )
    except ValueError:  # a strike or multiplier that is none: there is no name for it
        return unnamed
    name = recognise(held).name
    return unnamed if name.startswith("custom") else name
