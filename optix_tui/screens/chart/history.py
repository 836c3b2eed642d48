"""Bars that grow at both ends: what the engine says of the newest ones, and older ones asked for later."""

import numpy as np
from msgspec.structs import replace

from engine.domain.columns import floats, longs
from engine.messages.queries import BarTable

_COLUMNS = ("start", "open", "high", "low", "close", "volume", "vwap")


def with_newest(table: BarTable, newest: BarTable) -> BarTable | None:
    """The table with its newest bars replaced and followed; None where bars between the two are missing and must be asked for."""
    if table.symbol != newest.symbol or table.seconds != newest.seconds or not newest.start.size:
        return table
    if not table.start.size or newest.start[0] > table.start[-1]:
        return None
    return replace(
        _joined(table, newest, int(np.searchsorted(table.start, newest.start[0]))),
        complete=newest.complete,
        session_open=newest.session_open,
        source=newest.source,
    )


def with_older(table: BarTable, older: BarTable) -> BarTable:
    """The table with bars before its first one; what they have in common is taken from the table."""
    if table.symbol != older.symbol or table.seconds != older.seconds or not table.start.size:
        return table
    fresh = int(np.searchsorted(older.start, table.start[0]))
    merged = _joined(older, table, fresh)
    return replace(merged, complete=table.complete, session_open=table.session_open, source=table.source)


def _joined(first: BarTable, then: BarTable, cut: int) -> BarTable:
    """The first table up to row ``cut``, then all of the other."""
    columns = {name: np.concatenate([getattr(first, name)[:cut], getattr(then, name)]) for name in _COLUMNS}
    start = longs(columns.pop("start"))
    return replace(first, start=start, **{name: floats(column) for name, column in columns.items()})
