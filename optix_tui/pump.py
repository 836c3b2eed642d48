"""One beat drives everything that moves: what the engine said goes to the tiles, and tiles are painted within a budget of time."""

from __future__ import annotations

from collections import deque
from time import perf_counter
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from optix_tui.function import Function
    from optix_tui.session import Session
    from optix_tui.widgets.sheet import Sheet

LOCAL_HZ, REMOTE_HZ = 10.0, 4.0
BUDGET = 0.008
"""Seconds a beat may spend on painting before the rest has to wait for the next one."""
FRESHNESS_EVERY = 5
"""Beats between two looks at how old everything is."""
REST = 3
"""Beats between two paintings of a tile that is patient: three pictures a second are as many as an eye takes in beside the one it is on."""


class Pump:
    """Bars and fast tiles are painted at every beat, the others take turns, the patient rest between: never every chart in one frame."""

    def __init__(self, session: Session, budget: float = BUDGET) -> None:
        self.session = session
        self.budget = budget
        self.tiles: list[Function] = []
        self.bars: list[Sheet] = []
        self.beats = 0
        self.longest_ms = 0.0
        self._started: deque[float] = deque(maxlen=30)
        self._turn = 0
        self._painted_at: WeakKeyDictionary[Function, int] = WeakKeyDictionary()
        """The beat at which a tile that is not fast was painted last."""

    @property
    def hertz(self) -> float:
        """The beats that really came, a second."""
        if len(self._started) < 2:
            return 0.0
        return (len(self._started) - 1) / max(self._started[-1] - self._started[0], 1e-9)

    def beat(self) -> None:
        """One turn: listen, route, paint."""
        started = perf_counter()
        self._started.append(started)
        self.beats += 1
        self.listen()
        self.paint(until=started + self.budget)
        self.longest_ms = max(self.longest_ms * 0.99, (perf_counter() - started) * 1000)

    def listen(self) -> None:
        """Routes what the engine said since the last beat."""
        heard = self.session.drain()
        for tile in tuple(self.tiles):
            tile.drain()
        if self.beats % FRESHNESS_EVERY == 0 or heard:
            for tile in self.tiles:
                tile.look_at_freshness()
        for bar in self.bars:
            bar.touch()

    def paint(self, until: float, *, rest: int = REST) -> None:
        """Paints bars and fast tiles, then as many others as the time allows, at least one; patient ones that have rested."""
        for bar in self.bars:
            bar.flush()
        waiting = []
        for tile in self.tiles:
            if tile.is_fast:
                tile.flush()
            elif tile.needs_paint and not (tile.is_patient and self.beats - self._painted_at.get(tile, -rest) < rest):
                waiting.append(tile)
        if not waiting:
            return
        self._turn %= len(self.tiles)
        order = {id(tile): (place - self._turn) % len(self.tiles) for place, tile in enumerate(self.tiles)}
        for tile in sorted(waiting, key=lambda tile: order[id(tile)]):
            tile.flush()
            self._painted_at[tile] = self.beats
            self._turn = (self.tiles.index(tile) + 1) % len(self.tiles)
            if perf_counter() >= until:
                return

    def paint_all(self) -> None:
        """Paints everything that changed, however long it takes: for a single frame and for tests."""
        self.paint(until=float("inf"), rest=0)
