"""Daily series out of files, real ones among them."""

import gzip
from datetime import date
from pathlib import Path

import pytest

from engine.domain.errors import BadInput, NotConfigured
from engine.domain.instants import utc_instant
from engine.services.market.series_files import parse_series, read_series, written_in_percent

CBOE = "DATE,OPEN,HIGH,LOW,CLOSE\n01/02/1990,17.24,17.24,17.24,17.24\n01/03/1990,18.19,18.19,18.19,18.20\n"


def test_an_index_history_is_known_by_its_header_and_gives_its_close():
    found = parse_series(CBOE, name="VIX_History.csv")
    assert found.kind == "an index history as Cboe publishes it (open, high, low, close): the close, VIX by the name of the file"
    assert (found.name, found.column, found.unknown) == ("VIX", "close", 0)
    unnamed = parse_series(CBOE, name="volatility.csv")
    assert unnamed.kind == "an index history as Cboe publishes it (open, high, low, close): the close"
    assert unnamed.name == parse_series(CBOE, name="VIXEN_History.csv").name == ""
    assert found.day.tolist() == [utc_instant(date(1990, 1, 2)), utc_instant(date(1990, 1, 3))]
    assert found.value.tolist() == [17.24, 18.20]
    assert written_in_percent(found.value)


@pytest.mark.parametrize(
    ("file", "days", "first", "last", "name"),
    [
        ("VIX_daily.csv.gz", 8833, 17.24, 17.35, "VIX"),
        ("VIX3M_daily.csv.gz", 3847, 26.54, 18.98, "VIX3M"),
        ("VIX9D_daily.csv.gz", 3521, 16.06, 15.15, "VIX9D"),
        ("VVIX_daily.csv.gz", 4678, 71.73, 104.33, "VVIX"),
        ("SKEW_daily.csv.gz", 8801, 126.09, 169.16, "SKEW"),
        ("arch_vix.csv.gz", 1259, 13.76, 25.45, "VIX"),
        ("SPY_daily_2026.csv", 100, None, 765.62, ""),
    ],
)
def test_published_histories_are_read_whole(fixtures, file, days, first, last, name):
    found = read_series(str(fixtures / "market_series" / file))
    assert found.day.shape == (days,)
    assert first is None or found.value[0] == first
    assert found.value[-1] == last
    assert found.name == name
    assert (found.day[1:] > found.day[:-1]).all(), "oldest first, whatever the file's order"


@pytest.mark.parametrize(
    "text",
    [
        "date,value\n2026-11-20,1.5\n2026-11-19,1.4\n",
        "\ufeffDate,Value\r\n2026-11-20,1.5\r\n\r\n2026-11-19,1.4\r\n",
        "date;close\n2026-11-20;1.5\n20261119;1.4\n",
        "Some index, as is, without warranty\n\nTimestamp\tClose\tVolume\n2026-11-20 16:00:00\t1.5\t7\n11/19/2026\t1.4\t8\n",
        "date,vol\n2026-11-20T00:00:00Z,1.5\n2026-11-19,1.4\n2026-11-19,1.4\n2026-11-18,.\n2026-11-17,\n",
    ],
)
def test_dates_and_values_are_found_in_the_forms_that_files_take(text):
    found = parse_series(text, name="x.csv")
    assert found.day.tolist() == [utc_instant(date(2026, 11, 19)), utc_instant(date(2026, 11, 20))]
    assert found.value.tolist() == [1.4, 1.5]


