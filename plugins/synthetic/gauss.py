"""The normal distribution function for whole chains at once, in numpy alone."""

import math

import numpy as np

from engine.domain.columns import Floats

_STEP = 1.0 / 256.0
_EDGE = 9.0
_GRID = np.arange(-_EDGE, _EDGE + _STEP / 2, _STEP)
_TABLE = np.array([0.5 * math.erfc(-x / math.sqrt(2.0)) for x in _GRID.tolist()])
_DENSITY = np.exp(-0.5 * _GRID * _GRID) / math.sqrt(2.0 * math.pi)


def normal_cdf(x: Floats) -> Floats:
    """N(x) by Taylor's series about the nearest of 4,609 exact values: the error is below 4e-16, and 0 or 1 beyond nine deviations."""
    x = np.minimum(np.maximum(x, -_EDGE), _EDGE)
    place = np.rint((x + _EDGE) * 256.0).astype(np.intp)
    near = _GRID.take(place)
    d = x - near
    series = (near * near - 1.0) - d * 0.25 * near * (near * near - 3.0)
    series = 1.0 - d * 0.5 * (near - d * (1.0 / 3.0) * series)
    return _TABLE.take(place) + _DENSITY.take(place) * d * series
