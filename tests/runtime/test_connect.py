"""One engine a data folder: who attaches, who hosts, who stays private, and what becomes of it when the owner ends."""

import asyncio
import gc
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest

from engine.api import (
    BadInput,
    EngineChanged,
    EngineGone,
    EngineRole,
    GetChain,
    GetDatabaseInfo,
    GetExpirations,
    GetStatus,
    NotConfigured,
    Refused,
    StatusChanged,
    StopEngine,
    Symbol,
    connect,
    owner_of,
    topic,
)
from engine.domain.instants import SECOND_NS
from engine.runtime import address as address_module
from engine.runtime.handover import LastingEngine
from engine.runtime.hosted import HostedEngine
from engine.runtime.local import LocalEngine
from engine.runtime.owner import Ownership, owner_note
from engine.runtime.remote import RemoteEngine
from tests.kit.engine import until
from tests.kit.equal import same
from tests.kit.hosts import Host
from tests.kit.market import NOON

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets and signals")
SPY = Symbol("SPY")


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """The same numbers, whichever tier each process computed them in: the last digits may differ between the two."""
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-9, atol=0.0, equal_nan=True)


async def chain_of(engine: object) -> object:
    answer = await engine.ask(GetChain(symbol=SPY, everything=True))
    assert len(answer.slices) == 2
    return answer


async def test_the_first_hosts_the_second_attaches_and_both_show_the_same_numbers(still):
    first = await connect()
    second = await connect()
    one_shot = await connect(host=False)
    assert isinstance(first, HostedEngine)
    assert isinstance(second, LastingEngine)
    assert isinstance(one_shot, RemoteEngine)
    assert owner_of() == os.getpid()
    assert (await first.ask(GetStatus())).role is EngineRole.OWNER
    answers = [await chain_of(engine) for engine in (first, second, one_shot)]
    assert same(answers[0], answers[1])
    assert same(answers[0], answers[2])
    for engine in (one_shot, second, first):
        await engine.close()
    assert owner_of() is None


async def test_many_that_start_at_once_end_up_with_one_owner(still):
    engines = await asyncio.gather(*(connect() for _ in range(6)))
    assert sum(isinstance(engine, HostedEngine) for engine in engines) == 1
    runs = {(await engine.ask(GetStatus())).run for engine in engines}
    assert len(runs) == 1
    for engine in sorted(engines, key=lambda engine: isinstance(engine, HostedEngine)):
        await engine.close()


async def test_one_command_alone_gets_a_private_engine_that_nobody_attaches_to(still):
    engine = await connect(host=False)
    assert isinstance(engine, LocalEngine)
    assert (await engine.ask(GetStatus())).role is EngineRole.PRIVATE
    assert owner_of() is None
    assert len((await engine.ask(GetExpirations(symbol=SPY))).expiries) == 2
    hosted = await connect()
    assert isinstance(hosted, HostedEngine)
    await hosted.close()
    await engine.close()


async def test_one_command_leaves_no_trace_in_the_history_but_can_read_it(still):
    engine = await connect(host=False)
    await chain_of(engine)
    assert list((still / "data").glob("*.duckdb")) == []
    info = await engine.ask(GetDatabaseInfo())
    assert Path(info.path).parent == still / "data"
    assert all(table.rows == 0 for table in info.tables)
    await engine.close()


async def test_an_owner_records(still):
    engine = await connect()
    await chain_of(engine)
    await until((still / "data" / "sim.duckdb").exists)

    async def rows() -> int:
        return sum(table.rows for table in (await engine.ask(GetDatabaseInfo())).tables)

    async with asyncio.timeout(60):
        while await rows() <= 10:  # noqa: ASYNC110 (the store has no event for it)
            await asyncio.sleep(0.02)
    await engine.close()


