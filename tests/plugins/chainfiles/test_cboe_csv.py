from math import isnan

import pytest

from engine.domain.errors import BadInput
from engine.domain.instants import new_york
from engine.domain.instruments import Settlement, Style
from plugins.chainfiles.model import ChainFile
from plugins.chainfiles.read import read_chain
from tests.kit.chainfiles import CBOE_PREAMBLE, CBOE_TITLES, EXPIRIES, STRIKES, cboe_csv, options


def read(data: bytes, **more) -> ChainFile:
    return read_chain("spy_quotedata.csv", data, **more)


def reasons(file: ChainFile) -> dict[str, int]:
    return {entry.reason: entry.count for entry in file.skipped}


def with_date(line: str) -> bytes:
    return cboe_csv(preamble=f"\nS&P,Last: 600.00,Change: 2.00\n{line},Bid: 599.99,Ask: 600.01,Size: 3*4,Volume: 0\n")


def market_clock(file: ChainFile) -> str:
    return new_york(file.market_at).strftime("%Y-%m-%d %H:%M")


def test_every_number_arrives_where_it_belongs():
    file = read(cboe_csv())
    chain = options()
    assert len(file.contracts) == len(chain)
    by_name = {name.replace(" ", ""): row for row, name in enumerate(file.contracts.name)}
    for entry in chain:
        row = by_name[entry.name]
        assert file.contracts.strike[row] == entry.strike
        assert file.contracts.right[row] == (1 if entry.right == "C" else -1)
        assert file.series[file.contracts.series[row]].expiry == entry.expiry
        for column, value in (("bid", entry.bid), ("ask", entry.ask), ("last", entry.last), ("volume", entry.volume)):
            assert getattr(file.contracts, column)[row] == value
        assert file.contracts.open_interest[row] == entry.open_interest
        assert file.contracts.vendor_iv[row] == entry.iv
        assert file.contracts.vendor_delta[row] == entry.delta
        assert file.contracts.previous_close[row] == pytest.approx(entry.last - 0.5) or entry.last <= 0.5


def test_the_head_tells_of_the_security():
    file = read(cboe_csv())
    own = file.underlying
    assert (file.symbol, file.spot, own.bid, own.ask, own.bid_size, own.ask_size) == ("SPY", 600.0, 599.99, 600.01, 3.0, 4.0)
    assert own.previous_close == 598.0
    assert own.volume == 71_039_449.0


def test_rows_come_in_one_order_whatever_the_files_is():
    lines = cboe_csv().decode().split("\r\n")
    turned = "\r\n".join([*lines[:4], *reversed([line for line in lines[4:] if line]), ""]).encode()
    assert read(turned).contracts.name == read(cboe_csv()).contracts.name


@pytest.mark.parametrize(
    ("line", "clock"),
    [
        ('"Date: June 29, 2026 at 11:45 AM EDT"', "2026-06-29 11:45"),
        ("Date: 29 June 2026, 11:45 AM EDT", "2026-06-29 11:45"),
        ('"Date: 29 июня 2026 г. в 11:45 GMT-4"', "2026-06-29 11:45"),
        ("Date: 29.06.2026 11:45", "2026-06-29 11:45"),
        ('"Date: June 27, 2026 at 8:47 PM EDT"', "2026-06-26 16:00"),
        ('"Date: June 29, 2026 at 9:00 AM EDT"', "2026-06-26 16:00"),
        ('"Date: June 29, 2026 at 4:31 PM EDT"', "2026-06-29 16:00"),
        ("Date: June 29, 2026", "2026-06-29 16:00"),
        ("Date: June 28, 2026", "2026-06-26 16:00"),
    ],
)
def test_the_market_stands_at_the_date_line_or_at_the_close_before_it(line, clock):
    assert market_clock(read(with_date(line))) == clock


def test_a_file_saved_on_a_saturday_keeps_both_instants():
    file = read(with_date('"Date: June 27, 2026 at 8:47 PM EDT"'))
    assert new_york(file.saved_at).strftime("%a %H:%M") == "Sat 20:47"
    assert "last close" in file.market_from


@pytest.mark.parametrize("line", ["Date: sometime last week", "Volume: 3"])
def test_a_date_line_that_cannot_be_read_is_refused_until_somebody_says_the_time(line):
    with pytest.raises(BadInput, match=r"does not say when it was saved.*--start"):
        read(with_date(line))
    guessed = read(with_date(line), modified_at=read(cboe_csv()).saved_at)
    assert market_clock(guessed) == "2026-06-29 11:45"
    assert "guess" in guessed.saved_from


