"""Both rooms as the engine wires them, behind their messages: a feed's bytes in, answers and events out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.domain.errors import UnknownSymbol, UpstreamFailed
from engine.domain.ids import RunId, Symbol
from engine.domain.instants import SECOND_NS
from engine.domain.market import FeedCondition, FeedState
from engine.kernel.bus import Bus
from engine.kernel.clock import Clock
from engine.kernel.configuration import Configuration
from engine.kernel.dispatch import Dispatch
from engine.kernel.mailbox import Mailbox
from engine.kernel.offload import Offload
from engine.kernel.paths import Paths
from engine.kernel.service import ServiceContext
from engine.kernel.tasks import Tasks
from engine.messages import commands, queries
from engine.messages.base import Event, Query, topic
from engine.messages.commands import SaveWatchlist, SetSpeed, StartRecording, StopRecording
from engine.messages.events import ChainChanged, FeedQualityChanged, QuoteChanged, StatusChanged, UniverseChanged
from engine.messages.queries import (
    EngineRole,
    FindSecurities,
    GetBars,
    GetChain,
    GetContract,
    GetExpirations,
    GetQuotes,
    GetStatus,
    GetTrades,
    GetWatchlists,
)
from engine.services.analytics.room import AnalyticsRoom
from engine.services.market.importing import door_of
from engine.services.market.room import MarketDoors, MarketRoom
from engine.state.whole import State
from engine.storage.store import Store
from tests.kit.market import MONDAY, listing, series_of, trades
from tests.kit.market_room import ScriptedFeed
from tests.kit.priced_market import SPX, STRIKES, book_of

MONDAY_SERIES = series_of("SPXW", MONDAY)
LISTED = listing(MONDAY_SERIES, strikes=STRIKES)


class House:
    """An engine of two rooms on a scripted feed."""

    def __init__(self, feed: ScriptedFeed, folder: Path) -> None:
        paths = Paths.of(folder)
        paths.make()
        clock = Clock()
        self.tasks = Tasks()
        self.context = ServiceContext(
            bus=Bus(),
            dispatch=Dispatch(),
            clock=clock,
            offload=Offload(1),
            tasks=self.tasks,
            configuration=Configuration.load(paths, environment={"OPTIX_ENGINE__NUMBA": "false"}),
            paths=paths,
            run=RunId("run"),
            started_at=clock.wall(),
            version="test",
        )
        self.store = Store.open(
            paths.data, store="sim", run=RunId("run"), source=feed.traits.source, started_at=clock.wall(), budget_bytes=10**9
        )
        self.state = State(clock.monotonic)
        doors = MarketDoors(
            build_feed=lambda: feed,
            build_file_feed=lambda path: feed,
            store=self.store,
            file_store=door_of(self.store),
            series_store=door_of(self.store),
            role=EngineRole.PRIVATE,
        )
        self.market = MarketRoom(self.context, self.state, doors)
        self.analytics = AnalyticsRoom(self.context, self.state, self.market.names.security)

    async def ask(self, query: Query) -> object:
        return await self.context.dispatch.ask(query)


@asynccontextmanager
async def house(feed: ScriptedFeed, folder: Path) -> AsyncIterator[House]:
    built = House(feed, folder)
    built.market.start()
    built.analytics.start()
    try:
        yield built
    finally:
        await built.analytics.close()
        await built.market.close()
        await built.tasks.close()
        built.context.bus.close()
        built.context.offload.close()
        await built.store.aclose()


def live_market() -> ScriptedFeed:
    """Lists and quotes at this very moment, by the wall clock."""
    now = int(Clock().wall())
    # Quotes are made for the instant of the series' own listing; their distance from today does not matter to the plumbing.
    book = book_of(LISTED, at=MONDAY_SERIES.settles_at - 30 * 86_400 * SECOND_NS)
    return ScriptedFeed(LISTED, book, trades([1], 500.0, at=now), FeedCondition(at=book.at, state=FeedState.LIVE, expected_gap=3_600.0))


async def first(mailbox: Mailbox, kind: type[Event], seconds: float = 60.0) -> Event:
    async with asyncio.timeout(seconds):
        async for event in mailbox:
            if isinstance(event, kind):
                return event
    raise AssertionError(f"no {kind.__name__} came")


async def test_every_question_of_the_market_has_its_answer(tmp_path: Path) -> None:
    async with house(live_market(), tmp_path) as built:
        chain = await built.ask(GetChain(symbol=SPX, everything=True))
        assert chain.slices[0].summary.series.id == MONDAY_SERIES.id
        assert (await built.ask(GetExpirations(symbol=SPX))).expiries
        assert (await built.ask(GetQuotes())).quotes[0].security.symbol == "SPX"
        assert (await built.ask(FindSecurities(text="sp"))).securities[0].symbol == "SPX"
        assert (await built.ask(GetContract(text="SPXW  261123C06000000"))).contract.strike == 6_000.0
        assert (await built.ask(GetBars(symbol=SPX, seconds=60))).start.size == 1
        assert (await built.ask(GetTrades(symbol=SPX))).total == 1
        assert (await built.ask(GetWatchlists())).lists[0].name == "Core"
        status = await built.ask(GetStatus())
        assert (status.feed_state, status.source, status.version) == (FeedState.LIVE, "scripted", "test")


async def test_watchers_hear_of_numbers_quotes_status_and_listing(tmp_path: Path) -> None:
    async with house(live_market(), tmp_path) as built:
        topics = (
            topic(ChainChanged, MONDAY_SERIES.id),
            topic(QuoteChanged, "SPX"),
            topic(StatusChanged),
            topic(FeedQualityChanged),
            topic(UniverseChanged),
        )
        heard = {
            kind.__name__: await first(built.context.bus.subscribe(one), kind)
            for one, kind in zip(topics, (ChainChanged, QuoteChanged, StatusChanged, FeedQualityChanged, UniverseChanged), strict=True)
        }
        assert set(heard) == {one.event for one in topics}


async def test_commands_take_effect(tmp_path: Path) -> None:
    async with house(live_market(), tmp_path) as built:
        await built.ask(GetChain(symbol=SPX))
        do = built.context.dispatch.do
        await do(SaveWatchlist(name="Mine", symbols=(SPX,)))
        assert [entry.name for entry in (await built.ask(GetWatchlists())).lists][-1] == "Mine"
        await do(SetSpeed(factor=2.0))
        assert (await built.ask(GetStatus())).speed == 2.0
        await do(StartRecording(path=str(tmp_path / "a.tape")))
        assert (await built.ask(GetStatus())).recording_to.endswith("a.tape")
        receipt = await do(StopRecording())
        assert receipt.detail["events"] >= 5


async def test_what_the_feed_said_is_in_the_store(tmp_path: Path) -> None:
    async with house(live_market(), tmp_path) as built:
        await built.ask(GetChain(symbol=SPX))
        info = await built.ask(queries.GetDatabaseInfo())
        assert sum(table.rows for table in info.tables) > len(LISTED.name)


async def test_a_feed_that_cannot_be_had_is_the_answer_to_every_name(tmp_path: Path) -> None:
    async with house(ScriptedFeed(then=UpstreamFailed("the address does not answer")), tmp_path) as built:
        with pytest.raises(UpstreamFailed, match="does not answer"):
            await built.ask(GetChain(symbol=SPX))
        status = await built.ask(GetStatus())
        assert status.feed_state is FeedState.DISCONNECTED


async def test_an_unknown_name_is_answered_with_its_neighbours(tmp_path: Path) -> None:
    async with house(live_market(), tmp_path) as built:
        await built.ask(GetChain(symbol=SPX))
        with pytest.raises(UnknownSymbol, match="did you mean SPX"):
            await built.ask(GetChain(symbol=Symbol("SPZ")))


async def test_every_message_of_the_two_rooms_has_a_handler(tmp_path: Path) -> None:
    elsewhere = {"ListPlugins", "GetSettings", "SetSetting", "StopEngine"}
    async with house(live_market(), tmp_path) as built:
        known = {message.__name__ for message in built.context.dispatch.known}
        wanted = {
            name
            for module, base in ((queries, queries.Query), (commands, commands.Command))
            for name, kind in vars(module).items()
            if isinstance(kind, type) and issubclass(kind, base) and kind is not base
        }
        assert wanted - known == elsewhere
