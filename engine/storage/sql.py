"""The few ways in which columns, values and names cross into SQL, safe on DuckDB 1.5 and 2.0."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.domain.columns import Bytes, Floats, Longs, codes, floats, longs

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Identity(Struct, frozen=True, kw_only=True):
    """Whose rows these are: what every row carries."""

    source_id: int
    run_id: int


def texts(values: Iterable[str]) -> NDArray[np.str_]:
    """A column of plain strings (enumerations become their values), as fixed-width text: of a column of objects DuckDB asks pandas."""
    return np.array([str(value) for value in values], dtype=np.str_)


@contextmanager
def registered(connection: "DuckDBPyConnection", name: str, columns: Mapping[str, NDArray[Any]]) -> Iterator[None]:
    """Numpy columns as a table of that name, for as long as the block runs; NaN arrives as NULL."""
    connection.register(name, dict(columns))
    try:
        yield
    finally:
        connection.unregister(name)


_QUOTED_OR_PLACE = re.compile(r"'(?:[^']|'')*'|\?|\$[a-z_]+")


def bound(statement: str, values: Sequence[object] | Mapping[str, object]) -> str:
    """A statement with values in the places of its ``?`` (in order) or of its ``$names``; what stands in quotes is left alone.

    The values become literals here because DuckDB asks of each parameter it is handed whether it is pandas' "not a time", and imports
    pandas to know: a third of a second of the start and sixty megabytes. Raises TypeError for a value that is no plain one, ValueError
    where values and places do not match.
    """
    named = values if isinstance(values, Mapping) else None
    in_order = iter(() if named is not None else values)

    def put(found: re.Match[str]) -> str:
        place = found.group()
        if place == "?":
            return literal(next(in_order))
        return place if place[0] == "'" or named is None else literal(named[place[1:]])

    try:
        made = _QUOTED_OR_PLACE.sub(put, statement)
    except (StopIteration, KeyError) as missing:
        raise ValueError(f"a value is missing for a place in: {statement}") from missing
    if next(in_order, None) is not None:
        raise ValueError(f"there are more values than places in: {statement}")
    return made


def literal(value: object) -> str:
    """A plain value as an SQL literal of the type that a parameter of it would have; NaN is NULL, as in columns."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Integral):
        return f"({int(value)})"
    if isinstance(value, float):
        return f"'{float(value)!r}'::DOUBLE"
    if isinstance(value, str):
        return "'" + str(value).replace("'", "''") + "'"
    raise TypeError(f"{type(value).__name__} has no literal: make it a number or a text")


def quoted(path: Path) -> str:
    """A path as an SQL literal, for the statements that take no parameters."""
    return literal(str(path))


def float_column(found: NDArray[Any]) -> Floats:
    """A fetched column with NaN for NULL."""
    return floats(np.ma.filled(np.ma.asarray(found, dtype=np.float64), np.nan))


def long_column(found: NDArray[Any]) -> Longs:
    """A fetched column with 0 for NULL: never."""
    return longs(np.ma.filled(np.ma.asarray(found, dtype=np.int64), 0))


def code_column(found: NDArray[Any]) -> Bytes:
    """A fetched column with 0 for NULL."""
    return codes(np.ma.filled(np.ma.asarray(found, dtype=np.int8), 0))


def text_column(found: NDArray[Any]) -> tuple[str, ...]:
    """A fetched column with "" for NULL."""
    return tuple("" if value is None or value is np.ma.masked else str(value) for value in found)


def one(connection: "DuckDBPyConnection", statement: str, parameters: Iterable[object] = ()) -> Any:
    """The single value a statement answers; None where it answers nothing."""
    rows = connection.execute(bound(statement, tuple(parameters))).fetchall()
    return rows[0][0] if rows else None
