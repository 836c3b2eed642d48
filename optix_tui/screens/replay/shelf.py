"""Stored surfaces that were read, by model and instant: what the cursor passes is shown at once, and what comes next is read ahead."""

from collections import OrderedDict
from typing import NamedTuple

import numpy as np

from engine.domain.columns import Longs
from engine.domain.ids import UtcNanos
from engine.domain.volatility import SurfaceModel, VolatilitySurface
from optix_tui.screens.replay.timeline import newest_before
from optix_tui.screens.surface.reading import Reading, read

KEPT = 160
"""Surfaces without their market are some kilobytes each."""
AHEAD = 16
"""Instants read in one go in the direction of travel."""
NEAR = 8
"""Fewer known ones than these before the cursor: more are read."""

Instant = tuple[SurfaceModel, int]


class Stretch(NamedTuple):
    """What is to be read in one go."""

    model: SurfaceModel
    since: UtcNanos
    until: UtcNanos
    instants: tuple[int, ...]


class _Kept(NamedTuple):
    surface: VolatilitySurface
    has_market: bool
    reading: Reading | None = None


class Shelf:
    """The newest so many."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Instant, _Kept] = OrderedDict()

    def __contains__(self, instant: Instant) -> bool:
        return instant in self._kept

    def clear(self) -> None:
        """Another name, or the engine has changed."""
        self._kept.clear()

    def has_market(self, instant: Instant) -> bool:
        """Whether the quotes beside the fit are known too."""
        kept = self._kept.get(instant)
        return kept is not None and kept.has_market

    def get(self, instant: Instant) -> Reading | None:
        """What held at an instant, where it was read."""
        kept = self._kept.get(instant)
        if kept is None:
            return None
        self._kept.move_to_end(instant)
        if kept.reading is None:
            kept = self._kept[instant] = kept._replace(reading=read(kept.surface))
        return kept.reading

    def put(self, instant: Instant, surface: VolatilitySurface, *, has_market: bool = False) -> None:
        """Keeps what held at an instant."""
        self._kept[instant] = _Kept(surface, has_market)
        self._kept.move_to_end(instant)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def put_row(self, stretch: Stretch, surfaces: tuple[VolatilitySurface, ...]) -> None:
        """Surfaces in a row, the oldest first: at each instant the newest not after it holds. Those known with their market stay."""
        model = stretch.model
        stored = np.array([surface.as_of for surface in surfaces], np.int64)
        for at in stretch.instants:
            place = newest_before(stored, at)
            if place is not None and (model, at) not in self._kept:
                self.put((model, at), surfaces[place])

    def stretch(self, model: SurfaceModel, instants: Longs, at: int, side: int) -> Stretch | None:
        """The instants to read ahead on one side of the cursor (+1, -1); None where enough are known."""
        here = newest_before(instants, at)
        if here is None or not side:
            return None
        places = range(here + side, min(max(here + side * (AHEAD + 1), -1), instants.size), side)
        found = [int(instants[place]) for place in places]
        unknown = [one for one in found if (model, one) not in self._kept]
        if not unknown or (len(found) >= NEAR and unknown[0] not in found[:NEAR]):
            return None
        first, last = min(unknown), max(unknown)
        return Stretch(model, UtcNanos(first), UtcNanos(last + 1), tuple(sorted(unknown)))
