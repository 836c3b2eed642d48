"""Chain snapshots out of a board, and the hash by which the same chain is known again."""

import hashlib

import numpy as np

from engine.domain.ids import UtcNanos
from engine.storage.board import Board
from engine.storage.pending import ChainRows
from engine.storage.roster import Roster

_HASHED = ("bid", "ask", "bid_size", "ask_size", "last", "volume", "open_interest", "vendor_iv", "vendor_delta", "quoted_at")


def chain_snapshots(board: Board, roster: Roster, *, kind: str, at: int | None = None) -> list[ChainRows]:
    """Every chain on the board as it stands; without ``at`` a snapshot takes its newest quote's instant, and a hash of its content."""
    found = []
    for symbol, name in enumerate(roster.symbols):
        rows = board.chain(symbol, at)
        if not rows["handle"].shape[0]:
            continue
        newest = int(board.longs["ts"][rows["handle"]].max())
        spot = float(board.spot(np.array([symbol], np.int32))[0])
        content = ""
        if at is None:
            contracts = [roster.name[handle] for handle in rows["handle"].tolist()]
            order = np.argsort(np.array(contracts))
            digest = hashlib.sha256(f"{name} {newest} {spot!r}\n".encode())
            digest.update("\n".join(contracts[place] for place in order).encode())
            for column in _HASHED:
                values = rows[column][order]
                digest.update(np.where(np.isnan(values), np.nan, values).tobytes() if values.dtype.kind == "f" else values.tobytes())
            content = digest.hexdigest()
        found.append(ChainRows(symbol=symbol, at=UtcNanos(newest if at is None else at), kind=kind, spot=spot, content=content, rows=rows))
    return found
