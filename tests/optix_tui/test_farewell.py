"""Leaving because of a signal: the terminal is a terminal again, the engine is closed, nothing is left half-written."""

import asyncio
import os
import signal

import pytest

from optix_tui.farewell import told_to_leave
from tests.kit.pseudoterminal import PseudoTerminal

pytestmark = pytest.mark.timeout(120)


class Recorded(PseudoTerminal):
    """A pseudo-terminal that keeps what was written."""

    written = b""

    def _read(self) -> bool:
        try:
            found = os.read(self.descriptor, 1 << 16)
        except OSError:
            return False
        self.written += found
        self.screen.feed(found.decode("utf-8", "replace"))
        return bool(found)


SETTLED = 5.0
"""Seconds after which a last look has been taken, on a busy machine too."""


def was_closed(home) -> bool:
    """The terminal's memory and the engine's last look are written on leaving, and not where the program was killed."""
    return (home / "state" / "terminal.json").is_file() and any((home / "data" / "lastlook").rglob("*.look"))


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_as_ctrl_q_does(told, tmp_path):
    with Recorded(["-m", "optix_tui"], environment={"OPTIX_HOME": str(tmp_path)}) as program:
        program.wait_for("ATM IV", 60)
        program.pump(SETTLED)
        os.kill(program.pid, told)
        os.kill(program.pid, told)
        assert program.wait_for_end(30) == 0
        assert program.written.rstrip().count(b"\x1b[?1049l") == 1
        assert b"\x1b[?25h" in program.written[program.written.rindex(b"\x1b[?1049h") :]
        assert b"Traceback" not in program.written
    assert was_closed(tmp_path)


def test_a_window_that_is_closed_ends_the_program_and_closes_the_engine(tmp_path):
    program = PseudoTerminal(["-m", "optix_tui"], environment={"OPTIX_HOME": str(tmp_path)})
    program.wait_for("ATM IV", 60)
    program.pump(SETTLED)
    os.close(program.descriptor)
    program.descriptor = os.open(os.devnull, os.O_RDONLY)
    try:
        assert program.wait_for_end(30) == 0
    finally:
        program.end()
    assert was_closed(tmp_path)


async def test_the_handlers_are_gone_afterwards():
    told: list[int] = []
    before = signal.getsignal(signal.SIGTERM)
    with told_to_leave(lambda: told.append(1)):
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.05)
    assert told == [1]
    assert signal.getsignal(signal.SIGTERM) == before
