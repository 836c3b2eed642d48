"""Equality to the bit: NaN equals NaN of the same bits, and a column equals a column of its kind, shape and bytes."""

import struct
from typing import Any

import numpy as np
from msgspec import Struct


def same(one: Any, other: Any) -> bool:
    """Whether two messages are the same, column for column and bit for bit."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return (
            isinstance(one, np.ndarray)
            and isinstance(other, np.ndarray)
            and one.dtype == other.dtype
            and one.shape == other.shape
            and one.tobytes() == other.tobytes()
        )
    if isinstance(one, Struct):
        return type(one) is type(other) and all(same(getattr(one, name), getattr(other, name)) for name in one.__struct_fields__)
    if isinstance(one, (tuple, list)):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, float) and isinstance(other, float):
        return struct.pack("<d", one) == struct.pack("<d", other)
    return bool(one == other)


def difference(one: Any, other: Any, where: str = "") -> str:
    """The first place at which two messages differ, in words; "" where they are the same."""
    if same(one, other):
        return ""
    if isinstance(one, Struct) and type(one) is type(other):
        parts = ((f"{where}.{name}", getattr(one, name), getattr(other, name)) for name in one.__struct_fields__)
    elif isinstance(one, (tuple, list)) and type(one) is type(other) and len(one) == len(other):
        parts = ((f"{where}[{place}]", *pair) for place, pair in enumerate(zip(one, other, strict=True)))
    else:
        bits = [struct.pack("<d", value).hex() if isinstance(value, float) else "" for value in (one, other)]
        return f"{where or 'all'}: {str(one)[:300]} {bits[0]} is not {str(other)[:300]} {bits[1]}"
    return next(found for part in parts if (found := difference(part[1], part[2], part[0])))