async def test_another_market_than_the_owners_opens_a_private_engine_on_a_scratch_store(still, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    owner = await connect()
    other = await connect(feed="synthetic", options={"speed": 2.0})
    status = await other.ask(GetStatus())
    assert (status.role, status.source, status.speed) == (EngineRole.PRIVATE, "synthetic", 2.0)
    assert (await owner.ask(GetStatus())).source == "still"
    info = await other.ask(GetDatabaseInfo())
    assert scratch in Path(info.path).parents
    await other.close()
    assert [place.name for place in scratch.iterdir() if place.name != f"optix-{os.getuid()}"] == []
    await owner.close()


async def test_the_owners_own_market_by_its_name_attaches_and_with_other_options_does_not(still):
    owner = await connect()
    same_market = await connect(feed="still", host=False)
    assert isinstance(same_market, RemoteEngine)
    seeded = await connect(feed="still", options={"seed": 3}, host=False)
    assert isinstance(seeded, LocalEngine)
    for engine in (same_market, seeded, owner):
        await engine.close()


async def test_a_market_out_of_a_file_is_always_private(still, tmp_path):
    from tests.kit.chainfiles import cboe_json

    path = tmp_path / "chain.json"
    path.write_bytes(cboe_json())
    engine = await connect(f"file:{path}")
    assert isinstance(engine, HostedEngine)
    status = await engine.ask(GetStatus())
    assert (status.role, str(status.source)) == (EngineRole.PRIVATE, "file:chain.json")
    assert owner_of() is None
    await engine.close()


async def test_local_refuses_where_there_is_an_owner_and_names_its_process(still):
    owner = await connect()
    with pytest.raises(Refused, match=f"process {os.getpid()} runs the engine"):
        await connect("local")
    await owner.close()
    forced = await connect("local")
    assert isinstance(forced, HostedEngine)
    await forced.close()


async def test_remote_refuses_where_there_is_none(still):
    with pytest.raises(NotConfigured, match="no engine runs"):
        await connect("remote")
    owner = await connect()
    attached = await connect("remote")
    assert isinstance(attached, RemoteEngine)
    await attached.close()
    await owner.close()


@pytest.mark.parametrize(
    ("feed", "words"),
    [
        ("nosuchfeed", "no feed 'nosuchfeed'"),
        ("still:argument", "takes nothing behind a colon"),
        ("tape", "needs the path"),
        ("file:/no/such/file.json", "file.json"),
        (":", "names no feed"),
    ],
)
@pytest.mark.parametrize("host", [True, False])
async def test_a_market_that_cannot_be_opened_says_why_and_leaves_nothing_behind(still, feed, words, host):
    with pytest.raises(Exception, match=words) as refusal:
        await connect(feed=feed, host=host)
    assert refusal.value.exit_code in {2, 4}
    assert owner_of() is None
    ownership = Ownership.take(still / "data")
    assert ownership is not None
    ownership.release()
    await until(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith("optix")])


async def test_a_bad_configuration_is_told_before_anything_starts(still):
    (still / "config").mkdir(parents=True)
    (still / "config" / "config.toml").write_text("terminal.theme = 'mauve'\n")
    with pytest.raises(BadInput, match=r"terminal\.theme cannot be 'mauve'"):
        await connect()


async def test_when_the_owner_ends_an_attached_terminal_hosts_and_says_so(still):
    owner = await connect()
    terminal = await connect()
    watching = terminal.watch(topic(EngineChanged), topic(StatusChanged))
    await asyncio.wait_for(anext(watching), 60)
    await owner.close()
    async with asyncio.timeout(60):
        while not isinstance(event := await anext(watching), EngineChanged):
            pass
    assert "runs in this terminal now" in event.text
    status = await terminal.ask(GetStatus())
    assert (status.role, status.pid) == (EngineRole.OWNER, os.getpid())
    await chain_of(terminal)
    late = await connect(host=False)
    assert isinstance(late, RemoteEngine)
    await late.close()
    await terminal.close()
    assert owner_of() is None


async def test_of_several_attached_terminals_one_hosts_and_the_others_attach_to_it(still):
    owner = await connect()
    terminals = [await connect() for _ in range(4)]
    watchings = [terminal.watch(topic(EngineChanged)) for terminal in terminals]
    await owner.close()
    async with asyncio.timeout(60):
        said = [(await anext(watching)).text for watching in watchings]
    assert sum("runs in this terminal now" in text for text in said) == 1
    assert len({(await terminal.ask(GetStatus())).run for terminal in terminals}) == 1
    for terminal in sorted(terminals, key=lambda terminal: isinstance(terminal.engine, HostedEngine)):
        await terminal.close()
    assert owner_of() is None


async def test_one_command_that_is_attached_does_not_host_when_the_owner_ends(still):
    owner = await connect()
    command = await connect(host=False)
    await owner.close()
    with pytest.raises(EngineGone):
        await command.ask(GetStatus())
    assert owner_of() is None
    await command.close()


async def test_a_daemon_is_attached_to_and_when_it_is_killed_the_terminal_goes_on(still):
    host = Host(still)
    try:
        note = await asyncio.to_thread(host.wait_until_open)
        assert note.pid == host.process.pid
        terminal = await connect()
        status = await terminal.ask(GetStatus())
        assert (status.pid, status.source) == (host.process.pid, "still")
        before = await chain_of(terminal)
        watching = terminal.watch(topic(EngineChanged))
        host.kill()
        async with asyncio.timeout(60):
            changed = await anext(watching)
            assert f"process {host.process.pid} ended" in changed.text
            assert (await terminal.ask(GetStatus())).pid == os.getpid()
            while not alike((await chain_of(terminal)).slices[0].iv, before.slices[0].iv):  # noqa: ASYNC110 (the engine has no event for it)
                await asyncio.sleep(0.05)
        await terminal.close()
    finally:
        host.end()


