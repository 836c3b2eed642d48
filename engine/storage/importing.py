"""Puts a chain, as a file feed says it, into the history: once, however often it comes."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.market import FeedEvent, Listing, QuoteBatch, SummaryBatch
from engine.storage.answers import ImportReport
from engine.storage.board import Board
from engine.storage.chains import chain_snapshots
from engine.storage.inserts import ensure_source, write_chain
from engine.storage.pending import ChainRows
from engine.storage.roster import Roster
from engine.storage.sql import Identity

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def gather_chains(events: Iterable[FeedEvent]) -> tuple[Roster, list[ChainRows]]:
    """The chains in a row of events; raises `BadInput` where there is none."""
    roster = Roster()
    board = Board(roster, 0)
    for number, event in enumerate(events, start=1):
        if isinstance(event, Listing):
            roster.add(event)
            board.grow()
        elif isinstance(event, QuoteBatch):
            board.quote(event, number)
        elif isinstance(event, SummaryBatch):
            board.summarise(event)
    chains = chain_snapshots(board, roster, kind="import")
    if not chains:
        raise BadInput("There is no option chain in it: nothing was put into the history.")
    return roster, chains


def write_import(
    connection: "DuckDBPyConnection", roster: Roster, chains: list[ChainRows], *, source: SourceId, whose: Identity
) -> ImportReport:
    """All of its chains, or none."""
    connection.execute("BEGIN")
    try:
        owner = Identity(source_id=ensure_source(connection, source, ""), run_id=whose.run_id)
        roster.resolve(connection, owner)
        written = [write_chain(connection, chain, roster, owner) for chain in chains]
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return ImportReport(
        symbols=tuple(Symbol(roster.symbols[chain.symbol]) for chain in chains),
        contracts=sum(int(chain.rows["handle"].shape[0]) for chain in chains),
        snapshots_added=sum(rows > 0 for rows in written),
        rows_added=sum(written),
        at=UtcNanos(max(int(chain.at) for chain in chains)),
    )
