"""Five recorded days of the frozen market: one of them without exposures, one missing between two others, and a silent hour in one."""

from datetime import date, time
from functools import lru_cache

import numpy as np
from msgspec.structs import replace

from engine.domain.columns import Longs, codes, flags, floats, longs
from engine.domain.errors import BadInput
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS, HOUR_NS, MINUTE_NS, new_york, new_york_instant
from engine.domain.marks import ExposureMarks
from engine.messages.exposure import GetExposureMarks
from engine.messages.flow import FlowTape, GetFlow
from engine.messages.surface import GetStoredHours, GetStoredSurfaces, GetSurfaceTimes, StoredHours, StoredSurfaces, SurfaceTimes
from tests.kit import facts, flow_facts, surface_facts
from tests.kit.fake_engine import FakeEngine

DAYS = tuple(date(2026, 11, day) for day in (12, 13, 16, 18, 19))
"""The 17th is missing."""
WITHOUT_EXPOSURES = DAYS[0]
SILENT = (new_york_instant(date(2026, 11, 18), time(11, 30)), new_york_instant(date(2026, 11, 18), time(12, 40)))
PRINTS = 40
SHORTEST_DAY, LONGEST_DAY = 23 * HOUR_NS, 25 * HOUR_NS


@lru_cache(8)
def _instants(every: int) -> Longs:
    """Each so many minutes of the recorded days, from 09:35 to 15:55, nothing after now."""
    found = [
        at
        for day in DAYS
        for at in range(new_york_instant(day, time(9, 35)), new_york_instant(day, time(15, 55)) + 1, every * MINUTE_NS)
        if at <= facts.NOW and not SILENT[0] < at < SILENT[1]
    ]
    return longs(found)


def _chosen(at: Longs, since: int | None, until: int | None, limit: int) -> Longs:
    return longs(at[(at >= (since or 0)) & (at < (until or 2**62))][-limit:])


def times(query: GetSurfaceTimes) -> SurfaceTimes:
    """A surface every five minutes."""
    at = _chosen(_instants(5), query.since, query.until, query.limit)
    wave = (at - facts.NOW) / DAY_NS
    quote = facts.quote(query.symbol)
    return SurfaceTimes(
        symbol=query.symbol,
        source=facts.SOURCE,
        at=at,
        spot=floats(quote.last * (1 + 0.004 * np.sin(wave * 21))),
        atm_iv_30=floats(quote.iv30 + 0.006 * np.sin(wave * 13)),
    )


def surfaces(query: GetStoredSurfaces) -> StoredSurfaces:
    """One as the stretch begins, and those of it."""
    known = _instants(5).tolist()
    chosen = [int(query.since), *(at for at in known if query.since < at < query.until)][: query.limit]
    told = tuple(
        replace(surface_facts.stored(query.symbol, (facts.NOW - at) / DAY_NS), as_of=UtcNanos(at), model=query.model) for at in chosen
    )
    return StoredSurfaces(symbol=query.symbol, model=query.model, surfaces=told)


def exposures(query: GetExposureMarks) -> ExposureMarks:
    """An exposure every quarter of an hour, but for the first day."""
    every = _instants(15)
    known = longs([at for at in every.tolist() if new_york(at).date() != WITHOUT_EXPOSURES])
    at = _chosen(known, query.since, query.until, query.limit)
    wave = np.sin((at - facts.NOW) / DAY_NS * 9)
    spot = facts.quote(query.symbol).last
    full = np.full(at.size, 1.0)
    return ExposureMarks(
        symbol=query.symbol,
        at=at,
        spot=floats(spot * full),
        net=floats(4e9 * wave),
        low=floats(4e9 * wave - 2e9),
        high=floats(4e9 * wave + 2e9),
        flip=floats(np.round(spot * (1 - 0.004 * wave))),
        positive_wall=floats(np.round(spot * 1.01 / 50) * 50 * full),
        negative_wall=floats(np.round(spot * 0.98 / 50) * 50 * full),
        contracts=longs(np.full(at.size, 4_000)),
        left_out=longs(np.full(at.size, 12)),
    )


def flow(query: GetFlow) -> FlowTape:
    """So many flagged prints a day, evenly over it."""
    if not query.symbol:
        raise BadInput("recorded flow is read name by name: say which, as in SPY")
    whole = flow_facts.tape(query.symbol, PRINTS, filtered=query.filtered, recorded=True)
    at = []
    for day in DAYS:
        opens, closes = new_york_instant(day, time(9, 40)), new_york_instant(day, time(15, 50))
        at += np.linspace(closes, opens, PRINTS).astype(np.int64).tolist()
    instants = np.array(sorted(at, reverse=True), np.int64)
    instants = instants[(instants <= facts.NOW) & (instants >= (query.since or 0)) & (instants < (query.until or 2**62))][: query.limit]
    row = np.arange(instants.size) % PRINTS
    columns = {
        name: value[row]
        for name in whole.__struct_fields__
        if isinstance(value := getattr(whole, name), np.ndarray) and value.size == PRINTS
    }
    kinds = {name: codes if value.dtype == np.int8 else flags if value.dtype == np.uint8 else longs if value.dtype == np.int64 else floats
             for name, value in columns.items()}  # fmt: skip
    names = {name: tuple(getattr(whole, name)[place] for place in row.tolist()) for name in ("symbols", "name", "structure")}
    return replace(whole, **{name: kinds[name](value) for name, value in columns.items()} | names | {"at": longs(instants)})


def hours(symbol: Symbol, since: int | None = None, until: int | None = None) -> StoredHours:
    """How much of all that is in each hour."""
    surface = times(GetSurfaceTimes(symbol=symbol, limit=10**6)).at
    exposure = exposures(GetExposureMarks(symbol=symbol, limit=10**6)).at
    prints = flow(GetFlow(symbol=symbol, recorded=True, limit=10**6)).at
    columns = [column // HOUR_NS * HOUR_NS for column in (surface, exposure, prints)]
    known = _chosen(longs(np.unique(np.concatenate(columns))), since, until, 10**6)
    counts = [longs([int((column == hour).sum()) for hour in known.tolist()]) for column in columns]
    return StoredHours(symbol=symbol, source=facts.SOURCE, hour=known, surfaces=counts[0], exposures=counts[1], prints=counts[2])


def teach(engine: FakeEngine) -> FakeEngine:
    """The engine knows the recorded days of all its names; who asks for anything but a day hears what the surfaces' own facts say."""
    before, live = engine.answers[GetSurfaceTimes], engine.answers[GetFlow]

    def surface_times(query: GetSurfaceTimes) -> SurfaceTimes:
        is_day = query.since is not None and query.until is not None and SHORTEST_DAY <= query.until - query.since <= LONGEST_DAY
        found: SurfaceTimes = times(query) if is_day else before(query)
        return found

    def prints(query: GetFlow) -> FlowTape:
        found: FlowTape = flow(query) if query.recorded and query.since is not None else live(query)
        return found

    engine.answers[GetSurfaceTimes] = surface_times
    engine.answers[GetFlow] = prints
    engine.answers[GetExposureMarks] = exposures
    engine.answers[GetStoredSurfaces] = surfaces
    engine.answers[GetStoredHours] = lambda query: hours(query.symbol, query.since, query.until)
    return engine


def at(day: date, clock: time) -> UtcNanos:
    """The newest stored surface not after that moment."""
    known = _instants(5)
    return UtcNanos(int(known[np.searchsorted(known, new_york_instant(day, clock), side="right") - 1]))
