from math import isnan

import numpy as np
import pytest

from engine.domain.errors import BadInput
from engine.domain.instants import new_york
from plugins.chainfiles.model import ChainFile
from plugins.chainfiles.read import read_chain
from tests.kit.chainfiles import options, yahoo_csv


def read(data: bytes) -> ChainFile:
    return read_chain("yahoo.csv", data)


def test_every_number_arrives_where_it_belongs():
    file = read(yahoo_csv())
    for row, entry in enumerate(sorted(options(), key=lambda one: (one.expiry, one.strike, one.right))):
        assert (file.contracts.bid[row], file.contracts.ask[row], file.contracts.last[row]) == (entry.bid, entry.ask, entry.last)
        assert file.contracts.open_interest[row] == entry.open_interest
        assert file.contracts.vendor_iv[row] == entry.iv
    assert np.isnan(file.contracts.vendor_delta).all()
    assert file.spot == 600.0


def test_the_newest_trade_tells_when_it_was_saved():
    file = read(yahoo_csv().replace(b"15:44:10", b"15:51:00", 1))
    assert new_york(file.market_at).strftime("%H:%M:%S") == "11:51:00"
    assert "newest trade" in file.market_from


def test_a_column_of_its_own_tells_it_better():
    lines = yahoo_csv().decode().splitlines()
    data = "\n".join([lines[0] + ",quote_datetime", *(line + ",2026-06-29 15:50:00" for line in lines[1:])])
    assert new_york(read(data.encode()).saved_at).strftime("%H:%M") == "11:50"


def test_without_any_trade_the_session_tells_it():
    lines = yahoo_csv().decode().replace("2026-06-29 15:44:10+00:00", "").splitlines()
    data = "\n".join([lines[0] + ",session", *(line + ",2026-06-29" for line in lines[1:])])
    assert new_york(read(data.encode()).market_at).strftime("%Y-%m-%d %H:%M") == "2026-06-29 16:00"


def test_without_any_time_at_all_it_is_refused():
    with pytest.raises(BadInput, match="does not say when it was saved"):
        read(yahoo_csv().replace(b"2026-06-29 15:44:10+00:00", b""))


def test_yahoos_placeholders_are_no_volatilities():
    chain = options()
    chain[0].iv = 1.0000000000000003e-05
    chain[1].iv, chain[1].bid, chain[1].ask = 0.50000390625, 0.0, 0.0
    chain[2].iv = 0.0
    file = read(yahoo_csv(chain))
    assert np.isnan(file.contracts.vendor_iv).sum() == 3
    assert "2 volatilities of the vendor's are placeholders and left out" in file.remarks


def test_empty_cells_are_unknown_not_zero():
    file = read(yahoo_csv().replace(b",120.0,900.0,", b",,,", 1))
    assert isnan(file.contracts.volume[0])
    assert isnan(file.contracts.open_interest[0])


def test_without_a_spot_parity_gives_it():
    file = read(yahoo_csv(spot=None))
    assert file.spot == pytest.approx(600.0, abs=0.05)
    assert "parity" in file.spot_from


def test_files_put_together_with_their_head_lines_are_one_chain():
    file = read(yahoo_csv() + yahoo_csv(options("SPY", strikes=[700.0])))
    assert len(file.contracts) == 36
    assert file.skipped == ()


def test_a_cut_last_line_costs_one_row():
    file = read(yahoo_csv()[:-40])
    assert len(file.contracts) == 29
    assert file.skipped[0].reason == "too few columns (a cut line?)"


def test_stale_trades_are_told_by_their_own_time():
    file = read(yahoo_csv().replace(b"2026-06-29 15:44:10+00:00", b"2026-01-30 15:12:47+00:00", 1))
    assert new_york(int(file.contracts.last_at[0])).strftime("%Y-%m-%d") == "2026-01-30"


@pytest.mark.parametrize(("number", "clock"), [("1782747850", "11:44:10"), ("1782747850000", "11:44:10")])
def test_trade_times_in_seconds_or_milliseconds_are_understood(number, clock):
    file = read(yahoo_csv().replace(b"2026-06-29 15:44:10+00:00", number.encode()))
    assert new_york(file.market_at).strftime("%H:%M:%S") == clock
