"""Opens a store's file whatever state a crash left it in: made whole or not at all, upgraded on a copy, mended or set aside when damaged.

Nothing is ever deleted but drafts of our own: what cannot be read is renamed, and said.
"""

import os
import re
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.kernel.paths import private_folder
from engine.storage.migration import apply_migrations, newest_version, schema_version
from engine.storage.notice import StoreNotice
from engine.storage.opening_turn import opening_turn
from engine.storage.private import OWNER_ONLY_FILE, free_name, sync_folder
from engine.storage.trouble import StoreTrouble, Trouble, diagnose, first_line

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY_LIMIT = "1GB"
"""For exports and questions about long histories; what stays in memory between them is bounded by ``engine.storage.residence``."""
CHECKPOINT_AT = "16MB"
_LOG_ENDINGS = (".wal", ".wal.checkpoint", ".wal.recovery")
_LOG_POSITION = re.compile(r"entry at byte position (\d+)")
PATIENCE_SECONDS, PAUSE_SECONDS = 1.5, 0.05
_SPARE_BYTES = 64 * 1024 * 1024


def open_store_file(path: Path, notices: list[StoreNotice]) -> "DuckDBPyConnection":
    """A connection to the store at ``path``, at the newest schema; raises :class:`StoreTrouble` where that cannot be."""
    try:
        private_folder(path.parent)
        with opening_turn(path.parent):
            _sweep_drafts(path)
            if not path.exists():
                _create(path, notices)
            return _open_present(path, notices)
    except StoreTrouble:
        raise
    except Exception as error:
        raise diagnose(error, path) from error


def connect(path: Path) -> "DuckDBPyConnection":
    """A connection with the settings of the house: no extensions from elsewhere, bounded memory, the spill folder beside the file."""
    import duckdb

    settings: dict[str, Any] = {
        "threads": max(1, min(4, (os.cpu_count() or 2) - 1)),
        "memory_limit": MEMORY_LIMIT,
        "temp_directory": str(path.parent / "spill"),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "wal_autocheckpoint": CHECKPOINT_AT,
    }
    return duckdb.connect(str(path), config=settings)


def draft_of(path: Path, purpose: str) -> Path:
    """Where a new version of the file is built before it takes the name; carries our process's number."""
    return path.with_name(f"{path.name}.{purpose}-{os.getpid()}.tmp")


def publish(draft: Path, path: Path) -> None:
    """The draft takes the name, at once and for good."""
    draft.chmod(OWNER_ONLY_FILE)
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def logs_of(path: Path) -> list[Path]:
    """The database's write-ahead logs that exist."""
    return [log for ending in _LOG_ENDINGS if (log := path.with_name(path.name + ending)).exists()]


def discard_draft(draft: Path) -> None:
    """Removes a draft of ours and its log."""
    for leftover in (draft, *logs_of(draft)):
        leftover.unlink(missing_ok=True)


def _open_present(path: Path, notices: list[StoreNotice]) -> "DuckDBPyConnection":
    connection = _connect_or_mend(path, notices)
    path.chmod(OWNER_ONLY_FILE)
    version = schema_version(connection)
    if version == newest_version():
        return connection
    if version > newest_version():
        connection.close()
        raise StoreTrouble(
            Trouble.TOO_NEW,
            f"The history {path} has schema {version}, and this OPTIX knows those up to {newest_version()}. It is left as it is: "
            "get a newer OPTIX, or set OPTIX_HOME to another folder to begin a new history.",
        )
    if version == 0:
        connection.close()
        kept = set_aside(path)
        notices.append(_notice(path, f"it holds no history of OPTIX. It is kept as {kept.name}; a new one was begun."))
        _create(path, notices)
        return _connect(path)
    return _upgrade(path, connection, version, notices)


