import asyncio

import pytest

from engine.domain.errors import BadInput, UnknownSymbol
from engine.domain.ids import SeriesId, Symbol
from engine.domain.instants import SECOND_NS
from engine.kernel.clock import Clock
from engine.kernel.offload import Offload
from engine.messages.queries import GetChain, GetExpirations
from engine.services.analytics import chains as chains_module
from engine.services.analytics.chains import Chains
from engine.services.analytics.pricing import Pricing
from tests.kit.market import DECEMBER, MONDAY, NOON, listing, series_of
from tests.kit.priced_market import SPX, PricedRoom


def by_the_wall(room: PricedRoom) -> Chains:
    """Chains whose patience runs by a clock that moves."""
    pricing = Pricing(state=room.state, bus=room.bus, clock=Clock(), offload=Offload(1))
    return Chains(state=room.state, pricing=pricing, resolve=room.security, clock=Clock())


async def test_without_a_series_the_nearest_is_answered_and_everything_on_demand() -> None:
    room = PricedRoom()
    room.quote()
    nearest = await room.chains.chain(GetChain(symbol=SPX))
    assert [found.summary.series.id for found in nearest.slices] == ["SPXW/2026-11-23/PM"]
    everything = await room.chains.chain(GetChain(symbol=SPX, everything=True))
    assert [found.summary.series.id for found in everything.slices] == [series.id for series in room.series]
    assert everything.as_of == NOON
    assert everything.spot == pytest.approx(6_000.0)


async def test_the_nearest_is_one_that_still_trades() -> None:
    room = PricedRoom(series_of("SPX", DECEMBER), series_of("SPXW", DECEMBER))
    room.quote()
    am = series_of("SPX", DECEMBER)
    room.clock.pass_time((am.last_trade_at - NOON) / SECOND_NS + 60.0)
    room.quote(at=int(room.clock.now()))
    chain = await room.chains.chain(GetChain(symbol=SPX))
    assert chain.slices[0].summary.series.id == "SPXW/2026-12-18/PM"


async def test_a_fresh_slice_is_answered_as_it_is_and_an_old_one_is_made_anew() -> None:
    room = PricedRoom()
    room.quote()
    first = await room.chains.chain(GetChain(symbol=SPX))
    assert (await room.chains.chain(GetChain(symbol=SPX))).slices[0] is first.slices[0]
    room.quote(at=NOON + SECOND_NS)
    assert (await room.chains.chain(GetChain(symbol=SPX))).slices[0] is not first.slices[0]


async def test_a_strike_that_is_listed_later_is_in_the_chain_and_its_smile_before_anything_is_quoted() -> None:
    room = PricedRoom()
    room.quote()
    monday = room.series[0]
    first = (await room.chains.chain(GetChain(symbol=SPX))).slices[0]
    await room.pricing.smiles(SPX, room.state.instruments.chain(SPX))
    room.emit(listing(monday, strikes=(7_050.0,), first=5_000))
    (again,) = (await room.chains.chain(GetChain(symbol=SPX))).slices
    assert again.strikes.tolist() == [*first.strikes.tolist(), 7_050.0]
    smile = (await room.pricing.smiles(SPX, room.state.instruments.chain(SPX)))[0]
    assert smile.strikes.tolist() == again.strikes.tolist()


async def test_just_after_the_start_the_first_quotes_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains_module, "FIRST_QUOTES_SECONDS", 60.0)
    room = PricedRoom()
    chains = by_the_wall(room)

    async def quote_soon() -> None:
        await asyncio.sleep(0.1)
        room.quote()

    soon = asyncio.ensure_future(quote_soon())
    chain = await chains.chain(GetChain(symbol=SPX))
    await soon
    assert chain.slices[0].summary.atm_iv == pytest.approx(0.2, abs=1e-2)
    assert chain.slices[0].summary.as_of == NOON


async def test_the_table_is_waited_for_too_even_if_it_was_priced_before_the_first_quotes() -> None:
    room = PricedRoom()
    await room.pricing.tick()
    room.quote()
    table = await room.chains.expirations(GetExpirations(symbol=SPX))
    assert all(entry.as_of == NOON for entry in table.expiries)
    assert table.spot == pytest.approx(6_000.0)


async def test_a_feed_that_never_quotes_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains_module, "FIRST_QUOTES_SECONDS", 0.05)
    room = PricedRoom()
    chain = await by_the_wall(room).chain(GetChain(symbol=SPX))
    summary = chain.slices[0].summary
    assert summary.as_of == 0
    assert summary.atm_iv != summary.atm_iv


async def test_a_question_is_demand_for_its_name_and_series() -> None:
    room = PricedRoom()
    room.quote()
    await room.chains.chain(GetChain(symbol=SPX))
    assert room.state.wanted.symbols == {"SPX"}
    assert room.state.wanted.series == {series_of("SPXW", MONDAY).id}
    room.clock.pass_time(31.0)
    room.state.wanted.settle()
    assert room.state.wanted.symbols == frozenset()


async def test_an_unknown_series_is_answered_with_those_there_are() -> None:
    room = PricedRoom()
    with pytest.raises(BadInput, match="it has SPXW/2026-11-23/PM"):
        await room.chains.chain(GetChain(symbol=SPX, series=(SeriesId("SPX/2030-01-18/AM"),)))


async def test_a_name_without_options_says_so() -> None:
    room = PricedRoom()
    room.emit(listing(symbols=("VIX",), first=9_000))
    with pytest.raises(UnknownSymbol, match="no listed options"):
        await room.chains.chain(GetChain(symbol=Symbol("VIX")))
