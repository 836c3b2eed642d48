"""What a soak looks at every ten seconds, and what it says of it: whether memory and lag are flat, and what was lost."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from engine.api import BadInput, EngineStatus, FeedQuality

MOST_SLOPE = 0.2
"""Megabytes a minute that resident memory may rise by in the second half ..."""
SURE = 2.0
"""... where that is sure: memory swings by some ten megabytes with the recorder's checkpoints and with what the allocator keeps between
them, so that the slope of a short run is known within so many standard errors alone."""
LAG_FACTOR, LAG_MS = 1.5, 5.0
"""The loop's lag of the second half may be so much of the first half's, and so much more."""
WINDOWS = 10
"""Memory is averaged over so many windows of a half: neighbouring looks say much the same."""
WARMING = 0.1
"""Of the time: kernels are compiled, names are opened."""


class Sample(Struct, frozen=True, kw_only=True):
    """One look at the whole product."""

    minute: float
    resident_mb: float
    lag_ms: float
    """p99 of the last minute."""
    queue_rows: int
    """On their way into the history."""
    waiting: int
    """Events that waited for the watcher of the ten names."""
    updates_per_second: float
    rows_written: int
    lost_rows: int
    """Dropped by ingest or shed by the recorder, as the engine tells."""
    silent: tuple[str, ...]
    """Watched names of which nothing was heard since the look before."""
    trouble: str


def sample_of(minute: float, status: EngineStatus, quality: FeedQuality, *, waiting: int, silent: Sequence[str]) -> Sample:
    """The engine's own figures at one instant."""
    return Sample(
        minute=minute,
        resident_mb=status.resident_bytes / 1e6,
        lag_ms=status.loop_lag_ms,
        queue_rows=status.store.queue_rows,
        waiting=waiting,
        updates_per_second=status.updates_per_second,
        rows_written=status.store.rows_written,
        lost_rows=status.store.shed_rows + quality.dropped_rows,
        silent=tuple(silent),
        trouble=status.store.trouble,
    )


def halves(samples: Sequence[Sample]) -> tuple[list[Sample], list[Sample]]:
    """Before and after the middle of the time, the warming left out."""
    end = samples[-1].minute
    kept = [sample for sample in samples if sample.minute >= WARMING * end]
    return [sample for sample in kept if sample.minute < end / 2], [sample for sample in kept if sample.minute >= end / 2]


class Slope(NamedTuple):
    """How resident memory moves, in megabytes a minute, and the standard error of that."""

    rise: float
    error: float


def slope(samples: Sequence[Sample]) -> Slope:
    """A line through the means of windows by least squares, with the error that the windows' distances from it tell."""
    edges = np.linspace(samples[0].minute, samples[-1].minute, WINDOWS + 1)[1:-1]
    window = np.searchsorted(edges, [sample.minute for sample in samples], side="right")
    sizes = np.bincount(window, minlength=WINDOWS)
    minute = np.bincount(window, [sample.minute for sample in samples], WINDOWS)[sizes > 0] / sizes[sizes > 0]
    memory = np.bincount(window, [sample.resident_mb for sample in samples], WINDOWS)[sizes > 0] / sizes[sizes > 0]
    if minute.size < 3:
        raise BadInput("a slope needs three windows with a look in each: soak for longer")
    rise, level = np.polyfit(minute, memory, 1)
    spread = float(np.sum((memory - level - rise * minute) ** 2)) / (minute.size - 2)
    return Slope(float(rise), (spread / float(np.sum((minute - minute.mean()) ** 2))) ** 0.5)


def lag(samples: Sequence[Sample]) -> float:
    """The middle of the looks at the loop's lag (p99), in milliseconds: one busy minute of the machine is not the product's."""
    return float(np.median([sample.lag_ms for sample in samples]))


def complaints(samples: Sequence[Sample], *, most_queue_rows: int, most_waiting: int) -> list[str]:
    """What is not as it must be, in words; empty where the product held."""
    first, second = halves(samples)
    found = []
    rise, error = slope(second)
    if rise - SURE * error > MOST_SLOPE:
        found.append(f"memory rose by {rise:.2f} MB a minute in the second half, give or take {error:.2f} (at most {MOST_SLOPE})")
    if (late := lag(second)) > LAG_FACTOR * lag(first) + LAG_MS:
        found.append(f"the loop came {late:.1f} ms late in the second half, {lag(first):.1f} ms in the first")
    if (queued := max(sample.queue_rows for sample in samples)) > most_queue_rows:
        found.append(f"{queued:,} rows waited for the history (at most {most_queue_rows:,})")
    if (waiting := max(sample.waiting for sample in samples)) > most_waiting:
        found.append(f"{waiting:,} events waited for a watcher (at most {most_waiting:,})")
    if lost := samples[-1].lost_rows:
        found.append(f"{lost:,} rows were lost")
    found += [f"nothing was heard of {', '.join(sample.silent)} before minute {sample.minute:.1f}" for sample in samples if sample.silent]
    found += [f"the history was in trouble: {trouble}" for trouble in dict.fromkeys(sample.trouble for sample in samples) if trouble]
    if second[-1].rows_written <= first[0].rows_written:
        found.append("nothing was written to the history")
    return found


def heading() -> str:
    """The columns of :func:`line`."""
    numbers = f"{'queue rows':>12}{'waiting':>9}{'updates/s':>11}{'rows written':>14}{'lost':>6}"
    return f"{'minute':>7}{'resident MB':>13}{'lag p99 ms':>12}{numbers}"


def line(sample: Sample) -> str:
    """A row of the table."""
    return (
        f"{sample.minute:7.1f}{sample.resident_mb:13.1f}{sample.lag_ms:12.1f}{sample.queue_rows:12,}{sample.waiting:9,}"
        f"{sample.updates_per_second:11,.0f}{sample.rows_written:14,}{sample.lost_rows:6,}"
    )


def summary(samples: Sequence[Sample]) -> str:
    """The figures that decide."""
    first, second = halves(samples)
    before, after = slope(first), slope(second)
    return (
        f"memory {after.rise:+.2f} MB a minute in the second half, give or take {after.error:.2f} "
        f"({before.rise:+.2f}, {before.error:.2f} in the first), {samples[-1].resident_mb:.0f} MB at the end; "
        f"loop late by {lag(first):.1f} ms, then {lag(second):.1f} ms (p99, median of the looks)"
    )
