"""Whatever is done to a chain file, reading it gives a chain or one clear sentence, and never takes long."""

import gzip
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.domain.errors import OptixError
from engine.domain.ids import UtcNanos
from plugins.chainfiles.model import ChainFile
from plugins.chainfiles.moments import read_moment
from plugins.chainfiles.read import read_chain
from tests.kit.chainfiles import SHAPES, cboe_csv, cboe_json, collected_json, options, yahoo_csv

SMALL = options(strikes=[590.0, 600.0, 610.0])
FILES = [cboe_json(SMALL), cboe_csv(SMALL), yahoo_csv(SMALL), collected_json(SMALL)]
QUICKLY = settings(max_examples=150, deadline=2000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
NOISE = [
    b'"',
    b"'",
    b",",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\n",
    b"\r",
    b"\x00",
    b"\xff",
    b"NaN",
    b"1e999",
    b"-",
    b"null",
    b"\\u0000",
    b"<html>",
    b":",
    b";",
]
pytestmark = pytest.mark.bar("F-F-04")


def readable(data: bytes) -> ChainFile | None:
    """The chain, checked for what every chain promises, or None where it was refused with words."""
    try:
        file = read_chain("some.csv", data, modified_at=UtcNanos(1_782_747_900_000_000_000))
    except OptixError as refusal:
        assert str(refusal)
        return None
    columns = file.contracts
    assert len(columns) > 0
    for name in columns.__struct_fields__:
        assert len(getattr(columns, name)) == len(columns)
    assert int(columns.series.min()) >= 0
    assert int(columns.series.max()) < len(file.series)
    assert np.isfinite(columns.strike).all()
    assert (columns.strike > 0).all()
    assert not np.isinf(columns.bid).any()
    assert not (columns.bid < 0).any()
    assert len(set(columns.name)) == len(columns)
    assert {series.underlying for series in file.series} == {file.symbol}
    assert file.market_at <= file.saved_at
    return file


@QUICKLY
@given(st.data())
def test_files_with_flipped_bytes(data):
    whole = bytearray(data.draw(st.sampled_from(FILES)))
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=30)):
        whole[place] = data.draw(st.integers(0, 255))
    readable(bytes(whole))


@QUICKLY
@given(st.sampled_from(FILES), st.integers(0, 20_000), st.integers(0, 20_000))
def test_files_cut_at_either_end(whole, front, back):
    readable(whole[front % len(whole) : len(whole) - back % len(whole)])


@QUICKLY
@given(st.sampled_from(FILES), st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(NOISE), st.integers(1, 50)), max_size=8))
def test_files_with_noise_put_in(whole, insertions):
    for where, noise, times in insertions:
        place = where % (len(whole) + 1)
        whole = whole[:place] + noise * times + whole[place:]
    readable(whole)


@QUICKLY
@given(st.sampled_from(FILES), st.sampled_from(FILES), st.integers(0, 20_000))
def test_two_files_grown_together(first, second, seam):
    seam %= len(first)
    readable(first[:seam] + second[seam % len(second) :])


@QUICKLY
@given(st.binary(max_size=3000))
@example(b"\xef\xbb\xbf")
@example(b"\x1f\x8b")
def test_any_bytes_at_all(data):
    readable(data)


