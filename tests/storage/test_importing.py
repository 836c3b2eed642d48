from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats
from engine.domain.errors import BadInput
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.instants import DAY_NS
from engine.domain.market import FeedEvent
from tests.kit.market import MONDAY, NAN, NOON, listing, quotes, series_of, summaries
from tests.kit.storage import look, opened

SPX = Symbol("SPX")
FILE = SourceId("file:spx.csv")


def _file(*, bid: float = 1.0, at: int = NOON) -> list[FeedEvent]:
    listed = listing(series_of("SPXW", MONDAY), series_of("SPX"))
    options = np.arange(1, len(listed.name))
    return [
        listed,
        summaries([0], last=6000.0, at=at),
        quotes(options, bid, bid + 0.5, at=at),
        summaries(options, open_interest=100.0, volume=NAN, vendor_iv=0.2, at=at),
    ]


async def test_an_imported_chain_is_in_the_history(tmp_path: Path) -> None:
    with opened(tmp_path, store="file") as store:
        report = await store.import_chain(_file(), source=FILE)
        assert (report.symbols, report.contracts, report.snapshots_added, report.rows_added, report.at) == ((SPX,), 12, 1, 12, NOON)
        held = await store.snapshots()
        assert (held.symbols, held.sources, held.at.tolist(), held.contracts.tolist()) == ((SPX,), ("file:spx.csv",), [NOON], [12])
        chain = await store.chain_at(SPX, UtcNanos(NOON))
        assert chain is not None
        assert (chain.kind, chain.spot, chain.source) == ("import", 6000.0, "file:spx.csv")
        assert set(chain.bid.tolist()) == {1.0}
        assert set(chain.open_interest.tolist()) == {100.0}
        assert np.isnan(chain.volume).all()
        assert sorted(set(chain.strike.tolist())) == [90.0, 100.0, 110.0]
        assert sorted(chain.right.tolist()) == [-1] * 6 + [1] * 6


async def test_the_same_chain_twice_is_one_even_after_a_restart_and_under_another_name(tmp_path: Path) -> None:
    for run, name in (("a", "file:spx.csv"), ("b", "file:copy of spx.csv")):
        with opened(tmp_path, store="file", run=run) as store:
            for _ in range(2):
                await store.import_chain(_file(), source=SourceId(name))
            again = await store.import_chain(_file(), source=SourceId(name))
            assert (again.snapshots_added, again.rows_added, again.contracts) == (0, 0, 12)
            assert (await store.snapshots(SPX)).at.shape == (1,)
    assert look(tmp_path / "file.duckdb", "SELECT (SELECT count(*) FROM snapshots), (SELECT count(*) FROM snapshot_quotes)") == [(1, 12)]


async def test_another_price_or_another_instant_is_another_chain(tmp_path: Path) -> None:
    with opened(tmp_path, store="file") as store:
        for events in (_file(), _file(bid=1.01), _file(at=NOON - DAY_NS)):
            assert (await store.import_chain(events, source=FILE)).snapshots_added == 1
        assert (await store.snapshots(SPX)).at.tolist() == [NOON, NOON, NOON - DAY_NS]


async def test_the_order_of_rows_in_a_file_does_not_make_another_chain(tmp_path: Path) -> None:
    listed, *others = _file()
    order = np.arange(len(listed.name))[::-1].copy()
    turned = replace(listed, **{name: getattr(listed, name)[order] for name in ("handle", "security", "series_index", "strike", "right")})
    turned = replace(turned, name=tuple(np.array(listed.name)[order]))
    with opened(tmp_path, store="file") as store:
        await store.import_chain([listed, *others], source=FILE)
        assert (await store.import_chain([turned, *others], source=FILE)).snapshots_added == 0


async def test_a_chain_of_nothing_but_unknowns_is_kept_as_it_is(tmp_path: Path) -> None:
    listed, spot, quoted, _ = _file()
    nothing = replace(quoted, bid=floats(np.full(12, NAN)), ask=floats(np.full(12, NAN)))
    with opened(tmp_path, store="file") as store:
        assert (await store.import_chain([listed, spot, nothing], source=FILE)).snapshots_added == 1
        assert (await store.import_chain([listed, spot, nothing], source=FILE)).snapshots_added == 0
        chain = await store.chain_at(SPX, UtcNanos(NOON))
        assert chain is not None
        assert np.isnan(chain.bid).all()


@pytest.mark.parametrize("events", [[], [listing(series_of("SPX"))], [listing(), quotes([0], 1.0, 1.1)]])
async def test_a_file_without_a_chain_is_refused(tmp_path: Path, events: list[FeedEvent]) -> None:
    with opened(tmp_path, store="file") as store:
        with pytest.raises(BadInput, match="no option chain"):
            await store.import_chain(events, source=FILE)
        assert (await store.snapshots()).at.shape == (0,)


async def test_several_names_in_one_file_are_several_snapshots(tmp_path: Path) -> None:
    listed = listing(series_of("SPY"), series_of("QQQ"))
    with opened(tmp_path, store="file") as store:
        report = await store.import_chain([listed, quotes(np.arange(len(listed.name)), 1.0, 1.1)], source=FILE)
        assert report.symbols == ("SPY", "QQQ")
        assert report.snapshots_added == 2


async def test_an_import_stays_out_of_the_real_markets_history(tmp_path: Path) -> None:
    with opened(tmp_path, store="live") as live, opened(tmp_path, store="file", run="b") as files:
        await files.import_chain(_file(), source=FILE)
        assert (await live.snapshots()).at.shape == (0,)
        assert (await live.latest(SPX)).name == ()
