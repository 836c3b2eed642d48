"""What system health shows: engine, load, store, plugins and the terminal's own figures."""

from math import isfinite, nan
from typing import NamedTuple

from msgspec import Struct

from engine.messages.queries import DatabaseInfo, EngineStatus, PluginInfo, PluginList
from optix_tui import format as written
from optix_tui.screens.describe.words import duration
from optix_tui.screens.quality.view import state_cells
from optix_tui.screens.table import Block, Cell, Column, Fact, Tone

LATE_MS = 20.0
"""Loop lag from which it is marked."""
FULL = 0.9
PATH_WIDTH = 30
HISTORY = 300
"""Beats that are kept: five minutes."""


class PaintFigures(NamedTuple):
    """How this terminal paints."""

    hertz: float
    longest_ms: float
    tiles: int
    width: int
    height: int
    theme: str


class Beat(NamedTuple):
    """The load between two statuses."""

    cpu: float
    """Share of a core."""
    updates: float
    lag_ms: float


class Trace(NamedTuple):
    """A figure over the last minutes, oldest first."""

    title: str
    note: str
    values: tuple[float, ...]
    tone: Tone


class SystemFacts(Struct, frozen=True, kw_only=True):
    """What is known."""

    status: EngineStatus | None = None
    before: EngineStatus | None = None
    """The status before it: load is the difference of the two."""
    history: tuple[Beat, ...] = ()
    plugins: PluginList | None = None
    database: DatabaseInfo | None = None
    figures: PaintFigures | None = None


class Gauge(NamedTuple):
    """How full something is, 0 to 1."""

    label: str
    share: float
    text: str


class SystemView(Struct, frozen=True, kw_only=True):
    """The screen to paint."""

    blocks: tuple[Block, ...]
    gauge: Gauge
    plugins: tuple[PluginInfo, ...]
    traces: tuple[Trace, ...]


def present(facts: SystemFacts) -> SystemView | None:
    """The screen; None until the engine has said how it is."""
    status = facts.status
    if status is None:
        return None
    blocks = [_engine(status), _load(status, facts.before), _market(status), _store(status)]
    if facts.database is not None:
        blocks.append(_tables(facts.database))
    if facts.figures is not None:
        blocks.append(_terminal(facts.figures))
    return SystemView(
        blocks=tuple(blocks),
        gauge=_gauge(status),
        plugins=facts.plugins.plugins if facts.plugins else (),
        traces=_traces(facts.history),
    )


def beat_of(status: EngineStatus, before: EngineStatus | None) -> Beat:
    """The load as of a status."""
    return Beat(cpu_share(status, before), status.updates_per_second, status.loop_lag_ms)


def _traces(history: tuple[Beat, ...]) -> tuple[Trace, ...]:
    if len(history) < 2:
        return ()
    last = history[-1]
    return (
        Trace("CPU", f"{written.percent(last.cpu)} of a core", tuple(beat.cpu * 100 for beat in history), "text"),
        Trace("UPDATES", f"{written.whole(last.updates)} a second", tuple(beat.updates for beat in history), "vol"),
        Trace("LOOP LAG", f"{written.price(last.lag_ms)} ms", tuple(beat.lag_ms for beat in history), "put"),
    )


def cpu_share(status: EngineStatus, before: EngineStatus | None) -> float:
    """Cores the engine's process used between two statuses; NaN where they are not of one run."""
    if before is None or before.run != status.run:
        return nan
    seconds = (status.wall_time - before.wall_time) / 1e9
    return (status.cpu_seconds - before.cpu_seconds) / seconds if seconds > 0 else nan


def _engine(status: EngineStatus) -> Block:
    return Block(
        "ENGINE",
        (
            Fact.of("Version", status.version, "white", bold=True),
            Fact.of("Role", f"{status.role.value}, process {status.pid}"),
            Fact.of("Run", status.run),
            Fact.of("Up since NY", f"{written.moment(status.started_at)}  {duration(status.wall_time - status.started_at)}"),
            Fact.of("Numbers", f"{status.numeric_tier} tier, {status.threads} threads", "vol"),
            Fact.of("Instruments", written.whole(status.instruments)),
            Fact.of("Watchers", str(status.watchers)),
        ),
    )


def _load(status: EngineStatus, before: EngineStatus | None) -> Block:
    share = cpu_share(status, before)
    late: Tone = "alert" if status.loop_lag_ms >= LATE_MS else "text"
    return Block(
        "LOAD",
        (
            Fact("CPU", (Cell(written.percent(share), "white", bold=True), Cell("  of a core, now", "dim"))),
            Fact.of("CPU time", f"{written.whole(status.cpu_seconds)} s"),
            Fact.of("Memory", written.size_of(status.resident_bytes)),
            Fact("Loop lag", (Cell(f"{written.price(status.loop_lag_ms, 0.01)} ms", late), Cell("  p99 of a minute", "dim"))),
            Fact(
                "Updates", (Cell(f"{written.whole(status.updates_per_second)}/s"), Cell(f"  {written.whole(status.updates)} in all", "dim"))
            ),
        ),
    )


