"""Where a command line leads: another security, another function, back and forward in a tile's own history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine.domain.errors import OptixError
from engine.domain.ids import Symbol
from engine.messages.queries import FindSecurities
from optix_tui.function import Context, Function, later
from optix_tui.parser import DESCRIPTION, Instruction, Problem, parse
from optix_tui.placeholder import Placeholder
from optix_tui.registry import Entry
from optix_tui.workbench import MOST_HISTORY, Slot

if TYPE_CHECKING:
    from optix_tui.app import OptixApp


def moved(tile: Function, symbol: Symbol) -> Context:
    """What a tile shows of another security: everything as before, but a contract is one of the security it was typed for."""
    args = () if tile.entry.code == DESCRIPTION else tile.context.args
    return replace(tile.context, symbol=symbol, args=args)


class Navigator:
    """Runs command lines on the workspace that is shown."""

    def __init__(self, app: OptixApp) -> None:
        self._app = app
        self.history: list[str] = []
        """Command lines that were run, oldest first."""

    def go(self, command: str, tile: Function | None = None) -> bool:
        """Runs a command line; False when it cannot be read (the reason is shown)."""
        text = " ".join(command.split())
        found = parse(text, self._app.session.listed)
        if isinstance(found, Problem):
            self._app.tell(found.sentence, level="warning")
            return False
        if text and (not self.history or self.history[-1] != text):
            self.history = [*self.history[-MOST_HISTORY:], text]
        target = tile if tile is not None and tile.is_attached else self._app.bench.tile
        self._app.run_worker(later(self._execute, found, target), group="commands")
        return True

    async def _execute(self, instruction: Instruction, tile: Function) -> None:
        bench = self._app.bench
        slot = bench.slot_of(tile)
        if instruction.goes_back:
            await self._travel(slot, slot.past, slot.future)
            return
        symbol = instruction.symbol
        if symbol and not instruction.is_listed and not await self._is_listed(symbol):
            return
        if symbol:
            self.link(tile.context.group, symbol, leave_out=tile)
        context = replace(tile.context, symbol=symbol or tile.context.symbol)
        entry = instruction.entry
        if entry is not None:
            await self._visit(slot, entry, replace(context, args=instruction.args))
        elif tile.entry.needs_security:
            await self._visit(slot, tile.entry, moved(tile, context.symbol))
        else:
            tile.load(context)
        self._app.session.look_at(bench.tile.context.symbol)

    async def _is_listed(self, symbol: Symbol) -> bool:
        """Asks the engine for a name the terminal has not heard of."""
        engine = self._app.session.engine
        if engine is None:
            return True
        try:
            found = await engine.ask(FindSecurities(text=symbol, limit=20))
        except OptixError as error:
            self._app.tell(str(error), level="error")
            return False
        for security in found.securities:
            self._app.session.listed.setdefault(security.symbol, security)
        if any(security.symbol == symbol for security in found.securities):
            return True
        source = self._app.session.status.source if self._app.session.status else "this market"
        near = " or ".join(security.symbol for security in found.securities[:3])
        self._app.tell(f"{source} lists no {symbol}" + (f": did you mean {near}?" if near else ""), level="warning")
        return False

    async def _visit(self, slot: Slot, entry: Entry, context: Context) -> None:
        old = slot.tile
        slot.past = [*slot.past[-MOST_HISTORY:], (old.entry.code, old.context)]
        slot.future.clear()
        await self._stand(slot, entry.code, context)

    async def _stand(self, slot: Slot, code: str, context: Context) -> None:
        if slot.tile.entry.code == code and not isinstance(slot.tile, Placeholder):
            slot.tile.load(context)
            return
        await self._app.bench.replace(slot, self._app.tile_of(code, context))

    async def _travel(self, slot: Slot, source: list[tuple[str, Context]], target: list[tuple[str, Context]]) -> None:
        if not source:
            self._app.tell("there is nothing further in this direction", level="information")
            return
        target.append((slot.tile.entry.code, slot.tile.context))
        code, context = source.pop()
        await self._stand(slot, code, context)
        self._app.session.look_at(context.symbol)

    def link(self, group: int | None, symbol: Symbol, leave_out: Function | None = None) -> None:
        """All tiles of a link group that show one security show this one."""
        if group is None:
            return
        self._app.session.links[group] = symbol
        for tile in self._app.bench.tiles:
            if tile is not leave_out and tile.context.group == group and tile.context.symbol != symbol:
                tile.load(moved(tile, symbol))
        self._app.session.look_at(self._app.bench.tile.context.symbol)

    async def back(self) -> None:
        """The screen the current tile showed before."""
        slot = self._app.bench.slot_of(self._app.bench.tile)
        await self._travel(slot, slot.past, slot.future)

    async def forward(self) -> None:
        """The one it showed after."""
        slot = self._app.bench.slot_of(self._app.bench.tile)
        await self._travel(slot, slot.future, slot.past)
