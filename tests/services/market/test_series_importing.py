"""A daily series out of a file is in the history, once."""

from pathlib import Path

import pytest

from engine.domain.errors import BadInput
from engine.domain.ids import Symbol
from engine.kernel.offload import Offload
from engine.messages.base import Receipt
from engine.messages.measures import ImportSeries, SeriesUnit
from engine.services.market.importing import door_of
from engine.services.market.series_importing import SeriesImports
from engine.storage.store import Store
from tests.kit.market import OPEN
from tests.kit.marks import measure
from tests.kit.storage import look, opened

VIX = Symbol("VIX")
ROWS = "DATE,OPEN,HIGH,LOW,CLOSE\n11/18/2026,16,17,15,16.5\n11/19/2026,16,17,15,{last}\n"


def _write(path: Path, text: str) -> None:
    path.write_text(text)


async def _imported(store: Store, path: Path, text: str = "", **said: str) -> Receipt:
    _write(path, text or ROWS.format(last=16.25))
    offload = Offload(1)
    try:
        return await SeriesImports(open_store=door_of(store), offload=offload).import_series(ImportSeries(path=str(path), **said))
    finally:
        offload.close()


async def test_a_published_index_is_kept_as_the_level_that_was_published(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        done = await _imported(store, tmp_path / "VIX_History.csv")
        assert "VIX level (level of a published index)" in done.text
        assert "2 days 2026-11-18 to 2026-11-19: 2 days new; history of live" in done.text
        assert (done.detail["in_percent"], done.detail["measure"]) == (False, "level")
        assert (await store.daily_measures(VIX, "level")).value.tolist() == [16.5, 16.25]


async def test_what_the_options_on_an_index_imply_is_never_mixed_with_its_published_level(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        await _imported(store, tmp_path / "VIX_History.csv")
        store.record(measure("VIX", at=OPEN, index_30=0.95))
        await store.flush()
        assert (await store.daily_measures(VIX, "index:30")).value.tolist() == [0.95]
        assert (await store.daily_measures(VIX, "level")).value.tolist() == [16.5, 16.25]


async def test_a_volatility_becomes_the_past_of_its_measure_in_fractions(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        done = await _imported(store, tmp_path / "VIX_History.csv", symbol="vix index", measure="index:30")
        assert "VIX index:30" in done.text
        assert "2 days 2026-11-18 to 2026-11-19, in percent: 2 days new; history of live" in done.text
        assert (done.detail["days_added"], done.detail["in_percent"], done.detail["measure"]) == (2, True, "index:30")
        found = await store.daily_measures(VIX, "index:30")
        assert found.value.tolist() == [0.165, 0.1625]
        assert found.origin == ("import", "import")


async def test_the_same_series_again_changes_nothing_whatever_its_file_is_called_and_a_correction_corrects(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for name in ("a.csv", "b.csv"):
            done = await _imported(store, tmp_path / name, symbol="VIX", measure="index:30")
        assert "in the history already, nothing changed" in done.text
        changed = await _imported(store, tmp_path / "c.csv", ROWS.format(last=18.0), symbol="VIX", measure="index:30")
        assert (changed.detail["days_added"], changed.detail["days_changed"]) == (0, 1)
        assert (await store.daily_measures(VIX, "index:30")).value.tolist() == [0.165, 0.18]
    assert look(tmp_path / "live.duckdb", "SELECT count(*), count(DISTINCT run_id) FROM daily_measures") == [(2, 1)]


async def test_what_was_recorded_of_a_session_counts_before_what_was_imported(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        await _imported(store, tmp_path / "a.csv", symbol="VIX", measure="index:30")
        store.record(measure("VIX", at=OPEN - 86_400 * 10**9, index_30=0.2))
        store.record(measure("VIX", at=OPEN, index_30=0.21))
        await store.flush()
        found = await store.daily_measures(VIX, "index:30")
        assert found.value.tolist() == [0.165, 0.2, 0.21]
        assert found.origin == ("import", "venue", "venue")


async def test_a_file_of_bad_rows_leaves_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        with pytest.raises(BadInput, match="line 3"):
            await _imported(store, tmp_path / "a.csv", "date,close\n2026-11-18,16\n2026-11-19,sixteen\n", symbol="VIX", measure="index:30")
        with pytest.raises(BadInput, match="above zero, and those of 2026-11-19 are not"):
            await _imported(store, tmp_path / "a.csv", "date,close\n2026-11-18,16\n2026-11-19,0\n", symbol="VIX", measure="index:30")
        assert (await store.daily_measures(VIX, "index:30")).at.tolist() == []


@pytest.mark.parametrize(
    ("said", "text", "why"),
    [
        ({}, "", "does not say whose series it is"),
        ({"symbol": "ACME"}, "", "what is the series of ACME a measure of"),
        ({"symbol": "VIX", "measure": "vix"}, "", "no measure"),
    ],
)
async def test_what_the_file_does_not_say_is_asked_for(tmp_path: Path, said: dict[str, str], text: str, why: str) -> None:
    with opened(tmp_path) as store, pytest.raises(BadInput, match=why):
        await _imported(store, tmp_path / "a.csv", text, **said)


@pytest.mark.parametrize(
    ("unit", "values", "kept"),
    [
        (SeriesUnit.AUTO, "-3.5 -2.5", [-0.035, -0.025]),
        (SeriesUnit.AUTO, "-0.035 -0.025", [-0.035, -0.025]),
        (SeriesUnit.PERCENT, "0.45 0.5", [0.0045, 0.005]),
        (SeriesUnit.FRACTION, "0.45 0.5", [0.45, 0.5]),
    ],
)
async def test_a_difference_of_volatilities_is_kept_in_fractions_too(
    tmp_path: Path, unit: SeriesUnit, values: str, kept: list[float]
) -> None:
    first, second = values.split()
    with opened(tmp_path) as store:
        text = f"date,value\n2026-11-18,{first}\n2026-11-19,{second}\n"
        await _imported(store, tmp_path / "a.csv", text, symbol="SPX", measure="rr25:30", unit=unit)
        assert (await store.daily_measures(Symbol("SPX"), "rr25:30")).value.tolist() == kept


async def test_a_difference_that_may_be_vol_points_or_fractions_is_asked_about(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        with pytest.raises(BadInput, match=r"vol points or fractions.*--unit percent"):
            await _imported(store, tmp_path / "a.csv", "date,value\n2026-11-18,0.45\n", symbol="SPX", measure="bf25:30")
        assert (await store.daily_measures(Symbol("SPX"), "bf25:30")).at.tolist() == []


async def test_the_header_may_say_whose_it_is_and_the_unit_may_be_said(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        done = await _imported(store, tmp_path / "a.csv", "DATE,SKEW\n11/19/2026,130.5\n")
        assert (done.detail["symbol"], done.detail["measure"], done.detail["in_percent"]) == ("SKEW", "level", False)
        assert (await store.daily_measures(Symbol("SKEW"), "level")).value.tolist() == [130.5]
        low = "date,close\n2026-11-19,1.5\n"
        await _imported(store, tmp_path / "b.csv", low, symbol="A", measure="atm:30", unit=SeriesUnit.PERCENT)
        await _imported(store, tmp_path / "b.csv", low, symbol="B", measure="atm:30")
        assert (await store.daily_measures(Symbol("A"), "atm:30")).value.tolist() == [0.015]
        assert (await store.daily_measures(Symbol("B"), "atm:30")).value.tolist() == [1.5]


async def test_an_import_is_read_by_every_run_of_a_store_of_files_and_never_by_a_simulated_one(tmp_path: Path) -> None:
    with opened(tmp_path, store="file", source="file:a", run="a") as store:
        await _imported(store, tmp_path / "a.csv", symbol="VIX", measure="index:30")
    with opened(tmp_path, store="file", source="file:b", run="b") as store:
        await store.ready()
        assert (await store.daily_measures(VIX, "index:30")).value.tolist() == [0.165, 0.1625]
    with opened(tmp_path, store="sim", source="synthetic", variant="7", run="c") as store:
        await store.ready()
        assert (await store.daily_measures(VIX, "index:30")).value.tolist() == []
