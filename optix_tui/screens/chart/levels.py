"""Levels that options put on a chart: where the dealers' gamma turns, its walls, the nearest expiry's max pain and straddle breakevens."""

from math import isfinite
from typing import NamedTuple

from engine.messages.exposure import Exposure
from engine.messages.queries import ExpirationTable
from optix_tui import format as written
from optix_tui.screens.axis import Scale
from optix_tui.screens.table import Tone

NEAR = 0.5
"""A level is drawn where it widens the chart by no more than this part of its height to either side."""


class Level(NamedTuple):
    """A price and why it matters."""

    price: float
    text: str
    tone: Tone


def levels_of(exposure: Exposure | None, expirations: ExpirationTable | None) -> tuple[Level, ...]:
    """What is known of them, the dearest first."""
    found: list[Level] = []
    if exposure is not None:
        found += [
            Level(exposure.flip, "gamma flip", "alert"),
            Level(exposure.positive_wall, "+ wall", "up"),
            Level(exposure.negative_wall, "- wall", "down"),
        ]
    if expirations is not None and expirations.expiries:
        nearest = expirations.expiries[0]
        day = written.day(nearest.series.expiry)[:6]
        found += [
            Level(nearest.max_pain, f"max pain {day}", "security"),
            Level(nearest.forward + nearest.straddle, f"straddle breakeven {day}", "dim"),
            Level(nearest.forward - nearest.straddle, f"straddle breakeven {day}", "dim"),
        ]
    return tuple(sorted((level for level in found if isfinite(level.price)), key=lambda level: -level.price))


def in_sight(levels: tuple[Level, ...], scale: Scale | None) -> tuple[Level, ...]:
    """Those near enough to the bars to be drawn."""
    if scale is None:
        return ()
    air = (scale.high - scale.low) * NEAR
    return tuple(level for level in levels if scale.low - air <= level.price <= scale.high + air)


def beyond(levels: tuple[Level, ...], drawn: tuple[Level, ...], last: float) -> str:
    """The others in words, with the side on which they lie."""
    rest = [level for level in levels if level not in drawn]
    return "  ".join(f"{'↑' if level.price > last else '↓'} {level.text} {written.strike(round(level.price, 2))}" for level in rest)


def lacking(exposure: Exposure | None) -> str:
    """Why there are no dealers' levels; "" where there are."""
    if exposure is None:
        return "dealers' levels come with the next look at the open interest"
    return f"no dealers' levels: {exposure.trouble}" if exposure.trouble else ""
