"""The libraries OPTIX is measured against: installed into .peers by the speed run alone, and last on the path."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

from tests.speed.figure import Figure

LOCK, LOCK_BESIDE = Path(__file__).with_name("requirements.lock"), Path(__file__).with_name("requirements.beside.lock")
FOLDER = Path(__file__).parents[2] / ".peers"
BESIDE = FOLDER / "beside"
"""Other versions of what is in FOLDER already, for the one library that needs them."""
STAMP = FOLDER / ".stamp"


def install() -> None:
    """Brings .peers to its lock, once; what cannot be installed is said here and skipped by every measure that asks for it."""
    wanted = hashlib.sha256(LOCK.read_bytes() + LOCK_BESIDE.read_bytes() + f"{BESIDE.name} {sys.version}".encode()).hexdigest()
    if not STAMP.exists() or STAMP.read_text(encoding="utf-8") != wanted:
        print("installing the libraries to measure against into .peers (once) ...", file=sys.stderr, flush=True)
        shutil.rmtree(FOLDER, ignore_errors=True)
        tools = (("uv", "pip", "install", "-q"), ("pip", "install", "-q"))
        if not any(_installed(LOCK, FOLDER, *tool) and _installed(LOCK_BESIDE, BESIDE, *tool) for tool in tools):
            print("they cannot be installed (see above): each comparison with one is skipped", file=sys.stderr, flush=True)
            return
        STAMP.write_text(wanted, encoding="utf-8")
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))


def _installed(lock: Path, folder: Path, *command: str) -> bool:
    arguments = ["--target", str(folder), "--no-deps", "--require-hashes", "-r", str(lock)]
    if command[0] == "uv":
        arguments += ["--python", sys.executable]
    done = subprocess.run([sys.executable, "-m", *command, *arguments], check=False, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    return done.returncode == 0


def peer(name: str) -> ModuleType | None:
    """The library of this name, or None where it is not installed or cannot be loaded here."""
    try:
        return import_module(name)
    except Exception as error:  # whatever a stranger's module raises on import; said on the spot
        print(f"  {name}: not measured against ({type(error).__name__}: {error})", file=sys.stderr, flush=True)
        return None


def peer_beside(name: str, *replaced: str) -> ModuleType | None:
    """The same with other versions of the packages ``replaced``; whoever imported them before keeps the old ones and is to be done with."""
    for module in [one for one in sys.modules if one.partition(".")[0] in replaced]:
        del sys.modules[module]
    sys.path.insert(0, str(BESIDE))
    try:
        return peer(name)
    finally:
        sys.path.remove(str(BESIDE))


def skipped(what: str, name: str) -> Iterator[Figure]:
    """The line in place of a figure whose peer is missing."""
    yield Figure(what, float("nan"), "", note=f"skipped: {name} is not installed")
