"""The workstation as a trader has it: a real pseudo-terminal, a real engine, the synthetic market."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest

from tests.kit.pseudoterminal import PseudoTerminal

pytestmark = [pytest.mark.timeout(150), pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are Unix's")]
WAIT = 60.0


def workstation(columns: int = 160, rows: int = 45) -> PseudoTerminal:
    return PseudoTerminal(["-m", "optix_tui"], columns=columns, rows=rows)


def chain_beside() -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "optix_tui", "chain", "SPY", "--json"], capture_output=True, text=True, check=True, timeout=WAIT
    )
    return json.loads(done.stdout)


def test_it_opens_on_a_live_simulated_chain_obeys_and_leaves_the_terminal_as_it_was():
    with workstation() as program:
        program.wait_for("ATM IV", WAIT)
        assert "SIM" in program.screen.row(0)
        # The market lists its names one after the other: QQQ has its price in the watchlist once it is there.
        program.wait_for(lambda screen: re.search(r"QQQ +\d", screen.text()) is not None, WAIT)
        program.pump(2.0)
        program.send("/")
        program.pump(1.0)
        program.send("qqq omon\r")
        program.wait_for(lambda screen: "QQQ" in screen.row(2), WAIT)
        program.wait_for(lambda screen: "ATM IV" in screen.text(), WAIT)
        program.send("\x11")
        assert program.wait_for_end(WAIT) == 0


def test_a_command_beside_it_answers_at_once_from_the_same_engine():
    with workstation() as program:
        program.wait_for("ATM IV", WAIT)
        program.pump(2.0)
        beside = chain_beside()
        assert beside["source"] == "synthetic"
        expiry = beside["expiries"][0]
        strikes = {f"{contract['strike']:g}" for contract in expiry["contracts"]}
        shown = program.screen.text()
        assert sum(f" {strike} " in shown for strike in strikes) >= 10
        assert int(json.loads((program_home() / "engine.lock").read_text() or "{}").get("pid", 0)) == program.pid


def program_home():
    from engine.api import places

    return places()["data"]


def test_when_the_owner_is_killed_the_second_terminal_goes_on_by_itself():
    with workstation() as owner:
        owner.wait_for("ATM IV", WAIT)
        with workstation() as second:
            second.wait_for("ATM IV", WAIT)
            os.kill(owner.pid, signal.SIGKILL)
            second.wait_for(lambda screen: "ended" in screen.text(), WAIT)
            second.wait_for(lambda screen: "ATM IV" in screen.text(), WAIT)
            assert chain_beside()["expiries"]
            second.send("\x11")
            assert second.wait_for_end(WAIT) == 0


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (60, 16), (40, 10), (240, 70)])
def test_every_size_has_its_screen(columns, rows):
    with workstation(columns, rows) as program:
        program.wait_for(lambda screen: any(mark in screen.text() for mark in ("ATM IV", "OPTIX needs")), WAIT)
        program.send("\x11")
        assert program.wait_for_end(WAIT) == 0
