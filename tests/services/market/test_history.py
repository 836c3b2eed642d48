from pathlib import Path

import numpy as np
import pytest

from engine.domain.errors import Refused
from engine.domain.ids import RunId, SourceId, Symbol
from engine.domain.instants import MINUTE_NS
from engine.messages.commands import BackupDatabase, ExportDatabase, VacuumDatabase
from engine.messages.queries import GetBars, GetDatabaseInfo, GetSnapshots, GetVolatilityHistory
from engine.services.market.bar_tables import BarTables
from engine.services.market.history import StoredBarHistory, StoreDesk
from engine.storage.store import Store
from tests.kit.market import NOON, OPEN, bars, listing, series_of, volatility
from tests.kit.market_room import MarketRoom

SPY = Symbol("SPY")


def spy_room() -> MarketRoom:
    room = MarketRoom()
    room.emit(listing(series_of("SPY")))
    return room


async def test_what_was_recorded_before_is_remembered_beside_what_the_feed_tells(tmp_path: Path) -> None:
    store = Store.open(
        tmp_path, store="sim", run=RunId("r"), source=SourceId("test"), started_at=NOON, budget_bytes=10**9, variant="seed 7"
    )
    try:
        store.record(listing(series_of("SPY")))
        store.record(volatility("SPY", [0.1, 0.2, 0.3]))
        store.record(bars("SPY", OPEN + MINUTE_NS * np.arange(3), 50.0, at=NOON))
        await store.flush()
        room = spy_room()
        room.emit(volatility("SPY", [0.33]), bars("SPY", [OPEN + 2 * MINUTE_NS, OPEN + 3 * MINUTE_NS], 60.0))
        desk = StoreDesk(store=store, state=room.state, names=room.names())
        table = await desk.volatility(GetVolatilityHistory(symbol=SPY, sessions=10))
        assert table.atm_iv.tolist() == [0.1, 0.2, 0.33]
        tables = BarTables(state=room.state, names=room.names(), history=StoredBarHistory(store), bus=room.bus, clock=room.clock)
        assert (await tables.bars(GetBars(symbol=SPY, seconds=60))).close.tolist() == [50.0, 50.0, 60.0, 60.0]
        assert (await desk.info(GetDatabaseInfo())).store == "sim"
        assert (await desk.snapshots(GetSnapshots())).symbols == ()
        assert (await desk.vacuum(VacuumDatabase())).text
        exported = await desk.export(ExportDatabase(path=str(tmp_path / "out")))
        assert exported.detail["rows"] > 0
        copied = await desk.backup(BackupDatabase(path=str(tmp_path / "copy.duckdb")))
        assert copied.detail["bytes"] == (tmp_path / "copy.duckdb").stat().st_size
    finally:
        await store.aclose()


async def test_a_store_that_cannot_be_read_leaves_what_the_feed_told(tmp_path: Path) -> None:
    store = Store.open(tmp_path, store="sim", run=RunId("r"), source=SourceId("test"), started_at=NOON, budget_bytes=10**9)
    await store.aclose()
    room = spy_room()
    room.emit(volatility("SPY", [0.33]))
    desk = StoreDesk(store=store, state=room.state, names=room.names())
    assert (await desk.volatility(GetVolatilityHistory(symbol=SPY))).atm_iv.tolist() == [0.33]
    assert (await StoredBarHistory(store).bars_before(SPY, 60, None, 10)).start.size == 0


async def test_an_engine_without_a_store_says_so() -> None:
    room = spy_room()
    desk = StoreDesk(store=None, state=room.state, names=room.names())
    with pytest.raises(Refused, match=r"store\.record"):
        await desk.info(GetDatabaseInfo())
    assert (await desk.volatility(GetVolatilityHistory(symbol=SPY))).day.size == 0
