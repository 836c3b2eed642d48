"""The history: columns against rows, the table of the latest, what recording costs, and what a kill loses."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import numpy as np

from engine.domain.ids import RunId, SourceId, Symbol, UtcNanos
from engine.domain.instants import SECOND_NS
from engine.domain.market import Listing
from engine.storage.board import Board
from engine.storage.inserts import ensure_identity, write_batch
from engine.storage.opening import open_store_file
from engine.storage.pending import Pending
from engine.storage.roster import Roster
from engine.storage.settings import StoreSettings
from engine.storage.store import Store
from tests.kit.market import NOON, listing, quotes, series_of, trades
from tests.kit.storage import killed_while_recording, look
from tests.speed.figure import Figure

ROWS = 10_000
SECONDS = 10
SPY = Symbol("SPY")
_ROW_BY_ROW = (
    "INSERT INTO quotes (ts, instrument_id, bid, ask, bid_size, ask_size, event_at, source_id, run_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _listed() -> Listing:
    return listing(series_of("SPY"), series_of("SPXW"), strikes=np.arange(1.0, 2501.0).tolist())


def _insert_rates(folder: Path) -> tuple[float, float, float]:
    """Rows a second of 10,000 in one committed batch, in columns as the recorder writes them and row by row; and the worst batch in ms."""
    connection = open_store_file(folder / "live.duckdb", [])
    identity = ensure_identity(connection, run=RunId("speed"), source=SourceId("speed"), variant="", started_at=UtcNanos(1))
    roster = Roster()
    roster.add(_listed())
    board = Board(roster, SECOND_NS)
    board.grow()
    handles, random, spent = np.arange(2, ROWS + 2), np.random.default_rng(0), []
    for number in range(30):
        price = np.round(random.random(ROWS) * 100, 2)
        board.turn(number)
        board.quote(quotes(handles, price, price + 0.1, at=NOON + number * SECOND_NS), number)
        pending = Pending()
        pending.quotes.append(board.sweep()[0])
        begun = time.perf_counter()
        write_batch(connection, pending, roster, identity, batch=number + 1, interval_ns=SECOND_NS)
        spent.append(time.perf_counter() - begun)
    rows = [(NOON, number, 1.0, 1.1, 10.0, 10.0, NOON, 1, 1) for number in range(ROWS)]
    begun = time.perf_counter()
    connection.execute("BEGIN")
    connection.executemany(_ROW_BY_ROW, rows)
    connection.execute("COMMIT")
    by_row = ROWS / (time.perf_counter() - begun)
    connection.close()
    return ROWS / statistics.median(spent[1:]), by_row, max(spent[1:]) * 1e3


async def _recording(folder: Path, rate: int) -> tuple[float, float, int]:
    """Per cent of a core for recording ``rate`` updates a second, ms of a query for a name's latest, and rows shed."""
    store = Store.open(
        folder,
        store="live",
        run=RunId("speed"),
        source=SourceId("speed"),
        started_at=UtcNanos(1),
        budget_bytes=5 * 10**9,
        settings=StoreSettings(),
    )
    listed = _listed()
    store.record(listed)
    await store.flush()
    random = np.random.default_rng(1)
    count = rate // 20
    handles = [random.choice(np.arange(2, ROWS + 2), count, replace=count > ROWS) for _ in range(20)]
    prices = np.round(random.random(count) * 100, 2)

    async def feed(take: Callable[..., None]) -> float:
        used, begun = time.process_time(), time.perf_counter()
        for step in range(20 * SECONDS):
            at = NOON + step * SECOND_NS // 20
            take(quotes(handles[step % 20], prices, prices + 0.1, at=at))
            take(trades(handles[step % 20][: count // 100], prices[: count // 100], at=at))
            await asyncio.sleep(max(0.0, begun + (step + 1) / 20 - time.perf_counter()))
        return (time.process_time() - used) / (time.perf_counter() - begun) * 100

    without = await feed(lambda event: None)
    share = await feed(store.record) - without
    await store.flush(30)
    latest = await _median_ms(lambda: store.latest(SPY))
    shed = store.status().shed_rows
    await store.aclose()
    return share, latest, shed


async def _median_ms(ask: Callable[[], Awaitable[object]]) -> float:
    spent = []
    for _ in range(15):
        begun = time.perf_counter()
        await ask()
        spent.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(spent)


def _lost_to_kills(folder: Path, rounds: int) -> int:
    """Acknowledged seconds of prints that are missing after kills."""
    lost = 0
    for number in range(rounds):
        place = folder / f"kill-{number}"
        told = killed_while_recording(place, "killed", 10 + 37 * number)
        kept = look(place / "live.duckdb", "SELECT count(DISTINCT ts) FROM trades")[0][0] if _whole(place) else 0
        lost += max(0, (told - 1) // 2 - kept)
    return lost


def _whole(place: Path) -> bool:
    """Opens it as the next start would."""
    open_store_file(place / "live.duckdb", []).close()
    return True


def measures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        columns, rows, worst = _insert_rates(Path(folder))
    yield Figure(
        "columns against executemany, 10,000 rows a transaction",
        columns / rows,
        "times",
        100,
        more_is_better=True,
        note=f"{rows:,.0f} rows/s by row; the design's 400 was DuckDB 2.0 with Arrow",
    )
    yield Figure("columns, 10,000 rows a committed batch", columns, "rows/s", note=f"worst batch {worst:.0f} ms")
    for rate in (10_000, 100_000):
        with tempfile.TemporaryDirectory() as folder:
            share, latest, shed = asyncio.run(_recording(Path(folder), rate))
        yield Figure(f"recording {rate:,} updates/s", share, "% of a core", 10.0 if rate == ROWS else None, note=f"{shed:,} rows shed")
        yield Figure("latest of a name with 5,000 contracts", latest, "ms")
    with tempfile.TemporaryDirectory() as folder:
        yield Figure("acknowledged rows lost to kill -9, 5 kills", _lost_to_kills(Path(folder), 5), "rows", 0)
