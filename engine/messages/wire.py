"""Messages as bytes: msgpack, with columns as raw float64 and kin, so that what arrives is bit for bit what was sent.

No pickle, no names of classes from the other side: the receiver says which type it expects, and only the column types of
`engine.domain.columns` are taken.
"""

import math
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
import numpy as np

from engine.domain.errors import BadInput

T = TypeVar("T")

COLUMN = 1
"""The msgpack extension code of a column."""
KINDS: dict[bytes, np.dtype[Any]] = {
    b"d": np.dtype("<f8"),
    b"q": np.dtype("<i8"),
    b"i": np.dtype("<i4"),
    b"b": np.dtype("i1"),
    b"B": np.dtype("u1"),
}
_CODES = {kind: code for code, kind in KINDS.items()}
MOST_DIMENSIONS = 2


def _outgoing(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        code = _CODES.get(value.dtype.newbyteorder("<") if value.dtype.itemsize > 1 else value.dtype)
        if code is None or not 1 <= value.ndim <= MOST_DIMENSIONS:
            raise TypeError(f"a column of {value.dtype} with {value.ndim} dimensions does not cross the wire")
        shape = b"".join(size.to_bytes(4, "little") for size in value.shape)
        return msgspec.msgpack.Ext(COLUMN, code + bytes([value.ndim]) + shape + np.ascontiguousarray(value, KINDS[code]).tobytes())
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} does not cross the wire")


def _column(code: int, data: memoryview) -> np.ndarray[Any, Any]:
    if code != COLUMN or len(data) < 2:
        raise BadInput(f"a message holds an extension of unknown kind {code}")
    kind, dimensions = KINDS.get(bytes(data[:1])), data[1]
    start = 2 + 4 * dimensions
    if kind is None or not 1 <= dimensions <= MOST_DIMENSIONS or len(data) < start:
        raise BadInput("a message holds a malformed column")
    shape = tuple(int.from_bytes(data[2 + 4 * i : 6 + 4 * i], "little") for i in range(dimensions))
    if math.prod(shape) * kind.itemsize != len(data) - start:
        raise BadInput("a message holds a column whose size is not what it says")
    column = np.frombuffer(bytes(data[start:]), kind).reshape(shape)
    column.flags.writeable = False
    return column


def _incoming(kind: Any, value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value
    raise BadInput(f"a message holds {type(value).__name__} where {kind} belongs")


_encoder = msgspec.msgpack.Encoder(enc_hook=_outgoing)
_decoders: dict[Any, msgspec.msgpack.Decoder[Any]] = {}


def encode(message: Any) -> bytes:
    """A message, or any tree of structs, columns and plain values, as bytes."""
    return _encoder.encode(message)


def decode(data: bytes | memoryview, kind: type[T]) -> T:
    """The message of the expected type. Raises BadInput for anything else, whatever the bytes."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.msgpack.Decoder(kind, ext_hook=_column, dec_hook=_incoming)
    try:
        found: T = decoder.decode(data)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError, UnicodeDecodeError) as wrong:
        raise BadInput(f"no {getattr(kind, '__name__', kind)}: {wrong}") from None
    return found


def to_plain(value: Any) -> Any:
    """A message as plain values for JSON: columns become lists, unknown numbers None, enumerations their values."""
    if isinstance(value, np.ndarray | np.generic):
        return to_plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, msgspec.Struct):
        return {name: to_plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_plain(item) for item in value]
    return msgspec.to_builtins(value)
