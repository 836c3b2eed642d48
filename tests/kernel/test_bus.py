"""Publishing, retaining, and knowing what is watched."""

import asyncio
import time

from engine.domain.ids import Symbol, UtcNanos
from engine.kernel.bus import ALL_KEYS, Bus
from engine.messages.base import topic
from engine.messages.events import NoticeLevel, NoticePosted, QuoteChanged, UniverseChanged, WatcherCutOff
from tests.kit import facts


def quote(symbol: str) -> QuoteChanged:
    return QuoteChanged(quote=facts.quote(symbol))


NOTICE = NoticePosted(at=UtcNanos(1), level=NoticeLevel.INFO, title="something")


def test_a_late_watcher_first_gets_the_retained_state():
    bus = Bus()
    bus.publish(quote("SPY"))
    newest = quote("SPY")
    bus.publish(newest)
    bus.publish(quote("QQQ"))
    assert bus.subscribe(topic(QuoteChanged, "SPY")).drain()[0] is newest
    assert len(bus.subscribe(topic(QuoteChanged)).drain()) == 2


def test_facts_are_not_retained():
    bus = Bus()
    bus.publish(NOTICE)
    assert bus.subscribe(topic(NoticePosted)).drain() == []


def test_a_state_of_what_is_no_more_is_retained_for_nobody():
    bus = Bus()
    bus.publish(quote("SPY"))
    bus.publish(quote("QQQ"))
    bus.forget(QuoteChanged, "SPY")
    bus.forget(QuoteChanged, "NEVER")
    bus.forget(UniverseChanged, "")
    assert bus.retained(QuoteChanged) == {"QQQ"}
    assert bus.retained(UniverseChanged) == frozenset()
    assert bus.subscribe(topic(QuoteChanged, "SPY")).drain() == []


def test_a_watcher_gets_its_keys_and_no_others():
    bus = Bus()
    mailbox = bus.subscribe(topic(QuoteChanged, "SPY"), topic(NoticePosted))
    for event in (quote("SPY"), quote("QQQ"), NOTICE):
        bus.publish(event)
    assert [type(event).__name__ for event in mailbox.drain()] == ["QuoteChanged", "NoticePosted"]


def test_a_fact_comes_once_to_a_watcher_of_both_its_key_and_all_keys():
    bus = Bus()
    mailbox = bus.subscribe(topic(NoticePosted), topic(NoticePosted, ""), topic(NoticePosted))
    bus.publish(NOTICE)
    assert mailbox.drain() == [NOTICE]


def test_interest_says_what_is_watched_and_followers_hear_of_each_change():
    bus = Bus()
    heard: list[frozenset[str]] = []
    bus.on_interest(lambda: heard.append(bus.interest(QuoteChanged)))
    assert bus.interest(QuoteChanged) == frozenset()
    first = bus.subscribe(topic(QuoteChanged, "SPY"))
    second = bus.subscribe(topic(QuoteChanged, "SPY"), topic(QuoteChanged, "QQQ"))
    every = bus.subscribe(topic(QuoteChanged))
    assert bus.interest(QuoteChanged) == {"SPY", "QQQ", ALL_KEYS}
    assert bus.watchers == 3
    for mailbox in (every, first, second):
        mailbox.close()
    assert bus.interest(QuoteChanged) == frozenset()
    assert bus.watchers == 0
    assert heard == [{"SPY"}, {"SPY", "QQQ"}, {"SPY", "QQQ", ALL_KEYS}, {"SPY", "QQQ"}, {"SPY", "QQQ"}, frozenset()]


def test_a_follower_that_fails_does_not_keep_the_others_from_hearing(caplog):
    bus = Bus()
    heard = []
    bus.on_interest(lambda: 1 / 0)
    bus.on_interest(lambda: heard.append(1))
    bus.subscribe(topic(QuoteChanged))
    assert heard == [1]
    assert "failed" in caplog.text


def test_a_reader_that_was_cut_off_is_fed_no_more_and_no_longer_of_interest():
    bus = Bus()
    slow = bus.subscribe(topic(NoticePosted), capacity=2)
    quick = bus.subscribe(topic(NoticePosted))
    for _ in range(3):
        bus.publish(NOTICE)
    assert slow.drain() == [WatcherCutOff(missed=3)]
    assert bus.watchers == 1
    assert len(quick.drain()) == 3


def test_a_handler_may_close_a_mailbox_while_events_are_published():
    bus = Bus()
    first, second = bus.subscribe(topic(UniverseChanged)), bus.subscribe(topic(UniverseChanged))
    bus.on_interest(second.close)
    first.close()
    bus.publish(UniverseChanged(symbols=(Symbol("SPY"),)))
    assert second.drain() == []


def test_closing_the_bus_brings_every_reader_to_its_end():
    bus = Bus()
    mailbox = bus.subscribe(topic(QuoteChanged), topic(NoticePosted))
    bus.close()
    assert mailbox.closed
    assert bus.watchers == 0


async def test_an_update_through_the_bus_costs_a_small_part_of_a_queue_a_message():
    """A ratio within one run: columns conflated at the mailbox against one asyncio.Queue item an update."""
    bus, event, rows = Bus(), quote("SPY"), 500
    mailbox = bus.subscribe(topic(QuoteChanged, "SPY"))
    begun = time.perf_counter()
    for _ in range(200):  # a batch of 500 rows is one event
        bus.publish(event)
        mailbox.drain()
    ours = (time.perf_counter() - begun) / (200 * rows)
    queue: asyncio.Queue[int] = asyncio.Queue()

    async def read() -> None:
        for _ in range(20_000):
            await queue.get()

    reader = asyncio.ensure_future(read())
    begun = time.perf_counter()
    for number in range(20_000):
        queue.put_nowait(number)
        if number % 10 == 0:
            await asyncio.sleep(0)
    await reader
    theirs = (time.perf_counter() - begun) / 20_000
    assert theirs / ours > 20
