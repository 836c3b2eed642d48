"""The stored surface at REPL's cursor and at its mark: the fit at once, what comes next read ahead, the market beside it last."""

from typing import Any, NamedTuple

from msgspec.structs import replace
from textual.worker import Worker

from engine.domain.errors import OptixError, StoreUnavailable
from engine.domain.ids import UtcNanos
from engine.domain.instants import iso
from engine.domain.volatility import SurfaceModel
from engine.messages.base import Query
from engine.messages.exposure import GetExposureMarks
from engine.messages.surface import GetStoredSurfaces, GetSurface
from optix_tui.function import Context, Function, later
from optix_tui.screens.replay.facts import gamma_at
from optix_tui.screens.replay.shelf import AHEAD, Instant, Shelf, Stretch
from optix_tui.screens.replay.view import NEEDS_MARKET, ReplayFacts, ReplayPreferences


class _Market(NamedTuple):
    """The surface of an instant with its quotes."""

    instant: Instant


class RecordedSurfaces(Function):
    """A tile that shows stored surfaces as its cursor moves."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.preferences = ReplayPreferences()
        self.facts = ReplayFacts()
        self._shelf = Shelf()
        self._side = 0
        """Which way the cursor moved last."""
        self._refused: dict[Instant, str] = {}
        """Why nothing is shown of an instant."""
        self._given_up: set[Stretch | _Market] = set()
        """What could not be read and is not asked for again."""
        self._surface_worker: Worker[None] | None = None

    def _forget_surfaces(self) -> None:
        self._shelf.clear()
        self._refused.clear()
        self._given_up.clear()
        self._side = 0

    def _instant(self, at: UtcNanos | None) -> Instant | None:
        return None if at is None else (self.preferences.model, int(at))

    def _follow(self) -> None:
        """Shows the stored surface of the cursor, and of the mark, as soon as they are read."""
        self._show_kept()
        if self._next() is not None and (self._surface_worker is None or self._surface_worker.is_finished):
            self._surface_worker = self.run_worker(later(self._read_surfaces, self.context), group="question", exclusive=False)

    @property
    def _is_behind(self) -> bool:
        """The surface of the cursor is still being read."""
        own = self._instant(self.preferences.at)
        return own is not None and own not in self._shelf and own not in self._refused

    def _show_kept(self) -> None:
        """Takes what is known already; what was shown before stays until the cursor's own is read."""
        own, mark = self._instant(self.preferences.at), self._instant(self.preferences.mark)
        if own is not None and own in self._shelf:
            self.facts = replace(self.facts, reading=self._shelf.get(own), problem="")
        elif own is not None and own in self._refused:
            self.facts = replace(self.facts, reading=None, problem=self._refused[own])
        self.facts = replace(self.facts, mark=None if mark is None else self._shelf.get(mark))

    def _next(self) -> Instant | Stretch | _Market | None:
        """What is to be read: the cursor's fit, the mark's, those ahead of the cursor, and the cursor's market where it is drawn."""
        own, mark, day = self._instant(self.preferences.at), self._instant(self.preferences.mark), self.facts.day
        for instant in (own, mark):
            if instant is not None and instant not in self._shelf and instant not in self._refused:
                return instant
        if own is None or own in self._refused:
            return None
        ahead = self._shelf.stretch(own[0], day.instants, own[1], self._side) if day is not None else None
        if ahead is not None and ahead not in self._given_up:
            return ahead
        market = _Market(own)
        draws = self.preferences.show in NEEDS_MARKET and not self._shelf.has_market(own)
        return market if draws and market not in self._given_up else None

    async def _read_surfaces(self, context: Context) -> None:
        """Reads until the cursor, wherever it stands by then, has all it wants."""
        while context == self.context and self.desk.engine is not None:
            wanted = self._next()
            if wanted is None:
                return
            try:
                await self._read(context, wanted)
            except OptixError as error:
                self._give_up(wanted, str(error))
            if context == self.context:
                self._show_kept()
                self.touch()

    async def _read(self, context: Context, wanted: "Instant | Stretch | _Market") -> None:
        if isinstance(wanted, Stretch):
            surfaces = await self._row(context, wanted.model, wanted.since, wanted.until)
            if context == self.context:
                self._shelf.put_row(wanted, surfaces)
            if not surfaces:
                self._given_up.add(wanted)
            return
        if isinstance(wanted, _Market):
            model, at = wanted.instant
            surface = await self._asked(GetSurface(symbol=context.symbol, model=model, at=UtcNanos(at)))
            if context == self.context:
                self._shelf.put(wanted.instant, surface, has_market=True)
            return
        model, at = wanted
        if at == self.preferences.mark and self.facts.mark_gamma is None:
            await self._read_mark_gamma(context, UtcNanos(at))
        surfaces = await self._row(context, model, UtcNanos(at), UtcNanos(at + 1))
        if not surfaces:
            kept = "one is kept each minute while it is fitted"
            raise StoreUnavailable(f"No {model} surface of {context.symbol} is stored up to {iso(UtcNanos(at))}: {kept}.")
        if context == self.context:
            self._shelf.put(wanted, surfaces[-1])

    def _give_up(self, wanted: "Instant | Stretch | _Market", reason: str) -> None:
        if isinstance(wanted, Stretch | _Market):
            self._given_up.add(wanted)
        elif wanted[1] == self.preferences.mark and wanted[1] != self.preferences.at:
            self.preferences = replace(self.preferences, mark=None)
            self.desk.tell(f"the mark is taken away: {reason}", level="warning")
        else:
            self._refused[wanted] = reason

    async def _row(self, context: Context, model: SurfaceModel, since: UtcNanos, until: UtcNanos) -> Any:
        asked = GetStoredSurfaces(symbol=context.symbol, model=model, since=since, until=until, limit=2 * AHEAD)
        return (await self._asked(asked)).surfaces

    async def _asked(self, query: Query[Any]) -> Any:
        engine = self.desk.engine
        if engine is None:
            raise StoreUnavailable("there is no engine to ask")
        return await engine.ask(query)

    async def _read_mark_gamma(self, context: Context, mark: UtcNanos) -> None:
        """The exposure that held at a mark of another day; where none can be had, no change is shown."""
        try:
            marks = await self._asked(GetExposureMarks(symbol=context.symbol, until=UtcNanos(mark + 1), limit=1))
        except OptixError as error:
            self.desk.tell(f"the mark has no exposure: {error}", level="warning")
            return
        if context == self.context and mark == self.preferences.mark:
            self.facts = replace(self.facts, mark_gamma=gamma_at(marks, mark))
