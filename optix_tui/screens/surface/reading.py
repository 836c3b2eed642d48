"""A surface made ready to be drawn, and what is known of its past."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from msgspec import Struct

from engine.api import sampled_surface, smile_vols
from engine.domain.columns import Floats
from engine.domain.ids import SeriesId, UtcNanos
from engine.domain.instants import DAY_NS
from engine.domain.volatility import SurfaceSlice, VolatilitySurface
from engine.messages.surface import SurfaceTimes

if TYPE_CHECKING:
    from engine.api import SampledSurface

LEAST_DAYS = 20
"""Stored days under which a z-score would say nothing."""
MOST_DAYS = 60
"""Stored days a z-score is taken over."""
USUAL_DAYS = 30


class Reading(NamedTuple):
    """The columns of a surface, a number a slice, and the means to read it between its points."""

    surface: VolatilitySurface
    sampled: "SampledSurface"
    years: Floats
    forwards: Floats
    atm: Floats
    fitted: Floats
    """1 where there is a fit, else 0."""
    lows: Floats
    """Least quoted k, and greatest."""
    highs: Floats

    @property
    def slices(self) -> tuple[SurfaceSlice, ...]:
        return self.surface.slices

    def place_of(self, series: SeriesId) -> int | None:
        """Which slice is of this series."""
        return next((place for place, one in enumerate(self.slices) if one.series.id == series), None)

    def usual_place(self) -> int:
        """The fitted slice nearest to 30 days, where nobody has chosen one."""
        days = np.where(self.fitted > 0, np.abs(self.years * 365 - USUAL_DAYS), np.inf)
        return int(np.argmin(days)) if days.size else 0


def read(surface: VolatilitySurface) -> Reading:
    """A surface as columns."""
    slices = surface.slices
    sampled = sampled_surface(slices)
    atm = smile_vols(sampled, np.zeros(1))[:, 0]
    return Reading(
        surface,
        sampled,
        np.array([one.years for one in slices]),
        np.array([one.forward for one in slices]),
        atm,
        np.isfinite(atm).astype(float),
        np.array([one.least_k for one in slices]),
        np.array([one.greatest_k for one in slices]),
    )


class Past(Struct, frozen=True, kw_only=True):
    """What is stored of a name's surfaces, as far as it was asked for."""

    times: SurfaceTimes | None = None
    day_ago: Reading | None = None
    days: tuple[Reading, ...] = ()
    """One surface for each stored day before this one, newest first."""
    wanted: int = 0
    """How many of them were asked for."""
    trouble: str = ""
    """Why the history cannot be read."""


def past_days(times: SurfaceTimes, now: UtcNanos) -> list[UtcNanos]:
    """The stored instants nearest to each whole day back from now, newest first, each once."""
    stored = np.asarray(times.at)
    found: list[UtcNanos] = []
    for day in range(1, MOST_DAYS + 1):
        until = now - day * DAY_NS
        place = int(np.searchsorted(stored, until, side="right")) - 1
        if place < 0:
            break
        if int(stored[place]) > until - DAY_NS:  # else nothing was stored in that day
            found.append(UtcNanos(int(stored[place])))
    return found


def length_words(times: SurfaceTimes | None, now: UtcNanos) -> str:
    """How much history there is, in words."""
    if times is None or not times.at.size:
        return "nothing is stored yet"
    hours = (now - int(times.at[0])) / 3.6e12
    span = f"{hours * 60:.0f} min" if hours < 1 else f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.0f} days"
    count = times.at.size
    return f"{count} surface{'' if count == 1 else 's'} over {span} {'is' if count == 1 else 'are'} stored"
