"""Pictures in a real pseudo-terminal: what is sent, where it is seen, what covers it, and that it is gone before the terminal is."""

import os
import signal
import sys

import pytest

from tests.kit.kitty import KittyScreen
from tests.kit.pseudoterminal import PseudoTerminal

pytestmark = [pytest.mark.timeout(120), pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are Unix's")]
WAIT = 60.0
OTHERS = ("TMUX", "STY", "KITTY_WINDOW_ID", "TERM_PROGRAM", "NO_COLOR")
LEAVING, GRAPHICS = b"\x1b[?1049l", b"\x1b_G"


class Kitty(PseudoTerminal):
    """OVDV on facts in a terminal of 140 by 36 cells, of 9 by 18 pixels each, that keeps what was written."""

    def __init__(self, home, term: str = "xterm-kitty", **environment: str) -> None:
        clean = dict.fromkeys(OTHERS, "") | {"TERM": term, "OPTIX_HOME": str(home)}
        arguments = ["-m", "tests.kit.facts_on_terminal", "OVDV", "SPX", "HEAT"]
        self.written = b""
        super().__init__(arguments, columns=140, rows=36, pixels=(1260, 648), environment=clean | environment)
        self.screen = KittyScreen(140, 36)

    def _read(self) -> bool:
        try:
            found = os.read(self.descriptor, 1 << 16)
        except OSError:
            return False
        self.written += found
        self._bytes += found
        # A letter of several bytes may be cut in two.
        text = self._bytes.decode("utf-8", "ignore")
        self._bytes = self._bytes[len(text.encode()) :]
        self.screen.feed(text)
        return bool(found)

    _bytes = b""

    @property
    def held(self):
        return self.screen.pictures.held

    def number(self) -> int:
        (number,) = self.held
        return number


def test_in_kitty_the_picture_stands_in_its_cells_under_what_covers_it_and_goes_before_the_terminal_is_given_back(tmp_path):
    with Kitty(tmp_path) as program:
        program.wait_for("vol points", WAIT)
        program.pump(0.5)
        assert GRAPHICS not in program.written
        program.send("i")
        program.wait_for(lambda screen: len(screen.pictures.held) == 1 and screen.parts(program.number()), WAIT)
        program.pump(0.5)
        held, seen = program.held[program.number()], program.screen.parts(program.number())
        assert held.size == (held.columns * 9, held.rows * 18)
        left, top = min(x for x, _ in seen), min(y for _, y in seen)
        assert all((x - left, y - top) == place for (x, y), place in seen.items())
        assert len(seen) > 0.8 * held.columns * held.rows
        program.send("/")
        program.pump(0.5)
        program.send("om")
        program.wait_for("SECURITIES", WAIT)
        program.pump(0.5)
        covered = program.screen.parts(program.number())
        assert 0 < len(covered) < len(seen)
        assert all((x - left, y - top) == place for (x, y), place in covered.items())
        program.send("\x1b")
        program.wait_for(lambda screen: len(screen.parts(program.number())) == len(seen), WAIT)
        os.kill(program.pid, signal.SIGTERM)
        assert program.wait_for_end(WAIT) == 0
        assert not program.held
        assert program.written.rindex(GRAPHICS) < program.written.rindex(LEAVING)


def test_a_program_that_breaks_down_leaves_no_picture_behind(tmp_path):
    with Kitty(tmp_path, OPTIX_BREAKS="1") as program:
        program.wait_for("vol points", WAIT)
        program.send("i")
        program.wait_for(lambda screen: len(screen.pictures.held) == 1, WAIT)
        program.send("?")
        assert program.wait_for_end(WAIT) == 1
        assert b"it broke down" in program.written
        assert not program.held
        assert program.written.rindex(GRAPHICS) < program.written.rindex(LEAVING)


def test_in_a_terminal_that_does_not_say_it_can_nothing_is_sent_and_the_key_says_why(tmp_path):
    with Kitty(tmp_path, "xterm-256color") as program:
        program.wait_for("vol points", WAIT)
        program.send("i")
        program.wait_for("does not say that it shows", WAIT)
        program.pump(0.5)
        program.send("\x11")
        assert program.wait_for_end(WAIT) == 0
        assert GRAPHICS not in program.written
        assert "\U0010eeee".encode() not in program.written