async def test_a_second_daemon_ends_at_once_with_the_owners_process(still):
    host = Host(still)
    try:
        await asyncio.to_thread(host.wait_until_open)
        code, words = await asyncio.to_thread(Host(still).end, signal.SIGCONT)
        assert code == 5
        assert f"process {host.process.pid} runs the engine" in words
        assert "Traceback" not in words
    finally:
        code, words = host.end()
    assert code == 0
    assert "reached at" in words
    assert "the engine ends" in words
    assert owner_note(still / "data") is None


async def test_a_daemon_ends_when_it_is_told_and_an_open_terminal_does_not(still):
    host = Host(still)
    await asyncio.to_thread(host.wait_until_open)
    engine = await connect(host=False)
    assert (await engine.do(StopEngine())).text == "the engine ends"
    await asyncio.to_thread(host.process.wait, 20)
    assert host.end()[0] == 0
    await engine.close()
    terminal = await connect()
    with pytest.raises(Refused, match="open terminal"):
        await terminal.do(StopEngine())
    await terminal.close()


async def test_a_daemon_on_a_file_is_refused(still):
    host = Host(still, OPTIX_FEED__DEFAULT="tape:x.tape")
    code, words = await asyncio.to_thread(host.end, signal.SIGCONT)
    assert code == 5
    assert "out of a file" in words


async def test_an_owner_that_is_stopped_is_named_instead_of_waited_for_without_end(still, monkeypatch):
    monkeypatch.setattr("engine.runtime.connect.ATTACH_SECONDS", 0.3)
    monkeypatch.setattr("engine.runtime.remote.RemoteEngine.connect", _nobody_answers)
    held = Ownership.take(still / "data")
    from engine.domain.ids import RunId
    from engine.runtime.address import Address
    from engine.runtime.owner import OwnerNote

    held.note(OwnerNote(pid=4242, version="1", run=RunId(""), feed="still", address=Address(socket="x")))
    for host in (True, False):
        with pytest.raises(Refused, match=r"process 4242 .* does not answer"):
            await connect(host=host)
    held.release()


async def _nobody_answers(*_: object, **__: object) -> None:
    raise EngineGone("nobody answers")


async def test_closing_leaves_no_task_no_thread_no_lock_no_socket_and_no_open_file(still):
    def handles() -> int:
        gc.collect()
        place = Path("/proc/self/fd")
        return sum(1 for _ in place.iterdir()) if place.is_dir() else 0

    async def life() -> None:
        owner = await connect()
        attached = await connect()
        await chain_of(attached)
        attached.watch(topic(StatusChanged))
        await attached.close()
        await owner.close()

    await life()
    before = handles()
    socket = address_module.socket_path(still / "data")
    for _ in range(3):
        await life()
    assert not socket.exists()
    assert owner_of() is None
    assert [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith(("optix", "history"))] == []
    assert handles() <= before


async def test_the_status_of_an_attached_engine_tells_market_time_not_wall_time(still):
    engine = await connect(host=False)
    await chain_of(engine)
    status = await engine.ask(GetStatus())
    assert status.own_clock
    assert status.market_time == NOON
    await engine.close()


async def test_the_next_host_goes_on_with_the_simulated_market_where_the_last_one_left_it(still, monkeypatch):
    monkeypatch.setenv("OPTIX_FEED__DEFAULT", "synthetic")
    owner = await connect(options={"seed": 11, "start": "2026-11-20", "speed": 100.0, "symbols": "SPY"})
    terminal = await connect()
    assert isinstance(terminal, LastingEngine)
    watching = terminal.watch(topic(EngineChanged), topic(StatusChanged))
    start, reached = None, 0
    async with asyncio.timeout(60):
        while start is None or reached < start + 30 * SECOND_NS:
            event = await anext(watching)
            if isinstance(event, StatusChanged):
                reached = event.status.market_time
                start = start or reached
    await owner.close()
    async with asyncio.timeout(60):
        while not isinstance(event := await anext(watching), EngineChanged):
            reached = event.status.market_time
    assert "its market goes on from" in event.text
    status = await terminal.ask(GetStatus())
    assert status.market_time >= reached
    assert (status.speed, status.continuation["seed"]) == (100.0, 11)
    assert "seed 11" in status.feed_note
    assert owner_note(still / "data").options["start"] == "2026-11-20"
    again = await connect(options={"seed": 11})
    assert isinstance(again, LastingEngine)
    await again.close()
    await terminal.close()


async def test_a_market_that_cannot_be_gone_on_with_is_said_to_begin_again(still):
    owner = await connect()
    terminal = await connect()
    watching = terminal.watch(topic(EngineChanged), topic(StatusChanged))
    async with asyncio.timeout(60):
        while not isinstance(await anext(watching), StatusChanged):
            pass
        await until(lambda: terminal._last_status() is not None)
        await owner.close()
        while not isinstance(event := await anext(watching), EngineChanged):
            pass
    assert "runs in this terminal now, and its market began again" in event.text
    await terminal.close()
