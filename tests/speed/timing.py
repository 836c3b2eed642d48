"""How long works take, in CPU time: what else the machine does does not count, but for a slower clock, which meets them all alike."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping

Work = Callable[[], object]
SEEN = 0.01
"""Seconds of a turn; the clock's step and the loop around the work are nothing beside them."""


def best(work: Work, rounds: int = 5) -> float:
    """Seconds of the best of some rounds, for what takes long."""
    return min(_spent(work, 1) for _ in range(rounds))


def interleaved(works: Mapping[str, Work], rounds: int = 7, turn: float = SEEN, unit: float = 1.0) -> dict[str, float]:
    """The median call of each in a ``unit`` of seconds, the works taking turns, so that a slow moment meets them all.

    A turn is as many calls as fill it, one where the work takes longer.
    """
    calls = {name: _filling(work, turn) for name, work in works.items()}
    found: dict[str, list[float]] = {name: [] for name in works}
    collecting = gc.isenabled()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, work in works.items():
                found[name].append(_spent(work, calls[name]) / calls[name])
    finally:
        if collecting:
            gc.enable()
    return {name: statistics.median(times) / unit for name, times in found.items()}


def _filling(work: Work, turn: float) -> int:
    """Calls that take as long as a turn, a power of two; the works are warm then."""
    calls = 1
    while _spent(work, calls) < turn:
        calls *= 2
    return calls


def _spent(work: Work, calls: int) -> float:
    begun = time.process_time()
    for _ in range(calls):
        work()
    return time.process_time() - begun
