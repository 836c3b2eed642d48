"""Feed events to bytes and back, exactly: how a tape, and nothing else, writes a market down. No pickle, bounded, checked."""

from types import GenericAlias
from typing import Any, get_args, get_origin

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.domain.errors import BadInput
from engine.domain.market import FeedEvent, Listing

MAX_EVENT_BYTES = 64 * 1024 * 1024
"""No event is larger: a listing of 500,000 contracts is about 30 MiB."""

_LITTLE_ENDIAN: dict[np.dtype[Any], np.dtype[Any]] = {
    np.dtype(np.float64): np.dtype("<f8"),
    np.dtype(np.int64): np.dtype("<i8"),
    np.dtype(np.int32): np.dtype("<i4"),
    np.dtype(np.int8): np.dtype("i1"),
    np.dtype(np.uint8): np.dtype("u1"),
}


class MalformedEvent(BadInput):
    """Bytes that are not an event this version knows."""


def _column_to_bytes(value: Any) -> bytes:
    if isinstance(value, np.ndarray):
        stored = _LITTLE_ENDIAN.get(value.dtype)
        if stored is not None and value.ndim == 1:
            return value.astype(stored, copy=False).tobytes()
        raise MalformedEvent(f"a column of {value.dtype} with {value.ndim} dimensions cannot be written")
    raise MalformedEvent(f"{type(value).__name__} has no place in a feed event")


def _column_from_bytes(kind: Any, value: Any) -> NDArray[Any]:
    if not (isinstance(kind, GenericAlias) and get_origin(kind) is np.ndarray and isinstance(value, bytes)):
        raise MalformedEvent(f"a column is expected as raw bytes, not as {type(value).__name__}")
    scalar = get_args(get_args(kind)[1])[0]
    stored = _LITTLE_ENDIAN[np.dtype(scalar)]
    if len(value) % stored.itemsize:
        raise MalformedEvent(f"a column of {len(value)} bytes does not hold whole numbers of {stored.itemsize} bytes")
    column: NDArray[Any] = np.frombuffer(value, dtype=stored).astype(scalar, copy=False)
    column.flags.writeable = False
    return column


_encoder = msgspec.msgpack.Encoder(enc_hook=_column_to_bytes)
_decoder: "msgspec.msgpack.Decoder[FeedEvent]" = msgspec.msgpack.Decoder(FeedEvent, dec_hook=_column_from_bytes)


def _columns(event: Struct) -> list[NDArray[Any]]:
    return [value for field in event.__struct_fields__ if isinstance(value := getattr(event, field), np.ndarray)]


def check_event(event: FeedEvent) -> None:
    """Raises where an event breaks its own rules: columns of one length, no index outside its table, an instant that can be one."""
    if event.at < 0:
        raise MalformedEvent(f"an event at {event.at} lies before 1970")
    columns = _columns(event)
    lengths = {len(column) for column in columns}
    if len(lengths) > 1:
        raise MalformedEvent(f"the columns of one {type(event).__name__} have different lengths: {sorted(lengths)}")
    if isinstance(event, Listing):
        _check_listing(event)
    elif columns and hasattr(event, "handle") and len(event.handle) and int(event.handle.min()) < 0:
        raise MalformedEvent(f"a {type(event).__name__} names the handle {int(event.handle.min())}")


def _check_listing(event: Listing) -> None:
    rows = len(event.handle)
    if len(event.name) != rows:
        raise MalformedEvent(f"a listing of {rows} rows has {len(event.name)} names")
    if not rows:
        return
    inside = (
        int(event.handle.min()) >= 0
        and int(event.security.min()) >= -1
        and int(event.security.max()) < len(event.securities)
        and int(event.series_index.min()) >= -1
        and int(event.series_index.max()) < len(event.series)
    )
    if not inside:
        raise MalformedEvent("a listing points outside its own tables of securities and series")
    if bool(((event.security >= 0) == (event.series_index >= 0)).any()):
        raise MalformedEvent("a listing has a row that is both security and option, or neither")


def encode_event(event: FeedEvent) -> bytes:
    """The event as msgpack, columns as raw little-endian bytes: the same event always gives the same bytes."""
    data = _encoder.encode(event)
    if len(data) > MAX_EVENT_BYTES:
        raise MalformedEvent(f"an event of {len(data)} bytes is larger than {MAX_EVENT_BYTES}: split the batch")
    return data


def decode_event(data: bytes) -> FeedEvent:
    """The event those bytes are, its columns read-only views. Raises :class:`MalformedEvent` for anything else, whatever the bytes."""
    if len(data) > MAX_EVENT_BYTES:
        raise MalformedEvent(f"{len(data)} bytes are more than any event has ({MAX_EVENT_BYTES})")
    try:
        event = _decoder.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError, OverflowError) as trouble:
        raise MalformedEvent(f"these bytes are no feed event: {trouble}") from trouble
    check_event(event)
    return event
