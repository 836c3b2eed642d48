"""Where an engine's door is: a Unix socket in a private folder, or (Windows) a loopback port with a token in a private file."""

import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path

from msgspec import Struct

from engine.domain.errors import Refused
from engine.kernel.ids import new_token
from engine.kernel.paths import OWNER_ONLY_FOLDER

LONGEST_SOCKET_PATH = 100
"""Bytes: the least of the systems' limits is 104."""


class Address(Struct, frozen=True, kw_only=True):
    """How to reach an engine on this machine. Stands in a file that only its owner reads."""

    socket: str = ""
    port: int = 0
    token: str = ""
    """What a client must say where the system cannot tell whose process it is."""

    @property
    def text(self) -> str:
        """As it is printed: never with the token."""
        return self.socket or f"127.0.0.1:{self.port}"


def socket_path(folder: Path) -> Path:
    """The one socket of the engine that owns ``folder``: its name says nothing and is short, its folder is private."""
    place = folder.stat()
    name = hashlib.sha256(f"{place.st_dev}:{place.st_ino}".encode()).hexdigest()[:16]
    return _private_runtime_folder(f"{name}.sock") / f"{name}.sock"


def new_address(folder: Path, platform: str = sys.platform) -> Address:
    """Where the engine of ``folder`` should listen; the port is chosen as it does."""
    if platform == "win32":
        return Address(token=new_token())
    return Address(socket=str(socket_path(folder)))


def _private_runtime_folder(name: str) -> Path:
    """The first place for sockets that is short enough and certainly ours alone."""
    troubles: list[str] = []
    for parent, folder in _candidates():
        if len(os.fsencode(folder / name)) > LONGEST_SOCKET_PATH:
            troubles.append(f"{folder} is too long a path")
            continue
        if not parent.is_dir():
            continue
        trouble = _trouble_with(folder)
        if not trouble:
            return folder
        troubles.append(trouble)
    raise Refused(f"there is no private folder for a socket: {'; '.join(troubles)}. Set XDG_RUNTIME_DIR to a short path of your own.")


def _candidates() -> list[tuple[Path, Path]]:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    shared = [Path(place) for place in dict.fromkeys((tempfile.gettempdir(), "/tmp"))]  # noqa: S108 (checked to be ours alone)
    return [(Path(runtime), Path(runtime) / "optix")] * bool(runtime) + [(place, place / f"optix-{os.getuid()}") for place in shared]


def socket_folders() -> list[Path]:
    """Where sockets of this user's engines may stand."""
    if sys.platform == "win32":
        return []
    return list(dict.fromkeys(folder for _, folder in _candidates()))


def _trouble_with(folder: Path) -> str:
    """Makes the folder; why it cannot be trusted, or ""."""
    try:
        folder.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)
        found = folder.lstat()
    except OSError as trouble:
        return f"{folder}: {trouble.strerror}"
    if not stat.S_ISDIR(found.st_mode):
        return f"{folder} is no folder"
    if found.st_uid != os.getuid():
        return f"{folder} belongs to user {found.st_uid}"
    if found.st_mode & 0o077:
        folder.chmod(OWNER_ONLY_FOLDER)
    return ""
