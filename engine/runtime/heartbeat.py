"""Whether the other side of a socket still lives: a beat a second, and how many passed without a word from it.

Beats are counted, not seconds: a client that was itself suspended for an hour has missed one beat when it wakes, and what the other side
said meanwhile is about to be read.
"""

import asyncio
from collections.abc import Callable

BEAT_SECONDS = 1.0
SILENT_BEATS = 4
"""After so many beats without a word the other side does not answer ..."""
LOST_BEATS = 15
"""... and after so many what was asked of it is given up."""


class Heartbeat:
    """Asks for a sign of life while nothing is heard, and tells of silence and of its end."""

    def __init__(self, ping: Callable[[], None]) -> None:
        self._ping = ping
        self._missed = 0
        self.on_silent: Callable[[float], None] | None = None
        """Called at every beat of a silence, with its seconds so far."""
        self.on_voice: Callable[[float], None] | None = None
        """Called as a silence ends, with its seconds."""
        self.on_lost: Callable[[float], None] | None = None
        """Called at every beat once a silence is long enough to give up what was asked."""

    @property
    def is_silent(self) -> bool:
        """The other side does not answer just now."""
        return self._missed >= SILENT_BEATS

    def heard(self) -> None:
        """The other side said something."""
        missed, self._missed = self._missed, 0
        if missed >= SILENT_BEATS and self.on_voice is not None:
            self.on_voice(missed * BEAT_SECONDS)

    def beat(self) -> None:
        """One beat."""
        self._missed += 1
        self._ping()
        if self.is_silent and self.on_silent is not None:
            self.on_silent(self._missed * BEAT_SECONDS)
        if self._missed >= LOST_BEATS and self.on_lost is not None:
            self.on_lost(self._missed * BEAT_SECONDS)

    async def run(self) -> None:
        """Beats until cancelled."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            self.beat()
