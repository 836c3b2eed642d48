"""The main workspace in a pseudo-terminal of 160x45 with everything running: CPU of a core and key-to-paint latency."""

import random
import statistics
import tempfile
import time
from collections.abc import Iterator

from tests.kit.pseudoterminal import PseudoTerminal
from tests.speed.figure import Figure

SETTLE_SECONDS = 12.0
WATCH_SECONDS = 12.0
KEYS = 150


def processor_share(program: PseudoTerminal, seconds: float) -> float:
    """Part of one core the program used over a while, in %."""
    begun, before = time.perf_counter(), program.cpu_seconds()
    program.pump(seconds)
    return 100 * (program.cpu_seconds() - before) / (time.perf_counter() - begun)


def key_latencies(program: PseudoTerminal, keys: int) -> list[float]:
    """Milliseconds from a key sent at a jittered moment to its echo in the command line, sorted."""
    chance = random.Random(1)
    program.send("/")
    program.pump(0.4)
    found = []
    typed = ""
    for number in range(keys):
        letter = "QXJKVW"[number % 6]
        if len(typed) >= 24:
            program.send("\x7f" * len(typed))
            typed = ""
            program.pump(0.3)
        program.pump(chance.uniform(0.02, 0.09))
        typed += letter
        begun = time.perf_counter()
        program.send(letter)
        program.wait_for(lambda screen, want=typed: want in screen.row(1), 5)
        found.append((time.perf_counter() - begun) * 1000)
    program.send("\x1b")
    return sorted(found)


def measures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as home, PseudoTerminal(["-m", "optix_tui"], environment={"OPTIX_HOME": home}) as program:
        program.wait_for("ATM IV")
        program.pump(SETTLE_SECONDS)
        before = program.bytes_seen
        yield Figure("main workspace, engine and synthetic market included", processor_share(program, WATCH_SECONDS), "% of a core", 20)
        yield Figure("bytes written to the terminal", (program.bytes_seen - before) / WATCH_SECONDS / 1000, "kB/s")
        latencies = key_latencies(program, KEYS)
        yield Figure("key to paint, median", statistics.median(latencies), "ms")
        yield Figure(
            "key to paint, p95", latencies[int(len(latencies) * 0.95)], "ms", 50, note=f"worst {latencies[-1]:.0f}, n = {len(latencies)}"
        )
        yield Figure("resident memory", program.resident_bytes() / 1e6, "MB")
