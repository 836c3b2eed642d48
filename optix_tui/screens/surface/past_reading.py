"""Asks the history for what a picture of a surface needs of the past: a day ago, and one stored surface of each day before."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine.domain.errors import OptixError, StoreUnavailable
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS, iso
from engine.domain.volatility import SurfaceModel
from engine.messages.surface import GetStoredSurfaces, GetSurfaceTimes, StoredSurfaces, SurfaceTimes
from optix_tui.screens.surface.reading import LEAST_DAYS, MOST_DAYS, Past, Reading, past_days, read

if TYPE_CHECKING:
    from engine.api import Engine

MOST_TIMES = 100_000
"""Of the days a z-score is taken over: one a minute, day and night, in each of them."""


async def read_past(
    engine: "Engine", symbol: Symbol, now: UtcNanos, *, before: Past, with_days: bool, keep: Callable[[Past], None]
) -> None:
    """Hands ``keep`` what is known of the past of ``now`` as it comes; what fails is said in it.

    Days that were read before stay until as many are read anew, so that a picture that stands on them does not go blank.
    """
    try:
        since = UtcNanos(now - (MOST_DAYS + 1) * DAY_NS)
        times: SurfaceTimes = await engine.ask(GetSurfaceTimes(symbol=symbol, since=since, until=UtcNanos(now + 1), limit=MOST_TIMES))
        wanted = past_days(times, now)
        past = replace(before, times=times, trouble="", day_ago=None, wanted=len(wanted))
        if times.at.size and int(times.at[0]) <= now - DAY_NS:
            past = replace(past, day_ago=await _held_at(engine, symbol, UtcNanos(now - DAY_NS)))
        keep(past)
        if not with_days or past.wanted < LEAST_DAYS:
            return
        days = []
        for at in wanted:
            days.append(await _held_at(engine, symbol, at))
            if len(days) >= len(past.days):
                past = replace(past, days=tuple(days))
                keep(past)
        keep(replace(past, days=tuple(days)))
    except OptixError as error:
        keep(replace(before, trouble=str(error)))


async def _held_at(engine: "Engine", symbol: Symbol, at: UtcNanos) -> Reading:
    """The fits that held at an instant: the quotes of then are not drawn, and take the longest to read."""
    asked = GetStoredSurfaces(symbol=symbol, model=SurfaceModel.SVI, since=at, until=UtcNanos(at + 1), limit=1)
    found: StoredSurfaces = await engine.ask(asked)
    if not found.surfaces:
        raise StoreUnavailable(f"no surface of {symbol} is stored up to {iso(at)}")
    return read(found.surfaces[-1])
