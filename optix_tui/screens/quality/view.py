"""What feed quality shows: the feed's state, the histogram of its lag, and the verdicts on quotes name by name."""

from collections.abc import Callable, Sequence
from math import isfinite, nan
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from engine.domain.columns import Floats, Longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.market import FeedState
from engine.messages.queries import EngineStatus, FeedQuality, SymbolQuality
from optix_tui import format as written
from optix_tui.screens.describe.words import duration
from optix_tui.screens.table import Block, Cell, Column, Fact, Tone

ALL = Symbol("ALL")
WORRYING = 0.01
"""Share of contracts from which a count is marked."""
_COUNTS = ("contracts", "two_sided", "no_bid", "no_ask", "locked", "crossed", "wide", "stale", "malformed", "below_intrinsic", "updates")
STATE_TONES: dict[FeedState, Tone] = {
    FeedState.LIVE: "up",
    FeedState.DELAYED: "vol",
    FeedState.FROZEN: "vol",
    FeedState.CLOSED: "dim",
    FeedState.CONNECTING: "alert",
    FeedState.DEGRADED: "alert",
    FeedState.DISCONNECTED: "down",
}


class LagBar(NamedTuple):
    """One bucket of the histogram."""

    label: str
    batches: int
    share: float
    """Of the tallest."""


class QualityFacts(Struct, frozen=True, kw_only=True):
    """What is known."""

    quality: FeedQuality | None = None
    status: EngineStatus | None = None
    now: UtcNanos = UtcNanos(0)


class QualityView(Struct, frozen=True, kw_only=True):
    """The screen to paint."""

    feed: Block
    recorder: Block
    lag: tuple[LagBar, ...]
    lag_note: str
    rows: tuple[SymbolQuality, ...]
    """All names together, then each."""
    gaps: tuple[str, ...]


def present(facts: QualityFacts) -> QualityView | None:
    """The screen; None until the feed's quality is known."""
    quality = facts.quality
    if quality is None:
        return None
    total = (together(quality.symbols),) if quality.symbols else ()
    return QualityView(
        feed=_feed(quality, facts),
        recorder=_recorder(facts.status),
        lag=() if stands_still(facts) else lag_bars(quality.lag_edges_ms, quality.lag_counts),
        lag_note="none: a market that stands still arrives at once" if stands_still(facts) else _lag_note(quality),
        rows=(*total, *quality.symbols),
        gaps=quality.gaps,
    )


def stands_still(facts: QualityFacts) -> bool:
    """A market with a clock of its own that does not go on: a file, or a tape at its end."""
    status, quality = facts.status, facts.quality
    return quality is not None and quality.state is FeedState.FROZEN and status is not None and status.own_clock


def _kind(facts: QualityFacts, status: EngineStatus) -> str:
    if stands_still(facts):
        return "frozen at its own instant"
    kind = "simulated" if status.simulated else f"{status.delayed_minutes:.0f} min late" if status.delayed_minutes else "real time"
    return f"{kind}, {'its own clock' if status.own_clock else 'wall clock'} x{status.speed:g}"


def _feed(quality: FeedQuality, facts: QualityFacts) -> Block:
    status = facts.status
    since = written.moment(quality.since)
    reason = quality.reason.replace(f"; {status.feed_note}", "") if status is not None and status.feed_note else quality.reason
    lines = [
        Fact("State", state_cells(quality.state, reason)),
        Fact("Since NY", (Cell(since), Cell(f"  {duration(facts.now - quality.since)}" if facts.now and quality.since else "", "dim"))),
        Fact.of("Source", str(quality.source), "bright"),
    ]
    if status is not None:
        age = written.age(written.seconds_between(quality.last_event_at, status.wall_time))
        lines.append(Fact.of("Kind", _kind(facts, status)))
        lines.append(Fact("Last batch", (Cell(f"{age} ago"), Cell("  wall time", "dim"))))
        if status.feed_note:
            lines.append(Fact.of("Note", status.feed_note, "dim"))
    lines += [
        Fact.of("Updates", f"{written.whole(quality.updates_per_second)} rows/s"),
        Fact.of("Received", f"{written.whole(quality.rows)} rows in {written.whole(quality.batches)} batches"),
        Fact.of("Dropped", written.whole(quality.dropped_rows), "alert" if quality.dropped_rows else "text"),
    ]
    return Block("FEED", tuple(lines))


def state_cells(state: FeedState, reason: str) -> tuple[Cell, ...]:
    """A feed's state and why: the reason of a bad one stands out."""
    tone = STATE_TONES[state]
    return (Cell(state.value, tone, bold=True), Cell(f"  {reason}", "alert" if tone in {"alert", "down"} else "dim"))