def _connect(path: Path) -> "DuckDBPyConnection":
    """Waits a moment where another has it: commands that run side by side hold it for an instant each."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return connect(path)
        except Exception as error:
            trouble = diagnose(error, path)
            if trouble.kind is not Trouble.LOCKED or time.monotonic() >= end:
                raise trouble from error
        time.sleep(PAUSE_SECONDS)


def _connect_or_mend(path: Path, notices: list[StoreNotice]) -> "DuckDBPyConnection":
    try:
        return _connect(path)
    except StoreTrouble as trouble:
        if trouble.kind is not Trouble.DAMAGED:
            raise
        words = first_line(str(trouble.__cause__))
    mended = _mend_log(path, words, notices)
    if mended is not None:
        return mended
    kept = set_aside(path)
    notices.append(_notice(path, f"it could not be opened ({words}). It is kept as {kept.name}; a new one was begun."))
    _create(path, notices)
    return _connect(path)


def _mend_log(path: Path, words: str, notices: list[StoreNotice]) -> "DuckDBPyConnection | None":
    """Keeps a damaged log (and a copy of its file) aside and opens what stands before the damage; None where that is not to be had."""
    log = path.with_name(path.name + ".wal")
    if not log.exists() or "WAL" not in words:
        return None
    if shutil.disk_usage(path.parent).free < path.stat().st_size + log.stat().st_size + _SPARE_BYTES:
        return None
    kept = free_name(path.with_name(f"{path.stem}.damaged.duckdb"))
    kept_log = kept.with_name(kept.name + ".wal")
    shutil.copyfile(path, kept)
    shutil.copyfile(log, kept_log)
    for copy in (kept, kept_log):
        copy.chmod(OWNER_ONLY_FILE)
    total = log.stat().st_size
    position = _LOG_POSITION.search(words)
    cuts = [int(position.group(1))] if position else []
    for cut in [*cuts, 0]:
        if cut:
            os.truncate(log, cut)
        else:
            log.unlink(missing_ok=True)
        try:
            connection = connect(path)
        except Exception as error:
            if diagnose(error, path).kind is not Trouble.DAMAGED:
                raise
            continue
        notices.append(
            _notice(
                path,
                f"the last {total - cut:,} of {total:,} bytes of its log were unreadable, and what they held since the last checkpoint "
                f"is missing. The rest is intact. The damaged files are kept as {kept.name} and {kept_log.name}.",
            )
        )
        return connection
    shutil.copyfile(kept_log, log)
    for copy in (kept, kept_log):
        copy.unlink()
    return None


def _create(path: Path, notices: list[StoreNotice]) -> None:
    orphans = logs_of(path)
    for log in orphans:
        log.replace(free_name(path.with_name(f"{log.name}.orphan")))
    if orphans:
        notices.append(_notice(path, "a log without its database lay there; it is kept, renamed to .orphan."))
    draft = draft_of(path, "creating")
    discard_draft(draft)
    connection = connect(draft)
    try:
        apply_migrations(connection)
    finally:
        connection.close()
    publish(draft, path)


def _upgrade(path: Path, connection: "DuckDBPyConnection", version: int, notices: list[StoreNotice]) -> "DuckDBPyConnection":
    """Migrates a copy and lets it take the name; the file of the old version stays beside it."""
    connection.execute("CHECKPOINT")
    draft = draft_of(path, "migrating")
    discard_draft(draft)
    try:
        shutil.copyfile(path, draft)
        upgraded = connect(draft)
        try:
            apply_migrations(upgraded)
        finally:
            upgraded.close()
    except BaseException:
        connection.close()
        discard_draft(draft)
        raise
    connection.close()
    if logs_of(path):
        discard_draft(draft)
        raise StoreTrouble(Trouble.PASSING, f"The history {path} was written to while it was upgraded. It is tried again.")
    kept = free_name(path.with_name(f"{path.stem}.schema{version}.duckdb"))
    shutil.copyfile(path, draft_of(kept, "keeping"))
    publish(draft_of(kept, "keeping"), kept)
    publish(draft, path)
    notices.append(
        StoreNotice(
            title=f"{path.name} was upgraded",
            text=f"From schema {version} to {newest_version()}. The old file is kept as {kept.name}; delete it when all is well.",
        )
    )
    return _connect(path)


def set_aside(path: Path) -> Path:
    """Renames the file and its logs, together."""
    kept = free_name(path.with_name(f"{path.stem}.damaged.duckdb"))
    for log in logs_of(path):
        log.replace(kept.with_name(kept.name + log.name.removeprefix(path.name)))
    path.replace(kept)
    sync_folder(path.parent)
    return kept


def _sweep_drafts(path: Path) -> None:
    """Removes drafts that a process left which is no more."""
    for draft in path.parent.glob(f"{path.stem}*.tmp*"):
        maker = re.search(r"-(\d+)\.tmp", draft.name)
        if maker and not _alive(int(maker.group(1))):
            draft.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    if process == os.getpid():
        return False
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _notice(path: Path, text: str) -> StoreNotice:
    return StoreNotice(title=f"The history {path.name} needed care", text=f"{path.name}: {text}", serious=True)
