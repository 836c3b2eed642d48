"""Messages to bytes and back: msgpack between processes (columns as raw bytes, equal to the bit), JSON for people and programs, schemas.

No pickle; types are those of the registry; columns are of five kinds only; the worst that comes of any bytes is `BadInput`.
"""

import math
from collections.abc import Hashable
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import GenericAlias
from typing import Any, TypeVar, cast, get_args, get_origin

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.domain.errors import BY_CODE, BadInput, OptixError
from engine.messages.base import Query, answer_type

T = TypeVar("T")

COLUMN = 1
"""The msgpack extension type of a column: kind, dimensions, lengths (u32 each), then the values, all little-endian."""
MOST_DIMENSIONS = 2
_KINDS: tuple[str, ...] = ("<f8", "<i8", "<i4", "|i1", "|u1")
_CODES: dict[str, int] = {kind: code for code, kind in enumerate(_KINDS)}


class Malformed(BadInput):
    """Bytes that are not what was agreed on."""


def _to_wire(value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        raise Malformed(f"{type(value).__name__} has no place in a message")
    stored = np.ascontiguousarray(value)
    code = _CODES.get(stored.dtype.newbyteorder("<").str)
    if code is None or stored.ndim > MOST_DIMENSIONS:
        raise Malformed(f"a column of {value.dtype} with {value.ndim} dimensions has no place in a message")
    head = bytes((code, value.ndim)) + b"".join(length.to_bytes(4, "little") for length in value.shape)
    return msgspec.msgpack.Ext(COLUMN, head + stored.astype(_KINDS[code], copy=False).tobytes())


def _from_extension(code: int, data: memoryview) -> NDArray[Any]:
    if code != COLUMN or len(data) < 2 or data[0] >= len(_KINDS) or data[1] > MOST_DIMENSIONS:
        raise Malformed("an extension that is no column")
    start = 2 + 4 * data[1]
    if len(data) < start:
        raise Malformed("a column that is cut")
    shape = tuple(int.from_bytes(data[place : place + 4], "little") for place in range(2, start, 4))
    kind = np.dtype(_KINDS[data[0]])
    if math.prod(shape) * kind.itemsize != len(data) - start:
        raise Malformed(f"a column of {shape} values in {len(data) - start} bytes")
    column = np.frombuffer(data[start:], dtype=kind).astype(kind.newbyteorder("="), copy=True).reshape(shape)
    column.flags.writeable = False
    return column


def _to_kind(kind: Any, value: Any) -> Any:
    if isinstance(kind, GenericAlias) and get_origin(kind) is np.ndarray and isinstance(value, np.ndarray):
        wanted = np.dtype(get_args(get_args(kind)[1])[0])
        if value.dtype == wanted:
            return value
        raise Malformed(f"a column of {value.dtype} where one of {wanted} is due")
    raise Malformed(f"{type(value).__name__} where {kind} is due")


_encoder = msgspec.msgpack.Encoder(enc_hook=_to_wire)
encode = _encoder.encode
"""Any message, answer, or tuple of them, as msgpack."""


@cache
def _decoder(kind: Any, /) -> "msgspec.msgpack.Decoder[Any]":
    return msgspec.msgpack.Decoder(kind, ext_hook=_from_extension, dec_hook=_to_kind)


def decode(data: bytes | memoryview | msgspec.Raw, kind: type[T]) -> T:
    """The ``kind`` those bytes are; raises `Malformed` for anything else, whatever the bytes."""
    try:
        value: T = _decoder(cast(Hashable, kind)).decode(data)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError, OverflowError) as trouble:
        raise Malformed(f"these bytes are no {getattr(kind, '__name__', kind)}: {trouble}") from trouble
    return value


@cache
def answer_of(query: type[Query[Any]]) -> Any:
    """What answers that question."""
    return answer_type(query)


class Failure(Struct, frozen=True, array_like=True):
    """An error on its way to whom it concerns."""

    code: str
    text: str


def failure(error: OptixError) -> Failure:
    """What crosses of an error."""
    return Failure(error.code, str(error))


def error_of(failed: Failure) -> OptixError:
    """The same error on the other side."""
    return BY_CODE.get(failed.code, OptixError)(failed.text)


def to_plain(value: Any) -> Any:
    """What JSON can hold: structs as objects, columns as lists, enums by value, dates in ISO 8601, and null for what is unknown."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Struct):
        return {name: to_plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, np.ndarray):
        return _column_to_plain(value)
    if isinstance(value, dict):
        return {str(name): to_plain(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_plain(entry) for entry in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, np.integer):
        return int(value)
    raise BadInput(f"{type(value).__name__} cannot be said in JSON")


def _column_to_plain(column: NDArray[Any]) -> Any:
    if column.dtype.kind != "f" or np.isfinite(column).all():
        return column.tolist()
    known = column.astype(object)
    known[~np.isfinite(column)] = None
    return known.tolist()


def to_json(value: Any) -> bytes:
    """One JSON document."""
    return msgspec.json.encode(to_plain(value))


def schema(kind: Any) -> dict[str, Any]:
    """The JSON schema of a message or an answer, as :func:`to_plain` writes it."""
    return msgspec.json.schema(kind, schema_hook=_column_schema)


def _column_schema(kind: Any) -> dict[str, Any]:
    if kind is np.ndarray:
        return {"type": "array", "items": {"type": ["number", "null", "array"]}, "description": "a column, or rows of one; null is unknown"}
    raise TypeError(f"{kind} has no JSON form")
