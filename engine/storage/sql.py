"""The few ways in which columns and names cross into SQL, safe on DuckDB 1.5 and 2.0."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
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


def texts(values: Iterable[str]) -> NDArray[np.object_]:
    """A column of plain strings (enumerations become their values)."""
    return np.array([str(value) for value in values], dtype=np.object_)


@contextmanager
def registered(connection: "DuckDBPyConnection", name: str, columns: Mapping[str, NDArray[Any]]) -> Iterator[None]:
    """Numpy columns as a table of that name, for as long as the block runs; NaN arrives as NULL."""
    connection.register(name, dict(columns))
    try:
        yield
    finally:
        connection.unregister(name)


def quoted(path: Path) -> str:
    """A path as an SQL literal, for the statements that take no parameters."""
    return "'" + str(path).replace("'", "''") + "'"


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
    rows = connection.execute(statement, list(parameters)).fetchall()
    return rows[0][0] if rows else None
