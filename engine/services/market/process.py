"""What this process costs: CPU time, memory, and how late its loop comes."""

import asyncio
import sys
import time
from collections import deque
from pathlib import Path

import numpy as np

SAMPLE_SECONDS = 0.05
KEPT_SAMPLES = 1_200
"""One minute."""
_STATM = Path("/proc/self/statm")


def cpu_seconds() -> float:
    """CPU time of all threads of this process since its start."""
    return time.process_time()


def resident_bytes() -> int:
    """Memory held now; where the system tells only the most that ever was held, that; 0 where it tells neither."""
    if _STATM.exists():
        import resource

        return int(_STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1_024)


class LoopLag:
    """How late the engine's loop wakes a sleeper."""

    def __init__(self) -> None:
        self._late: deque[float] = deque(maxlen=KEPT_SAMPLES)

    def add(self, seconds: float) -> None:
        """Takes one measurement."""
        self._late.append(max(0.0, seconds))

    def p99_ms(self) -> float:
        """The 99th percentile of the last minute, in milliseconds; 0 before the first look."""
        return float(np.percentile(np.array(self._late), 99.0)) * 1e3 if self._late else 0.0

    async def measure(self) -> None:
        """Sleeps and looks at the clock until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + SAMPLE_SECONDS
            await asyncio.sleep(SAMPLE_SECONDS)
            self.add(loop.time() - due)
