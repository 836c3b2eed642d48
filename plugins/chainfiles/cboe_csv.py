"""Cboe's quote table: a few lines about the security, then one strike a row with the call on the left and the put on the right.

The page's own file has an empty line, name and last price, date and quote, column titles. People save it again from spreadsheets (commas
behind the header lines), type the date anew (its quotes no longer match), or put a line of their own on top; browsers write the date in
their own language. Zero bid is "no bid", IV 0 is "not computed".
"""

import re
from collections.abc import Sequence
from math import isnan, nan
from typing import Any, Final

import msgspec
from msgspec import Struct

from engine.domain.errors import BadInput
from plugins.chainfiles.assemble import NOTHING_SAID, Parsed, Stamp, stamp_of
from plugins.chainfiles.cells import number
from plugins.chainfiles.collector import Collector, Row, stated
from plugins.chainfiles.model import Underlying
from plugins.chainfiles.moments import read_moment
from plugins.chainfiles.shapes import Shape, column_key, is_cboe_header, separator
from plugins.chainfiles.tables import MAX_LINE, cells_of
from plugins.chainfiles.text import Text

_HEADER_WITHIN = 20
_COLUMNS: Final = {
    "lastsale": "last",
    "last": "last",
    "bid": "bid",
    "ask": "ask",
    "volume": "volume",
    "vol": "volume",
    "iv": "iv",
    "delta": "delta",
    "openinterest": "open_interest",
    "openint": "open_interest",
    "net": "change",
}
_DATE = re.compile(r"Date:\s*(.*?)\s*(?:\"|,\s*Bid:|,\s*$|$)", re.IGNORECASE)
_NUMBER = r"\s*([+-]?\d[\d]*(?:,\d{3})*(?:\.\d+)?)"
_SIZE = re.compile(r"Size:\s*(\d+)\s*\*\s*(\d+)", re.IGNORECASE)


class _Side(Struct, frozen=True, kw_only=True):
    """Where one side of the table has its columns."""

    name: int
    places: tuple[tuple[str, int], ...]
    width: int
    """A row must have so many cells for this side to be whole."""
    right: str


class _Layout(Struct, frozen=True, kw_only=True):
    mark: str
    strike: int
    sides: tuple[_Side, _Side]


def parse_cboe_csv(text: Text) -> Parsed:
    """Reads Cboe's table; the titles say which column is which, so that neither a missing nor an added one matters."""
    lines = text.lines()
    head = next((place for place, line in enumerate(lines[:_HEADER_WITHIN]) if is_cboe_header(line)), None)
    if head is None:
        raise BadInput("the line with the column titles (Expiration Date, Calls, ... Strike, Puts, ...) is missing")
    layout = _layout(lines[head])
    collector = Collector()
    for line_number, line in enumerate(lines[head + 1 :], head + 2):
        if line.strip(' ,;\t"'):
            _read_row(collector, line_number, line, layout)
    title = next((line for line in lines[:head] if "Last:" in line), "")
    preamble = "\n".join(lines[:head])
    stamp, remarks = _stamp(preamble)
    return Parsed(
        shape=Shape.CBOE_CSV,
        collector=collector,
        stamp=stamp,
        underlying=_underlying(preamble),
        security_name=title.split("Last:")[0].strip(" ,\"'"),
        remarks=remarks,
    )


def _layout(line: str) -> _Layout:
    mark = separator(line)
    keys = [column_key(cell) for cell in cells_of(line, mark)]
    calls, strike, puts = keys.index("calls"), keys.index("strike"), keys.index("puts")
    if not calls < strike < puts:
        raise BadInput("the columns are not in Cboe's order (calls, strike, puts)")
    left = _side(keys, calls, strike, "C", strike + 1)
    right = _side(keys, puts, len(keys), "P", 0)
    return _Layout(mark=mark, strike=strike, sides=(left, right))


def _side(keys: Sequence[str], name: int, end: int, right: str, least: int) -> _Side:
    places = tuple((_COLUMNS[keys[place]], place) for place in range(name + 1, end) if keys[place] in _COLUMNS)
    return _Side(name=name, places=places, width=max([name + 1, least, *(place + 1 for _, place in places)]), right=right)


def _read_row(collector: Collector, line_number: int, line: str, layout: _Layout) -> None:
    if len(line) > MAX_LINE:
        return collector.skip(line_number, "a line longer than any row")
    cells = cells_of(line, layout.mark)
    for side in layout.sides:
        if len(cells) < side.width:
            collector.skip(line_number, "too few columns (a cut line?)")
            continue
        name = cells[side.name]
        if not name.strip():
            continue
        strike = number(cells[layout.strike])
        if isnan(strike):
            collector.skip(line_number, "no strike")
            continue
        collector.add(line_number, name, _row(cells, side), strike=strike, right=side.right)
    return None


def _row(cells: list[str], side: _Side) -> Row:
    values: dict[str, Any] = {field: number(cells[place]) for field, place in side.places}
    change = values.pop("change", nan)
    row = Row(**values)
    if row.last > 0 and change != 0:
        row.previous_close = stated(round(row.last - change, 6))
    return row


def _stamp(preamble: str) -> tuple[Stamp | None, tuple[str, ...]]:
    found = _DATE.search(preamble)
    if not found:
        return None, ("the line with its date is missing",)
    moment = read_moment(found.group(1))
    if moment is None:
        return None, (f"its date line cannot be read: {found.group(1)[:60]!r}",)
    return stamp_of(moment, "its own date line"), ()


def _underlying(preamble: str) -> Underlying:
    def said(label: str) -> float:
        found = re.search(label + ":" + _NUMBER, preamble, re.IGNORECASE)
        return number(found.group(1)) if found else nan

    last, change = stated(said("Last")), said("Change")
    sizes = _SIZE.search(preamble)
    return msgspec.structs.replace(
        NOTHING_SAID,
        last=last,
        bid=stated(said("Bid")),
        ask=stated(said("Ask")),
        bid_size=stated(number(sizes.group(1))) if sizes else nan,
        ask_size=stated(number(sizes.group(2))) if sizes else nan,
        previous_close=nan if isnan(change) else stated(round(last - change, 6)),
        volume=stated(said("Volume")),
    )
