"""Where a command line leads: another security, another function, back and forward in a tile's own history."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine.domain.errors import OptixError, UnknownSymbol
from engine.domain.ids import SeriesId, Symbol
from engine.messages.queries import GetSecurity
from optix_tui.function import Context, Function, later
from optix_tui.functions.entry import Entry
from optix_tui.parser import Instruction, Problem, parse
from optix_tui.placeholder import Placeholder
from optix_tui.workbench import MOST_HISTORY, Slot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optix_tui.app import OptixApp

SAYS_SO_SECONDS = 0.3
"""A question that takes longer is mentioned: a feed may have to fetch the name."""


def moved(tile: Function, symbol: Symbol) -> Context:
    """What a tile shows of another security: everything as before, but a contract is one of the security it was typed for."""
    args = () if tile.entry.takes_contract else tile.context.args
    return replace(tile.context, symbol=symbol, args=args)


def as_it_stands(tile: Function) -> tuple[str, Context]:
    """What brings a tile back: its code and a context with what was chosen in it since."""
    return tile.entry.code, replace(tile.context, args=tile.passing_args())


def or_a_function(reason: str, codes: Sequence[str]) -> str:
    """Why a word is no security, and which functions may have been meant."""
    if not codes:
        return reason
    function = f"the function {' or '.join(codes)}?"
    return f"{reason[:-1]}, or {function}" if reason.endswith("?") else f"{reason}; did you mean {function}"


class Navigator:
    """Runs command lines on the workspace that is shown."""

    def __init__(self, app: OptixApp) -> None:
        self._app = app
        self.history: list[str] = []
        """Command lines that were run, oldest first."""
        self._turn = 0
        """Counts them: one that still waits for the engine gives way to the next."""
        self._standing = asyncio.Lock()
        """Places change their tiles one after another: a key that is pressed twice says two commands before the first is done."""

    def go(self, command: str, tile: Function | None = None) -> bool:
        """Runs a command line; False when it cannot be read (the reason is shown)."""
        text = " ".join(command.split())
        found = parse(text, self._app.session.listed)
        if isinstance(found, Problem):
            self._app.tell(found.sentence, level="warning")
            return False
        if text and (not self.history or self.history[-1] != text):
            self.history = [*self.history[-MOST_HISTORY:], text]
        slot = self._app.bench.slot_of(tile if tile is not None else self._app.bench.tile)
        self._turn += 1
        self._app.run_worker(later(self._execute, found, slot, text), group="commands")
        return True

    async def _execute(self, instruction: Instruction, slot: Slot, text: str) -> None:
        symbol = instruction.symbol
        if symbol and not instruction.is_listed and not await self._is_listed(symbol, instruction.instead, text):
            return
        async with self._standing:
            if slot in self._app.bench.slots.values():
                await self._perform(instruction, slot)
            else:
                self._app.tell(f"{text} was not opened: another workspace is shown", level="warning")

    async def _perform(self, instruction: Instruction, slot: Slot) -> None:
        """In the place where it was said, on the tile that stands there by now."""
        if instruction.goes_back:
            await self._travel(slot, slot.past, slot.future)
            return
        tile, symbol = slot.tile, instruction.symbol
        if symbol:
            self.link(tile.context.group, symbol, leave_out=tile)
        context = replace(tile.context, symbol=symbol or tile.context.symbol)
        entry = instruction.entry
        if entry is not None:
            await self._visit(slot, entry, replace(context, args=instruction.args))
            if wrong := slot.tile.misread():
                self._app.tell(wrong, level="warning")
        elif tile.entry.needs_security:
            await self._visit(slot, tile.entry, moved(tile, context.symbol))
        else:
            tile.load(context)
        self._app.session.look_at(self._app.bench.tile.context.symbol)

    async def _is_listed(self, symbol: Symbol, instead: Sequence[str], text: str) -> bool:
        """Asks the engine for a name the terminal has not heard of (yet); False where there is none, or another command came meanwhile."""
        app, engine, turn, key_at = self._app, self._app.session.engine, self._turn, self._app.last_key_at
        if engine is None:
            return True
        question = asyncio.ensure_future(engine.ask(GetSecurity(symbol=symbol)))
        try:
            done, _ = await asyncio.wait({question}, timeout=SAYS_SO_SECONDS)
            if not done:
                app.tell(f"asking {app.session.status.source if app.session.status else 'the engine'} for {symbol} …")
            security = await question
        except OptixError as error:
            is_unknown = isinstance(error, UnknownSymbol)
            app.tell(or_a_function(str(error), instead if is_unknown else ()), level="warning" if is_unknown else "error")
            if app.last_key_at == key_at:
                app.bench.open_command(text)
                app.bench.command.mark()
            return False
        finally:
            question.cancel()
        app.session.listed.setdefault(security.symbol, security)
        return turn == self._turn

    async def _visit(self, slot: Slot, entry: Entry, context: Context) -> None:
        slot.past = [*slot.past[-MOST_HISTORY:], as_it_stands(slot.tile)]
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
        target.append(as_it_stands(slot.tile))
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

    def link_expiry(self, tile: Function, series: SeriesId) -> None:
        """The other tiles of its link group that show the same security show this expiry of it."""
        context = tile.context
        if context.group is None:
            return
        for other in self._app.bench.tiles:
            if other is not tile and (other.context.group, other.context.symbol) == (context.group, context.symbol):
                other.offer_expiry(series)

    async def back(self) -> None:
        """The screen the current tile showed before."""
        async with self._standing:
            slot = self._app.bench.slot_of(self._app.bench.tile)
            await self._travel(slot, slot.past, slot.future)

    async def forward(self) -> None:
        """The one it showed after."""
        async with self._standing:
            slot = self._app.bench.slot_of(self._app.bench.tile)
            await self._travel(slot, slot.future, slot.past)
