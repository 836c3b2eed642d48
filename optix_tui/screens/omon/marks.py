"""The words and marks of the chain: for volatilities that are none, for quotes that are wrong, for distances in deviations."""

from functools import lru_cache
from math import isfinite

import numpy as np

from engine.domain.chain import ChainSlice, IvStatus
from engine.domain.columns import Floats
from engine.domain.market import Verdict
from optix_tui.colour import mix
from optix_tui.format import UNKNOWN
from optix_tui.theme import Palette

NO_TIME_VALUE, ABOVE_BOUND = "<int", ">max"
MARKS = (
    (int(Verdict.CROSSED), "x", "crossed: bid above ask"),
    (int(Verdict.LOCKED), "=", "locked: bid equals ask"),
    (int(Verdict.BELOW_INTRINSIC), "!", "below intrinsic value"),
    (int(Verdict.MALFORMED), "?", "malformed"),
    (int(Verdict.WIDE), "~", "wide"),
)
"""One letter behind the ask for what is wrong with a quote; the worst first."""
ALARMING = int(Verdict.CROSSED | Verdict.LOCKED | Verdict.MALFORMED | Verdict.BELOW_INTRINSIC)
"""Shown in the colour of alerts."""
_BAD_INPUT, _NO_TIME_VALUE, _ABOVE_BOUND, _ILL = (
    int(status) for status in (IvStatus.BAD_INPUT, IvStatus.NO_TIME_VALUE, IvStatus.ABOVE_BOUND, IvStatus.ILL_CONDITIONED)
)


def iv_text(value: float, status: int, palette: Palette) -> tuple[str, int]:
    """A volatility in points, or the word for why there is none; one that hangs on a rounding is greyed."""
    if status == _NO_TIME_VALUE:
        return NO_TIME_VALUE, palette.dim
    if status == _ABOVE_BOUND:
        return ABOVE_BOUND, palette.dim
    if status == _BAD_INPUT or not isfinite(value):
        return UNKNOWN, palette.dim
    return f"{value * 100:.1f}", palette.dim if status == _ILL else palette.vol


def usual_step(strikes: Floats) -> float:
    """The commonest distance between strikes; 0 of fewer than two."""
    return _usual_step(strikes.tobytes()) if len(strikes) > 1 else 0.0


@lru_cache(256)
def _usual_step(strikes: bytes) -> float:
    found, counts = np.unique(np.round(np.diff(np.frombuffer(strikes, np.float64)), 6), return_counts=True)
    return float(found[np.argmax(counts)])


def strike_ground(far: float, palette: Palette) -> int:
    """The ground of a strike: brightest at the forward, darker with every standard deviation."""
    if not isfinite(far):
        return palette.head
    near = max(0.0, 1.0 - abs(far) / 3.0)
    return mix(palette.head, palette.text, round(0.15 * near, 2))


def deviation_mark(piece: ChainSlice, value: float, far: float, step: float) -> str:
    """``-1σ`` at the strike nearest to a whole number of standard deviations from the forward; else nothing."""
    summary = piece.summary
    width = summary.atm_iv * np.sqrt(max(summary.years, 0.0)) * summary.forward
    if not (isfinite(far) and isfinite(width)) or width <= 0 or step <= 0:
        return ""
    whole = round(far)
    if whole == 0 or abs(whole) > 4 or width < 2 * step:
        return ""
    exact = summary.forward * float(np.exp(whole * summary.atm_iv * np.sqrt(summary.years)))
    return f"{whole:+d}σ" if abs(value - exact) <= step / 2 else ""
