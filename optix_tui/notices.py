"""What a person was told: kept for the list of notices, and held back where it would storm."""

from collections import deque
from collections.abc import Iterable

from msgspec import Struct

KEPT = 200
SAME_AGAIN_AFTER = 30.0
"""Seconds in which the same words are shown once."""
SHOWING_SECONDS = 10.0
"""The newest one stands in the last row for so long; then the keys have the room again."""
BURST, PER_SECONDS = 4, 10.0
"""At most so many toasts in so many seconds; the rest is counted."""


class Notice(Struct, frozen=True, kw_only=True):
    """Words for a person; ``level`` is ``information``, ``warning`` or ``error``."""

    text: str
    level: str = "information"
    clock: str = ""
    """When, as it is shown."""
    times: int = 1


def printable(text: str) -> str:
    """Words that may repeat what was typed, or come from a feed, with a dot for every character that a terminal would obey."""
    return text if text.isprintable() else "".join(one if one.isprintable() or one == "\n" else "·" for one in text)


class Notices:
    """The newest notices, and which of them may pop up."""

    def __init__(self) -> None:
        self._kept: deque[Notice] = deque(maxlen=KEPT)
        self._shown: dict[str, float] = {}
        self._recent: deque[float] = deque()
        self._newest_at = 0.0
        self.held_back = 0
        """How many were not shown since the last one that was."""

    def post(self, notice: Notice, now: float) -> bool:
        """Keeps it; True when it may pop up at monotonic time ``now``."""
        self._newest_at = now
        if self._kept and self._kept[-1].text == notice.text:
            before = self._kept.pop()
            self._kept.append(Notice(text=notice.text, level=notice.level, clock=notice.clock, times=before.times + 1))
        else:
            self._kept.append(notice)
        last = self._shown.get(notice.text)
        if last is not None and now - last < SAME_AGAIN_AFTER:
            return False
        while self._recent and now - self._recent[0] > PER_SECONDS:
            self._recent.popleft()
        if len(self._recent) >= BURST:
            self.held_back += 1
            return False
        self._recent.append(now)
        self._shown[notice.text] = now
        if len(self._shown) > KEPT:
            self._shown = {text: at for text, at in self._shown.items() if now - at < SAME_AGAIN_AFTER}
        self.held_back = 0
        return True

    @property
    def last(self) -> Notice | None:
        """The newest one."""
        return self._kept[-1] if self._kept else None

    def showing(self, now: float) -> Notice | None:
        """The newest one while it is new; None at a monotonic time later."""
        return self.last if now - self._newest_at < SHOWING_SECONDS else None

    def newest_first(self) -> Iterable[Notice]:
        """All that are kept."""
        return reversed(self._kept)

    def __len__(self) -> int:
        return len(self._kept)
