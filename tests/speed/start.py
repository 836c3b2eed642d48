"""From a command to something on the screen: wall seconds, best of some warm starts, and CPU seconds."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.kit.pseudoterminal import ROOT, PseudoTerminal, Screen
from tests.speed.figure import Figure

RUNS = 7
FIRST_PAINT_MARK, LIVE_MARK = "OPTIX", "ATM IV"


def wall(command: Sequence[str], home: str) -> float:
    begun = time.perf_counter()
    subprocess.run(
        command, cwd=ROOT, env={**os.environ, "OPTIX_HOME": home}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return time.perf_counter() - begun


class Start(NamedTuple):
    """What a start cost until something stood on the screen."""

    seconds: float
    processor_seconds: float


def opened_until(shown: Callable[[Screen], bool] | str, home: str) -> Start:
    """The workstation in a pseudo-terminal, from its command to what is waited for."""
    with PseudoTerminal(["-m", "optix_tui"], environment={"OPTIX_HOME": home}) as program:
        program.wait_for(shown)
        return Start(time.perf_counter() - program.started, program.cpu_seconds())


def is_painted(screen: Screen) -> bool:
    """The frame and the first tile stand."""
    return FIRST_PAINT_MARK in screen.row(0) and "OMON" in screen.text()


def best(command: Sequence[str], home: str) -> float:
    """Wall seconds of the quickest of some runs: what the others took longer was the machine's other work."""
    return min(wall(command, home) for _ in range(RUNS))


@contextmanager
def standing_copy() -> Iterator[Path]:
    """``run.py`` in a folder whose environment is this very Python and counts as installed: measuring must never install anything."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name in ("run.py", "requirements.lock", "pyproject.toml"):
            shutil.copy(ROOT / name, place / name)
        python = place / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
        python.chmod(0o755)
        key = subprocess.run([sys.executable, "-c", "import run; print(run.key(), end='')"], cwd=place, capture_output=True, check=True)
        (place / ".venv" / ".stamp").write_bytes(key.stdout)
        yield place / "run.py"


def measures() -> Iterator[Figure]:
    product = [sys.executable, "-m", "optix_tui"]
    with tempfile.TemporaryDirectory() as home, standing_copy() as run:
        yield Figure("bare Python", best([sys.executable, "-c", "pass"], home), "s")
        added = best([sys.executable, str(run), "--version"], home) - best([*product, "--version"], home)
        yield Figure("run.py adds to a warm start", added, "s", 0.2)
        yield Figure("optix --help", best([*product, "--help"], home), "s")
        yield Figure("optix chain SPY --json, cold engine", wall([*product, "chain", "SPY", "--json"], home), "s")
        yield Figure("workstation, very first start, to a live chain", opened_until(LIVE_MARK, home).seconds, "s")
        paints = [opened_until(is_painted, home) for _ in range(RUNS)]
        walls = [paint.seconds for paint in paints]
        yield Figure(
            "workstation, warm, to first paint", min(walls), "s", 0.6, note=f"median {statistics.median(walls):.2f}, worst {max(walls):.2f}"
        )
        yield Figure("the same, CPU", statistics.median(paint.processor_seconds for paint in paints), "s CPU")
        lives = [opened_until(LIVE_MARK, home) for _ in range(RUNS)]
        yield Figure("workstation, warm, to a live chain", min(live.seconds for live in lives), "s")
        yield Figure("the same, CPU of terminal and engine", statistics.median(live.processor_seconds for live in lives), "s CPU")
