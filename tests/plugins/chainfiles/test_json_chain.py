import json
from math import isnan

import pytest

from engine.domain.errors import BadInput
from engine.domain.instants import new_york
from engine.domain.instruments import AssetKind
from plugins.chainfiles.model import ChainFile
from plugins.chainfiles.read import read_chain
from tests.kit.chainfiles import cboe_json, collected_json, options


def read(data: bytes) -> ChainFile:
    return read_chain("spy.json", data)


def clock(instant: int) -> str:
    return new_york(instant).strftime("%Y-%m-%d %H:%M:%S")


def test_every_number_arrives_where_it_belongs():
    file = read(cboe_json())
    for row, entry in enumerate(sorted(options(), key=lambda one: (one.expiry, one.strike, one.right))):
        assert file.contracts.name[row].replace(" ", "") == entry.name
        assert (file.contracts.bid[row], file.contracts.ask[row]) == (entry.bid, entry.ask)
        assert (file.contracts.bid_size[row], file.contracts.ask_size[row]) == (11.0, 7.0)
        assert (file.contracts.vendor_iv[row], file.contracts.vendor_delta[row]) == (entry.iv, entry.delta)
        assert (file.contracts.volume[row], file.contracts.open_interest[row]) == (entry.volume, entry.open_interest)
        assert clock(int(file.contracts.last_at[row])) == "2026-06-29 11:29:30"


def test_the_naive_stamp_is_utc_and_the_market_stands_where_the_delayed_quotes_do():
    file = read(cboe_json())
    assert clock(file.saved_at) == "2026-06-29 11:45:00"
    assert clock(file.market_at) == "2026-06-29 11:29:59"
    assert "15 minutes before" in file.market_from


@pytest.mark.parametrize(
    ("saved", "market"),
    [
        ("2026-06-28 00:42:28", "2026-06-26 16:00:00"),
        ("2026-06-29 20:05:00", "2026-06-29 15:50:00"),
        ("2026-06-30 03:17:42", "2026-06-29 16:00:00"),
    ],
)
def test_outside_a_session_the_last_close_counts_but_for_quotes_still_late(saved, market):
    trade = {"last_trade_time": "2026-06-29T15:50:00"} if saved.startswith(("2026-06-29", "2026-06-30")) else {"last_trade_time": None}
    data = json.loads(cboe_json(saved=saved, header=trade))
    for row in data["data"]["options"]:
        row["last_trade_time"] = None
    assert clock(read(json.dumps(data).encode()).market_at) == market


@pytest.mark.parametrize(("saved", "kept"), [("2026-06-29 15:45:00", True), ("2026-06-28 12:49:38", False)])
def test_a_quote_of_after_the_close_is_not_the_spot_of_options_that_stopped_before_it(saved, kept):
    file = read(cboe_json(saved=saved, header={"current_price": 600.0, "bid": 600.52, "ask": 600.58, "last_trade_time": None}))
    assert file.spot == 600.0
    assert (file.underlying.bid == 600.52) is kept
    assert any("of after the close" in word for word in file.remarks) is not kept


def test_a_quote_around_the_last_price_stays_also_in_a_file_of_a_saturday():
    file = read(
        cboe_json(saved="2026-06-28 12:49:38", header={"current_price": 600.0, "bid": 599.99, "ask": 600.01, "last_trade_time": None})
    )
    assert (file.underlying.bid, file.underlying.ask) == (599.99, 600.01)


def test_an_index_is_known_by_its_underscore():
    file = read(cboe_json(options("RUTW"), symbol="_RUT"))
    assert file.symbol == "RUT"
    assert file.security.kind is AssetKind.INDEX


def test_overnight_the_close_before_is_found_by_the_change():
    assert read(cboe_json(header={"close": 600.0, "prev_day_close": 600.0, "price_change": 2.0})).underlying.previous_close == 598.0
    assert read(cboe_json(header={"close": 600.0, "prev_day_close": 597.0})).underlying.previous_close == 597.0


