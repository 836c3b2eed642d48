"""Means over rolling windows in which some values may be missing."""

from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Floats


class WindowMeans(NamedTuple):
    """A mean a position over the window that ends there, and how many values it rests on."""

    means: Floats
    counts: Floats


def window_means(values: Floats, *, window: int, least: int | None = None, weights: Floats | None = None) -> WindowMeans:
    """Σ w x / Σ w over the last ``window`` values that are not NaN; NaN with fewer than ``least`` of them (default: all must be there).

    The sums are taken anew for every window, not carried along: a carried sum keeps the rounding of the largest value that ever left it.
    """
    needed = window if least is None else least
    if window < 1 or not 1 <= needed <= window:
        message = f"a window of {window} values of which {needed} must be there is none: give 1 <= least <= window"
        raise ValueError(message)
    means, counts = np.full(values.shape, np.nan), np.zeros(values.shape)
    if values.size < window:
        return WindowMeans(means, counts)
    known = np.isfinite(values)
    share = known.astype(np.float64) if weights is None else np.where(known, weights, 0.0)
    windows = np.lib.stride_tricks.sliding_window_view
    total = windows(np.where(known, values * np.where(known, share, 1.0), 0.0), window).sum(axis=-1)
    weight = windows(share, window).sum(axis=-1)
    counts[window - 1 :] = windows(known, window).sum(axis=-1)
    with np.errstate(all="ignore"):
        means[window - 1 :] = np.where(counts[window - 1 :] >= needed, total / weight, np.nan)
    return WindowMeans(means, counts)
