"""Work that failed and is tried again: in the log each time, and told to the people once."""

import logging
from collections import OrderedDict

from engine.kernel.bus import Bus
from engine.kernel.clock import Clock
from engine.messages.events import NoticeLevel, NoticePosted

KEPT = 64
"""Texts that are remembered as told; the oldest is told again when it comes back."""


class Failures:
    """Of one worker, which goes on whatever fails."""

    def __init__(self, *, bus: Bus, clock: Clock, log: logging.Logger) -> None:
        self._bus = bus
        self._clock = clock
        self._log = log
        self._told: OrderedDict[tuple[str, str], None] = OrderedDict()

    def tell(self, title: str, error: Exception, *, of: str = "") -> None:
        """``title`` says what failed, ``of`` what it failed for."""
        self._log.error("%s%s; it is tried again", title, f" ({of})" if of else "", exc_info=error)
        text = f"{of}: {type(error).__name__}: {error}" if of else f"{type(error).__name__}: {error}"
        known = (title, text) in self._told
        self._told[title, text] = None
        self._told.move_to_end((title, text))
        if known:
            return
        while len(self._told) > KEPT:
            self._told.popitem(last=False)
        self._bus.publish(NoticePosted(at=self._clock.now(), level=NoticeLevel.ERROR, title=title, text=text))
