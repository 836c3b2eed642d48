"""Plain bytes of a file that may be gzipped: cut archives give what they hold, and none unpacks to more than the limit."""

import zlib

from msgspec import Struct

from engine.domain.errors import BadInput

MAX_FILE_BYTES = 32 * 1024 * 1024
"""Plain size of the largest chain file that is read: the full SPX chain as Cboe sends it is about 11 MiB."""
MAX_ROWS = 300_000
"""Rows or lines of the largest; Cboe's longest chains have 25,000 contracts."""

_GZIP = b"\x1f\x8b"
_STEP = 1024 * 1024


class Plain(Struct, frozen=True, kw_only=True):
    """What a file holds, unpacked."""

    data: bytes
    trouble: str = ""
    """Why it is not the whole of it; "" where it is."""


def plain(name: str, data: bytes, limit: int = MAX_FILE_BYTES) -> Plain:
    """Unpacks gzip (also several members behind each other), at most to ``limit`` bytes. Raises BadInput for more."""
    if len(data) > limit:
        raise BadInput(f"{name} has {len(data):,} bytes; a chain file has at most {limit:,}")
    if not data.startswith(_GZIP):
        return Plain(data=data)
    parts: list[bytes] = []
    size = 0
    rest = data
    while rest.startswith(_GZIP):
        member = zlib.decompressobj(wbits=31)
        while rest and not member.eof:
            try:
                part = member.decompress(rest, min(_STEP, limit - size + 1))
            except zlib.error as trouble:
                return _as_far_as_it_goes(name, parts, f"its compression is damaged ({trouble})")
            parts.append(part)
            size += len(part)
            if size > limit:
                raise BadInput(f"{name} unpacks to more than {limit:,} bytes: no chain file is that large")
            rest = member.unconsumed_tail
        if not member.eof:
            return _as_far_as_it_goes(name, parts, "it is cut before its end")
        rest = member.unused_data
    return Plain(data=b"".join(parts))


def _as_far_as_it_goes(name: str, parts: list[bytes], trouble: str) -> Plain:
    data = b"".join(parts)
    if not data:
        raise BadInput(f"{name} cannot be unpacked: {trouble}")
    return Plain(data=data, trouble=f"the gzip file is not whole: {trouble}")


def few_enough(rows: int) -> None:
    """Raises BadInput where there are more rows than any chain has."""
    if rows > MAX_ROWS:
        raise BadInput(f"it has {rows:,} rows: a chain has at most {MAX_ROWS:,}")
