"""10,000 and 100,000 updates a second through the whole product, terminal open: CPU of a core, the source's own cost apart."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.kit.pseudoterminal import ROOT, PseudoTerminal
from tests.speed.figure import Figure
from tests.speed.terminal import WATCH_SECONDS, processor_share

SOURCE_ALONE = """
import asyncio, resource, sys, time
from plugins.synthetic import MANIFEST
from engine.contracts.feed import FeedSettings

class Sink:
    rows = 0
    def emit(self, event):
        self.rows += len(getattr(event, "handle", ()))

class Demand:
    symbols = frozenset({"SPY"})
    series = frozenset()
    async def changed(self):
        await asyncio.Event().wait()

async def main():
    feed = MANIFEST.load()(FeedSettings(options={"updates_per_second": float(sys.argv[1])}, now=time.time_ns()))
    sink = Sink()
    task = asyncio.ensure_future(feed.run(sink, Demand()))
    await asyncio.sleep(6)
    def used():
        u = resource.getrusage(resource.RUSAGE_SELF)
        return u.ru_utime + u.ru_stime
    before, rows, begun = used(), sink.rows, time.perf_counter()
    await asyncio.sleep(8)
    span = time.perf_counter() - begun
    print((used() - before) / span * 100, (sink.rows - rows) / span)
    task.cancel()

asyncio.run(main())
"""


def source_alone(rate: int) -> tuple[float, float]:
    """Per cent of a core, and rows a second, of the synthetic source with nobody behind it."""
    done = subprocess.run([sys.executable, "-c", SOURCE_ALONE, str(rate)], cwd=ROOT, capture_output=True, text=True, check=True)
    share, rows = map(float, done.stdout.split())
    return share, rows


def measures() -> Iterator[Figure]:
    for rate, bar in ((10_000, 25.0), (100_000, None)):
        own, rows = source_alone(rate)
        yield Figure(f"synthetic source alone at {rate:,}/s", own, "% of a core", note=f"{rows:,.0f} rows/s")
        with tempfile.TemporaryDirectory() as home:
            environment = {"OPTIX_HOME": home, "OPTIX_FEEDS__SYNTHETIC__UPDATES_PER_SECOND": str(rate)}
            with PseudoTerminal(["-m", "optix_tui"], environment=environment) as program:
                program.wait_for("ATM IV")
                program.pump(12)
                share = processor_share(program, WATCH_SECONDS)
                yield Figure(f"whole product at {rate:,}/s", share, "% of a core")
                yield Figure(f"whole product at {rate:,}/s less the source", share - own, "% of a core", bar)
                program.send("\x11")
                code = program.wait_for_end(15)
                yield Figure(f"exit code after {rate:,}/s", code, "", 0)
