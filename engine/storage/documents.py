"""Small named documents (watchlists, layouts) as JSON files, saved atomically; a damaged one is kept aside, never overwritten."""

import re
from pathlib import Path
from threading import Lock
from typing import TypeVar

import msgspec

from engine.domain.errors import BadInput, StoreUnavailable
from engine.storage.notice import StoreNotice
from engine.storage.private import free_name, write_atomically

MAX_DOCUMENT_BYTES = 4 * 1024 * 1024
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")

T = TypeVar("T")


class Documents:
    """A folder of documents, each of one msgspec type."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._notices: list[StoreNotice] = []
        self._lock = Lock()

    def load(self, name: str, kind: type[T], default: T) -> T:
        """The document, or the default where there is none; one that cannot be read is renamed aside and told of."""
        path = self._path(name)
        try:
            with path.open("rb") as file:
                text = file.read(MAX_DOCUMENT_BYTES + 1)
        except FileNotFoundError:
            return default
        except OSError as error:
            raise StoreUnavailable(f"{path} cannot be read: {error.strerror}. Check who owns it.") from error
        if len(text) > MAX_DOCUMENT_BYTES:
            return self._set_aside(path, f"it is larger than {MAX_DOCUMENT_BYTES // 1024**2} MiB", default)
        try:
            return msgspec.json.decode(text, type=kind)
        except msgspec.DecodeError as error:
            return self._set_aside(path, str(error), default)

    def save(self, name: str, document: object) -> None:
        """Replaces the document; a crash leaves the one before."""
        path = self._path(name)
        payload = msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
        if len(payload) > MAX_DOCUMENT_BYTES:
            raise BadInput(f"{name} is too large to be kept ({len(payload):,} bytes; at most {MAX_DOCUMENT_BYTES:,}).")
        with self._lock:
            try:
                write_atomically(path, payload)
            except OSError as error:
                raise StoreUnavailable(f"{path} cannot be written: {error.strerror}. Make room, or check who owns the folder.") from error

    def names(self) -> tuple[str, ...]:
        """The documents that stand here."""
        return tuple(sorted(path.stem for path in self._folder.glob("*.json") if _NAME.fullmatch(path.stem)))

    def take_notices(self) -> tuple[StoreNotice, ...]:
        """What happened since the last time of asking."""
        with self._lock:
            taken, self._notices = tuple(self._notices), []
        return taken

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise BadInput(f"{name!r} is no name for a document: use small letters, digits, - and _, at most 64 of them.")
        return self._folder / f"{name}.json"

    def _set_aside(self, path: Path, why: str, default: T) -> T:
        kept = free_name(path.with_name(f"{path.name}.damaged"))
        path.replace(kept)
        notice = StoreNotice(
            title=f"{path.name} could not be read",
            text=f"{why}. It is kept as {kept.name}; the defaults are in use. Mend it and rename it back, or delete it.",
            serious=True,
        )
        with self._lock:
            self._notices.append(notice)
        return default
