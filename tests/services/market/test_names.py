import asyncio

import pytest

from engine.domain.errors import UnknownSymbol, UpstreamFailed
from engine.domain.ids import Symbol
from engine.domain.market import FeedState
from engine.kernel.clock import Clock
from engine.messages.queries import FindSecurities
from engine.services.market import names as names_module
from engine.services.market.names import Names
from tests.kit.market import NOON, listing, series_of
from tests.kit.market_room import MarketRoom, ScriptedFeed


async def test_a_listed_name_is_found_however_it_is_written() -> None:
    room = MarketRoom()
    room.emit(listing(series_of("SPY")))
    assert (await room.names().security(" spy ")).symbol == "SPY"


async def test_the_feed_is_asked_before_a_name_is_called_unknown() -> None:
    room = MarketRoom()
    room.emit(listing(series_of("SPY")))
    feed = ScriptedFeed(fetches={"QQQ": listing(series_of("QQQ"), first=100)})
    feed.sink = room.ingest
    runner = room.runner(feed)
    runner.feed = feed
    names = Names(state=room.state, runner=runner, clock=room.clock)
    assert (await names.security("qqq")).symbol == "QQQ"
    with pytest.raises(UnknownSymbol, match="did you mean SPY"):
        await names.security("SPZ")
    assert feed.asked == ["QQQ", "SPZ"]


async def test_a_name_that_is_listed_while_the_feed_still_fetches_it_is_there_at_once() -> None:
    room = MarketRoom()
    room.emit(listing(series_of("SPY")))

    class Slow(ScriptedFeed):
        async def ensure_listed(self, symbol: Symbol) -> bool:
            room.emit(listing(series_of("QQQ"), first=100))
            await asyncio.Event().wait()
            return True

    runner = room.runner(Slow())
    runner.feed = Slow()
    async with asyncio.timeout(60.0):
        assert (await Names(state=room.state, runner=runner, clock=room.clock).security("QQQ")).symbol == "QQQ"


async def test_what_ails_a_fetch_is_the_answer() -> None:
    room = MarketRoom()
    room.emit(listing(series_of("SPY")))

    class Broken(ScriptedFeed):
        async def ensure_listed(self, symbol: Symbol) -> bool:
            raise UpstreamFailed("429: slow down")

    runner = room.runner(Broken())
    runner.feed = Broken()
    with pytest.raises(UpstreamFailed, match="slow down"):
        await Names(state=room.state, runner=runner, clock=room.clock).security("QQQ")


async def test_a_feed_that_has_just_started_is_waited_for() -> None:
    room = MarketRoom()
    runner = room.runner(ScriptedFeed())
    names = Names(state=room.state, runner=runner, clock=Clock())

    async def list_soon() -> None:
        await asyncio.sleep(0.05)
        runner.feed = ScriptedFeed()
        await asyncio.sleep(0.05)
        room.emit(listing(series_of("SPY")))

    soon = asyncio.ensure_future(list_soon())
    assert (await names.security("SPY")).symbol == "SPY"
    await soon


async def test_a_feed_that_failed_says_why_instead_of_unknown_symbol() -> None:
    room = MarketRoom()
    runner = room.runner(ScriptedFeed())
    runner.failure = UpstreamFailed("the file is cut")
    with pytest.raises(UpstreamFailed, match="cut"):
        await Names(state=room.state, runner=runner, clock=room.clock).security("SPY")


async def test_a_feed_that_lists_nothing_is_named_instead_of_the_symbol(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names_module, "LISTING_SECONDS", 0.05)
    room = MarketRoom()
    room.state.health.turn(FeedState.DISCONNECTED, "the feed crashed (KeyError)", NOON)
    names = Names(state=room.state, runner=room.runner(ScriptedFeed()), clock=Clock())
    with pytest.raises(UpstreamFailed, match="listed nothing yet: the feed crashed"):
        await names.security("SPY")


async def test_a_search_ranks_what_is_listed() -> None:
    room = MarketRoom()
    room.emit(listing(series_of("SPY"), series_of("SPXW"), symbols=("AAPL",)))
    found = await room.names().search(FindSecurities(text="sp", limit=5))
    assert {security.symbol for security in found.securities} == {"SPY", "SPX"}