def _market(status: EngineStatus) -> Block:
    lines = [
        Fact("Feed", state_cells(status.feed_state, status.feed_reason)),
        Fact("Source", (Cell(status.source, "bright"), Cell("  SIM" if status.simulated else "", "vol", bold=True))),
        Fact.of("Market NY", written.moment(status.market_time), "security"),
        Fact.of("Wall NY", written.moment(status.wall_time)),
        Fact.of("Clock", f"{'its own' if status.own_clock else 'wall'}, x{status.speed:g}"),
        Fact.of("Tape", status.recording_to or "not recording", "text" if status.recording_to else "dim"),
    ]
    return Block("MARKET", tuple(lines))


def _store(status: EngineStatus) -> Block:
    store = status.store
    if not store.path:
        return Block("STORE", (Fact.of("", "no store is open", "dim"),))
    shed: Tone = "alert" if store.shed_rows else "text"
    return Block(
        "STORE",
        (
            Fact.of("Path", store.path if len(store.path) <= PATH_WIDTH else f"…{store.path[1 - PATH_WIDTH :]}", "bright"),
            Fact(
                "Recorder", (Cell("writes", "up", bold=True) if store.healthy else Cell(store.trouble or "in trouble", "down", bold=True),)
            ),
            Fact.of("Last write NY", written.clock(store.last_write_at)),
            Fact.of("Written", f"{written.whole(store.rows_written)} rows, {written.whole(store.batches_written)} batches"),
            Fact("Waiting", (Cell(written.whole(store.queue_rows)), Cell("  shed ", "dim"), Cell(written.whole(store.shed_rows), shed))),
        ),
    )


def _gauge(status: EngineStatus) -> Gauge:
    store = status.store
    if not store.path or store.budget_bytes <= 0:
        return Gauge("Budget", nan, "no store is open")
    share = store.size_bytes / store.budget_bytes
    size = f"{written.size_of(store.size_bytes)} of {written.size_of(store.budget_bytes)}"
    return Gauge("Budget", share, f"{size}  {written.percent(share, 0)}")


def _tables(database: DatabaseInfo) -> Block:
    lines = [Fact.of("Schema", f"{database.schema_version}, store {database.store}, {database.runs} runs")]
    lines.append(Fact.of("Archive", written.size_of(database.archive_bytes)))
    lines += [
        Fact(table.name, (Cell(f"{written.whole(table.rows):>12}"), Cell(f"  {written.moment(table.first_at)[:15]}", "dim")))
        for table in database.tables
    ]
    return Block("TABLES", tuple(lines))


def _terminal(figures: PaintFigures) -> Block:
    hertz = f"{figures.hertz:.1f} Hz" if isfinite(figures.hertz) else written.UNKNOWN
    return Block(
        "TERMINAL",
        (
            Fact("Beats", (Cell(hertz, "white", bold=True), Cell("  achieved", "dim"))),
            Fact("Longest beat", (Cell(f"{figures.longest_ms:.1f} ms"), Cell("  fading maximum", "dim"))),
            Fact.of("Tiles", f"{figures.tiles} on {figures.width}x{figures.height}"),
            Fact.of("Theme", figures.theme),
        ),
    )


def _state(row: PluginInfo) -> Cell:
    if row.usable:
        return Cell("ready", "up")
    return Cell("not allowed" if not row.allowed else "unusable", "alert")


def _kind(row: PluginInfo) -> Cell:
    return Cell("SIM" if row.simulated else f"{row.delayed_minutes:.0f} min late" if row.delayed_minutes else "", "vol")


COLUMNS: tuple[Column[PluginInfo], ...] = (
    Column("name", "Plugin", 12, lambda row: Cell(row.name, "bright", bold=True), left=True),
    Column("role", "Role", 9, lambda row: Cell(row.role, "dim"), left=True, priority=10),
    Column("state", "State", 11, _state, left=True),
    Column("kind", "", 11, _kind, left=True, priority=15),
    Column("argument", "Argument", 9, lambda row: Cell(row.takes_argument, "text"), left=True, priority=20, most=24),
    Column("title", "Title", 20, lambda row: Cell(row.trouble or row.title, "alert" if row.trouble else "text"), left=True, most=60),
    Column("from", "From", 12, lambda row: Cell("shipped" if row.shipped else row.distribution, "dim"), left=True, priority=25, most=20),
)
