"""How an answer leaves: an aligned table for people, one JSON document or NDJSON for programs, and words on stderr."""

import csv
import json
import math
import os
import re
import select
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from engine.domain.errors import BadInput

if TYPE_CHECKING:
    from engine.api import Receipt

T = TypeVar("T")
Row = Sequence[Any]

_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What a terminal would obey, and what turns the direction of writing; blanks, tabs and ends of lines it may have."""
_OBEYED_IN_JSON = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""The same, where all below a blank is spelled out already."""

BOLD, DIM, RED, CYAN, RESET = "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[36m", "\x1b[0m"


class Quietness:
    """How many words go to stderr; set once from the global flags."""

    quiet = False
    verbose = False


def colours(stream: TextIO) -> bool:
    """Whether a stream may be coloured: a terminal, and nobody asked for none."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def shown(text: str) -> str:
    """Words that may have come from a feed or a file, with a dot for every character that a terminal would obey."""
    return _OBEYED.sub("·", text)


def say(text: str) -> None:
    """A word for the person, on stderr, so that data stay clean."""
    if not Quietness.quiet:
        print(shown(text), file=sys.stderr)


def complain(text: str) -> None:
    """What went wrong, on stderr, whatever the flags."""
    mark = f"{RED}optix:{RESET}" if colours(sys.stderr) else "optix:"
    print(f"{mark} {shown(text)}", file=sys.stderr)


def plain(value: Any) -> Any:
    """A value as JSON knows it: unknown is null (never NaN), instants and dates are text."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, str | int | bool) or value is None:
        return value
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")


def schema(name: str, units: Mapping[str, str] | None = None, *, version: int = 1) -> dict[str, Any]:
    """The head of every document: its name, its version, and the unit of each number that needs one."""
    return {"name": f"optix.{name}", "version": version, "units": dict(units or {})}


def document(content: Mapping[str, Any]) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(_spelled(content, indent=2 if sys.stdout.isatty() else None))


def _spelled(content: Mapping[str, Any], *, indent: int | None = None) -> str:
    has_all_letters = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf")
    text = json.dumps(plain(content), ensure_ascii=not has_all_letters, allow_nan=False, indent=indent)
    return _OBEYED_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def one_form(*, as_json: bool, as_csv: bool) -> None:
    """Refuses two forms at once."""
    if as_json and as_csv:
        raise BadInput("say --json or --csv, not both")


