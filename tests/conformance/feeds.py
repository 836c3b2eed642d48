"""The shipped feeds, each with a place to run in: what a test needs to know of one before it can hold it to the contract."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

import plugins.cboe
import plugins.file
import plugins.synthetic
import plugins.tape
from engine.contracts.feed import FeedSettings, FeedTraits
from engine.contracts.plugin import Manifest
from engine.contracts.tape import TapeHeader, TapeWriter
from engine.domain.ids import SourceId, UtcNanos
from engine.domain.market import FeedCondition, FeedState, QuoteBatch
from tests.kit.chainfiles import cboe_csv, cboe_json, options
from tests.kit.fake_cboe import NOW, FakeCboe
from tests.kit.feeds import MONDAY_TEN, Kept, one_of_each

CANARY = "canary-5fd1e6"
"""A secret that must never be seen again."""


class Case(Struct, frozen=True, kw_only=True):
    """One feed and how to run it."""

    manifest: Manifest
    place: Callable[[Path], AbstractAsyncContextManager[FeedSettings]]
    """Makes what the feed reads from, and the settings that point to it."""
    bad_options: tuple[Mapping[str, Any], ...]
    listed: str
    """A symbol it lists."""
    settled: Callable[[Kept], object]
    """True once enough was said to judge it."""


def _settings(argument: str = "", **more: Any) -> FeedSettings:
    return FeedSettings(argument=argument, options=more, now=NOW, secrets={"key": CANARY})


def frozen(sink: Kept) -> bool:
    return any(event.state is FeedState.FROZEN for event in sink.of(FeedCondition))


@asynccontextmanager
async def _chain_file(folder: Path) -> AsyncIterator[FeedSettings]:
    path = folder / "spx.csv"
    path.write_bytes(cboe_csv([*options("SPXW"), *options("SPX", expiries=[options()[0].expiry])]))
    yield _settings(str(path))


@asynccontextmanager
async def _tape_file(folder: Path) -> AsyncIterator[FeedSettings]:
    path = folder / "monday.tape"
    traits = FeedTraits(source=SourceId("synthetic"), store="sim", simulated=True, own_clock=True, has_trades=True)
    with TapeWriter(path, TapeHeader(traits=traits, created_at=UtcNanos(MONDAY_TEN))) as tape:
        for event in one_of_each():
            tape.write(event)
    yield _settings(str(path), speed=1000)


@asynccontextmanager
async def _fake_venue(folder: Path) -> AsyncIterator[FeedSettings]:
    async with FakeCboe(SPY=cboe_json(), QQQ=cboe_json(options("QQQ"), symbol="QQQ")) as server:
        yield _settings(base_url=server.address, refresh_seconds=0.05)


@asynccontextmanager
async def _simulation(folder: Path) -> AsyncIterator[FeedSettings]:
    yield _settings(seed=7, start="2026-06-29", speed=50)


CASES = (
    Case(
        manifest=plugins.file.MANIFEST,
        place=_chain_file,
        bad_options=({"start": "whenever"}, {"speed": 3}, {"colour": "red"}),
        listed="SPX",
        settled=frozen,
    ),
    Case(
        manifest=plugins.tape.MANIFEST,
        place=_tape_file,
        bad_options=({"speed": -2}, {"speed": "fast"}, {"longest_gap": -1}, {"colour": "red"}),
        listed="SPY",
        settled=frozen,
    ),
    Case(
        manifest=plugins.cboe.MANIFEST,
        place=_fake_venue,
        bad_options=({"base_url": "http://example.org"}, {"refresh_seconds": -1}, {"colour": "red"}),
        listed="SPY",
        settled=lambda sink: sink.of(QuoteBatch) and len(sink.of(FeedCondition)) > 1,
    ),
    Case(
        manifest=plugins.synthetic.MANIFEST,
        place=_simulation,
        bad_options=({"seed": "abc"}, {"start": "whenever"}, {"speed": -2}),
        listed="SPY",
        settled=lambda sink: len(sink.of(QuoteBatch)) >= 5,
    ),
)
