from engine.domain.ids import Symbol
from engine.domain.market import PrintFlag
from engine.messages.base import topic
from engine.messages.events import TradesChanged
from engine.messages.queries import GetTrades
from engine.services.market.tapes import Tapes
from tests.kit.market import NOON, listing, quotes, series_of, trades
from tests.kit.market_room import MarketRoom

SPY = Symbol("SPY")


def room_of_tape() -> tuple[MarketRoom, Tapes]:
    room = MarketRoom()
    room.emit(listing(series_of("SPY")), quotes([0, 3], [99.9, 2.0], [100.1, 2.1]))
    return room, Tapes(state=room.state, names=room.names(), bus=room.bus)


async def test_the_tape_names_the_contract_and_the_quote_at_the_print() -> None:
    room, service = room_of_tape()
    room.emit(trades([3, 3], [2.05, 2.1], size=[1.0, 20.0], side=[-1, 1], flag=[0, PrintFlag.SWEEP]))
    table = await service.tape(GetTrades(symbol=SPY))
    assert table.name == ("SPY   261218C00100000",) * 2
    assert table.price.tolist() == [2.1, 2.05]
    assert table.side.tolist() == [1, -1]
    assert table.flags.tolist() == [PrintFlag.SWEEP, 0]
    assert (table.bid[0], table.ask[0], table.spot[0], table.at[0]) == (2.0, 2.1, 100.0, NOON)


async def test_prints_of_the_name_itself_come_when_asked_for() -> None:
    room, service = room_of_tape()
    room.emit(trades([0, 3], [100.0, 2.1]))
    assert (await service.tape(GetTrades(symbol=SPY))).total == 1
    both = await service.tape(GetTrades(symbol=SPY, options_only=False, limit=1))
    assert both.total == 2
    assert len(both.name) == 1


async def test_a_name_that_never_printed_has_an_empty_tape() -> None:
    _, service = room_of_tape()
    table = await service.tape(GetTrades(symbol=SPY))
    assert (table.total, table.name) == (0, ())


def test_watchers_hear_of_new_prints_once() -> None:
    room, service = room_of_tape()
    mailbox = room.bus.subscribe(topic(TradesChanged, "SPY"))
    service.publish()
    assert mailbox.drain() == []
    room.emit(trades([3] * 300, 2.1))
    service.publish()
    service.publish()
    (event,) = mailbox.drain()
    assert isinstance(event, TradesChanged)
    assert len(event.trades.name) == 200
    assert event.trades.total == 300
