"""The one door: bytes of a file in, a :class:`ChainFile` out, or a sentence that says what the file is instead."""

from pathlib import Path

import msgspec

from engine.domain.errors import BadInput, UpstreamFailed, unreadable
from engine.domain.ids import UtcNanos
from plugins.chainfiles.assemble import Parsed, Stamp, assemble, stamp_of
from plugins.chainfiles.bounded import MAX_FILE_BYTES, Plain, plain
from plugins.chainfiles.cboe_csv import parse_cboe_csv
from plugins.chainfiles.json_chain import parse_json_chain
from plugins.chainfiles.model import ChainFile
from plugins.chainfiles.moments import read_moment
from plugins.chainfiles.shapes import HEAD_BYTES, Shape, recognise
from plugins.chainfiles.text import decode
from plugins.chainfiles.yahoo_csv import parse_yahoo_csv

EXPECTED = "Expected is an option chain: Cboe's delayed quotes (JSON), Cboe's quote table (CSV) or a Yahoo-style table (CSV), plain or .gz"


def read_chain(name: str, data: bytes, *, saved: Stamp | None = None, modified_at: UtcNanos | None = None) -> ChainFile:
    """Reads a chain file from its bytes.

    ``saved`` overrules what the file says of its time; ``modified_at`` stands in where it says nothing. Raises BadInput for what is no
    chain, UpstreamFailed for what a server said instead of one.
    """
    unpacked = plain(name, data)
    shape = recognise(unpacked.data[:HEAD_BYTES])
    if not shape.is_chain:
        refuse(name, shape, unpacked)
    text = decode(unpacked.data)
    try:
        parsed = (
            parse_cboe_csv(text)
            if shape is Shape.CBOE_CSV
            else parse_yahoo_csv(text)
            if shape is Shape.YAHOO_CSV
            else parse_json_chain(text.text, shape)
        )
        return assemble(name, _with_stamp(parsed, saved), fallback=_fallback(modified_at), remarks=_remarks(unpacked, text.remark))
    except BadInput as trouble:
        said = str(trouble)
        raise BadInput(said if said.startswith(name) else f"{name} seems to be a {shape}, but {said}") from trouble


def _with_stamp(parsed: Parsed, saved: Stamp | None) -> Parsed:
    return parsed if saved is None else msgspec.structs.replace(parsed, stamp=saved)


def _fallback(modified_at: UtcNanos | None) -> Stamp | None:
    return (
        Stamp(at=modified_at, how="a guess: it does not say when it was saved, so the time the file was last written")
        if modified_at
        else None
    )


def _remarks(unpacked: Plain, encoding: str) -> tuple[str, ...]:
    return tuple(remark for remark in (unpacked.trouble, encoding) if remark)


def refuse(name: str, shape: Shape, unpacked: Plain) -> None:
    """Raises with what the file seems to be and what was expected."""
    if shape.is_failure:
        body = " ".join(decode(unpacked.data[:300]).text.split())
        shown = "".join(letter for letter in body if letter.isprintable())[:80]
        raise UpstreamFailed(f"{name} holds {shape} instead of a chain: {shown!r}. Download it again. {EXPECTED}")
    what = "a tape: open it with tape:PATH" if shape is Shape.TAPE else shape
    raise BadInput(f"{name} is {what}. {EXPECTED}")


def read_chain_file(path: Path, *, start: str = "") -> ChainFile:
    """Reads a chain file from disk; ``start`` (``2026-11-20T15:45``, New York time) overrules the time it says it was saved."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        modified_at = UtcNanos(path.stat().st_mtime_ns)
    except OSError as trouble:
        raise unreadable(f"file {path}", trouble) from trouble
    return read_chain(path.name, data, saved=_start(start), modified_at=modified_at)


def _start(text: str) -> Stamp | None:
    if not text:
        return None
    moment = read_moment(text)
    if moment is None:
        raise BadInput(f"{text!r} is no time: write it as 2026-11-20T15:45 (New York time) or 2026-11-20T20:45Z")
    return stamp_of(moment, "the time given by hand")
