"""What killed engines leave behind, cleared away by the next one that starts: scratch folders and the sockets of nobody.

Only names we give, only what belongs to this very user, and only where it is certain that nobody lives there: a scratch folder whose lock
the system has let go of and whose process is gone, a socket on which nobody listens. What is younger than a minute may just be coming to
be, and stays.
"""

import errno
import os
import re
import shutil
import socket
import stat
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from engine.domain.errors import OptixError
from engine.domain.ids import UtcNanos
from engine.domain.instants import SECOND_NS
from engine.runtime.address import socket_folders
from engine.runtime.owner import LOCK_FILE, Ownership

YOUNG_SECONDS = 60
PREFIX = "optix-scratch-"
_SCRATCH = re.compile(rf"{PREFIX}(?P<process>[0-9]+)-[A-Za-z0-9_]+")
_SOCKET = re.compile(r"[0-9a-f]{16}\.sock")
_GONE = {errno.ECONNREFUSED, errno.ENOENT}


def scratch_folder() -> tuple[Path, Ownership]:
    """A new folder for one engine's life, and the lock that shows that it lives."""
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    held = Ownership.take(folder)
    if held is None:  # nobody else knows this name
        raise OptixError(f"{folder} cannot be locked: set TMPDIR to a folder on a local disk")
    return folder, held


def sweep(now: UtcNanos) -> list[Path]:
    """Clears away what is certainly nobody's; answers what that was. What cannot be removed stays, and troubles nobody."""
    cleared = [folder for folder in _ours(Path(tempfile.gettempdir()), _SCRATCH, stat.S_ISDIR, now) if _clear_scratch(folder)]
    for place in socket_folders():
        cleared += [found for found in _ours(place, _SOCKET, stat.S_ISSOCK, now) if _clear_socket(found)]
    return cleared


def _ours(place: Path, names: re.Pattern[str], kind: Callable[[int], bool], now: UtcNanos) -> list[Path]:
    """Entries of a folder that bear one of our names, are of that kind, this user's, and not young. Links are never followed."""
    found = []
    with suppress(OSError):
        for path in place.iterdir():
            if not names.fullmatch(path.name):
                continue
            with suppress(OSError):
                entry = path.lstat()
                mine = sys.platform == "win32" or entry.st_uid == os.getuid()
                if mine and kind(entry.st_mode) and now - entry.st_mtime_ns > YOUNG_SECONDS * SECOND_NS:
                    found.append(path)
    return found


def _clear_scratch(folder: Path) -> bool:
    named = _SCRATCH.fullmatch(folder.name)
    if named is None or _is_alive(int(named["process"])) or not (folder / LOCK_FILE).exists():
        return False
    with suppress(OptixError, OSError):
        held = Ownership.take(folder)
        if held is not None:
            held.release()
            shutil.rmtree(folder, ignore_errors=True)
            return not folder.exists()
    return False


def _clear_socket(path: Path) -> bool:
    """A stopped engine's socket still takes a connection; that of a dead one refuses it."""
    asking = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        asking.setblocking(False)
        refused = asking.connect_ex(str(path))
    except OSError:
        return False
    finally:
        asking.close()
    if refused not in _GONE:
        return False
    with suppress(OSError):
        path.unlink(missing_ok=True)
        return True
    return False


def _is_alive(process: int) -> bool:
    """Whether a process of that number runs; on Windows, where asking would end it, the lock alone decides."""
    if sys.platform == "win32":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
