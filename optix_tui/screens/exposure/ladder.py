"""The bars of the exposure screen: strikes gathered into as many rows as there are, highest first, with what stands in each."""

from math import ceil, floor, isfinite
from typing import NamedTuple

import numpy as np

from engine.messages.exposure import Exposure
from optix_tui import format as written
from optix_tui.screens.axis import strike_step
from optix_tui.screens.table import Tone

COVERED = 0.7
"""The least part of the reach that is in sight: a finer step tells more than the last strikes."""
MOST_THICK = 3
"""Rows a bar takes at most."""


class Bar(NamedTuple):
    """One row: the strikes from its middle half a step down to half a step up."""

    middle: float
    label: str
    calls: float
    puts: float
    strikes: tuple[float, ...]
    marks: tuple[str, ...] = ()
    """What stands here: the flip, walls."""
    mark_tone: Tone = "bright"
    holds_spot: bool = False

    @property
    def net(self) -> float:
        """Both sides."""
        return self.calls + self.puts

    @property
    def reach(self) -> tuple[float, float]:
        """How far the bar goes to the left and to the right of zero, both sides stacked."""
        sides = (self.calls, self.puts)
        return sum(side for side in sides if side < 0.0), sum(side for side in sides if side > 0.0)


def bars_of(exposure: Exposure, *, reach: float, rows: int, fills: bool = True) -> tuple[Bar, ...]:
    """The strikes within ``reach`` of the spot, the highest first, on round middles; with ``fills`` farther ones where rows are left."""
    strikes, spot = exposure.by_strike.rungs, exposure.spot
    if not strikes.size or rows < 1 or not isfinite(spot):
        return ()
    inside = strikes[np.abs(strikes / spot - 1.0) <= reach]
    gaps = np.diff(inside) if inside.size > 1 else np.diff(strikes)
    least = float(np.median(gaps)) if gaps.size else spot * 0.01
    span = 2.0 * COVERED * reach * spot
    step = strike_step(span / max(rows - 1, 1), least)
    middle = floor(spot / step + 0.5)
    places = np.floor(strikes / step + 0.5).astype(np.int64)
    low, high = _window(middle, reach * spot / step, int(places[0]), int(places[-1]), rows, fills=fills)
    found = []
    for place in range(high, low - 1, -1):
        here = places == place
        marks, tone = _marks(exposure, place, step)
        found.append(
            Bar(
                middle=place * step,
                label=written.strike(round(place * step, 6)),
                calls=float(exposure.by_strike.calls[here].sum()),
                puts=float(exposure.by_strike.puts[here].sum()),
                strikes=tuple(strikes[here].tolist()),
                marks=marks,
                mark_tone=tone,
                holds_spot=floor(spot / step + 0.5) == place,
            )
        )
    return tuple(found)


def _window(middle: int, reach: float, first: int, last: int, rows: int, *, fills: bool) -> tuple[int, int]:
    """The lowest and highest place in sight, no farther than what is listed."""
    first, last = min(first, middle), max(last, middle)
    below, above = (min(ceil(reach), (rows - 1) // 2), min(ceil(reach), rows - 1 - (rows - 1) // 2))
    low, high = max(middle - below, first), min(middle + above, last)
    most = rows if fills else rows // thickness_of(high - low + 1, rows)
    while high - low + 1 < most and (low > first or high < last):
        if low > first and (high == last or middle - low <= high - middle):
            low -= 1
        else:
            high += 1
    return low, high


def thickness_of(bars: int, rows: int) -> int:
    """Screen rows a bar takes where there are fewer bars than rows."""
    return min(max(rows // bars, 1), MOST_THICK) if bars else 1


def _marks(exposure: Exposure, place: int, step: float) -> tuple[tuple[str, ...], Tone]:
    """What stands in a row, the most telling first."""
    named: tuple[tuple[float, str, Tone], ...] = (
        (exposure.flip, f"flip {written.money(exposure.flip)}", "alert"),
        (exposure.positive_wall, f"+ wall {written.strike(exposure.positive_wall)}", "up"),
        (exposure.negative_wall, f"- wall {written.strike(exposure.negative_wall)}", "down"),
    )
    here = [(text, tone) for value, text, tone in named if isfinite(value) and floor(value / step + 0.5) == place]
    return tuple(text for text, _ in here), here[0][1] if here else "bright"
