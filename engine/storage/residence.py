"""How much of a database stays in memory: what was read or written is kept for a while, and given back to the system beyond a bound.

DuckDB keeps every page it ever touched up to its memory limit, so that a recorder's memory grows as its file does. The limit itself has
to be large, for the sake of exports and of questions about long histories; it is lowered for a moment instead, and unused pages go.
"""

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_log = logging.getLogger(__name__)
_USE = """SELECT coalesce(sum(memory_usage_bytes) FILTER (tag = 'BASE_TABLE'), 0)::BIGINT,
    coalesce(sum(memory_usage_bytes) FILTER (tag <> 'BASE_TABLE'), 0)::BIGINT FROM duckdb_memory()"""


def page_bytes(connection: "DuckDBPyConnection") -> int:
    """Of the file's pages, how much is in memory now."""
    return int(connection.execute(_USE).fetchall()[0][0])


def give_back(connection: "DuckDBPyConnection", *, keep_bytes: int, limit: str) -> int:
    """Lets pages of the file go until no more than ``keep_bytes`` of them are in memory, or those alone that are in use; how much went.

    Nobody else may run a query meanwhile: it would meet the lowered limit. What is not on disk yet is never touched, as writing it to the
    spill folder would cost more than it saves; ``limit`` is in force again at the end.
    """
    import duckdb

    pages, rest = connection.execute(_USE).fetchall()[0]
    if pages <= keep_bytes:
        return 0
    try:
        connection.execute(f"SET memory_limit = '{rest + keep_bytes}B'")
    except duckdb.OutOfMemoryException:
        _log.debug("pages of the history that are in use stay in memory")  # the others are gone all the same
    finally:
        connection.execute(f"SET memory_limit = '{limit}'")
    return int(pages) - page_bytes(connection)
