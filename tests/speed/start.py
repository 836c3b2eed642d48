"""From a command to something on the screen: medians of warm starts, wall seconds."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence

from tests.kit.pseudoterminal import ROOT, PseudoTerminal
from tests.speed.figure import Figure

RUNS = 7
FIRST_PAINT_MARK = "OPTIX"


def wall(command: Sequence[str], home: str) -> float:
    begun = time.perf_counter()
    subprocess.run(
        command, cwd=ROOT, env={**os.environ, "OPTIX_HOME": home}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return time.perf_counter() - begun


def first_paint(home: str) -> float:
    with PseudoTerminal(["-m", "optix_tui"], environment={"OPTIX_HOME": home}) as program:
        begun = program.started
        program.wait_for(lambda screen: FIRST_PAINT_MARK in screen.row(0) and "OMON" in screen.text())
        return time.perf_counter() - begun


def first_live_chain(home: str) -> float:
    with PseudoTerminal(["-m", "optix_tui"], environment={"OPTIX_HOME": home}) as program:
        program.wait_for("ATM IV")
        return time.perf_counter() - program.started


def typical(command: Sequence[str], home: str) -> float:
    return statistics.median(wall(command, home) for _ in range(RUNS))


def measures() -> Iterator[Figure]:
    product = [sys.executable, "-m", "optix_tui"]
    with tempfile.TemporaryDirectory() as home:
        yield Figure("bare Python", typical([sys.executable, "-c", "pass"], home), "s")
        added = typical([sys.executable, "run.py", "--version"], home) - typical([*product, "--version"], home)
        yield Figure("run.py adds to a warm start", added, "s", 0.2)
        yield Figure("optix --help", typical([*product, "--help"], home), "s")
        yield Figure("optix chain SPY --json, cold engine", wall([*product, "chain", "SPY", "--json"], home), "s")
        yield Figure("workstation, very first start, to a live chain", first_live_chain(home), "s")
        paints = [first_paint(home) for _ in range(RUNS)]
        yield Figure("workstation, warm, to first paint", statistics.median(paints), "s", 0.6, note=f"worst {max(paints):.2f}")
