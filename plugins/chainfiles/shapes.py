"""What a file seems to be, told from its name and its first bytes."""

import re
from enum import StrEnum

from plugins.chainfiles.tables import cells_of
from plugins.chainfiles.text import decode

HEAD_BYTES = 64 * 1024


class Shape(StrEnum):
    """The kinds of chain files that can be read, and the kinds of files people hand in instead."""

    CBOE_JSON = "Cboe delayed quotes (JSON)"
    CBOE_CSV = "Cboe quote table (CSV)"
    YAHOO_CSV = "Yahoo-style chain (CSV)"
    COLLECTED_JSON = "collected chain (JSON)"
    EMPTY = "an empty file"
    HTML = "a web page"
    XML = "an XML answer, such as a server's error"
    ERROR_BODY = "a server's error message"
    OTHER_JSON = "JSON without option contracts"
    OTHER_CSV = "a table without option contracts"
    TAPE = "a tape of OPTIX"
    ARCHIVE = "an archive or a spreadsheet file"
    PARQUET = "a Parquet file"
    BINARY = "binary data"
    TEXT = "plain text"

    @property
    def is_chain(self) -> bool:
        """Whether this kind holds a chain."""
        return self in _CHAINS

    @property
    def is_failure(self) -> bool:
        """Whether this is what a server says instead of an answer."""
        return self in (Shape.HTML, Shape.XML, Shape.ERROR_BODY)


_CHAINS = frozenset({Shape.CBOE_JSON, Shape.CBOE_CSV, Shape.YAHOO_CSV, Shape.COLLECTED_JSON})
_CBOE_OPTION = re.compile(r'"option"\s*:\s*"')
_OPTION_FIELDS = re.compile(r'"(strike|strikePrice|contractSymbol)"\s*:')
_ERROR_WORDS = re.compile(
    r"unavailable|not found|forbidden|access denied|too many requests|error|unauthori[sz]ed|bad gateway", re.IGNORECASE
)
_MAGICS = (
    (b"OPTIXTAPE", Shape.TAPE),
    (b"PK\x03\x04", Shape.ARCHIVE),
    (b"\xd0\xcf\x11\xe0", Shape.ARCHIVE),
    (b"7z\xbc\xaf", Shape.ARCHIVE),
    (b"\x28\xb5\x2f\xfd", Shape.ARCHIVE),
    (b"BZh", Shape.ARCHIVE),
    (b"\xfd7zXZ", Shape.ARCHIVE),
    (b"PAR1", Shape.PARQUET),
)


def column_key(title: str) -> str:
    """A column's title without case, blanks and marks: ``Open Interest`` and ``openInterest`` are one."""
    return re.sub(r"[^a-z0-9]", "", title.lower())


def separator(line: str) -> str:
    """The mark that parts the cells of a table's header line."""
    return max((",", ";", "\t", "|"), key=line.count)


def is_cboe_header(line: str) -> bool:
    """Whether a line is the column header of Cboe's table."""
    keys = {column_key(cell) for cell in cells_of(line, separator(line))}
    return {"calls", "puts", "strike"} <= keys


def is_yahoo_header(line: str) -> bool:
    """Whether a line names the columns of a one-contract-a-row table."""
    keys = {column_key(cell) for cell in cells_of(line, separator(line))}
    named = "contractsymbol" in keys or (
        "strike" in keys and bool(keys & {"type", "optiontype", "side", "right", "putcall", "callput", "cp"})
    )
    return named and bool(keys & {"bid", "ask", "lastprice", "last", "impliedvolatility", "iv"})


def recognise(head: bytes) -> Shape:
    """The shape of a file by its first (unpacked) bytes; names are not asked, as they lie too often."""
    for magic, shape in _MAGICS:
        if head.startswith(magic):
            return shape
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        return Shape.EMPTY
    if _is_binary(head):
        return Shape.BINARY
    text = decode(head[:HEAD_BYTES]).text.lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        return Shape.HTML if re.match(r"<(!doctype html|html|head|body|script)", text, re.IGNORECASE) else Shape.XML
    if text.startswith(("{", "[")):
        return _json_shape(text)
    return _table_shape(text)


def _is_binary(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    control = sum(head[:4096].count(code) for code in (*range(9), *range(14, 32)))
    return control > max(3, len(head[:4096]) // 50)


def _json_shape(text: str) -> Shape:
    if _CBOE_OPTION.search(text):
        return Shape.CBOE_JSON
    if _OPTION_FIELDS.search(text):
        return Shape.COLLECTED_JSON
    return Shape.ERROR_BODY if len(text) < 2000 and _ERROR_WORDS.search(text) else Shape.OTHER_JSON


def _table_shape(text: str) -> Shape:
    lines = [line for line in re.split(r"\r\n|\n|\r", text) if line.strip()][:20]
    if any(is_cboe_header(line) for line in lines):
        return Shape.CBOE_CSV
    if lines and is_yahoo_header(lines[0]):
        return Shape.YAHOO_CSV
    if len(text) < 4000 and _ERROR_WORDS.search(text):
        return Shape.ERROR_BODY
    return Shape.OTHER_CSV if len(lines) > 1 and lines[0].count(separator(lines[0])) >= 2 else Shape.TEXT
