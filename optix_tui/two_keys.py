"""Keys that give the next key another meaning: ``g`` and a digit or a letter, ``/`` and a command."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace

from optix_tui.function import Function
from optix_tui.keys import APP_KEYS
from optix_tui.theme import LINK_LETTERS

if TYPE_CHECKING:
    from textual.events import Key

    from optix_tui.app import OptixApp

GO_TO_KEY = "app.go_to"
OPENING_KEYS = frozenset({GO_TO_KEY, "app.command"})
PATIENCE_SECONDS = 0.1
"""For a tile that is busy; then the key is the workstation's."""


class TwoKeys:
    """Acts on such a key before the one behind it: over a slow line both arrive in one read."""

    def __init__(self, app: OptixApp) -> None:
        self._app = app
        self.awaits_second = False
        """``g`` was pressed."""
        self.learn_keys()

    def learn_keys(self) -> None:
        """Other keys are in force."""
        self._opening = {name for key in APP_KEYS if key.id in OPENING_KEYS for name in self._app.keymap_in_force.keys(key)}

    async def takes(self, event: Key) -> bool:
        """Deals with a key that begins or ends a pair; False for any other."""
        if self.awaits_second:
            await self._second(event.key)
            return True
        if event.key in self._opening and isinstance(tile := self._app.focused, Function):
            await _caught_up(tile)
        return self._begins(event)

    def begin(self) -> None:
        """The next key says where to go."""
        self.awaits_second = True
        self._repaint()

    def _begins(self, event: Key) -> bool:
        tile = self._app.focused
        if not isinstance(tile, Function) or event.key not in self._opening:
            return False
        found = self._app.screen.active_bindings.get(event.key)
        if found is None or found.node is not self._app or found.binding.id not in OPENING_KEYS:
            return False
        types = getattr(tile, "on_key", None)
        if types is not None:
            types(event)
            if event._stop_propagation:  # noqa: SLF001 (the tile was typing, and took it)
                return True
        if found.binding.id == GO_TO_KEY:
            self.begin()
        else:
            self._app.action_command_line()
        return True

    async def _second(self, key: str) -> None:
        self.awaits_second = False
        tile, links = self._app.bench.tile, self._app.session.links
        if key.isdigit() and key != "0":
            await self._app.show_workspace(int(key))
        elif key == "0":
            tile.load(replace(tile.context, group=None))
        elif key.upper() in LINK_LETTERS and len(key) == 1:
            group = LINK_LETTERS.index(key.upper())
            tile.load(replace(tile.context, group=group, symbol=links[group] or tile.context.symbol))
        self._repaint()

    def _repaint(self) -> None:
        for bar in self._app.pump.bars:
            bar.repaint()


async def _caught_up(tile: Function) -> None:
    """Until the tile has read the keys before this one: they may have begun a line that takes this one too."""
    done = asyncio.Event()
    if tile.call_later(done.set):
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), PATIENCE_SECONDS)
