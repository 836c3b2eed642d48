import gzip

import pytest

from engine.domain.errors import BadInput, UpstreamFailed
from plugins.chainfiles.read import read_chain
from plugins.chainfiles.shapes import Shape, recognise
from tests.kit.chainfiles import cboe_csv, cboe_json, collected_json, yahoo_csv


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        (cboe_json(), Shape.CBOE_JSON),
        (cboe_csv(), Shape.CBOE_CSV),
        (cboe_csv(preamble="---Example Data---\nX,Last: 1,Change: 0\nDate: June 1 2026\n"), Shape.CBOE_CSV),
        (cboe_csv(preamble=""), Shape.CBOE_CSV),
        (cboe_csv().decode().encode("utf-16"), Shape.CBOE_CSV),
        (cboe_csv().replace(b",", b";"), Shape.CBOE_CSV),
        (yahoo_csv(), Shape.YAHOO_CSV),
        (yahoo_csv().replace(b",", b"\t"), Shape.YAHOO_CSV),
        (collected_json(), Shape.COLLECTED_JSON),
        (b"", Shape.EMPTY),
        (b" \r\n\t ", Shape.EMPTY),
        (b"\x00" * 500, Shape.EMPTY),
        (b"<!DOCTYPE html><html><body>Sign in</body>", Shape.HTML),
        (b"<HTML><HEAD>", Shape.HTML),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', Shape.XML),
        (b"UnavailableUnavailable", Shape.ERROR_BODY),
        (b'{"message":"Forbidden"}', Shape.ERROR_BODY),
        (b'{"a":[1,2,3]}', Shape.OTHER_JSON),
        (b"[]", Shape.OTHER_JSON),
        (b"Date,Open,High,Low,Close\n2026-01-02,1,2,3,4\n", Shape.OTHER_CSV),
        (b"To whom it may concern", Shape.TEXT),
        (b"OPTIXTAPE\x01....", Shape.TAPE),
        (b"PK\x03\x04" + bytes(50), Shape.ARCHIVE),
        (b"PAR1" + bytes(50), Shape.PARQUET),
        (bytes(range(256)) * 10, Shape.BINARY),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01", Shape.BINARY),
    ],
)
def test_a_file_is_known_by_its_first_bytes(data, shape):
    assert recognise(data) is shape


def test_the_name_cannot_make_a_web_page_a_table():
    with pytest.raises(UpstreamFailed, match="a web page"):
        read_chain("spx_quotedata.csv", b"<html>")


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"", BadInput, "an empty file"),
        (b"<html>please log in</html>", UpstreamFailed, "a web page.*please log in.*Download it again"),
        (b"UnavailableUnavailable", UpstreamFailed, "error message instead of a chain: 'UnavailableUnavailable'"),
        (b"<?xml version='1.0'?><Error/>", UpstreamFailed, "XML"),
        (b'{"a":1}', BadInput, "JSON without option contracts.*Expected is an option chain"),
        (b"Date,Open,Close\n1,2,3\n", BadInput, "a table without option contracts"),
        (b"hello", BadInput, "plain text"),
        (b"OPTIXTAPE\x01", BadInput, "tape:PATH"),
        (b"PK\x03\x04aaaa", BadInput, "archive or a spreadsheet"),
        (bytes(range(256)), BadInput, "binary data"),
        (gzip.compress(b"<html>x</html>", mtime=0), UpstreamFailed, "web page"),
    ],
)
def test_what_is_no_chain_is_refused_with_what_it_is_and_what_was_expected(data, error, says):
    with pytest.raises(error, match=f"thing.csv.*{says}"):
        read_chain("thing.csv", data)


def test_an_error_page_cannot_write_escape_codes_to_the_screen():
    with pytest.raises(UpstreamFailed) as caught:
        read_chain("x.csv", b"<html>\x1b]0;owned\x07\x1b[31m</html>")
    assert "\x1b" not in str(caught.value)
