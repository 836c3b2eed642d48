"""What a watcher gets, and when it is woken."""

import asyncio
import threading

import pytest

from engine.domain.ids import UtcNanos
from engine.kernel.mailbox import Mailbox
from engine.messages.events import NoticeLevel, NoticePosted, UniverseChanged, WatcherCutOff


def notice(number: int) -> NoticePosted:
    return NoticePosted(at=UtcNanos(number), level=NoticeLevel.INFO, title=str(number))


def universe(*names: str) -> UniverseChanged:
    return UniverseChanged(symbols=names)


def put_state(mailbox: Mailbox, event: UniverseChanged, key: str = "") -> bool:
    return mailbox.put(event, ("UniverseChanged", key))


def put_fact(mailbox: Mailbox, number: int) -> bool:
    return mailbox.put(notice(number), ("NoticePosted", ""))


def test_states_of_one_key_are_conflated_to_the_newest():
    mailbox = Mailbox()
    for name in ("A", "B", "C"):
        put_state(mailbox, universe(name))
    put_state(mailbox, universe("other"), "key")
    assert mailbox.drain() == [universe("C"), universe("other")]
    assert mailbox.drain() == []


def test_facts_are_all_kept_in_their_order_and_a_state_stands_where_its_newest_value_came():
    mailbox = Mailbox()
    put_state(mailbox, universe("A"))
    put_fact(mailbox, 1)
    put_fact(mailbox, 2)
    put_state(mailbox, universe("B"))
    assert mailbox.drain() == [notice(1), notice(2), universe("B")]


def test_a_reader_who_lets_too_many_facts_wait_is_cut_off_and_told_how_many_it_missed():
    left = []
    mailbox = Mailbox(capacity=3)
    mailbox.on_close = lambda: left.append(True)
    assert all(put_fact(mailbox, number) for number in range(3))
    assert not put_fact(mailbox, 3)
    assert not put_fact(mailbox, 4)
    assert left == [True]
    assert mailbox.drain() == [WatcherCutOff(missed=4)]
    assert mailbox.closed
    assert mailbox.drain() == []


def test_states_never_cut_a_reader_off():
    mailbox = Mailbox(capacity=1)
    for number in range(1_000):
        put_state(mailbox, universe(str(number)), str(number))
    assert len(mailbox.drain()) == 1_000
    assert not mailbox.closed


def test_reading_makes_room_again():
    mailbox = Mailbox(capacity=2)
    for number in range(50):
        assert put_fact(mailbox, number)
        if number % 2:
            mailbox.drain()
    assert not mailbox.closed


def test_what_waited_when_the_mailbox_closed_can_still_be_read():
    mailbox = Mailbox()
    put_fact(mailbox, 1)
    mailbox.close()
    mailbox.close()
    assert not put_fact(mailbox, 2)
    assert mailbox.drain() == [notice(1)]


async def test_iteration_ends_when_the_mailbox_is_closed_and_read_out():
    mailbox = Mailbox()
    put_fact(mailbox, 1)
    put_fact(mailbox, 2)
    mailbox.close()
    assert [event async for event in mailbox] == [notice(1), notice(2)]


async def test_a_waiting_reader_is_released_by_close():
    mailbox = Mailbox()
    reading = asyncio.ensure_future(mailbox.batch())
    await asyncio.sleep(0)
    mailbox.close()
    assert await asyncio.wait_for(reading, 5) == []


async def test_a_waiting_reader_hears_that_it_was_cut_off():
    mailbox = Mailbox(capacity=0)
    reading = asyncio.ensure_future(anext(mailbox))
    await asyncio.sleep(0)
    put_fact(mailbox, 1)
    assert await asyncio.wait_for(reading, 5) == WatcherCutOff(missed=1)
    with pytest.raises(StopAsyncIteration):
        await anext(mailbox)


async def test_a_burst_from_another_thread_wakes_the_reader_once():
    loop = asyncio.get_running_loop()
    mailbox = Mailbox()
    woken = []
    call = loop.call_soon_threadsafe
    loop.call_soon_threadsafe = lambda *arguments, **named: (woken.append(1), call(*arguments, **named))[1]
    try:
        reading = asyncio.ensure_future(mailbox.batch())
        await asyncio.sleep(0)
        burst = threading.Thread(target=lambda: [put_fact(mailbox, number) for number in range(1_000)])
        burst.start()
        burst.join()
        events = await asyncio.wait_for(reading, 5)
    finally:
        del loop.call_soon_threadsafe
    assert len(events) == 1_000
    assert len(woken) == 1


async def test_nothing_is_lost_between_threads_that_write_and_a_loop_that_reads():
    mailbox = Mailbox(capacity=10**6)
    writers = [
        threading.Thread(target=lambda first=first: [put_fact(mailbox, number) for number in range(first, 20_000, 4)]) for first in range(4)
    ]
    for writer in writers:
        writer.start()
    seen: list[int] = []
    async with asyncio.timeout(30):
        while len(seen) < 20_000:
            seen += [event.at for event in await mailbox.batch()]
    assert sorted(seen) == list(range(20_000))


def test_a_writer_survives_a_reader_whose_loop_is_gone():
    mailbox = Mailbox()

    async def wait_in_vain() -> None:
        waiting = asyncio.ensure_future(mailbox.batch())
        await asyncio.sleep(0)
        held.append(waiting)
        held.append(mailbox._wake)

    held: list = []
    loop = asyncio.new_event_loop()
    loop.run_until_complete(wait_in_vain())
    waiting = held[0]
    waiting.cancel()
    loop.run_until_complete(asyncio.gather(waiting, return_exceptions=True))
    loop.close()
    mailbox._wake = held[1]
    writer = threading.Thread(target=put_fact, args=(mailbox, 1))
    writer.start()
    writer.join()
    assert mailbox.closed