def test_days_without_a_value_are_counted_and_left_out():
    assert parse_series("date,value\n2026-11-20,1.5\n2026-11-19,.\n2026-11-18,NaN\n2026-11-17,\n", name="x.csv").unknown == 3


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("2026-11-31,1.0", "line 3: '2026-11-31' is no date"),
        ("20/11/2026,1.0", r"line 3: '20/11/2026' is no date: write 2026-11-20 or 11/20/2026 \(month first\)"),
        ("yesterday,1.0", "line 3: 'yesterday' is no date"),
        ("1066-10-14,1.0", "line 3: '1066-10-14' is no date of a market"),
        ("2026-11-20,twelve", "line 3: 'twelve' is no number"),
        ("2026-11-20,inf", "line 3: 'inf' is no number"),
        ('2026-11-20,"16,55"', "line 3: '16,55' is no number"),
        ("2026-11-20,1_000", "line 3: '1_000' is no number"),
        ("2026-11-20,0x1f", "line 3: '0x1f' is no number"),
        ("2026-11-20", "line 3: 1 cells"),
        ("2026-11-19,9.9", "line 3: 2026-11-19 stands there twice with different values"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_by_its_line_and_nothing_is_taken(row, why):
    with pytest.raises(BadInput, match=f"not imported, nothing of it: {why}"):
        parse_series(f"date,value\n2026-11-19,1.4\n{row}\n", name="x.csv")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("date;close\n2026-11-19;16,55\n2026-11-20;17,0\n", [16.55, 17.0]),
        ("date\tclose\n2026-11-19\t-0,255\n2026-11-20\t1,234\n", [-0.255, 1.234]),
        ("date;close\n2026-11-19;.\n2026-11-20;1\n2026-11-21;1,5\n", [1.0, 1.5]),
        ("date;close\n2026-11-19;1,234.5\n2026-11-20;999.0\n", [1234.5, 999.0]),
        ('date,close\n2026-11-19,"1,234.5"\n2026-11-20,"12,345"\n', [1234.5, 12345.0]),
        ("date,close\n2026-11-19,16.5%\n2026-11-20,+1.65e1\n", [16.5, 16.5]),
    ],
)
def test_a_comma_is_the_decimal_one_where_commas_do_not_cut_the_cells_and_no_point_is_written(text, values):
    assert parse_series(text, name="x.csv").value.tolist() == values


def test_a_file_with_both_kinds_of_decimals_is_refused():
    with pytest.raises(BadInput, match="line 3: '16,55' is no number"):
        parse_series("date;close\n2026-11-19;16.55\n2026-11-20;16,55\n", name="x.csv")


def test_of_many_bad_rows_the_first_are_named_and_the_others_counted():
    with pytest.raises(BadInput, match=r"line 6: .*, and 7 rows more"):
        parse_series("date,value\n" + "x,1\n" * 12, name="x.csv")


@pytest.mark.parametrize(
    ("text", "column", "why"),
    [
        ("", "", "no header with a date"),
        ("1,2\n3,4\n", "", "no header with a date"),
        ("date,value\n", "", "a header and no values"),
        ("date,1 mo,2 mo\n2026-11-20,1,2\n", "", "which column .* --column: 1 mo, 2 mo"),
        ("date,value\n2026-11-20,1\n", "high", "no column 'high': it has value"),
    ],
)
def test_a_file_that_is_no_series_is_refused_with_what_to_do(text, column, why):
    with pytest.raises(BadInput, match=why):
        parse_series(text, name="x.csv", column=column)


def test_a_column_can_be_named():
    assert parse_series(CBOE, name="x.csv", column="Open").value.tolist() == [17.24, 18.19]


def test_files_are_plain_or_gzipped_and_troubles_are_told(tmp_path: Path):
    (tmp_path / "a.csv").write_text(CBOE)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(CBOE.encode()))
    (tmp_path / "cut.gz").write_bytes(gzip.compress(CBOE.encode())[:-9])
    (tmp_path / "picture.csv").write_bytes(b"\xff\xd8\xff\xe0")
    assert read_series(str(tmp_path / "a.csv")).value.tolist() == read_series(str(tmp_path / "a.csv.gz")).value.tolist()
    for name, why in (("cut.gz", "damaged gzip"), ("picture.csv", "not text in UTF-8"), ("absent.csv", "there is no file"), ("", "folder")):
        with pytest.raises((BadInput, NotConfigured), match=why):
            read_series(str(tmp_path / name))


def test_a_file_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.services.market.series_files.MOST_BYTES", 1000)
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b"0" * 100_000))
    with pytest.raises(BadInput, match="larger than"):
        read_series(str(tmp_path / "bomb.gz"))
