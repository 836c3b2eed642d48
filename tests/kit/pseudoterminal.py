"""A real pseudo-terminal around a program: types keys, keeps the screen as text, measures what it costs."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parent.parent.parent
_ESCAPE = re.compile(
    r"\x1b(?:\[([0-9;?<>=]*)([ -/]*)([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[P^_X][^\x1b]*\x1b\\|[()#][0-9A-Za-z]|[=>78cDEHMNOZ])"
)
LONGEST_SEQUENCE = 8192


class Screen:
    """The cells a terminal would show: enough of the VT language for what Textual writes (positions, text, erasing)."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.cells = [[" "] * columns for _ in range(rows)]
        self.x = self.y = 0
        self._rest = ""

    def feed(self, text: str) -> None:
        """Writes what the program printed; a sequence cut in two waits for its second half."""
        text = self._rest + text
        self._rest = ""
        at = 0
        while at < len(text):
            character = text[at]
            if character == "\x1b":
                found = _ESCAPE.match(text, at)
                if not found:
                    if len(text) - at < LONGEST_SEQUENCE:
                        self._rest = text[at:]
                        return
                    at += 1
                    continue
                self._control(found)
                at = found.end()
                continue
            self._write(character)
            at += 1

    def _write(self, character: str) -> None:
        if character == "\r":
            self.x = 0
        elif character == "\n":
            self.y = min(self.y + 1, self.rows - 1)
        elif character == "\b":
            self.x = max(self.x - 1, 0)
        elif unicodedata.combining(character):
            if 0 < self.x <= self.columns and self.y < self.rows:
                self.cells[self.y][self.x - 1] += character
        elif character >= " ":
            if self.x < self.columns and self.y < self.rows:
                self.cells[self.y][self.x] = character
            self.x += 1

    def _control(self, found: re.Match[str]) -> None:
        kind = found.group(3)
        if not kind or (found.group(1) and found.group(1)[0] in "?<>="):
            return
        numbers = [int(part) if part else 0 for part in found.group(1).split(";")]
        first = numbers[0] or 1
        if kind in "Hf":
            self.y = min(first, self.rows) - 1
            self.x = min((numbers[1] if len(numbers) > 1 else 1) or 1, self.columns) - 1
        elif kind == "A":
            self.y = max(self.y - first, 0)
        elif kind == "B":
            self.y = min(self.y + first, self.rows - 1)
        elif kind == "C":
            self.x = min(self.x + first, self.columns - 1)
        elif kind == "D":
            self.x = max(self.x - first, 0)
        elif kind == "G":
            self.x = min(first, self.columns) - 1
        elif kind == "J":
            self.cells = [[" "] * self.columns for _ in range(self.rows)]
        elif kind == "K":
            self.cells[self.y][self.x :] = [" "] * (self.columns - self.x)

    def row(self, number: int) -> str:
        return "".join(self.cells[number]).rstrip()

    def text(self) -> str:
        return "\n".join(self.row(number) for number in range(self.rows))


class PseudoTerminal:
    """A program in a pseudo-terminal of a given size; use it as a context manager, which ends it."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        columns: int = 160,
        rows: int = 45,
        pixels: tuple[int, int] = (0, 0),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.screen = Screen(columns, rows)
        self.bytes_seen = 0
        self.started = time.perf_counter()
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            # Before the program asks for it: a size set from outside may come before it listens for changes.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, *pixels))
            os.chdir(ROOT)
            plain = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
            inherited = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
            os.execve(sys.executable, [sys.executable, *arguments], {**inherited, **plain, **(environment or {})})
        self.status: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def pump(self, seconds: float) -> bool:
        """Reads what comes within a time; false once the program closed its side."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            ready, _, _ = select.select([self.descriptor], [], [], left)
            if ready and not self._read():
                return False
        return True

    def _read(self) -> bool:
        try:
            found = os.read(self.descriptor, 1 << 16)
        except OSError:
            return False
        self.bytes_seen += len(found)
        self.screen.feed(found.decode("utf-8", "replace"))
        return bool(found)

    def wait_for(self, what: Callable[[Screen], bool] | str, seconds: float = 20.0) -> float:
        """Reads until the screen shows it; returns the seconds it took. Raises TimeoutError with the screen where it never comes."""
        begun = time.perf_counter()
        shown = (lambda screen: what in screen.text()) if isinstance(what, str) else what
        while not shown(self.screen):
            left = begun + seconds - time.perf_counter()
            if left <= 0:
                raise TimeoutError(f"not on the screen within {seconds} s: {what!r}\n{self.screen.text()}")
            ready, _, _ = select.select([self.descriptor], [], [], min(left, 1.0))
            if ready and not self._read():
                raise TimeoutError(f"the program ended before it showed {what!r}\n{self.screen.text()}")
        return time.perf_counter() - begun

    def send(self, keys: str) -> None:
        os.write(self.descriptor, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        self.screen = Screen(columns, rows)
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def cpu_seconds(self) -> float:
        """User and system time of the program so far (its threads included)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int:
        return int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def wait_for_end(self, seconds: float = 10.0) -> int:
        """The exit code, once the program ended by itself."""
        until = time.perf_counter() + seconds
        while self.status is None:
            self.pump(0.05)
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.perf_counter() > until:
                raise TimeoutError(f"the program did not end within {seconds} s\n{self.screen.text()}")
        return self.status

    def end(self) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            _, status = os.waitpid(self.pid, 0)
            self.status = os.waitstatus_to_exitcode(status)
        os.close(self.descriptor)