@QUICKLY
@given(st.text(max_size=2000))
def test_any_text_at_all(text):
    readable(text.encode("utf-8", "surrogatepass"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)


@QUICKLY
@given(st.data())
def test_cboe_json_with_any_value_in_any_place(data):
    document = json.loads(FILES[0])
    for _ in range(data.draw(st.integers(1, 6))):
        where = data.draw(st.sampled_from([document, document["data"], *document["data"].get("options", [])[:3]]))
        if isinstance(where, dict) and where:
            where[data.draw(st.sampled_from(sorted(where)))] = data.draw(JSON)
        if not isinstance(document.get("data"), dict) or not isinstance(document["data"].get("options"), list):
            break
    readable(json.dumps(document).encode())


@QUICKLY
@given(st.data())
def test_tables_with_any_text_in_any_cell(data):
    lines = data.draw(st.sampled_from(FILES[1:3])).decode().splitlines()
    for _ in range(data.draw(st.integers(1, 10))):
        row = data.draw(st.integers(0, len(lines) - 1))
        cells = lines[row].split(",")
        cells[data.draw(st.integers(0, len(cells) - 1))] = data.draw(st.text(max_size=30))
        lines[row] = ",".join(cells)
    readable("\n".join(lines).encode("utf-8", "replace"))


@QUICKLY
@given(
    st.sampled_from([SHAPES["spy.json.gz"], SHAPES["spy_quotedata.csv.gz"]]),
    st.integers(0, 10**6),
    st.integers(0, 255),
    st.integers(0, 5000),
)
def test_archives_damaged_or_cut(whole, place, value, cut):
    data = bytearray(whole)
    data[place % len(data)] = value
    readable(bytes(data[: len(data) - cut % len(data)]))


@QUICKLY
@given(st.text(max_size=120))
@example("9" * 100)
@example("GMT-99 June 5 2026")
@example("25:61 June 5 2026")
def test_any_date_line(text):
    moment = read_moment(text)
    assert moment is None or isinstance(moment.at, int)


@pytest.mark.parametrize(
    "damage",
    [
        # found by long runs over damaged files of the world
        lambda: cboe_csv(SMALL).replace(b",Calls,", b',"Calls,'),
        lambda: b"Calls,Strike,Puts," + b"x" * 140_000 + b'""\n',
        lambda: yahoo_csv(SMALL).replace(b"2026-", b"20262026-02-", 1),
        lambda: yahoo_csv(SMALL).replace(b"2026-06-29 ", b"9026-06-29 "),
        lambda: yahoo_csv(SMALL).replace(b"2026-06-29 ", b"0026-06-29 "),
    ],
)
def test_files_that_were_once_too_much(damage):
    readable(damage())


@pytest.mark.parametrize(
    "data",
    [
        b"{" * 2_000_000,
        b'{"option":"' + b"x" * 2_000_000,
        b'{"option":"A","a":' * 100_000,
        b'[{"strike":1},' + b'{"strike":1},' * 100_000,
        b"Calls,Strike,Puts\n" + b"," * 2_000_000,
        b"Calls,Strike,Puts\n" + b'"' * 200_000,
        b"Calls,Strike,Puts\n" + b",,\n" * 300_000,
        b"contractSymbol,bid\n" + b'"\n' * 300_000,
        b"Date: " + b"1 " * 500_000 + b"\nCalls,Strike,Puts\n",
        b"[" + b'{"strike":1},' * 2_000_000 + b'{"strike":1}]',
        b'{"option":"A", ' + b'{"option":1},' * 2_000_000,
        b"Calls,Strike,Puts\n" + b",,\n" * 8_000_000,
        gzip.compress(b"A" * 60_000_000, mtime=0),
        "Ж".encode() * 1_000_000,
    ],
    ids=lambda data: repr(bytes(data[:18])),
)
@pytest.mark.timeout(20)
def test_large_nonsense_is_refused_in_good_time(data):
    assert readable(data) is None


def test_the_undamaged_files_are_all_readable():
    assert all(readable(data) is not None for data in [*FILES, *SHAPES.values()])


HEADS = (
    "cboe_quotedata_csv/SPX_2023-12-08_locale-ru.csv.gz",
    "cboe_quotedata_csv/QQQ_2024-03-22_eod.csv.gz",
    "yahoo_chains/IWM_2026-08-13.csv.gz",
    "cboe_delayed_json/RUT_2023-09-20.json.gz",
    "chain_yahoo_plus_cboe_greeks/QQQM_2026-08-21.json.gz",
)


@pytest.mark.fixtures
@pytest.mark.parametrize("name", HEADS)
def test_damaged_heads_of_files_of_the_world(fixtures, name):
    with gzip.open(fixtures / name) as file:
        head = file.read(6_000)

    @settings(QUICKLY, max_examples=40)
    @given(st.lists(st.tuples(st.integers(0, len(head)), st.integers(0, 300), st.sampled_from([b"", *NOISE])), min_size=1, max_size=6))
    def damaged(changes):
        data = head
        for where, removed, put in changes:
            data = data[:where] + put + data[where + removed :]
        readable(data)

    damaged()
