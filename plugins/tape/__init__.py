"""A recorded market, played again."""

from typing import Any

from engine.contracts.plugin import Manifest, Role


def _load() -> Any:
    from plugins.tape.feed import TapeFeed

    return TapeFeed


MANIFEST = Manifest(
    name="tape",
    role=Role.FEED,
    title="Tape",
    summary="A recording of another feed, replayed event by event at any speed",
    load=_load,
    takes_argument="the path of the tape",
)
