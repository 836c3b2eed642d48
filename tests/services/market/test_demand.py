import asyncio

from engine.domain.ids import Symbol
from engine.messages.base import topic
from engine.messages.events import BarsChanged, ChainChanged, ExpirationsChanged, FittedChainChanged, QuoteChanged
from engine.services.market.demand import DemandKeeper
from tests.kit.market import listing, series_of
from tests.kit.market_room import MarketRoom


def room_of_demand() -> MarketRoom:
    room = MarketRoom()
    room.emit(listing(series_of("SPXW"), symbols=("SPY",)))
    room.bus.on_interest(DemandKeeper(bus=room.bus, state=room.state).follow)
    return room


def test_demand_follows_what_is_watched_and_ends_with_it() -> None:
    room = room_of_demand()
    series = series_of("SPXW").id
    mailbox = room.bus.subscribe(topic(ChainChanged, series), topic(BarsChanged, "SPY/120"))
    assert room.state.wanted.series == {series}
    assert room.state.wanted.symbols == {"SPX", "SPY"}
    mailbox.close()
    assert room.state.wanted.series == frozenset()
    assert room.state.wanted.symbols == frozenset()


def test_a_name_that_is_not_listed_yet_is_in_demand_too() -> None:
    room = room_of_demand()
    room.bus.subscribe(topic(QuoteChanged, "NVDA"), topic(ExpirationsChanged, "QQQ"))
    assert room.state.wanted.symbols == {"NVDA", "QQQ"}


def test_a_watcher_of_every_quote_wants_every_name() -> None:
    room = room_of_demand()
    room.bus.subscribe(topic(QuoteChanged))
    assert room.state.wanted.symbols == {"SPX", "SPY"}


async def test_a_feed_that_waits_for_a_change_is_woken_by_one_and_by_nothing_else() -> None:
    room = room_of_demand()
    waiting = asyncio.ensure_future(room.state.wanted.changed())
    await asyncio.sleep(0)
    room.state.wanted.settle()
    await asyncio.sleep(0)
    assert not waiting.done()
    room.state.wanted.ask(Symbol("SPY"))
    await asyncio.wait_for(waiting, 60.0)


def test_a_question_grows_old() -> None:
    room = room_of_demand()
    room.state.wanted.ask(Symbol("SPY"))
    room.clock.pass_time(29.0)
    room.state.wanted.settle()
    assert room.state.wanted.symbols == {"SPY"}
    room.clock.pass_time(2.0)
    room.state.wanted.settle()
    assert room.state.wanted.symbols == frozenset()


def test_a_chain_watched_with_its_fitted_greeks_is_in_demand_as_any_chain_is() -> None:
    room = room_of_demand()
    series = series_of("SPXW").id
    room.bus.subscribe(topic(FittedChainChanged, series))
    assert room.state.wanted.series == {series}
    assert room.state.wanted.symbols == {"SPX"}
