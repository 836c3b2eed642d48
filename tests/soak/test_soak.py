"""The whole product for an hour: the terminal with its engine at 5,000 updates a second, and a second watcher beside it: of ten names,
and of the surfaces, exposures and flow of two of them."""

import asyncio
import os
import time
from collections import Counter
from pathlib import Path

import pytest

from engine.api import (
    BarsChanged,
    ChainChanged,
    Engine,
    Event,
    ExpirationsChanged,
    ExposureChanged,
    FlowChanged,
    GetExpirations,
    GetFeedQuality,
    GetStatus,
    QuoteChanged,
    Subscription,
    SurfaceChanged,
    Symbol,
    Topic,
    TradesChanged,
    WatcherCutOff,
    connect,
    topic,
)
from tests.kit.pseudoterminal import PseudoTerminal
from tests.soak.samples import Sample, complaints, heading, line, sample_of, summary

MINUTES = float(os.environ.get("OPTIX_SOAK_MINUTES", "60"))
RATE = 5_000
LOOK_SECONDS = 10.0
NAMES = tuple(map(Symbol, ("SPX", "SPY", "QQQ", "IWM", "VIX", "AAPL", "NVDA", "TSLA", "BTC", "ETH")))
SERIES = 2
"""Chains a name that are watched."""
DESK = NAMES[:2]
"""Names whose surface, exposure and flow are watched too."""
MOST_QUEUE_SECONDS = 15
MOST_FACTS = 64
"""Beside one event a state, in a mailbox that is read ten times a second."""
READ_SECONDS = 0.1

pytestmark = [pytest.mark.soak, pytest.mark.timeout(60 * MINUTES + 300)]


class Watcher:
    """Reads a mailbox as a terminal does, and counts what it hears of each name."""

    def __init__(self, told: Subscription) -> None:
        self._told = told
        self.heard: Counter[str] = Counter()
        self.most_waiting = 0
        self.cut_off = False

    async def read(self) -> None:
        while True:
            events = await self._told.batch()
            self.most_waiting = max(self.most_waiting, len(events))
            self.cut_off = self.cut_off or any(isinstance(event, WatcherCutOff) for event in events)
            self.heard.update(_name(event) for event in events)
            await asyncio.sleep(READ_SECONDS)

    def take(self) -> tuple[int, list[Symbol]]:
        """The most that waited since the last look, and the names of which nothing came."""
        taken = self.most_waiting, [name for name in NAMES if not self.heard[name]]
        self.most_waiting, self.heard = 0, Counter()
        return taken


def _name(event: Event) -> str:
    return str(event.slice.symbol) if isinstance(event, ChainChanged) else event.key


async def _topics(engine: Engine) -> list[Topic]:
    found = []
    for name in NAMES:
        table = await engine.ask(GetExpirations(symbol=name))
        found += [topic(kind, name) for kind in (QuoteChanged, BarsChanged, TradesChanged, ExpirationsChanged)]
        found += [topic(ChainChanged, summary.series.id) for summary in table.expiries[:SERIES]]
    return found + [topic(kind, name) for name in DESK for kind in (SurfaceChanged, ExposureChanged, FlowChanged)]


async def _soaked(home: Path, tell: "Teller") -> tuple[list[Sample], bool]:
    """Looks at the engine of a data folder until the time is over."""
    engine = await connect("remote", home=home)
    try:
        watcher = Watcher(engine.watch(*await _topics(engine)))
        reading = asyncio.create_task(watcher.read())
        began, samples = time.monotonic(), []
        while (passed := time.monotonic() - began) < 60 * MINUTES:
            await asyncio.sleep(min(LOOK_SECONDS, max(0.1, 60 * MINUTES - passed)))
            waiting, silent = watcher.take()
            status, quality = await engine.ask(GetStatus()), await engine.ask(GetFeedQuality())
            minute = (time.monotonic() - began) / 60
            samples.append(sample_of(minute, status, quality, waiting=waiting, silent=silent))
            tell(line(samples[-1]))
        reading.cancel()
        return samples, watcher.cut_off
    finally:
        await engine.close()


class Teller:
    """Prints past pytest's capturing, as it comes."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, text: str) -> None:
        with self._capsys.disabled():
            print(text, flush=True)


async def _kept_up(program: PseudoTerminal) -> None:
    """A terminal window that is always read."""
    while await asyncio.to_thread(program.pump, 1.0):
        pass


async def test_memory_and_lag_stay_flat_and_nothing_is_lost(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tell = Teller(capsys)
    environment = {"OPTIX_HOME": str(home), "OPTIX_FEEDS__SYNTHETIC__UPDATES_PER_SECOND": str(RATE)}
    with PseudoTerminal(["-m", "optix_tui"], environment=environment) as program:
        await asyncio.to_thread(program.wait_for, "ATM IV", 60.0)
        window = asyncio.create_task(_kept_up(program))
        tell(f"\n{MINUTES:g} minutes at {RATE:,} updates a second, {len(NAMES)} names watched\n{heading()}")
        samples, cut_off = await _soaked(home, tell)
        tell(summary(samples))
        program.send("\x11")
        await asyncio.wait_for(window, 30.0)
        assert program.wait_for_end(15.0) == 0
    assert not cut_off
    states = len(NAMES) * (4 + SERIES) + 3 * len(DESK)
    assert complaints(samples, most_queue_rows=MOST_QUEUE_SECONDS * RATE, most_waiting=states + MOST_FACTS) == []
