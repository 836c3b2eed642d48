"""Work that fails and is tried again is told once."""

import logging

from engine.domain.ids import UtcNanos
from engine.kernel.bus import Bus
from engine.kernel.clock import FrozenClock
from engine.kernel.failures import KEPT, Failures
from engine.messages.base import topic
from engine.messages.events import NoticeLevel, NoticePosted


class Worker:
    """Fails, and is listened to."""

    def __init__(self) -> None:
        bus = Bus()
        self._mailbox = bus.subscribe(topic(NoticePosted))
        self.failures = Failures(bus=bus, clock=FrozenClock(UtcNanos(7)), log=logging.getLogger("engine.failing"))

    def heard(self) -> list[str]:
        """Texts told since the last look."""
        return [event.text for event in self._mailbox.drain() if isinstance(event, NoticePosted)]


def test_a_failure_is_logged_each_time_and_told_once(caplog):
    worker = Worker()
    for _ in range(3):
        worker.failures.tell("Pricing failed", ValueError("odd"), of="SPX")
    assert worker.heard() == ["SPX: ValueError: odd"]
    assert [record.getMessage() for record in caplog.records] == ["Pricing failed (SPX); it is tried again"] * 3
    assert all(record.exc_info for record in caplog.records)


def test_another_name_another_title_and_another_error_are_told_too():
    worker = Worker()
    for title, error, of in (("A", "x", "SPX"), ("A", "x", "SPY"), ("B", "x", "SPX"), ("A", "y", "SPX"), ("A", "x", "")):
        worker.failures.tell(title, ValueError(error), of=of)
    assert worker.heard() == ["SPX: ValueError: x", "SPY: ValueError: x", "SPX: ValueError: x", "SPX: ValueError: y", "ValueError: x"]


def test_errors_that_are_always_new_are_not_kept_without_end_and_what_goes_on_stays_told():
    worker = Worker()
    for number in range(3 * KEPT):
        worker.failures.tell("A", ValueError("the same"))
        worker.failures.tell("A", ValueError(str(number)))
    heard = worker.heard()
    assert heard.count("ValueError: the same") == 1
    assert len(heard) == 3 * KEPT + 1
    worker.failures.tell("A", ValueError("0"))
    assert worker.heard() == ["ValueError: 0"]


def test_a_notice_is_an_error_of_its_instant():
    bus = Bus()
    mailbox = bus.subscribe(topic(NoticePosted))
    Failures(bus=bus, clock=FrozenClock(UtcNanos(7)), log=logging.getLogger("engine.failing")).tell("A", ValueError("x"))
    (notice,) = mailbox.drain()
    assert (notice.at, notice.level, notice.title) == (7, NoticeLevel.ERROR, "A")
