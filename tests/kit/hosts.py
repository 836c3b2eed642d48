"""Processes that own a data folder, with the still market among the plugins."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from engine.runtime.owner import OwnerNote, owner_note

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = """
import sys
import engine.kernel.plugins as plugins
import engine.runtime.compose as compose
from tests.kit.engine import still_plugins
compose.Plugins = lambda *_: still_plugins()
from engine.daemon.host import main
sys.exit(main())
"""
MARKET = {"OPTIX_FEED__DEFAULT": "still", "OPTIX_ENGINE__NUMBA": "off"}


class Host:
    """A headless engine in a process of its own."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            cwd=ROOT,
            env={**os.environ, **MARKET, "OPTIX_HOME": str(home), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_until_open(self, seconds: float = 90.0) -> OwnerNote:
        """Until others can attach."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            note = owner_note(self.home / "data")
            if note is not None and note.address is not None:
                return note
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise AssertionError(f"no engine came up: {self.end()}")

    def kill(self) -> None:
        """As a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(60)

    def end(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Exit code and words."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        _, words = self.process.communicate(timeout=90)
        return self.process.returncode, words
