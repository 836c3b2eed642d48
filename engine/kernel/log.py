"""The log: JSON lines in the state folder, written off the loop, cleaned of secrets and of terminal escapes."""

import json
import logging
import logging.handlers
import queue
import re
from pathlib import Path

from engine.kernel.secrets import redact

KEPT_BYTES, KEPT_FILES = 5_000_000, 3
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def clean(text: str) -> str:
    """Text that cannot move a cursor, start a line of its own or show a secret."""
    return _CONTROLS.sub("", _ESCAPES.sub("", redact(text).replace("\r", " ").replace("\n", " | ").replace("\t", " ")))


class JsonLines(logging.Formatter):
    """One JSON object a record."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{record.msecs:03.0f}",
            "level": record.levelname.lower(),
            "from": record.name,
            "text": clean(record.getMessage()),
        }
        if record.exc_info:
            line["trace"] = clean(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class LogFile:
    """The program's log file, from its opening to its close."""

    def __init__(self, folder: Path, *, name: str = "optix.log", verbose: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = folder / name
        self.path.touch(mode=0o600)
        handler = logging.handlers.RotatingFileHandler(self.path, maxBytes=KEPT_BYTES, backupCount=KEPT_FILES, encoding="utf-8")
        handler.setFormatter(JsonLines())
        waiting: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
        self._front = logging.handlers.QueueHandler(waiting)
        self._listener = logging.handlers.QueueListener(waiting, handler)
        self._handler = handler
        root = logging.getLogger()
        root.addHandler(self._front)
        root.setLevel(logging.DEBUG if verbose else logging.INFO)
        self._listener.start()

    def close(self) -> None:
        """Writes what waits and gives the file back."""
        logging.getLogger().removeHandler(self._front)
        self._listener.stop()
        self._handler.close()
