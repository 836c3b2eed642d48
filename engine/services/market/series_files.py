"""Daily series out of CSV files: which column is the date, which the value, whose series it is; every row that cannot be read is named."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
from msgspec import Struct

from engine.domain.columns import Floats, Longs, floats, longs
from engine.domain.errors import BadInput, unreadable
from engine.domain.instants import utc_instant

MOST_BYTES = 64 * 1024 * 1024
HEADER_WITHIN = 20
"""Lines: published files begin with a word on their use."""
TOLD_ROWS = 5

DATES = frozenset({"date", "day", "timestamp", "datetime", "time", "trade date", "trade_date", "observation_date"})
CLOSES = ("close", "close/last", "adj close", "close price", "value", "last", "settle", "settlement", "price")
PRICES = frozenset({"open", "high", "low", "close"})
OTHERS = frozenset({*PRICES, *CLOSES, "volume", "open interest", "vol."})
"""Columns that name no series."""
MISSING = frozenset({"", ".", "-", "null", "na", "n/a", "nan", "none"})
"""Said to be unknown; a holiday in many published files."""

PUBLISHED = frozenset("VIX1D VIX9D VIX VIX3M VIX6M VIX1Y VVIX VXN RVX VXD VXEEM VXAPL OVX GVZ SKEW".split())
"""Cboe's volatility indices. Each is kept as the level that was published: the VIX has options, and what these imply is the VVIX's kind."""

_POINT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_COMMA = re.compile(r"[+-]?\d+,\d+")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")


class DailySeries(Struct, frozen=True, kw_only=True):
    """What a file says, oldest first."""

    kind: str
    """What the file was taken for, in words."""
    name: str
    """Whose series the header, or else the name of the file, says it is; "" where neither does."""
    column: str
    day: Longs
    """Starts of dates, ns UTC."""
    value: Floats
    """As written."""
    unknown: int
    """Rows that say they do not know."""


def read_series(path: str, column: str = "") -> DailySeries:
    """The series in a file, plain or gzipped; raises `BadInput` that names every kind of row that cannot be read, by its line."""
    return parse_series(_text(Path(path).expanduser()), name=Path(path).name, column=column)


def parse_series(text: str, *, name: str, column: str = "") -> DailySeries:
    """The series in the text of a file that is called ``name``."""
    delimiter = _delimiter(text)
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    line, header = _header(rows, name)
    dated = next(place for place, head in enumerate(header) if head in DATES)
    valued = _value_column(header, dated, column, name)
    comma = delimiter != "," and not any("." in row[valued].strip(" .") for row in rows[line:] if valued < len(row))
    wrong: list[str] = []
    found: dict[int, float] = {}
    unknown = 0
    for number, row in enumerate(rows[line:], start=line + 1):
        if not any(cell.strip() for cell in row):
            continue
        if valued < len(row) and row[valued].strip().lower() in MISSING:
            unknown += 1
            continue
        try:
            day, value = _row(row, dated, valued, decimal_comma=comma)
            if found.setdefault(day, value) != value:
                raise ValueError(f"{row[dated].strip()} stands there twice with different values, and a daily series has one a date")
        except ValueError as error:
            wrong.append(f"line {number}: {error}")
    if wrong:
        more = f", and {len(wrong) - TOLD_ROWS:,} rows more" if len(wrong) > TOLD_ROWS else ""
        raise BadInput(f"{name} was not imported, nothing of it: {'; '.join(wrong[:TOLD_ROWS])}{more}. Mend these lines or take them out.")
    if not found:
        raise BadInput(f"{name} holds a header and no values: nothing was imported")
    days = sorted(found)
    kind, said = _kind(header, dated, valued)
    if not said and (named := _published_in(name)):
        kind, said = f"{kind}, {named} by the name of the file", named
    return DailySeries(
        kind=kind, name=said, column=header[valued], day=longs(days), value=floats([found[day] for day in days]), unknown=unknown
    )


def _row(row: list[str], dated: int, valued: int, *, decimal_comma: bool) -> tuple[int, float]:
    if max(dated, valued) >= len(row):
        raise ValueError(f"{len(row)} cells, and the value is in cell {max(dated, valued) + 1}")
    value = _number(row[valued].strip().removesuffix("%").strip(), decimal_comma=decimal_comma)
    if not np.isfinite(value):
        raise ValueError(f"{row[valued].strip()!r} is no number")
    return int(utc_instant(_date(row[dated].strip()))), value


def _number(text: str, *, decimal_comma: bool) -> float:
    """NaN for what is none. A comma is the decimal one in files that are not cut by commas and write no point, else it parts thousands."""
    if decimal_comma and _COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    if _POINT.fullmatch(text) or (not decimal_comma and _THOUSANDS.fullmatch(text)):
        return float(text.replace(",", ""))
    return float("nan")


def _date(text: str) -> date:
    iso = _ISO.fullmatch(text) or _COMPACT.fullmatch(text)
    american = _AMERICAN.fullmatch(text)
    try:
        if iso:
            found = date(int(iso[1]), int(iso[2]), int(iso[3]))
        elif american:
            found = date(int(american[3]), int(american[1]), int(american[2]))
        else:
            raise ValueError
    except ValueError:
        raise ValueError(f"{text!r} is no date: write 2026-11-20 or 11/20/2026 (month first)") from None
    if not 1900 <= found.year <= 2200:
        raise ValueError(f"{text!r} is no date of a market")
    return found


def _header(rows: list[list[str]], name: str) -> tuple[int, list[str]]:
    """The number of the line after the header, and its cells in lower case."""
    for number, row in enumerate(rows[:HEADER_WITHIN], start=1):
        cells = [cell.strip().strip("\ufeff").lower() for cell in row]
        if len(cells) > 1 and any(cell in DATES for cell in cells):
            return number, cells
    raise BadInput(f"{name} has no header with a date: its first line must name the columns, as in DATE,CLOSE or DATE,OPEN,HIGH,LOW,CLOSE")


def _value_column(header: list[str], dated: int, wanted: str, name: str) -> int:
    others = [place for place in range(len(header)) if place != dated]
    if wanted:
        if wanted.strip().lower() not in header:
            raise BadInput(f"{name} has no column {wanted!r}: it has {', '.join(header[place] for place in others)}")
        return header.index(wanted.strip().lower())
    for close in CLOSES:
        if close in header:
            return header.index(close)
    if len(others) == 1:
        return others[0]
    raise BadInput(f"which column of {name} is the value? Name one with --column: {', '.join(header[place] for place in others)}")


def _kind(header: list[str], dated: int, valued: int) -> tuple[str, str]:
    """What the header looks like, and whose series it says it is."""
    said = "" if header[valued] in OTHERS else header[valued].upper()
    if header[dated] == "date" and header[1:] == ["open", "high", "low", "close"]:
        return "an index history as Cboe publishes it (open, high, low, close): the close", said
    if header[dated] == "date" and len(header) == 2 and said in PUBLISHED:
        return f"the history of {said} as Cboe publishes it", said
    if set(header) >= PRICES:
        return f"daily prices: the column {header[valued]!r}", said
    return f"dates and values: the column {header[valued]!r}", said


def _published_in(name: str) -> str:
    """The volatility index that a file is called after, as in ``VIX_History.csv``; "" where it is none."""
    first = re.split(r"[^A-Za-z0-9]", name, maxsplit=1)[0].upper()
    return first if first in PUBLISHED else ""


def _delimiter(text: str) -> str:
    sample = text[:4096]
    return max(",;\t", key=sample.count)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as trouble:
        raise unreadable(f"file {path.name}", trouble) from trouble
    if content[:2] == b"\x1f\x8b":
        content = _unpacked(content, path.name)
    if len(content) > MOST_BYTES:
        raise BadInput(f"{path.name} is larger than {MOST_BYTES // 2**20} MiB: that is no daily series")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{path.name} is not text in UTF-8: export it as a plain CSV file") from None


def _unpacked(content: bytes, name: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise BadInput(f"{name} is a damaged gzip file: fetch it again") from None


def in_fractions(value: Floats, *, percent: bool) -> Floats:
    """Volatilities as they are kept."""
    return floats(np.round(value / 100.0, 12)) if percent else value


def written_in_percent(value: Floats, *, signed: bool = False) -> bool | None:
    """Whether volatilities are written in percent: where the middle one is 2 or more, no market's being above 200 %.

    Of differences (``signed``) the middle size is a vol point or more in percents and less than 0.1 in fractions; None between these,
    where a butterfly in vol points and a risk reversal in fractions look alike.
    """
    middle = float(np.median(np.abs(value)))
    if not signed:
        return middle >= 2.0
    return None if 0.1 <= middle < 1.0 else middle >= 1.0


def lines_below_zero(series: DailySeries) -> Iterator[str]:
    """Dates whose value is not above zero."""
    for day in series.day[~(series.value > 0.0)].tolist():
        yield date.fromordinal(date(1970, 1, 1).toordinal() + day // 86_400_000_000_000).isoformat()
