"""A line of a day in one row of text: braille, two samples a cell, filled below."""

import numpy as np
from numpy.typing import ArrayLike

from engine.domain.columns import Floats

_LEFT = np.array([0x00, 0x40, 0x44, 0x46, 0x47], np.uint32)
_RIGHT = np.array([0x00, 0x80, 0xA0, 0xB0, 0xB8], np.uint32)
_BRAILLE, _SPACE = 0x2800, 32


def resample(values: ArrayLike, count: int) -> Floats:
    """``count`` points spread evenly over a series (between two points by a straight line); unknown points are left out first."""
    series = np.asarray(values, float)
    series = series[np.isfinite(series)]
    if not series.size or count <= 0:
        return np.empty(0)
    found: Floats = np.interp(np.linspace(0, series.size - 1, count), np.arange(series.size), series)
    return found


def sparkline(values: ArrayLike, width: int) -> str:
    """The series from its lowest (one dot) to its highest (four) in ``width`` cells; blank where nothing is known."""
    samples = resample(values, 2 * max(width, 0))
    if not samples.size:
        return " " * max(width, 0)
    low, high = samples.min(), samples.max()
    level = np.full(samples.size, 2) if high - low <= 0 else 1 + np.round((samples - low) / (high - low) * 3).astype(int)
    cells = _BRAILLE | _LEFT[level[0::2]] | _RIGHT[level[1::2]]
    return str(cells.astype("<u4").tobytes(), "utf-32-le")
