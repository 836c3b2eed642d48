"""Time, running work, threads, and names that do not repeat."""

import asyncio
import threading

import pytest

from engine.domain.ids import UtcNanos
from engine.kernel.clock import Clock, FrozenClock
from engine.kernel.ids import new_run_id, new_token
from engine.kernel.offload import Offload
from engine.kernel.tasks import Tasks

AT = UtcNanos(1_795_000_000_000_000_000)


def test_a_market_without_a_clock_of_its_own_keeps_the_walls_time():
    clock = FrozenClock(AT)
    clock.advance(UtcNanos(AT - 5))
    assert clock.now() == clock.wall() == AT


def test_a_market_with_its_own_clock_has_the_feeds_time_and_never_runs_back():
    clock = FrozenClock(AT, own=True)
    assert clock.now() == AT
    clock.advance(UtcNanos(100))
    clock.advance(UtcNanos(50))
    assert clock.now() == 100
    clock.restart(own=True)
    clock.advance(UtcNanos(50))
    assert clock.now() == 50


def test_a_frozen_clock_moves_only_when_told():
    clock = FrozenClock(AT)
    before = clock.monotonic()
    clock.pass_time(1.5)
    assert clock.wall() == AT + 1_500_000_000
    assert clock.monotonic() == before + 1.5


def test_the_wall_clock_is_in_nanoseconds_and_goes_on():
    clock = Clock()
    assert 1.7e18 < clock.wall() <= clock.wall()
    assert clock.monotonic() <= clock.monotonic()


async def test_a_task_that_crashes_is_logged_and_told_of(caplog):
    told = []
    tasks = Tasks(on_crash=lambda name, error: told.append((name, str(error))))

    async def crash() -> None:
        raise RuntimeError("boom")

    with pytest.raises(RuntimeError):
        await tasks.spawn(crash(), name="the pump")
    await asyncio.sleep(0)
    assert told == [("the pump", "boom")]
    assert "the pump ended by a fault" in caplog.text
    assert len(tasks) == 0


async def test_closing_cancels_and_waits_even_for_tasks_that_spawn_others_as_they_end():
    tasks = Tasks()
    ended = []

    async def child() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("child")

    async def parent() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            tasks.spawn(child(), name="child")
            await asyncio.sleep(0.01)
            ended.append("parent")

    tasks.spawn(parent(), name="parent")
    await asyncio.sleep(0)
    await tasks.close()
    assert ended == ["parent", "child"]
    assert len(tasks) == 0


async def test_a_task_may_close_the_tasks_it_belongs_to():
    tasks = Tasks()
    await asyncio.wait_for(tasks.spawn(tasks.close(), name="closer"), 5)


async def test_heavy_work_runs_in_another_thread_and_its_error_comes_back():
    offload = Offload(threads=1)
    assert await offload.run(threading.get_ident) != threading.get_ident()
    assert await offload.run(divmod, 7, 3) == (2, 1)
    with pytest.raises(ZeroDivisionError):
        await offload.run(divmod, 7, 0)
    offload.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("optix-work")]


def test_run_ids_say_when_and_never_repeat():
    names = {new_run_id(AT) for _ in range(200)}
    assert len(names) == 200
    assert all(name.startswith("20261118T") for name in names)
    assert len(new_token()) == 64
