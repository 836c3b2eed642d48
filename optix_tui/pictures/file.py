"""Where a picture goes: a file that appears whole or not at all, or stdout."""

import os
import sys
from contextlib import suppress
from pathlib import Path

from engine.domain.errors import BadInput, NotConfigured, OptixError

STDOUT = "-"


def check_target(text: str) -> None:
    """Refuses, before anything is drawn, what could not be written in the end."""
    if text == STDOUT:
        if sys.stdout.isatty():
            raise BadInput("a terminal shows no PNG: send it on, as in --png - > picture.png, or name a file")
        return
    path = _path(text)
    if path.is_dir():
        raise BadInput(f"{text} is a folder: name a file in it, such as {Path(text) / 'picture.png'}")
    if path.suffix.lower() != ".png":
        raise BadInput(f"{text} does not end in .png: a picture is written as PNG, so name it {Path(text).stem or 'picture'}.png")
    if not path.parent.is_dir():
        raise BadInput(f"there is no folder {path.parent}: make it, or name another")
    if path.exists() and not path.is_file():
        raise BadInput(f"{text} is no ordinary file: name another, or - for stdout")
    if path.exists() and not os.access(path, os.W_OK):
        raise NotConfigured(f"{text} may not be written: mend its permissions, or name another file")
    if not os.access(path.parent, os.W_OK):
        raise NotConfigured(f"nothing may be written in {path.parent}: mend its permissions, or name another folder")


def write_picture(text: str, content: bytes) -> None:
    """Puts the picture where it was wanted; a file that stood there is replaced at once, never half."""
    if text == STDOUT:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    path = _path(text)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except PermissionError as error:
        raise NotConfigured(f"{text} may not be written: mend the permissions of {path.parent}, or name another folder") from error
    except OSError as error:
        raise OptixError(f"{text} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _path(text: str) -> Path:
    """A link is followed: what it points to is replaced, and it stays."""
    return Path(text).expanduser().resolve()