def comma_separated(fields: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Lines of CSV with a head on stdout; unknown is an empty field, and what no field names is left out."""
    tell = told_as_csv(fields)
    for row in rows:
        tell(row)


def told_as_csv(fields: Sequence[str]) -> Callable[[Mapping[str, Any]], None]:
    """The same for rows that come one at a time: the head now, and what tells a row."""
    writer = csv.DictWriter(sys.stdout, fieldnames=list(fields), lineterminator="\n")
    writer.writeheader()

    def tell(row: Mapping[str, Any]) -> None:
        known = plain(row)
        writer.writerow({name: comma_cell(known[name]) for name in fields})

    return tell


def comma_cell(value: Any) -> Any:
    """Unknown is empty, and yes and no are written as in the documents."""
    if isinstance(value, str):
        return shown(value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value


def told_as_they_come(
    name: str, fields: Sequence[str], text: Callable[[Mapping[str, Any]], str], *, as_json: bool, as_csv: bool
) -> Callable[[Mapping[str, Any]], None]:
    """What tells a row of an endless answer and flushes it: as a document a line, as CSV under its head, or as ``text`` has it."""
    comma = told_as_csv(fields) if as_csv else None

    def tell(row: Mapping[str, Any]) -> None:
        if as_json:
            line({"schema": f"optix.{name}/1", **row})
        elif comma is not None:
            comma(row)
        else:
            plain_line(text(row))
        sys.stdout.flush()

    sys.stdout.flush()
    return tell


def receipt(name: str, done: "Receipt", *, as_json: bool) -> None:
    """What was done: a document, or a word for the person."""
    if as_json:
        document({"schema": schema(name), "text": done.text, **done.detail})
    else:
        say(done.text)


def line(content: Mapping[str, Any]) -> None:
    """One line of NDJSON, flushed, for streams."""
    sys.stdout.write(_spelled(content))
    sys.stdout.flush()


def table(heads: Sequence[str], rows: Iterable[Row], *, left: int = 1, title: str = "") -> None:
    """An aligned table on stdout: the first ``left`` columns to the left, the others to the right.

    A terminal too narrow for it gets the first columns, as many as fit, and is told of the others.
    """
    cells = [[shown(str(cell)) for cell in row] for row in rows]
    widths = [max(len(head), *(len(row[i]) for row in cells)) if cells else len(head) for i, head in enumerate(heads)]
    styled = colours(sys.stdout)
    fitting = _fitting(widths, left) if sys.stdout.isatty() else len(widths)

    def spread(row: Sequence[str]) -> str:
        kept = list(zip(row, widths, strict=True))[:fitting]
        return "  ".join(cell.ljust(w) if i < left else cell.rjust(w) for i, (cell, w) in enumerate(kept)).rstrip()

    if fitting < len(heads):
        say(f"too narrow for {', '.join(head for head in heads[fitting:] if head)}: a wider terminal, or --json, has them")
    lines = [shown(title)] if title else []
    lines.append(f"{BOLD}{spread(heads)}{RESET}" if styled else spread(heads))
    lines.extend(spread(row) for row in cells)
    sys.stdout.write("\n".join(lines) + "\n")


def _fitting(widths: Sequence[int], left: int) -> int:
    """How many of the first columns a terminal holds; one more than names the row, at the least."""
    room, used = shutil.get_terminal_size().columns, -2
    for place, width in enumerate(widths):
        used += 2 + width
        if used > room and place > left:
            return place
    return len(widths)


def unread() -> bool:
    """Whether whoever read stdout through a pipe has gone; a file and a terminal are never unread."""
    if not hasattr(select, "poll"):
        return False
    watched = select.poll()
    try:
        watched.register(sys.stdout.fileno(), 0)
    except (OSError, ValueError):
        return False
    return any(event & select.POLLERR for _, event in watched.poll(0))


def pairs(rows: Iterable[tuple[str, Any]]) -> None:
    """Names and values, one a line."""
    kept = [(shown(name), shown(str(value))) for name, value in rows]
    width = max((len(name) for name, _ in kept), default=0)
    dim, reset = (DIM, RESET) if colours(sys.stdout) else ("", "")
    for name, value in kept:
        sys.stdout.write(f"{dim}{name.ljust(width)}{reset}  {value}\n")


def number(value: float, digits: int = 2) -> str:
    """A number for a table, with thousands; a dash where it is unknown."""
    return f"{value:,.{digits}f}" if math.isfinite(value) else "—"


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign; a dash where it is unknown."""
    return f"{value:+,.{digits}f}" if math.isfinite(value) else "—"


def percent(fraction: float, digits: int = 1) -> str:
    """A fraction as a percentage; a dash where it is unknown."""
    return f"{fraction * 100:.{digits}f}%" if math.isfinite(fraction) else "—"


def count(value: float) -> str:
    """A whole number with thousands; a dash where it is unknown."""
    return f"{value:,.0f}" if math.isfinite(value) else "—"


def size(octets: float) -> str:
    """Bytes in the unit that fits."""
    for unit in ("B", "kB", "MB", "GB"):
        if octets < 1000:
            return f"{octets:.0f} {unit}" if unit == "B" else f"{octets:.1f} {unit}"
        octets /= 1000
    return f"{octets:.1f} TB"


def instant(nanos: int) -> str | None:
    """ISO 8601 in UTC; None for "never" (0)."""
    if not nanos:
        return None
    whole, rest = divmod(int(nanos), 1_000_000_000)
    return datetime.fromtimestamp(whole, UTC).replace(microsecond=rest // 1000).isoformat().replace("+00:00", "Z")


@contextmanager
def working(what: str) -> Iterator[None]:
    """A spinner on a terminal's stderr while something long goes on."""
    if Quietness.quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


def progress(items: Sequence[T], what: str) -> Iterator[T]:
    """The items one by one, with a bar on a terminal's stderr."""
    if Quietness.quiet or len(items) < 2 or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        yield from bar.track(items, description=what)


def plain_line(text: str, *, mark: str = "") -> None:
    """One line of data on stdout, behind a mark of our own that may be coloured."""
    sys.stdout.write(f"{mark}{shown(text)}\n")
