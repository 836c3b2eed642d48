"""What killed engines leave is cleared away; what lives, is young, is a stranger's or bears another name is not."""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from engine.domain.instants import SECOND_NS
from engine.runtime import hosting as hosting_module
from engine.runtime import leftovers as leftovers_module
from engine.runtime.leftovers import PREFIX, scratch_folder, sweep
from engine.runtime.owner import LOCK_FILE, Ownership
from tests.kit.engine import until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets and process numbers")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where scratch folders are made, and (short enough for sockets) where sockets stand."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(leftovers_module, "socket_folders", lambda: [tmp_path])
    return tmp_path


@pytest.fixture
def dead_process() -> int:
    """The number of a process that has ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def later(path: Path, seconds: float = 120.0) -> int:
    """An instant so long after the entry was touched."""
    return path.lstat().st_mtime_ns + round(seconds * SECOND_NS)


def abandoned(place: Path, process: int, name: str = "abc_1") -> Path:
    folder = place / f"{PREFIX}{process}-{name}"
    (folder / "cache").mkdir(parents=True)
    (folder / "sim.duckdb").write_bytes(b"x")
    (folder / LOCK_FILE).touch()
    return folder


def listening(path: Path) -> socket.socket:
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    bound.bind(str(path))
    bound.listen(1)
    return bound


def test_the_scratch_folder_of_a_dead_process_goes_and_once_gone_nothing_is_left_to_do(place: Path, dead_process: int):
    folder = abandoned(place, dead_process)
    now = later(folder)
    assert sweep(now) == [folder]
    assert not folder.exists()
    assert sweep(now) == []


def test_a_living_engines_scratch_folder_stays_by_its_process_and_by_its_lock(place: Path, dead_process: int):
    folder, held = scratch_folder()
    assert folder.parent == place
    by_process = abandoned(place, os.getpid(), "mine")
    by_lock = abandoned(place, dead_process, "locked")  # as of a process in another container
    lock = Ownership.take(by_lock)
    assert sweep(later(by_lock)) == []
    assert folder.exists()
    assert by_process.exists()
    assert by_lock.exists()
    assert lock is not None
    lock.release()
    held.release()


def test_what_is_young_or_bears_another_name_or_is_a_link_stays(place: Path, dead_process: int):
    young = abandoned(place, dead_process, "young")
    assert sweep(later(young, 30.0)) == []
    target = abandoned(place, dead_process, "target")
    others = [place / "optix-abcdefgh", place / f"{PREFIX}x-1", place / f"my-{PREFIX}{dead_process}-a"]
    for other in others:
        other.mkdir()
        (other / LOCK_FILE).touch()
    link = place / f"{PREFIX}{dead_process}-link"
    link.symlink_to(others[0])
    unlocked = place / f"{PREFIX}{dead_process}-bare"
    unlocked.mkdir()
    file = place / f"{PREFIX}{dead_process}-file"
    file.touch()
    assert set(sweep(later(file))) == {young, target}
    assert all(other.exists() for other in (*others, link, unlocked, file))


def test_a_strangers_folder_stays(place: Path, dead_process: int, monkeypatch: pytest.MonkeyPatch):
    folder = abandoned(place, dead_process)
    now, user = later(folder), os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: user + 1)
    assert sweep(now) == []
    assert folder.exists()


def test_a_socket_on_which_nobody_listens_goes_and_one_with_a_listener_stays(place: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(place)  # a socket's path must be short
    dead, alive, other = (place / name for name in ("0123456789abcdef.sock", "fedcba9876543210.sock", "somebody.sock"))
    listening(Path(dead.name)).close()
    listening(Path(other.name)).close()
    living = listening(Path(alive.name))
    try:
        monkeypatch.setattr(leftovers_module, "socket_folders", lambda: [Path()])
        assert [path.name for path in sweep(later(dead, 30.0))] == []
        assert [path.name for path in sweep(later(dead))] == [dead.name]
        assert alive.exists()
        assert other.exists()
    finally:
        living.close()


def test_a_folder_that_is_not_there_troubles_nobody(place: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(leftovers_module, "socket_folders", lambda: [place / "none"])
    assert sweep(0) == []


async def test_the_next_engine_that_starts_sweeps(still: Path, place: Path, dead_process: int, monkeypatch: pytest.MonkeyPatch):
    from engine.api import connect

    monkeypatch.setattr(hosting_module, "SWEEP_AFTER_SECONDS", 0.0)
    folder = abandoned(place, dead_process)
    os.utime(folder, (1.0, 1.0))
    engine = await connect()
    await until(lambda: not folder.exists(), seconds=60)
    await engine.close()
