"""Asks the history for a day of a name; what of it cannot be had is said beside what can."""

from typing import TYPE_CHECKING

from engine.domain.columns import floats, longs
from engine.domain.errors import OptixError
from engine.domain.ids import Symbol
from engine.domain.marks import ExposureMarks
from engine.messages.breaches import GetBreaches
from engine.messages.exposure import GetExposureMarks
from engine.messages.flow import FlowTape, GetFlow
from engine.messages.surface import GetSurfaceTimes, SurfaceTimes
from optix_tui.screens.replay.timeline import DayFacts, StoredDay

if TYPE_CHECKING:
    from engine.api import Engine

MOST_INSTANTS = 20_000
MOST_PRINTS = 5_000
MOST_BREACHES = 1_000


async def read_day(engine: "Engine", symbol: Symbol, day: StoredDay) -> DayFacts:
    """Everything stored of one day but its surfaces; raises `OptixError` where not even their instants can be had."""
    begins, ends = day.begins, day.ends
    times: SurfaceTimes = await engine.ask(GetSurfaceTimes(symbol=symbol, since=begins, until=ends, limit=MOST_INSTANTS))
    exposures, flow, breaches = _no_exposures(symbol), None, None
    no_exposures, no_flow, no_breaches = "", "", ""
    try:
        exposures = await engine.ask(GetExposureMarks(symbol=symbol, since=begins, until=ends, limit=MOST_INSTANTS))
    except OptixError as error:
        no_exposures = str(error)
    try:
        flow = await engine.ask(GetFlow(symbol=symbol, recorded=True, since=begins, until=ends, limit=MOST_PRINTS))
    except OptixError as error:
        no_flow = str(error)
    try:
        breaches = await engine.ask(GetBreaches(symbol=symbol, until=ends, limit=MOST_BREACHES))
    except OptixError as error:
        no_breaches = str(error)
    return DayFacts(
        day=day,
        times=times,
        exposures=exposures,
        flow=flow,
        breaches=breaches,
        no_exposures=no_exposures,
        no_flow=no_flow or cut_off(flow),
        no_breaches=no_breaches,
    )


def cut_off(flow: FlowTape | None) -> str:
    """What is not known of a day with more prints than are read."""
    return f"only the newest {MOST_PRINTS:,} prints of this day are read" if flow is not None and flow.at.size >= MOST_PRINTS else ""


def _no_exposures(symbol: Symbol) -> ExposureMarks:
    none = floats([])
    return ExposureMarks(
        symbol=symbol,
        at=longs([]),
        spot=none,
        net=none,
        low=none,
        high=none,
        flip=none,
        positive_wall=none,
        negative_wall=none,
        contracts=longs([]),
        left_out=longs([]),
    )
