"""A chain of 400 strikes by 20 columns in a pseudo-terminal of 200x60, 2,000 cells changed ten times a second: CPU a frame."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import date

import numpy as np
from msgspec.structs import replace

from tests.kit.pseudoterminal import PseudoTerminal
from tests.speed.figure import Figure

STRIKES, CHANGED, HERTZ = 400, 2_000, 10.0
COLUMNS = ("bid", "ask", "iv", "delta", "volume", "open_interest", "last", "gamma", "theta", "vega")
WATCH_SECONDS = 10.0


def _program() -> None:
    """The terminal on one big series that changes; runs inside the pseudo-terminal."""
    from engine.domain.columns import floats
    from engine.messages.events import ChainChanged
    from engine.messages.queries import GetChain, GetExpirations
    from optix_tui.app import OptixApp
    from optix_tui.opening import options_here
    from optix_tui.workspace import Node, Panel, Workspace
    from tests.kit import facts
    from tests.kit.fake_engine import FakeEngine

    chance = np.random.default_rng(5)
    whole = facts.slice_of("SPXW", date(2026, 11, 24), strikes=STRIKES)
    states = [whole]
    for _ in range(40):
        cells = chance.choice(len(COLUMNS) * 2 * STRIKES, CHANGED, replace=False)
        changes = {}
        for number, name in enumerate(COLUMNS):
            column = np.array(getattr(states[-1], name))
            mine = cells[(cells >= number * 2 * STRIKES) & (cells < (number + 1) * 2 * STRIKES)] - number * 2 * STRIKES
            flat = column.reshape(-1)
            flat[mine] = np.round(flat[mine] * (1 + chance.normal(0, 0.01, mine.size)) + 0.05, 2)
            changes[name] = floats(column)
        states.append(replace(states[-1], **changes))

    engine = FakeEngine(("SPX",))
    chain = facts.chain("SPX", count=1)
    engine.answers[GetChain] = lambda _query: replace(chain, slices=(whole,))
    engine.answers[GetExpirations] = lambda _query: replace(facts.expirations("SPX"), expiries=(whole.summary,))

    async def connect() -> object:
        asyncio.get_running_loop().create_task(tick())
        return engine

    async def tick() -> None:
        number = 0
        while True:
            await asyncio.sleep(1 / HERTZ)
            number += 1
            engine.say(ChainChanged(slice=states[number % len(states)]))

    alone = Workspace(
        name="CHAIN", place=1, layout=Node(panel="tile"), panels={"tile": Panel(function="OMON", symbol="SPX", args=("ALL",))}
    )
    OptixApp(replace(options_here(live=True), workspaces=(alone,), place=1, symbol="SPX"), connect).run()  # type: ignore[arg-type]


def measures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as home:
        command = ["-c", "from tests.speed.chain import _program; _program()"]
        with PseudoTerminal(
            command, columns=200, rows=60, environment={"OPTIX_HOME": home, "PYTHONPATH": os.pathsep.join(sys.path)}
        ) as program:
            program.wait_for("ATM IV")
            program.pump(4)
            before, seen = program.cpu_seconds(), program.bytes_seen
            program.pump(WATCH_SECONDS)
            used = program.cpu_seconds() - before
            frames = WATCH_SECONDS * HERTZ
            yield Figure("one frame of the big chain, the whole terminal included", used / frames * 1000, "ms CPU", 10)
            yield Figure("bytes written to the terminal", (program.bytes_seen - seen) / WATCH_SECONDS / 1000, "kB/s")