def test_a_spreadsheets_commas_behind_the_head_lines_change_nothing():
    preamble = CBOE_PREAMBLE.strip().replace("\r\n", ",,,,,,\r\n") + ",,,,,,\r\n"
    assert read(cboe_csv(preamble=preamble)).contracts.name == read(cboe_csv()).contracts.name
    assert market_clock(read(cboe_csv(preamble=preamble))) == "2026-06-29 11:45"


def test_a_line_of_somebodys_own_on_top_changes_nothing():
    assert read(cboe_csv(preamble="---Example Data---\r\n" + CBOE_PREAMBLE)).spot == 600.0


def test_quotes_that_do_not_match_spoil_neither_the_head_nor_the_rows():
    preamble = CBOE_PREAMBLE.replace('"Date', "Date").replace('449"', "449")
    assert preamble.count('"') == 2
    file = read(cboe_csv(preamble=preamble.replace('EDT"', "EDT")))
    assert len(file.contracts) == 30
    assert file.underlying.volume == 71_039_449.0
    broken = cboe_csv().replace(b"SPY260702C00590000", b'"SPY260702C00590000')
    assert len(read(broken).contracts) == 30


def test_semicolons_and_decimal_commas_of_a_european_spreadsheet_are_understood():
    head, rows = cboe_csv().decode().split("Expiration Date", 1)
    european = head + ("Expiration Date" + rows).replace(",", ";").replace(".", ",")
    file = read(european.encode())
    assert file.contracts.bid.tobytes() == read(cboe_csv()).contracts.bid.tobytes()


def test_other_columns_and_old_titles_are_no_matter():
    old = CBOE_TITLES.replace("Volume", "Vol").replace("Open Interest", "Open Int").replace("Gamma", "Colour")
    assert read(cboe_csv(titles=old)).contracts.open_interest.tolist() == read(cboe_csv()).contracts.open_interest.tolist()


def test_without_a_spot_it_is_taken_from_parity_and_said():
    file = read(cboe_csv(preamble='\n"Date: June 29, 2026 at 11:45 AM EDT",Bid: 0,Ask: 0\n'))
    assert file.spot == pytest.approx(600.0, abs=0.02)
    assert "parity of 2026-07-02" in file.spot_from


def test_a_spot_far_from_parity_is_kept_and_told_of():
    file = read(cboe_csv(preamble=CBOE_PREAMBLE.replace("600.00", "630.00")))
    assert file.spot == 630.0
    assert any("5.0% from what parity" in remark for remark in file.remarks)


def test_zero_means_none_for_volatility_and_is_kept_for_a_bid():
    chain = options()
    for entry in chain[:2]:
        entry.iv, entry.delta, entry.bid = 0.0, 0.0, 0.0
    file = read(cboe_csv(chain))
    assert file.contracts.bid[0] == 0.0
    assert isnan(file.contracts.vendor_iv[0])
    assert isnan(file.contracts.vendor_delta[0])
    assert "3 of 30 contracts without a bid" in file.remarks


def test_a_delta_of_one_stays_where_the_volatility_was_not_computed():
    chain = options()
    chain[0].iv, chain[0].delta = 0.0, 1.0
    assert read(cboe_csv(chain)).contracts.vendor_delta[0] == 1.0


def test_crossed_quotes_are_kept_and_counted():
    chain = options()
    chain[0].bid = chain[0].ask + 1.0
    file = read(cboe_csv(chain))
    assert file.contracts.bid[0] > file.contracts.ask[0]
    assert "1 of 30 contracts with a bid above the ask" in file.remarks


def test_negative_prices_are_left_out_and_counted():
    chain = options()
    chain[0].bid = -3.0
    file = read(cboe_csv(chain))
    assert isnan(file.contracts.bid[0])
    assert "1 negative numbers left out" in file.remarks


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"SPY260702C00590000", b"garbage", "no option's name"),
        (b"SPY260702C00590000", b"SPY269902C00590000", "no option's name"),
        (b"SPY260702C00590000", b"SPY260702C00591000", "strike and contract's name disagree"),
        (b"SPY260702C00590000", b"SPY260702P00590000", "right and contract's name disagree"),
        (b",590.00,SPY260702P", b",,SPY260702P", "no strike"),
    ],
)
def test_a_row_that_cannot_be_used_is_counted_with_its_reason_and_line(old, new, reason):
    file = read(cboe_csv().replace(old, new, 1))
    assert reason in reasons(file)
    assert next(entry for entry in file.skipped if entry.reason == reason).first_line == 6
    assert len(file.contracts) == 30 - reasons(file)[reason]


