"""One tile on a bare stage: the desk it wants, an engine of frozen facts, and the three states a screen is honest about."""

from collections.abc import Iterable
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from engine.domain.ids import SeriesId, Symbol, UtcNanos
from engine.domain.instants import SECOND_NS
from engine.domain.market import FeedState
from engine.messages.events import StatusChanged
from engine.messages.queries import GetContract, GetDatabaseInfo
from optix_tui.freshness import FeedView
from optix_tui.function import Context, Function
from optix_tui.graphics.gallery import Gallery
from optix_tui.registry import entry_of, panel_class
from optix_tui.theme import Palette, load_palette
from tests.kit import (
    calculator_facts,
    compass_facts,
    engine_facts,
    exposure_facts,
    facts,
    flow_facts,
    past_facts,
    realized_facts,
    surface_facts,
)
from tests.kit.fake_engine import FakeEngine
from tests.kit.terminal import screen_rows, screen_strips, screen_text, style_runs

LIVE = FeedView(connected=True, was_connected=True, state=FeedState.LIVE, market_time=facts.NOW, wall_time=facts.NOW)
STALE = FeedView(
    connected=True,
    was_connected=True,
    state=FeedState.DEGRADED,
    reason="no data for 42 s",
    market_time=facts.NOW,
    wall_time=facts.NOW,
)
DISCONNECTED = FeedView(
    connected=False,
    was_connected=True,
    market_time=facts.NOW,
    wall_time=facts.NOW,
    silent_since=UtcNanos(facts.NOW - 12 * SECOND_NS),
)
STATES = {"live": LIVE, "stale": STALE, "disconnected": DISCONNECTED}


class Stage(App[None]):
    """A terminal with nothing but one tile; it does what the desk of a tile promises."""

    def __init__(self, code: str, *arguments: str, symbol: str = "SPY", engine: Any = None, theme: str = "amber") -> None:
        super().__init__()
        self.entry = entry_of(code)
        self.context = Context(symbol=Symbol(symbol), args=arguments)
        self.palette: Palette = load_palette(theme)
        self.engine = engine if engine is not None else told_engine()
        self.feed = LIVE
        self.linked: list[tuple[int | None, str]] = []
        self.expiries: list[tuple[int | None, str]] = []
        self.commands: list[str] = []
        self.told: list[str] = []
        self.applied: list[tuple[str, Any]] = []
        self.is_remote = False
        self.gallery = Gallery(environment={})
        self.tile: Function = panel_class(self.entry)(self.entry, self.context)

    def compose(self) -> ComposeResult:
        yield self.tile

    def on_mount(self) -> None:
        self.tile.focus()

    def feed_view(self) -> FeedView:
        return self.feed

    def market_time(self) -> UtcNanos:
        return facts.NOW

    def link(self, group: int | None, symbol: Symbol) -> None:
        self.linked.append((group, symbol))

    def link_expiry(self, tile: Function, series: SeriesId) -> None:
        self.expiries.append((tile.context.group, series))

    def go(self, command: str, tile: Function | None = None) -> None:
        self.commands.append(command)

    def tell(self, text: str, *, level: str = "information") -> None:
        self.told.append(text)

    def enlist(self, tile: Function) -> None: ...

    def dismiss_tile(self, tile: Function) -> None: ...

    def apply_setting(self, key: str, value: Any) -> None:
        self.applied.append((key, value))

    # -- what a test does ---------------------------------------------------------------------------------------------------

    async def settle(self, pilot: Pilot[Any], *, turns: int = 3) -> None:
        """Lets questions be answered and said things be heard, then paints."""
        for _ in range(turns):
            await self.workers.wait_for_complete()
            await pilot.pause()
            self.tile.drain()
        self.tile.look_at_freshness()
        self.tile.flush()
        await pilot.pause()

    async def become(self, pilot: Pilot[Any], state: FeedView) -> None:
        """The feed is in another state now."""
        self.feed = state
        self.tile.look_at_freshness()
        self.tile.touch()
        self.tile.flush()
        await pilot.pause()

    def text(self) -> str:
        return screen_text(self)

    def rows(self) -> list[str]:
        return screen_rows(self)

    def colours(self, rows: slice = slice(None)) -> str:
        return style_runs(screen_strips(self)[rows], self.palette)


def told_engine(symbols: Iterable[str] = facts.SYMBOLS) -> FakeEngine:
    """An engine that knows all of the frozen market."""
    engine = FakeEngine(tuple(symbols))
    engine.answers[GetContract] = lambda _query: facts.contract()
    engine.answers[GetDatabaseInfo] = lambda _query: engine_facts.database()
    for subject in (surface_facts, exposure_facts, flow_facts, compass_facts, realized_facts, calculator_facts, past_facts):
        subject.teach(engine)
    return engine


def said(engine: FakeEngine, **changes: Any) -> None:
    """The engine's status, changed."""
    engine.say(StatusChanged(status=engine_facts.status(**changes)))
