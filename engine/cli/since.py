"""`--since`: a moment, or so long before the market's own time."""

import asyncio
import re
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from engine.api import Engine, UtcNanos

SPANS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
LOOKS, LOOK_SECONDS = 40, 0.1
"""A market with a clock of its own says its time a moment after it has begun."""
Since = Annotated[
    str | None, typer.Option("--since", metavar="WHEN", help="Back to: 30m, 6h, 2d, 1w, 2026-11-20 or 2026-11-20T15:30 (New York).")
]


async def instant_of(engine: "Engine", since: str | None) -> "UtcNanos | None":
    """The instant; BadInput for what is none."""
    from engine.api import BadInput, GetStatus, UtcNanos
    from engine.domain.instants import parse_instant

    if since is None:
        return None
    span = re.fullmatch(r"(\d{1,6})([mhdw])", since.strip().lower())
    if span is None:
        try:
            return parse_instant(since, day_begins=True)
        except BadInput as error:
            raise BadInput(f"{since!r} is no time: write it as 30m, 6h, 2d, 2026-11-20 or 2026-11-20T15:30 (New York)") from error
    status = await engine.ask(GetStatus())
    for _ in range(LOOKS):
        if status.updates or not status.own_clock:
            break
        await asyncio.sleep(LOOK_SECONDS)
        status = await engine.ask(GetStatus())
    return UtcNanos((status.market_time or status.wall_time) - int(span[1]) * SPANS[span[2]] * 1_000_000_000)