def _recorder(status: EngineStatus | None) -> Block:
    if status is None or not status.store.path:
        return Block("RECORDER", (Fact.of("", "no store is open", "dim"),))
    store = status.store
    shed: Tone = "alert" if store.shed_rows else "text"
    return Block(
        "RECORDER",
        (
            Fact("Health", (Cell("writes", "up", bold=True) if store.healthy else Cell(store.trouble or "in trouble", "down", bold=True),)),
            Fact.of("Written", f"{written.whole(store.rows_written)} rows in {written.whole(store.batches_written)} batches"),
            Fact("Waiting", (Cell(written.whole(store.queue_rows)), Cell("   shed ", "dim"), Cell(written.whole(store.shed_rows), shed))),
        ),
    )


def together(rows: Sequence[SymbolQuality]) -> SymbolQuality:
    """All names in one row: counts added, the median of the medians weighted by contracts, the oldest age."""
    sums = {name: sum(getattr(row, name) for row in rows) for name in _COUNTS}
    known = [row for row in rows if isfinite(row.median_age)]
    oldest = max((row.oldest_age for row in rows if isfinite(row.oldest_age)), default=nan)
    return replace(rows[0], symbol=ALL, median_age=_weighted_median(known), oldest_age=oldest, **sums)


def _weighted_median(rows: Sequence[SymbolQuality]) -> float:
    ordered = sorted(rows, key=lambda row: row.median_age)
    half = sum(row.contracts for row in ordered) / 2
    passed = 0
    for row in ordered:
        passed += row.contracts
        if passed >= half:
            return row.median_age
    return nan


def _edge(value: float) -> str:
    return f"{value / 1000:g}s" if value >= 1000 else f"{value:g}"


def lag_bars(edges: Floats, counts: Longs) -> tuple[LagBar, ...]:
    """The buckets, each under its upper edge in milliseconds."""
    if not counts.size:
        return ()
    most = max(int(counts.max()), 1)
    return tuple(LagBar(f"<{_edge(float(edges[i + 1]))}", int(counts[i]), int(counts[i]) / most) for i in range(counts.size))


def lag_at(edges: Floats, counts: Longs, share: float) -> float:
    """The lag that a share of the batches did not exceed, by a straight line inside its bucket; NaN without any."""
    total = int(counts.sum()) if counts.size else 0
    if not total:
        return nan
    return float(np.interp(share * total, np.concatenate([[0], np.cumsum(counts)]), edges))


def _lag_note(quality: FeedQuality) -> str:
    middle, late = (lag_at(quality.lag_edges_ms, quality.lag_counts, share) for share in (0.5, 0.99))
    if not isfinite(middle):
        return "the venue gives no times"
    return f"ms, venue to here   p50 {middle:.1f}   p99 {late:.0f}"


def _count(read: Callable[[SymbolQuality], int], *, always_marked: bool = False) -> Callable[[SymbolQuality], Cell]:
    def cell(row: SymbolQuality) -> Cell:
        value = read(row)
        if not value:
            return Cell("·", "mute")
        share = value / row.contracts if row.contracts else 1.0
        return Cell(written.compact(value), "alert" if always_marked or share >= WORRYING else "text")

    return cell


def _symbol(row: SymbolQuality) -> Cell:
    return Cell(row.symbol, "white" if row.symbol == ALL else "bright", bold=True)


def _two_sided(row: SymbolQuality) -> Cell:
    return Cell(written.percent(row.two_sided / row.contracts if row.contracts else nan, 1), "text")


COLUMNS: tuple[Column[SymbolQuality], ...] = (
    Column("symbol", "Symbol", 7, _symbol, left=True),
    Column("contracts", "Contracts", 9, lambda row: Cell(written.whole(row.contracts), "text"), priority=20),
    Column("two_sided", "2-sided", 7, _two_sided),
    Column("no_bid", "No bid", 6, _count(lambda row: row.no_bid), priority=15),
    Column("no_ask", "No ask", 6, _count(lambda row: row.no_ask), priority=16),
    Column("locked", "Locked", 6, _count(lambda row: row.locked, always_marked=True)),
    Column("crossed", "Crossed", 7, _count(lambda row: row.crossed, always_marked=True)),
    Column("wide", "Wide", 6, _count(lambda row: row.wide)),
    Column("stale", "Stale", 6, _count(lambda row: row.stale, always_marked=True)),
    Column("intrinsic", "<Intr", 6, _count(lambda row: row.below_intrinsic), priority=25),
    Column("malformed", "Malf", 5, _count(lambda row: row.malformed, always_marked=True), priority=30),
    Column("median", "Age p50", 7, lambda row: Cell(written.age(row.median_age), "vol")),
    Column("oldest", "Oldest", 6, lambda row: Cell(written.age(row.oldest_age), "vol"), priority=10),
    Column("updates", "Updates", 8, lambda row: Cell(written.compact(row.updates, 7), "dim"), priority=35),
)
