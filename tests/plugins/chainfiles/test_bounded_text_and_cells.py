import gzip
from math import isnan

import pytest

from engine.domain.errors import BadInput
from plugins.chainfiles.bounded import MAX_FILE_BYTES, plain
from plugins.chainfiles.cells import number
from plugins.chainfiles.tables import cells_of
from plugins.chainfiles.text import decode


def test_plain_bytes_stay_as_they_are():
    assert plain("a.csv", b"abc").data == b"abc"


def test_gzip_is_unpacked_whatever_the_name_says_also_in_several_members():
    both = gzip.compress(b"one,", mtime=0) + gzip.compress(b"two")
    assert plain("a.csv", both).data == b"one,two"
    assert plain("a.csv", both).trouble == ""


def test_a_cut_archive_gives_what_it_holds_and_says_so():
    whole = gzip.compress(bytes(range(256)) * 400)
    found = plain("a.gz", whole[: len(whole) // 2])
    assert 0 < len(found.data) < 256 * 400
    assert "not whole" in found.trouble


def test_a_damaged_archive_gives_what_came_before_the_damage():
    whole = bytearray(gzip.compress(b"".join(f"{n * n % 9973},".encode() for n in range(400_000))))
    whole[len(whole) // 2] ^= 0xFF
    found = plain("a.gz", bytes(whole))
    assert "not whole" in found.trouble


def test_an_archive_cut_in_its_head_is_refused():
    with pytest.raises(BadInput, match="cannot be unpacked"):
        plain("a.gz", gzip.compress(b"abc", mtime=0)[:10])


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_fills_the_memory():
    bomb = gzip.compress(bytes(3_000_000))
    with pytest.raises(BadInput, match="more than 1,000,000 bytes"):
        plain("bomb.gz", bomb, limit=1_000_000)


def test_a_bomb_in_a_second_member_is_refused_as_well():
    with pytest.raises(BadInput, match="unpacks to more"):
        plain("bomb.gz", gzip.compress(bytes(600_000)) + gzip.compress(bytes(600_000)), limit=1_000_000)


def test_a_plain_file_over_the_limit_is_refused():
    with pytest.raises(BadInput, match="at most"):
        plain("a.csv", bytes(11), limit=10)
    assert MAX_FILE_BYTES == 32 * 1024 * 1024


def test_text_in_every_encoding_people_save_in():
    assert decode("ä".encode("utf-8-sig")).text == "ä"
    assert decode("Bid,Ask".encode("utf-16")).text == "Bid,Ask"
    assert decode(b"Date: 9 \xe4\xe5\xea\xe0\xe1\xf0\xff 2023").text == "Date: 9 декабря 2023"
    assert "spoiled" in decode(b"Calls,\xff,Puts").remark
    assert decode(b"\xe9" * 50 + b" caf\xe9").remark == "not UTF-8: read as latin-1"


def test_lines_end_in_any_of_three_ways():
    assert decode(b"a\r\nb\nc\rd").lines() == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1.5", 1.5), ('"1,234.50"', 1234.5), (" 7 ", 7.0), (3, 3.0), (2.5, 2.5), ("28,253,899", 28253899.0), ("-0.5", -0.5)],
)
def test_cells_that_are_numbers(cell, value):
    assert number(cell) == value


@pytest.mark.parametrize(
    "cell", ["", "--", "N/A", None, "nan", "inf", "-Infinity", float("inf"), True, [], {}, "1.2.3", "9" * 5000, 10**400, "<b>"]
)
def test_cells_that_are_not(cell):
    assert isnan(number(cell))


def test_a_line_with_a_quote_that_does_not_match_is_still_cut_into_cells():
    assert cells_of('a,"b,c",d', ",") == ["a", "b,c", "d"]
    assert cells_of('a,"b,c', ",") == ["a", "b", "c"]
