import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pytest

from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS
from engine.domain.volatility import SurfaceModel
from engine.storage import opening, opening_turn
from engine.storage.migration import apply_migrations, migrations, newest_version, schema_version
from engine.storage.notice import StoreNotice
from engine.storage.opening import connect, open_store_file
from engine.storage.trouble import StoreTrouble, Trouble
from tests.kit.market import NOON
from tests.kit.marks import surface
from tests.kit.storage import look, opened

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "live.duckdb"


def _open(path: Path) -> tuple[duckdb.DuckDBPyConnection, list[StoreNotice]]:
    notices: list[StoreNotice] = []
    return open_store_file(path, notices), notices


def _made(path: Path) -> None:
    connection, _ = _open(path)
    connection.execute("INSERT INTO sources VALUES (1, 'venue', '')")
    connection.close()


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A store whose last 40 commits stand in its log alone, as a kill leaves it: the file and its log."""
    path = tmp_path_factory.mktemp("killed") / "live.duckdb"
    _made(path)
    code = (
        "import os; from pathlib import Path; from engine.storage.opening import connect\n"
        f"connection = connect(Path({str(path)!r}))\n"
        "for number in range(2, 42): connection.execute('INSERT INTO sources VALUES (?, ?, ?)', [number, f'venue {number}', ''])\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT)
    return path.read_bytes(), path.with_name("live.duckdb.wal").read_bytes()


def _lay(path: Path, file: bytes, log: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file)
    path.with_name(f"{path.name}.wal").write_bytes(log)


@pytest.fixture(scope="module")
def version_1(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file as version 1 of the schema left it, with rows in it."""
    return _left_by(1, tmp_path_factory.mktemp("version-1") / "live.duckdb")