def test_a_side_without_a_contract_is_no_error():
    assert read(cboe_csv().replace(b"SPY260702C00590000", b"", 1)).skipped == ()


def test_the_same_contract_twice_counts_once_the_later_row_wins():
    again = cboe_csv().split(b"\r\n")[4].replace(b",120,", b",777,")
    file = read(cboe_csv() + again + b"\r\n")
    assert reasons(file) == {"the same contract again (the later row counts)": 2}
    assert file.contracts.volume[0] == 777.0
    assert len(file.contracts) == 30


def test_a_padded_name_and_a_plain_one_are_one_contract():
    again = cboe_csv().split(b"\r\n")[4].replace(b"SPY260702", b"SPY   260702")
    assert len(read(cboe_csv() + again + b"\r\n").contracts) == 30


def test_a_file_cut_anywhere_in_its_rows_gives_the_whole_ones():
    data = cboe_csv()
    start = data.index(b"Open Interest\r\n") + 15
    for size in range(start, len(data), 7):
        whole = data[:size].count(b"\r\n") - 4
        if whole < 1:
            continue
        found = len(read(data[:size]).contracts)
        assert 2 * whole <= found <= 2 * whole + 2


def test_a_file_cut_before_its_rows_is_refused():
    data = cboe_csv()
    with pytest.raises(BadInput, match="not one of its rows could be used"):
        read(data[: data.index(b"Open Interest\r\n") + 15])


def test_columns_in_a_foreign_order_are_refused():
    with pytest.raises(BadInput, match="not in Cboe's order"):
        read(cboe_csv(titles=CBOE_TITLES.replace("Calls", "X").replace("Puts", "Calls").replace("X", "Puts")))


def test_roots_tell_settlement_and_style_of_an_index():
    third = [entry for entry in options("SPX") if entry.expiry == EXPIRIES[1]]
    file = read(cboe_csv([*options("SPXW"), *third]))
    assert file.symbol == "SPX"
    terms = {(series.root, series.expiry): series for series in file.series}
    assert len(file.series) == 4
    assert terms["SPX", EXPIRIES[1]].settlement is Settlement.AM
    assert terms["SPXW", EXPIRIES[1]].settlement is Settlement.PM
    assert terms["SPXW", EXPIRIES[0]].style is Style.EUROPEAN
    assert terms["SPX", EXPIRIES[1]].settles_at < terms["SPXW", EXPIRIES[1]].settles_at


@pytest.mark.parametrize(
    ("roots", "symbol"), [(("NDX", "NDXP"), "NDX"), (("RUT", "RUTW"), "RUT"), (("XSP",), "XSP"), (("VIX", "VIXW"), "VIX")]
)
def test_weekly_roots_belong_to_their_index(roots, symbol):
    chain = [entry for root in roots for entry in options(root)]
    file = read(cboe_csv(chain))
    assert file.symbol == symbol
    assert {series.root for series in file.series} == set(roots)
    assert {series.underlying for series in file.series} == {symbol}


def test_an_adjusted_root_is_listed_under_its_stock_and_marked():
    file = read(cboe_csv([*options("NVDA"), *options("NVDA1", strikes=[600.0])]))
    assert file.symbol == "NVDA"
    assert {series.root: series.adjusted for series in file.series} == {"NVDA": False, "NVDA1": True}


def test_rows_of_another_underlying_are_left_out_and_counted():
    file = read(cboe_csv([*options("SPY"), *options("QQQ", strikes=[600.0])]))
    assert file.symbol == "SPY"
    assert reasons(file) == {"of another underlying": 2 * len(EXPIRIES)}


def test_a_line_of_a_megabyte_is_skipped():
    file = read(cboe_csv() + b"x," * 500_000 + b"\r\n")
    assert reasons(file) == {"a line longer than any row": 1}
    assert len(file.contracts) == 2 * len(EXPIRIES) * len(STRIKES)
