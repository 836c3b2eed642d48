import asyncio
from pathlib import Path

import pytest

from engine.domain.errors import BadInput, UpstreamFailed
from engine.domain.ids import RunId, SourceId
from engine.domain.instants import parse_instant
from engine.domain.market import FeedCondition, FeedState
from engine.kernel.tasks import Tasks
from engine.messages.commands import ImportChain
from engine.services.market import importing
from engine.services.market.importing import Imports, collected, door_of
from engine.storage.store import Store
from tests.kit.market import NOON, listing, quotes, series_of
from tests.kit.market_room import ScriptedFeed

FROZEN = FeedCondition(at=NOON, state=FeedState.FROZEN)


def file_of_spy(*, waits: bool = True) -> ScriptedFeed:
    return ScriptedFeed(listing(series_of("SPY")), quotes([0, 1, 2], [99.9, 11.0, 1.0], [100.1, 11.2, 1.1]), FROZEN, waits=waits)


async def test_an_import_is_kept_once_however_often_it_comes(tmp_path: Path) -> None:
    store = Store.open(tmp_path, store="file", run=RunId("r"), source=SourceId("scripted"), started_at=NOON, budget_bytes=10**9)
    try:
        await store.ready()
        imports = Imports(build=lambda path: file_of_spy(), open_store=door_of(store), tasks=Tasks())
        first = await imports.import_chain(ImportChain(path="spy.csv"))
        again = await imports.import_chain(ImportChain(path="spy.csv"))
        assert first.detail["symbols"] == ["SPY"]
        assert first.detail["rows_added"] > 0
        assert parse_instant(first.detail["at"]) == (await store.snapshots()).at[0], "as every instant that programs read"
        assert again.detail["rows_added"] == 0
        assert "nothing changed" in again.text
        assert (await store.snapshots()).symbols == ("SPY",)
    finally:
        await store.aclose()


@pytest.mark.parametrize("waits", [True, False])
async def test_a_feed_that_waits_for_ever_and_one_that_ends_are_both_read_to_their_end(waits: bool) -> None:
    assert len(await collected(file_of_spy(waits=waits), Tasks())) == 3


async def test_a_file_that_cannot_be_read_says_why() -> None:
    with pytest.raises(BadInput, match="an HTML page"):
        await collected(ScriptedFeed(then=BadInput("an HTML page is no chain")), Tasks())


async def test_a_feed_that_never_comes_to_rest_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "READING_SECONDS", 0.05)
    with pytest.raises(UpstreamFailed, match="could not be read within"):
        await collected(ScriptedFeed(listing(series_of("SPY"))), Tasks())
    await asyncio.sleep(0)
