"""10,000 and 100,000 updates a second through the whole product, terminal open: CPU less the source's own, lag, memory, losses."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from engine.api import EngineStatus, GetStatus, connect
from tests.kit.pseudoterminal import ROOT, PseudoTerminal
from tests.speed.figure import Figure
from tests.speed.terminal import SETTLE_SECONDS, WATCH_SECONDS, processor_share

MOST_MEGABYTES = 1_000.0

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


async def status_of(home: str) -> EngineStatus:
    """How the engine of a data folder is, asked from outside."""
    engine = await connect("remote", home=home)
    try:
        return await engine.ask(GetStatus())
    finally:
        await engine.close()


def measures() -> Iterator[Figure]:
    for rate, bar in ((10_000, 25.0), (100_000, None)):
        own, rows = source_alone(rate)
        yield Figure(f"synthetic source alone at {rate:,}/s", own, "% of a core", note=f"{rows:,.0f} rows/s")
        with tempfile.TemporaryDirectory() as home:
            environment = {"OPTIX_HOME": home, "OPTIX_FEEDS__SYNTHETIC__UPDATES_PER_SECOND": str(rate)}
            with PseudoTerminal(["-m", "optix_tui"], environment=environment) as program:
                program.wait_for("ATM IV")
                program.pump(SETTLE_SECONDS)
                share = processor_share(program, WATCH_SECONDS)
                yield Figure(f"whole product at {rate:,}/s", share, "% of a core")
                yield Figure(f"whole product at {rate:,}/s less the source", share - own, "% of a core", bar)
                yield from _whole(rate, asyncio.run(status_of(home)))
                program.send("\x11")
                code = program.wait_for_end(15)
                yield Figure(f"exit code after {rate:,}/s", code, "", 0)


def _whole(rate: int, status: EngineStatus) -> Iterator[Figure]:
    """What must hold at any rate: nothing is lost, and memory stays what it was."""
    store = status.store
    late = (
        "fewer than were asked for: on a busy machine the simulated clock slips rather than hurries"
        if status.updates_per_second < 0.9 * rate
        else ""
    )
    yield Figure(f"rows applied a second at {rate:,}/s", status.updates_per_second, "rows/s", note=late)
    yield Figure(f"engine's loop late, p99 of a minute with the start in it, {rate:,}/s", status.loop_lag_ms, "ms")
    yield Figure(f"resident memory at {rate:,}/s", status.resident_bytes / 1e6, "MB", MOST_MEGABYTES)
    yield Figure(f"rows the history could not take at {rate:,}/s", store.shed_rows, "rows", 0, note=f"{store.rows_written:,} written")
