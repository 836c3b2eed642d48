"""The tape: everything a feed said, in order, in one append-only file that a kill can only shorten.

Layout, little-endian: the magic ``OPTIXTAPE`` and one byte of version; then frames, each of a length (u32), a CRC-32 of what
follows (u32), one byte of kind and the body. The first frame is the header, every further one an event (see
:mod:`engine.contracts.event_codec`), plain or deflated. A tape that was closed ends with the feed FROZEN by ``END_OF_TAPE``; one
that was killed simply stops after its last whole frame.
"""

import hashlib
import os
import zlib
from collections.abc import Iterator, Mapping
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec
from msgspec import Struct

from engine.contracts.event_codec import MAX_EVENT_BYTES, MalformedEvent, decode_event, encode_event
from engine.contracts.feed import FeedTraits
from engine.domain.errors import BadInput, Refused, UpstreamFailed, unreadable
from engine.domain.ids import UtcNanos
from engine.domain.market import FeedCondition, FeedEvent, FeedState

MAGIC = b"OPTIXTAPE"
VERSION = 1
END_OF_TAPE = "end of the tape"
"""The reason of the condition that a closed tape ends with."""

_FRAME_HEAD = 8
_DEFLATE_FROM = 256
"""Shorter bodies gain nothing by deflating."""
_DEFLATE_LEVEL = 1


class FrameKind(IntEnum):
    """What a frame's body is."""

    HEADER = 0
    EVENT = 1
    DEFLATED_EVENT = 2


class TapeHeader(Struct, frozen=True, kw_only=True):
    """What was recorded, from where and when."""

    traits: FeedTraits
    """Of the feed that was recorded."""
    created_at: UtcNanos
    """Wall clock at the start of the recording."""
    version: str = ""
    """Of the program that wrote it."""
    parameters: Mapping[str, str | int | float] = {}
    """What the feed was built from, such as its seed; never a secret."""


_header_encoder = msgspec.msgpack.Encoder(order="sorted")
_header_decoder = msgspec.msgpack.Decoder(TapeHeader)


def _frame(kind: FrameKind, body: bytes) -> bytes:
    content = bytes([kind]) + body
    return len(content).to_bytes(4, "little") + zlib.crc32(content).to_bytes(4, "little") + content


def event_frame(event: FeedEvent) -> bytes:
    """The frame of an event, head included; the same event gives the same frame wherever zlib is the same."""
    body = encode_event(event)
    if len(body) >= _DEFLATE_FROM:
        deflated = zlib.compress(body, _DEFLATE_LEVEL)
        if len(deflated) < len(body):
            return _frame(FrameKind.DEFLATED_EVENT, deflated)
    return _frame(FrameKind.EVENT, body)


