"""A contract that settled before the engine began is found in what was recorded."""

from pathlib import Path

import pytest

from engine.domain.errors import OptixError, StoreUnavailable, UnknownSymbol
from engine.domain.ids import ContractId, RunId, SourceId
from engine.domain.instruments import Contract, Right
from engine.messages.queries import GetContract
from engine.services.market.contracts import Contracts
from engine.storage.store import Store
from tests.kit.market import DECEMBER, MONDAY, NOON, TODAY, listing, quotes, series_of
from tests.kit.market_room import MarketRoom, turn_to

FRIDAY_SERIES = series_of("SPXW", TODAY)


async def on_monday(folder: Path) -> tuple[Store, Contracts]:
    """An engine that began after Friday's series settled, over the store of one that recorded it."""
    store = Store.open(folder, store="sim", run=RunId("r"), source=SourceId("test"), started_at=NOON, budget_bytes=10**9, variant="seed 7")
    store.record(listing(FRIDAY_SERIES))
    store.record(quotes([1, 2], 1.0, 1.2))
    await store.flush()
    room = MarketRoom()
    turn_to(room.clock, FRIDAY_SERIES.settles_at + 1)
    room.emit(listing(series_of("SPXW", MONDAY), series_of("SPXW", DECEMBER)))
    return store, Contracts(state=room.state, names=room.names(), clock=room.clock, kept=store)


async def test_it_is_found_with_the_terms_it_was_recorded_with(tmp_path: Path) -> None:
    store, contracts = await on_monday(tmp_path)
    try:
        for text in ("SPXW  261120P00100000", "SPXW261120P00100000", "SPXW 2026-11-20 100P"):
            found = (await contracts.detail(GetContract(text=text))).contract
            assert found == Contract(id=ContractId("SPXW  261120P00100000"), series=FRIDAY_SERIES, strike=100.0, right=Right.PUT)
    finally:
        await store.aclose()


@pytest.mark.parametrize("text", ["SPXW  261120P00105000", "SPXW  261119P00100000", "SPXW  261218P00105000"])
async def test_one_that_was_never_recorded_or_has_not_settled_is_refused_as_before(tmp_path: Path, text: str) -> None:
    store, contracts = await on_monday(tmp_path)
    try:
        with pytest.raises(UnknownSymbol):
            await contracts.detail(GetContract(text=text))
    finally:
        await store.aclose()


async def test_a_history_that_cannot_be_read_just_now_knows_none() -> None:
    class Closed:
        async def contract_named(self, name: ContractId) -> Contract | None:
            raise StoreUnavailable("the history is closed")

    room = MarketRoom()
    turn_to(room.clock, FRIDAY_SERIES.settles_at + 1)
    room.emit(listing(series_of("SPXW", MONDAY)))
    contracts = Contracts(state=room.state, names=room.names(), clock=room.clock, kept=Closed())
    with pytest.raises(OptixError, match="no expiry 2026-11-20"):
        await contracts.detail(GetContract(text="SPXW  261120P00100000"))
