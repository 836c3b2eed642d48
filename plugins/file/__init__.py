"""A saved option chain as a market that stands still at its own instant."""

from typing import Any

from engine.contracts.plugin import Manifest, Role


def _load() -> Any:
    from plugins.file.feed import FileFeed

    return FileFeed


MANIFEST = Manifest(
    name="file",
    role=Role.FEED,
    title="Chain file",
    summary="A saved chain (Cboe JSON or CSV, Yahoo-style CSV, plain or .gz), frozen at its own instant",
    load=_load,
    takes_argument="the path of the file",
)
