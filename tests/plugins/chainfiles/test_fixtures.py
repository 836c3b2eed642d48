"""Every recorded chain file of the world is read whole: counts are those of the files themselves."""

from math import isnan
from pathlib import Path

import numpy as np
import pytest

from engine.domain.errors import BadInput, UpstreamFailed
from engine.domain.instants import new_york
from engine.domain.instruments import Settlement
from plugins.chainfiles.model import ChainFile
from plugins.chainfiles.read import read_chain_file
from tests.kit.chainfiles import arrays_by_series

pytestmark = pytest.mark.fixtures

JSON, CSV, YAHOO, JOINED = "cboe_delayed_json", "cboe_quotedata_csv", "yahoo_chains", "chain_yahoo_plus_cboe_greeks"
FILES = {
    f"{JSON}/AAPL_2025-06-06.json.gz": ("AAPL", 2428, 21, "2025-06-06 16:00"),
    f"{JSON}/IWM_2025-06-06.json.gz": ("IWM", 4314, 31, "2025-06-06 16:00"),
    f"{JSON}/NVDA_2025-06-06.json.gz": ("NVDA", 4492, 20, "2025-06-06 16:00"),
    f"{JSON}/RUT_2023-09-20.json.gz": ("RUT", 6680, 26, "2023-09-20 16:15"),
    f"{JSON}/SPY_2025-06-06.json.gz": ("SPY", 9072, 32, "2025-06-06 16:00"),
    f"{CSV}/NDX_2022-12-12_eod.csv.gz": ("NDX", 2 * 9559, 42, "2022-12-12 16:15"),
    f"{CSV}/NVDA_2025-01-06_eod.csv.gz": ("NVDA", 2 * 543, 4, "2025-01-06 16:00"),
    f"{CSV}/QQQ_2024-03-22_eod.csv.gz": ("QQQ", 2 * 4920, 31, "2024-03-22 16:00"),
    f"{CSV}/SPX_2022-06-10_eod.csv.gz": ("SPX", 2 * 9835, 49, "2022-06-10 16:15"),
    f"{CSV}/SPX_2022-07-12_1155ET_intraday.csv.gz": ("SPX", 2 * 9689, 52, "2022-07-12 11:55"),
    f"{CSV}/SPX_2022-12-12_eod.csv.gz": ("SPX", 2 * 9578, 56, "2022-12-12 16:15"),
    f"{CSV}/SPX_2023-06-09_1340ET_intraday.csv.gz": ("SPX", 2 * 8894, 54, "2023-06-09 13:40"),
    f"{CSV}/SPX_2023-09-14_1631ET.csv.gz": ("SPX", 2 * 9960, 59, "2023-09-14 16:15"),
    f"{CSV}/SPX_2023-12-08_locale-ru.csv.gz": ("SPX", 2 * 3115, 16, "2023-12-08 16:15"),
    f"{CSV}/SPX_2025-10-01_exp2026-06-18.csv": ("SPX", 2 * 217, 2, "2025-10-01 16:15"),
    f"{CSV}/SPX_2025-10-01_exp2026-08-21.csv": ("SPX", 2 * 47, 1, "2025-10-01 16:15"),
    f"{CSV}/SPX_2025-10-01_exp2026-09-18.csv": ("SPX", 2 * 159, 2, "2025-10-01 16:15"),
    f"{CSV}/SPX_2025-10-01_exp2026-12-18.csv": ("SPX", 2 * 93, 1, "2025-10-01 16:15"),
    f"{CSV}/SPX_2025-10-01_exp2027-06-17.csv": ("SPX", 2 * 37, 1, "2025-10-01 16:15"),
    f"{CSV}/SPX_2025-10-01_exp2027-12-17.csv": ("SPX", 2 * 31, 1, "2025-10-01 16:15"),
    f"{CSV}/SPY_2023-09-14_1631ET.csv.gz": ("SPY", 2 * 3646, 31, "2023-09-14 16:00"),
    f"{CSV}/SPY_2025-05-16_eod_partial.csv.gz": ("SPY", 2 * 1580, 10, "2025-05-16 16:00"),
    f"{CSV}/XSP_2023-09-14_1630ET.csv.gz": ("XSP", 2 * 5441, 51, "2023-09-14 16:15"),
    f"{YAHOO}/AAPL_2026-02-11.csv.gz": ("AAPL", 2546, 23, "2026-02-11 12:27"),
    f"{YAHOO}/IWM_2026-08-12.csv.gz": ("IWM", 1836, 14, "2026-08-13 11:58"),
    f"{YAHOO}/IWM_2026-08-13.csv.gz": ("IWM", 1746, 13, "2026-08-14 11:23"),
    f"{YAHOO}/IWM_2026-08-14.csv.gz": ("IWM", 2089, 17, "2026-08-17 09:50"),
    f"{YAHOO}/QQQ_2026-02-11.csv.gz": ("QQQ", 6923, 29, "2026-02-11 11:31"),
    f"{YAHOO}/QQQ_2026-08-12.csv.gz": ("QQQ", 5049, 16, "2026-08-13 11:58"),
    f"{YAHOO}/QQQ_2026-08-13.csv.gz": ("QQQ", 4819, 15, "2026-08-14 11:23"),
    f"{YAHOO}/QQQ_2026-08-14.csv.gz": ("QQQ", 5543, 19, "2026-08-17 09:50"),
    f"{YAHOO}/SPY_2026-02-11.csv.gz": ("SPY", 8778, 31, "2026-02-11 11:19"),
    f"{YAHOO}/SPY_2026-08-12.csv.gz": ("SPY", 5472, 16, "2026-08-13 11:58"),
    f"{YAHOO}/SPY_2026-08-13.csv.gz": ("SPY", 5231, 15, "2026-08-14 11:23"),
    f"{YAHOO}/SPY_2026-08-14.csv.gz": ("SPY", 6036, 19, "2026-08-17 09:50"),
    f"{JOINED}/AAPL_2026-08-21.json.gz": ("AAPL", 2418, 20, "2026-08-21 16:00"),
    f"{JOINED}/CAT_2026-08-21.json.gz": ("CAT", 2490, 16, "2026-08-21 16:00"),
    f"{JOINED}/NVDA_2026-08-21.json.gz": ("NVDA", 3093, 19, "2026-08-21 16:00"),
    f"{JOINED}/QQQM_2026-08-21.json.gz": ("QQQM", 772, 9, "2026-08-21 16:00"),
    f"{JOINED}/TSLA_2026-08-21.json.gz": ("TSLA", 4033, 20, "2026-08-21 16:00"),
    f"{JOINED}/leap_IWM_2026-07-20.json.gz": ("IWM", 2480, 16, "2026-07-20 09:30"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_recorded_chain_is_read_whole(fixtures: Path, name: str):
    file = read_chain_file(fixtures / name)
    symbol, contracts, series, market = FILES[name]
    assert (file.symbol, len(file.contracts), len(file.series)) == (symbol, contracts, series)
    assert file.skipped == ()
    assert new_york(file.market_at).strftime("%Y-%m-%d %H:%M") == market
    assert file.spot > 0
    assert (file.contracts.vendor_iv > 0).sum() > contracts // 2
    assert (file.contracts.open_interest > 0).any()


def test_no_recorded_chain_is_left_out(fixtures: Path):
    present = {f"{folder}/{path.name}" for folder in (JSON, CSV, YAHOO, JOINED) for path in (fixtures / folder).iterdir()}
    others = {path for path in present if path.endswith("PROVENANCE.md") or "/meta_" in path or "error_body" in path}
    assert present - others == set(FILES)


def test_what_a_collector_stored_instead_of_a_chain_is_refused(fixtures: Path):
    with pytest.raises(UpstreamFailed, match="UnavailableUnavailable"):
        read_chain_file(fixtures / JSON / "error_body_GOOG.json")


def test_a_collectors_notes_are_no_chain(fixtures: Path):
    with pytest.raises(BadInput, match="JSON without option contracts"):
        read_chain_file(fixtures / YAHOO / "meta_2026-08-12.json")


def read(fixtures: Path, name: str) -> ChainFile:
    return read_chain_file(fixtures / CSV / name)


def test_the_saturday_file_stands_at_fridays_close(fixtures: Path):
    file = read(fixtures, "SPX_2022-06-10_eod.csv.gz")
    assert new_york(file.saved_at).strftime("%a %H:%M") == "Sat 20:47"
    assert new_york(file.market_at).strftime("%a %H:%M") == "Fri 16:15"
    assert file.spot == 3900.8601
    assert file.underlying.previous_close == pytest.approx(4017.82)


def test_index_roots_keep_their_settlements(fixtures: Path):
    file = read(fixtures, "SPX_2023-09-14_1631ET.csv.gz")
    assert {(series.root, series.settlement) for series in file.series} == {("SPX", Settlement.AM), ("SPXW", Settlement.PM)}


def test_a_file_almost_without_quotes_says_so(fixtures: Path):
    file = read(fixtures, "SPX_2022-12-12_eod.csv.gz")
    assert "18,398 of 19,156 contracts without a bid" in file.remarks
    assert not (file.contracts.bid[file.contracts.ask == 0] > 0).all()


def test_a_spot_of_another_moment_is_told_of(fixtures: Path):
    assert any("0.8% from what parity of 2025-05-19" in remark for remark in read(fixtures, "SPY_2025-05-16_eod_partial.csv.gz").remarks)


def test_the_columns_of_one_expiry_are_those_of_the_file(fixtures: Path):
    path = fixtures / CSV / "SPX_2023-09-14_1631ET.csv.gz"
    file = read_chain_file(path)
    arrays = list(arrays_by_series(path))
    assert sum(int(np.isfinite(one.bid).sum()) for one in arrays) == len(file.contracts)
    december = next(one for one in arrays if one.series.id == "SPX/2023-12-15/AM")
    at = int(np.searchsorted(december.strikes, 4500.0))
    row = file.contracts.name.index("SPX   231215P04500000")
    assert december.bid[1, at] == file.contracts.bid[row]
    assert december.vendor_iv[1, at] == file.contracts.vendor_iv[row]
    assert not isnan(december.spot)