def test_numbers_json_does_not_know_are_unknown_numbers():
    file = read(cboe_json().replace(b'"bid": 20.06', b'"bid": NaN', 1).replace(b'"iv": 0.15', b'"iv": Infinity', 1))
    assert isnan(file.contracts.vendor_iv[0])
    assert len(file.contracts) == 30


@pytest.mark.parametrize("value", ['"n/a"', "null", "[]", "{}", "true", '"9e999"', "1e999", "-1"])
def test_a_nonsense_number_spoils_one_number(value):
    data = json.loads(cboe_json())
    text = json.dumps(data).replace(f'"ask": {data["data"]["options"][0]["ask"]}', f'"ask": {value}', 1)
    file = read(text.encode())
    assert len(file.contracts) == 30
    assert isnan(file.contracts.ask[0])


@pytest.mark.parametrize(
    "row", ["null", "5", '"text"', "[]", "{}", '{"option": 7}', '{"option": "SPY"}', '{"option": "XX269999C00000000"}']
)
def test_a_nonsense_row_is_counted_and_the_others_are_read(row):
    text = cboe_json().decode().replace('"options": [', f'"options": [{row}, ')
    file = read(text.encode())
    assert len(file.contracts) == 30
    assert file.skipped_rows == 1
    assert file.skipped[0].first_line == 1


def test_a_cut_file_gives_its_whole_contracts_and_says_that_it_is_cut():
    data = cboe_json()
    for size in range(700, len(data), 97):
        file = read_chain("cut.json", data[:size])
        assert len(file.contracts) == data[:size].count(b"}")
        assert any("cut or broken" in remark for remark in file.remarks)
        assert clock(file.saved_at) == "2026-06-29 11:45:00"


def test_a_cut_file_without_a_spot_takes_it_from_parity():
    data = cboe_json()
    file = read(data[: data.index(b'"security_type"')])
    assert file.spot == pytest.approx(600.0, abs=0.05)
    assert "parity" in file.spot_from


def test_json_nested_too_deep_is_refused():
    with pytest.raises(BadInput):
        read(b'{"option":"x","data":' + b"[" * 200_000)
    with pytest.raises(BadInput):
        read(b'{"option":"x","data":' + b"[" * 50_000 + b"]" * 50_000 + b"}")


def test_a_schema_that_changed_is_refused_by_name():
    with pytest.raises(BadInput, match=r"spy\.json seems to be a Cboe delayed quotes.*schema"):
        read(b'{"data": {"option": "SPY"}}')


def test_a_text_where_a_number_of_the_head_should_be_is_unknown():
    assert isnan(read(cboe_json(header={"open": "soon"})).underlying.open)


def test_a_hostile_symbol_is_not_believed():
    assert read(cboe_json(symbol="../../etc")).symbol == "SPY"


def test_a_collectors_chain_is_read_by_what_its_columns_are_called():
    file = read(collected_json())
    assert (file.symbol, file.spot, len(file.contracts)) == ("SPY", 600.0, 30)
    assert file.contracts.name[0] == "SPY   260702C00580000"
    assert file.underlying.previous_close == 598.0
    assert clock(file.saved_at) == "2026-06-29 11:45:00"


def test_contracts_told_in_pieces_find_the_roots_of_an_index():
    data = collected_json().replace(b'"SPY"', b'"SPX"')
    assert {(series.root, series.expiry.day) for series in read(data).series} == {("SPXW", 2), ("SPX", 17), ("SPX", 18)}


def test_two_lists_of_calls_and_puts_are_one_chain():
    rows = json.loads(cboe_json())["data"]["options"]
    for row in rows:
        row["contractSymbol"] = row.pop("option")
    halves = {"symbol": "SPY", "asOf": "2026-06-29T15:45:00Z", "calls": rows[::2], "puts": rows[1::2]}
    file = read(json.dumps(halves).encode())
    assert len(file.contracts) == 30
