"""The bars of the exposure screen: strikes gathered into as many rows as there are, dearest first, with what stands in each."""

from math import floor, isfinite
from typing import NamedTuple

import numpy as np

from engine.messages.exposure import Exposure
from optix_tui import format as written
from optix_tui.screens.axis import round_step
from optix_tui.screens.table import Tone


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


def bars_of(exposure: Exposure, *, reach: float, rows: int) -> tuple[Bar, ...]:
    """The strikes within ``reach`` of the spot, the highest first, in at most ``rows`` rows on round middles."""
    strikes, spot = exposure.by_strike.rungs, exposure.spot
    if not strikes.size or rows < 1 or not isfinite(spot):
        return ()
    inside = strikes[np.abs(strikes / spot - 1.0) <= reach]
    gaps = np.diff(inside) if inside.size > 1 else np.diff(strikes)
    least = float(np.median(gaps)) if gaps.size else spot * 0.01
    wanted = 2.0 * reach * spot / max(rows - 1, 1)
    step = least if wanted <= least else round_step(2.0 * reach * spot, max(rows - 1, 1))
    middle = floor(spot / step + 0.5)
    half = (rows - 1) // 2
    low, high = max(middle - half, floor(spot * (1.0 - reach) / step)), min(middle + rows - 1 - half, -floor(-spot * (1.0 + reach) / step))
    places = np.floor(strikes / step + 0.5).astype(np.int64)
    found = []
    for place in range(int(high), int(low) - 1, -1):
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
    return tuple(found[:rows])


def _marks(exposure: Exposure, place: int, step: float) -> tuple[tuple[str, ...], Tone]:
    """What stands in a row, the most telling first."""
    named: tuple[tuple[float, str, Tone], ...] = (
        (exposure.flip, f"flip {written.money(exposure.flip)}", "alert"),
        (exposure.positive_wall, f"+ wall {written.strike(exposure.positive_wall)}", "up"),
        (exposure.negative_wall, f"- wall {written.strike(exposure.negative_wall)}", "down"),
    )
    here = [(text, tone) for value, text, tone in named if isfinite(value) and floor(value / step + 0.5) == place]
    return tuple(text for text, _ in here), here[0][1] if here else "bright"
