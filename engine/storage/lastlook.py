"""The last look: one small file a name, holding what was on its screen, so that the first paint needs no database.

Imports nothing heavy on purpose. Layout: the magic ``OPTIXLOOK`` and a byte of version, the payload's length (u32) and CRC-32 (u32),
little-endian, then the payload. Whatever is wrong with a file, it counts as absent.
"""

import struct
import zlib
from pathlib import Path

from engine.storage.private import write_atomically

MAX_LOOK_BYTES = 4 * 1024 * 1024
KEPT_LOOKS = 64
"""Of the newest names, in each store."""

_MAGIC = b"OPTIXLOOK\x01"
_HEAD = struct.Struct("<10sII")


def write_last_look(folder: Path, store: str, symbol: str, payload: bytes) -> bool:
    """Replaces the name's last look; false where the payload is too large to be worth a first paint."""
    if len(payload) > MAX_LOOK_BYTES:
        return False
    path = _path(folder, store, symbol)
    if not path.exists():
        _forget_the_oldest(path.parent)
    write_atomically(path, _HEAD.pack(_MAGIC, len(payload), zlib.crc32(payload)) + payload)
    return True


def read_last_look(folder: Path, store: str, symbol: str) -> bytes | None:
    """What was written last, whole and unharmed, or None."""
    try:
        with _path(folder, store, symbol).open("rb") as file:
            head = file.read(_HEAD.size)
            body = file.read(MAX_LOOK_BYTES + 1)
    except OSError:
        return None
    if len(head) < _HEAD.size:
        return None
    magic, length, checksum = _HEAD.unpack(head)
    sound = magic == _MAGIC and length == len(body) and checksum == zlib.crc32(body)
    return body if sound else None


def _path(folder: Path, store: str, symbol: str) -> Path:
    plain = "".join(letter if letter.isascii() and letter.isalnum() else f"%{ord(letter):x}." for letter in symbol.upper())
    return folder / "lastlook" / store / f"{plain}.look"


def _forget_the_oldest(folder: Path) -> None:
    looks = sorted(folder.glob("*.look"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in looks[KEPT_LOOKS - 1 :]:
        path.unlink(missing_ok=True)
