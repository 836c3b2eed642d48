from datetime import date

import pytest

from engine.domain.errors import BadInput, UnknownSymbol
from engine.domain.ids import Symbol
from engine.messages.queries import ContractDetail, GetContract
from engine.services.market.contracts import Contracts
from engine.services.market.names import Names
from tests.kit.market import DECEMBER, MONDAY, listing, series_of
from tests.kit.market_room import MarketRoom, ScriptedFeed


def service() -> Contracts:
    room = MarketRoom()
    room.emit(
        listing(series_of("SPXW", MONDAY), series_of("SPX", DECEMBER), series_of("SPXW", DECEMBER), strikes=(6_700.0, 6_800.0)),
        listing(series_of("SPY", DECEMBER), strikes=(600.0, 610.0), first=100),
    )
    return Contracts(state=room.state, names=room.names(), clock=room.clock)


async def found(text: str) -> ContractDetail:
    return await service().detail(GetContract(text=text))


@pytest.mark.parametrize(
    ("text", "contract"),
    [
        ("SPY   261218C00600000", "SPY   261218C00600000"),
        ("SPY261218C00600000", "SPY   261218C00600000"),
        ("spy 610p 12/18", "SPY   261218P00610000"),
        ("spx 6700p nov23", "SPXW  261123P06700000"),
        ("spx 6800c", "SPXW  261123C06800000"),
        ("spx 6800c dec18", "SPX   261218C06800000"),
        ("spxw 6800c dec18", "SPXW  261218C06800000"),
    ],
)
async def test_a_contract_is_found_by_what_a_trader_types(text: str, contract: str) -> None:
    detail = await found(text)
    assert detail.contract.id == contract
    assert detail.security.symbol == detail.contract.series.underlying


async def test_a_missing_strike_is_answered_with_those_near_it() -> None:
    with pytest.raises(UnknownSymbol, match="no strike 605: near it are 600, 610"):
        await found("spy 605c dec18")


async def test_a_missing_expiry_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownSymbol, match="no expiry 2027-01-15: it has 2026-12-18"):
        await found(f"spy 600c {date(2027, 1, 15):%Y-%m-%d}")


async def test_nonsense_is_answered_with_an_example() -> None:
    with pytest.raises(BadInput, match="spx 3875p nov17"):
        await found("hello there")


async def test_an_expiry_that_is_still_being_listed_is_waited_for() -> None:
    room = MarketRoom()
    room.emit(listing(series_of("SPY", MONDAY), strikes=(600.0,)))

    class Opening(ScriptedFeed):
        async def ensure_listed(self, symbol: Symbol) -> bool:
            room.emit(listing(series_of("SPY", DECEMBER), strikes=(600.0,), first=100))
            return True

    runner = room.runner(Opening())
    runner.feed = Opening()
    names = Names(state=room.state, runner=runner, clock=room.clock)
    detail = await Contracts(state=room.state, names=names, clock=room.clock).detail(GetContract(text="spy 600c dec18"))
    assert detail.contract.id == "SPY   261218C00600000"