class TapeWriter:
    """Appends events to a new tape; a frame is whole in the file, or not there. One writer a file, not shared between threads."""

    def __init__(self, path: Path, header: TapeHeader, *, overwrite: bool = False) -> None:
        try:
            self._file: BinaryIO = path.open("wb" if overwrite else "xb", buffering=0)
        except FileExistsError as trouble:
            raise Refused(f"{path} is there already: name another file, or say that it may be overwritten") from trouble
        except OSError as trouble:
            raise BadInput(f"a tape cannot be written to {path}: {trouble.strerror}") from trouble
        self.path = path
        self.events = 0
        self.size = 0
        self._last: FeedEvent | None = None
        self._append(MAGIC + bytes([VERSION]) + _frame(FrameKind.HEADER, _header_encoder.encode(header)))

    def _append(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        self.size += len(data)

    def write(self, event: FeedEvent) -> None:
        """Adds one event; it is with the operating system when this returns, so that a kill of this process loses none."""
        if self._file.closed:
            raise Refused(f"the tape {self.path} is closed")
        self._append(event_frame(event))
        self.events += 1
        self._last = event

    def flush(self) -> None:
        """Sees to it that what was written survives a loss of power."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Marks the end by a FROZEN condition, unless the market stands still already, and makes the file durable. May be called twice."""
        if self._file.closed:
            return
        last = self._last
        if last is not None and not (isinstance(last, FeedCondition) and last.state is FeedState.FROZEN):
            self.write(FeedCondition(at=last.at, state=FeedState.FROZEN, reason=END_OF_TAPE))
        self.flush()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class TapeReader:
    """Reads a tape from its first frame to its last whole one; what is cut or damaged behind that is said in ``trouble``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.trouble = ""
        """Why reading ended before the end of the file; "" while nothing is wrong."""
        self.position = 0
        """Bytes of the file that were read and whole."""
        try:
            self._file: BinaryIO = path.open("rb")
            self.size = path.stat().st_size
        except OSError as trouble:
            raise unreadable(f"tape {path}", trouble) from trouble
        try:
            self.header = self._read_header()
        except BaseException:
            self._file.close()
            raise

    def _read_header(self) -> TapeHeader:
        start = self._file.read(len(MAGIC) + 1)
        if start[: len(MAGIC)] != MAGIC:
            raise BadInput(
                f"{self.path} is no tape: it does not begin with {MAGIC.decode()}. Is it a chain file? Then say file:{self.path}"
            )
        if start[len(MAGIC) :] != bytes([VERSION]):
            found = start[len(MAGIC)] if len(start) > len(MAGIC) else "no"
            raise BadInput(f"{self.path} is a tape of format {found}; this version reads format {VERSION}")
        self.position = len(start)
        content = self._next_content()
        if content is None or content[0] != FrameKind.HEADER:
            raise UpstreamFailed(f"the tape {self.path} ends inside its header: nothing was recorded")
        try:
            return _header_decoder.decode(content[1:])
        except (msgspec.MsgspecError, RecursionError) as trouble:
            raise UpstreamFailed(f"the header of the tape {self.path} cannot be read: {trouble}") from trouble

    def _next_content(self) -> bytes | None:
        """Kind and body of the next frame; None at the end, with the reason in ``trouble`` where it is not a clean one."""
        head = self._file.read(_FRAME_HEAD)
        if not head:
            return None
        length = int.from_bytes(head[:4], "little")
        if len(head) < _FRAME_HEAD or not any(head):
            return self._stopped("its last frame is cut")
        if not 2 <= length <= MAX_EVENT_BYTES + 1:
            return self._stopped("a frame says an impossible length")
        content = self._file.read(length)
        if len(content) < length:
            return self._stopped("its last frame is cut")
        if zlib.crc32(content) != int.from_bytes(head[4:], "little"):
            return self._stopped("a frame is damaged (its check sum is wrong)")
        self.position += _FRAME_HEAD + length
        return content

    def _stopped(self, why: str) -> bytes | None:
        self.trouble = f"{why} at byte {self.position:,}: {self.size - self.position:,} bytes behind it are not read"
        return None

    def __iter__(self) -> Iterator[FeedEvent]:
        """The events that are left, in order; a frame that cannot be understood ends the tape, as nothing behind it could be trusted."""
        while (content := self._next_content()) is not None:
            try:
                yield decode_event(_event_body(content))
            except MalformedEvent as trouble:
                self._stopped(f"a frame holds no event ({trouble})")
                return

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _event_body(content: bytes) -> bytes:
    if content[0] == FrameKind.EVENT:
        return content[1:]
    if content[0] != FrameKind.DEFLATED_EVENT:
        raise MalformedEvent(f"frame of an unknown kind {content[0]}")
    unpacker = zlib.decompressobj()
    try:
        body = unpacker.decompress(content[1:], MAX_EVENT_BYTES + 1)
    except zlib.error as trouble:
        raise MalformedEvent(f"its compression is broken: {trouble}") from trouble
    if not unpacker.eof:
        raise MalformedEvent("its compression does not end within the size of an event")
    return body


def tape_digest(path: Path) -> str:
    """SHA-256 of all events of a tape, its header left out: equal for a recording and for the recording of its replay."""
    digest = hashlib.sha256()
    with TapeReader(path) as tape:
        for event in tape:
            digest.update(encode_event(event))
    return digest.hexdigest()
