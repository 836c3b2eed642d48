from pathlib import Path

from engine.domain.market import FeedState
from engine.kernel.offload import Offload
from engine.messages.base import topic
from engine.messages.events import ChainChanged
from engine.messages.queries import GetChain, LastLook
from engine.messages.wire import decode
from engine.services.market.demand import DemandKeeper
from engine.services.market.last_look import LastLooks
from engine.services.market.quotes import Quotes
from engine.storage.lastlook import read_last_look
from tests.kit.priced_market import SPX, PricedRoom


def looks_of(room: PricedRoom, folder: Path) -> LastLooks:
    quotes = Quotes(state=room.state, names=room.names(), bus=room.bus, clock=room.clock)
    return LastLooks(folder=folder, state=room.state, quotes=quotes, clock=room.clock, offload=Offload(1))


async def test_what_is_watched_is_kept_for_the_next_first_paint_in_its_own_store(tmp_path: Path) -> None:
    room = PricedRoom()
    keeper = DemandKeeper(bus=room.bus, state=room.state)
    room.bus.on_interest(keeper.follow)
    room.bus.subscribe(topic(ChainChanged, room.series[1].id))
    room.quote()
    await room.pricing.tick()
    await looks_of(room, tmp_path).write()
    payload = read_last_look(tmp_path, "sim", "SPX")
    assert payload is not None
    look = decode(payload, LastLook)
    assert look.symbol == "SPX"
    assert [found.summary.series.id for found in look.slices] == [room.series[1].id]
    assert look.slices[0].iv.tobytes() == room.state.priced.slices[room.series[1].id].iv.tobytes()
    assert len(look.expirations.expiries) == 3
    assert look.quote.state is FeedState.LIVE
    assert read_last_look(tmp_path, "live", "SPX") is None


async def test_nothing_is_written_while_nothing_changes_or_nothing_is_watched(tmp_path: Path) -> None:
    room = PricedRoom()
    room.quote()
    await room.pricing.tick()
    looks = looks_of(room, tmp_path)
    await looks.write()
    assert read_last_look(tmp_path, "sim", "SPX") is None
    await room.chains.chain(GetChain(symbol=SPX))
    await looks.write()
    file = next((tmp_path / "lastlook" / "sim").glob("*.look"))
    file.unlink()
    await looks.write()
    assert read_last_look(tmp_path, "sim", "SPX") is None


async def test_a_disk_that_refuses_costs_the_look_and_nothing_else(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    room = PricedRoom()
    room.quote()
    await room.chains.chain(GetChain(symbol=SPX))
    await looks_of(room, blocked).write()
