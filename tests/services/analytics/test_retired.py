"""What the numbers do when a series leaves the listing, with nobody quoting anything any more."""

import asyncio

import pytest

from engine.domain.errors import BadInput
from engine.messages.base import topic
from engine.messages.events import ChainChanged, ExpirationsChanged
from engine.messages.queries import GetChain
from tests.kit.market import MONDAY, series_of
from tests.kit.priced_market import SPX, PricedRoom

MONDAY_SERIES = series_of("SPXW", MONDAY)


async def test_a_series_that_left_the_listing_is_kept_nowhere_and_its_table_is_told_anew() -> None:
    room = PricedRoom()
    room.quote()
    told = room.bus.subscribe(topic(ExpirationsChanged, SPX))
    await room.chains.chain(GetChain(symbol=SPX, series=(MONDAY_SERIES.id,)))
    await room.pricing.tick()
    await room.pricing.tick()
    told.drain()
    room.state.instruments.retire(SPX, MONDAY_SERIES.settles_at, room.clock.monotonic())
    known = room.state.priced
    assert all(MONDAY_SERIES.id not in kept for kept in (known.slices, known.summaries, known.versions, known.below_intrinsic))
    assert MONDAY_SERIES.id not in room.bus.retained(ChainChanged)
    (event,) = told.drain()
    assert [one.series.id for one in event.table.expiries] == [one.id for one in room.series[1:]]
    await room.pricing.tick()
    (event,) = told.drain()
    assert [one.series.id for one in event.table.expiries] == [one.id for one in room.series[1:]], "its turn came at once"


async def test_a_series_that_settles_while_it_is_priced_does_not_come_back() -> None:
    room = PricedRoom()
    room.quote()
    asked = asyncio.ensure_future(room.chains.chain(GetChain(symbol=SPX, series=(MONDAY_SERIES.id,))))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    room.state.instruments.retire(SPX, MONDAY_SERIES.settles_at, room.clock.monotonic())
    (piece,) = (await asked).slices
    assert piece.summary.series.id == MONDAY_SERIES.id, "who asked is answered"
    assert MONDAY_SERIES.id not in room.state.priced.summaries


async def test_a_chain_that_has_settled_is_refused_with_the_next_one() -> None:
    room = PricedRoom()
    room.quote()
    room.state.instruments.retire(SPX, MONDAY_SERIES.settles_at, room.clock.monotonic())
    with pytest.raises(BadInput, match="SPXW/2026-11-23/PM has settled: the next of SPX is SPX/2026-12-18/AM"):
        await room.chains.chain(GetChain(symbol=SPX, series=(MONDAY_SERIES.id,)))