@pytest.fixture(scope="module")
def version_2(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The same of version 2."""
    return _left_by(2, tmp_path_factory.mktemp("version-2") / "live.duckdb")


def _left_by(version: int, path: Path) -> bytes:
    connection = connect(path)
    apply_migrations(connection, upto=version)
    connection.execute("INSERT INTO sources VALUES (1, 'venue', '')")
    connection.execute("INSERT INTO runs VALUES (1, 'old run', 1, 5)")
    connection.execute("INSERT INTO symbols VALUES (1, 'SPY', 1, 1)")
    connection.execute("INSERT INTO instruments VALUES (1, 'SPY', 1, NULL, NULL, 0, 1, 1)")
    connection.execute("INSERT INTO series (id, series, symbol_id, source_id, run_id) VALUES (1, 'SPY/2026-12-18/PM', 1, 1, 1)")
    connection.execute(
        "INSERT INTO quotes (ts, instrument_id, bid, ask, bid_size, ask_size, source_id, run_id) "
        "SELECT range, 1, 10.0, 10.1, 1, 1, 1, 1 FROM range(1000)"
    )
    connection.execute(
        "INSERT INTO snapshots (id, symbol_id, ts, kind, spot, contracts, source_id, run_id) VALUES (1, 1, 5, 'periodic', 10.0, 0, 1, 1)"
    )
    connection.close()
    return path.read_bytes()


@pytest.fixture
def old(path: Path, version_1: bytes) -> Path:
    """A store of version 1 where the store is looked for."""
    path.parent.mkdir()
    path.write_bytes(version_1)
    return path


@pytest.fixture
def of_version_3(path: Path, tmp_path: Path) -> Path:
    """A store of version 3 where the store is looked for."""
    path.parent.mkdir()
    path.write_bytes(_left_by(3, tmp_path / "version-3.duckdb"))
    return path


@pytest.fixture
def of_version_2(path: Path, version_2: bytes) -> Path:
    """A store of version 2 where the store is looked for."""
    path.parent.mkdir()
    path.write_bytes(version_2)
    return path


def test_a_new_store_is_made_whole_at_the_newest_schema(path: Path) -> None:
    connection, notices = _open(path)
    assert schema_version(connection) == newest_version()
    assert notices == []
    connection.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["live.duckdb"]


@pytest.mark.bar("F-D-01")
@pytest.mark.parametrize("fatal", ["execute", "publish"])
def test_a_kill_while_the_file_is_made_leaves_nothing_in_the_way(path: Path, fatal: str) -> None:
    code = (
        "import os; from pathlib import Path; from engine.storage import opening, migration\n"
        "die = lambda *_, **__: os.kill(os.getpid(), 9)\n"
        + (
            "opening.publish = die\n"
            if fatal == "publish"
            else "opening.apply_migrations = lambda connection: (connection.execute(migration.migrations()[0].sql), die())\n"
        )
        + f"opening.open_store_file(Path({str(path)!r}), [])"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT)
    assert ended.returncode == -9
    assert not path.exists()
    connection, notices = _open(path)
    assert schema_version(connection) == newest_version()
    assert notices == []
    connection.close()
    assert [entry.name for entry in path.parent.iterdir()] == ["live.duckdb"]


def test_processes_that_begin_a_store_together_make_one_and_lose_nothing(path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from engine.storage import opening\n"
        "make = opening.apply_migrations\n"
        "opening.apply_migrations = lambda connection: (time.sleep(0.3), make(connection))\n"
        "opening.PATIENCE_SECONDS = 60.0\n"
        f"connection = opening.open_store_file(Path({str(path)!r}), [])\n"
        "connection.execute('INSERT INTO sources VALUES (?, ?, ?)', [int(sys.argv[1]), sys.argv[1], ''])\n"
        "connection.close()"
    )
    began = [subprocess.Popen([sys.executable, "-c", code, str(number)], cwd=ROOT) for number in (1, 2, 3)]
    assert [one.wait() for one in began] == [0, 0, 0]
    assert look(path, "SELECT id FROM sources ORDER BY id") == [(1,), (2,), (3,)]
    assert [entry.name for entry in path.parent.iterdir()] == ["live.duckdb"]


def test_a_store_that_another_holds_for_a_moment_is_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _made(path)
    held = iter([True, True, False])

    def held_at_first(of: Path) -> duckdb.DuckDBPyConnection:
        if next(held):
            raise duckdb.IOException("Could not set lock on file: Conflicting lock is held in python (PID 7)")
        return connect(of)

    monkeypatch.setattr(opening, "connect", held_at_first)
    monkeypatch.setattr(opening, "PATIENCE_SECONDS", 60.0)
    connection, _ = _open(path)
    connection.close()
    assert next(held, None) is None


@pytest.mark.skipif(sys.platform == "win32", reason="a folder cannot be locked there")
def test_a_turn_that_never_comes_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening_turn, "PATIENCE_SECONDS", 0.05)
    path.parent.mkdir()
    with opening_turn.opening_turn(path.parent), pytest.raises(StoreTrouble, match="Another process is opening a history") as caught:
        _open(path)
    assert caught.value.kind is Trouble.LOCKED
    _made(path)


def test_the_draft_of_a_living_process_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    mine = path.with_name(f"live.duckdb.creating-{os.getppid()}.tmp")
    mine.write_bytes(b"at work")
    _made(path)
    assert mine.exists()


@pytest.mark.bar("F-D-05")
def test_a_file_of_version_1_is_upgraded_and_the_old_one_kept(path: Path, old: Path) -> None:
    connection, notices = _open(path)
    assert schema_version(connection) == newest_version()
    assert connection.execute("SELECT count(*), sum(ts), min(seconds), max(seconds) FROM quotes").fetchall() == [(1000, 499500, 0, 0)]
    assert connection.execute("SELECT content FROM snapshots").fetchall() == [("",)]
    assert connection.execute("SELECT symbol, name, source, run, count(*) FROM named_quotes GROUP BY ALL").fetchall() == [
        ("SPY", "SPY", "venue", "old run", 1000)
    ]
    connection.close()
    assert "upgraded" in notices[0].title
    kept = path.with_name("live.schema1.duckdb")
    assert look(kept, "SELECT max(version) FROM schema_version") == [(1,)]
    assert look(kept, "SELECT count(*), sum(ts) FROM quotes") == [(1000, 499500)]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.bar("F-D-05")
async def test_a_file_of_version_3_is_upgraded_and_its_archive_is_counted_by_hour(path: Path, of_version_3: Path) -> None:
    with opened(path.parent) as store:
        store.record_surface(surface(at=NOON))
        store.record_surface(surface(at=NOON + DAY_NS))
        await store.flush()
        await store.vacuum()
        assert (await store.stored_hours(Symbol("SPY"))).surfaces.tolist() == [1, 1]
    assert look(path, "SELECT max(version) FROM schema_version") == [(newest_version(),)]
    assert look(path, "SELECT symbol, stored FROM archived_hours") == [("SPY", 1)]
    assert look(path, "SELECT count(*) FROM quotes") == [(0,)], "its quotes were rolled into the archive"


@pytest.mark.bar("F-D-05")
async def test_a_file_of_version_2_is_upgraded_and_takes_surfaces_with_the_terms_it_lacked(path: Path, of_version_2: Path) -> None:
    with opened(path.parent) as store:
        store.record_surface(surface())
        await store.flush()
        found = await store.surface_at(Symbol("SPY"), SurfaceModel.SVI, UtcNanos(NOON))
        assert [entry.series for entry in found.slices] == [entry.series for entry in surface().slices]
        assert [notice.title for notice in store.take_notices()] == ["live.duckdb was upgraded"]
    assert look(path, "SELECT max(version) FROM schema_version") == [(newest_version(),)]
    assert look(path, "SELECT count(*), sum(ts) FROM quotes") == [(1000, 499500)]
    assert look(path, "SELECT count(*), count(tick_small), count(expiry) FROM series") == [(2, 2, 2)]
    assert look(path.with_name("live.schema2.duckdb"), "SELECT max(version) FROM schema_version") == [(2,)]


@pytest.mark.bar("F-D-05")
@pytest.mark.parametrize("step", ["copyfile", "apply_migrations", "publish"])
def test_a_kill_at_any_step_of_an_upgrade_leaves_a_file_that_opens(path: Path, old: Path, step: str) -> None:
    holder = "opening.shutil" if step == "copyfile" else "opening"
    code = (
        "import os; from pathlib import Path; from engine.storage import opening\n"
        f"{holder}.{step} = lambda *_, **__: os.kill(os.getpid(), 9)\n"
        f"opening.open_store_file(Path({str(path)!r}), [])"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT)
    assert ended.returncode == -9
    connection, _ = _open(path)
    assert schema_version(connection) == newest_version()
    assert connection.execute("SELECT count(*), sum(ts) FROM quotes").fetchall() == [(1000, 499500)]
    connection.close()
    assert not list(path.parent.glob("*.tmp*"))


def test_a_migration_that_fails_changes_nothing(path: Path, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    def broken(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("DROP TABLE quotes")
        raise duckdb.BinderException("a mistake in the step")

    monkeypatch.setattr(opening, "apply_migrations", broken)
    with pytest.raises(StoreTrouble, match="a mistake in the step"):
        _open(path)
    monkeypatch.undo()
    assert look(path, "SELECT count(*) FROM quotes") == [(1000,)]
    assert look(path, "SELECT max(version) FROM schema_version") == [(1,)]


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [step.version for step in migrations()] == list(range(1, newest_version() + 1))
    assert newest_version() >= 2


def test_a_schema_of_a_later_optix_is_left_alone_and_said(path: Path) -> None:
    _made(path)
    connection = connect(path)
    connection.execute("INSERT INTO schema_version VALUES (99, 'from_the_future')")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreTrouble, match=r"schema 99.*get a newer OPTIX") as caught:
        _open(path)
    assert caught.value.kind is Trouble.TOO_NEW
    assert path.read_bytes() == before


def test_a_file_of_a_later_duckdb_is_left_alone_and_said(path: Path) -> None:
    _made(path)
    content = bytearray(path.read_bytes())
    content[12] = 200  # the storage version; the checksum before it is made right by what DuckDB says it should be
    path.write_bytes(content)
    with pytest.raises(duckdb.Error, match="computed checksum") as told:
        connect(path)
    checksum = re.search(r"computed checksum (\d+)", str(told.value))
    assert checksum is not None
    content[:8] = int(checksum.group(1)).to_bytes(8, "little")
    path.write_bytes(content)
    with pytest.raises(StoreTrouble, match=r"newer DuckDB.*get a newer OPTIX") as caught:
        _open(path)
    assert caught.value.kind is Trouble.TOO_NEW
    assert path.read_bytes() == content


@pytest.mark.bar("F-D-01")
@pytest.mark.parametrize("harm", ["empty", "cut", "garbage", "header flipped", "another program's"])
def test_a_file_that_cannot_be_opened_is_kept_aside_and_a_new_one_begun(path: Path, harm: str) -> None:
    _made(path)
    content = bytearray(path.read_bytes())
    if harm == "empty":
        content = bytearray()
    elif harm == "cut":
        content = content[:5000]
    elif harm == "garbage":
        content = bytearray(b"not a database " * 1000)
    elif harm == "header flipped":
        content[4096:4200], content[8192:8300] = bytes(104), bytes(108)
    path.write_bytes(content)
    if harm == "another program's":
        path.unlink()
        other = duckdb.connect(str(path))
        other.execute("CREATE TABLE theirs (x INTEGER)")
        other.close()
        content = bytearray(path.read_bytes())
    connection, notices = _open(path)
    assert schema_version(connection) == newest_version()
    connection.close()
    assert len(notices) == 1
    assert "live.damaged.duckdb" in notices[0].text
    assert (path.parent / "live.damaged.duckdb").read_bytes() == bytes(content)


def test_damage_after_damage_is_kept_under_names_of_its_own(path: Path) -> None:
    for content in (b"one", b"two"):
        _made(path) if not path.exists() else None
        path.write_bytes(content)
        _open(path)[0].close()
    kept = sorted(entry.read_bytes() for entry in path.parent.glob("live.damaged*"))
    assert kept == [b"one", b"two"]


def test_a_log_that_a_kill_left_is_taken_in(path: Path, killed: tuple[bytes, bytes]) -> None:
    _lay(path, *killed)
    connection, notices = _open(path)
    assert connection.execute("SELECT count(*) FROM sources").fetchall() == [(41,)]
    assert notices == []
    connection.close()


@pytest.mark.bar("F-D-01")
@pytest.mark.parametrize("cut", [1, 7, 64, 300])
def test_a_torn_log_opens_with_all_but_its_last_commit(path: Path, killed: tuple[bytes, bytes], cut: int) -> None:
    _lay(path, killed[0], killed[1][:-cut])
    connection, _ = _open(path)
    assert 36 <= connection.execute("SELECT count(*) FROM sources").fetchall()[0][0] <= 40
    connection.close()


@pytest.mark.bar("F-D-01")
@pytest.mark.parametrize("zeros", [8, 30, 100])
def test_a_log_with_a_zeroed_tail_opens_with_all_before_it_and_the_damage_is_kept(
    path: Path, killed: tuple[bytes, bytes], zeros: int
) -> None:
    content = killed[1]
    _lay(path, killed[0], content[:-zeros] + bytes(zeros))
    with pytest.raises(duckdb.Error, match="WAL"):
        connect(path)
    connection, notices = _open(path)
    assert connection.execute("SELECT count(*) FROM sources").fetchall()[0][0] >= 38
    connection.execute("INSERT INTO sources VALUES (99, 'after', '')")
    connection.close()
    assert len(notices) == 1
    assert "live.damaged.duckdb.wal" in notices[0].text
    assert (path.parent / "live.damaged.duckdb.wal").read_bytes() == content[:-zeros] + bytes(zeros)
    connection, notices = _open(path)
    assert notices == []
    assert connection.execute("SELECT name FROM sources WHERE id = 99").fetchall() == [("after",)]
    connection.close()


@pytest.mark.bar("F-D-01")
def test_a_flipped_bit_anywhere_in_the_log_never_needs_a_person(path: Path, killed: tuple[bytes, bytes]) -> None:
    database, whole = killed
    random = np.random.default_rng(7)
    for number, position in enumerate(random.integers(0, len(whole), 12)):
        flipped = bytearray(whole)
        flipped[position] ^= 1 << int(random.integers(0, 8))
        target = path.parent / f"flip-{number}" / path.name
        _lay(target, database, flipped)
        connection, _ = _open(target)
        assert connection.execute("SELECT count(*) FROM sources").fetchall()[0][0] >= 1
        connection.close()


def test_without_room_for_a_copy_a_damaged_store_is_kept_aside_whole(
    path: Path, killed: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    _lay(path, killed[0], killed[1][:-30] + bytes(30))
    monkeypatch.setattr(opening, "_SPARE_BYTES", 2**62)
    connection, notices = _open(path)
    assert connection.execute("SELECT count(*) FROM sources").fetchall() == [(0,)]
    connection.close()
    assert "live.damaged.duckdb" in notices[0].text
    assert (path.parent / "live.damaged.duckdb.wal").exists()


def test_a_log_without_its_database_is_not_taken_for_ours(path: Path, killed: tuple[bytes, bytes]) -> None:
    _lay(path, *killed)
    path.unlink()
    connection, notices = _open(path)
    assert connection.execute("SELECT count(*) FROM sources").fetchall() == [(0,)]
    connection.close()
    assert "orphan" in notices[0].text
    assert (path.parent / "live.duckdb.wal.orphan").exists()


def test_a_folder_that_cannot_be_written_is_a_passing_trouble(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(opening, "private_folder", refuse)
    with pytest.raises(StoreTrouble, match=r"Permission denied.*Check the disk") as caught:
        _open(path)
    assert caught.value.kind is Trouble.PASSING
