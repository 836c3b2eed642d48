"""The log: one JSON document a line in the state folder, written by a thread of its own, clean of secrets and escapes."""

import json
import logging
import logging.handlers
import queue
import sys
import traceback
from pathlib import Path

from engine.kernel.paths import usable_folder
from engine.kernel.private_files import create_private
from engine.kernel.redaction import cleaned

FILE_NAME = "optix.jsonl"
LARGEST_BYTES = 5 * 1024 * 1024
KEPT_FILES = 3
ROOMS = ("engine", "plugins", "optix_tui")


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": round(record.created, 6),
            "level": record.levelname.lower(),
            "from": record.name,
            "thread": record.threadName,
            "text": cleaned(record.getMessage()),
        }
        if record.exc_text:
            line["fault"] = cleaned(record.exc_text)
        return json.dumps(line, ensure_ascii=False)


class PlainLines(logging.Formatter):
    """A record as one line of text, for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{record.levelname.lower()} {record.name}: {cleaned(record.getMessage())}"


class _Queueing(logging.handlers.QueueHandler):
    """Hands records over with their words fixed, so that nothing of the caller's is held or changed later."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        message = record.getMessage()
        fixed = logging.makeLogRecord({**record.__dict__, "msg": message, "message": message, "args": None, "exc_info": None})
        if record.exc_info and record.exc_info[0] is not None:
            fixed.exc_text = "".join(traceback.format_exception(*record.exc_info))
        return fixed

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            return  # a log that cannot keep up must not hold the engine up


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """Rotates, and is readable by its owner alone from its first byte."""

    def _open(self):  # type: ignore[no-untyped-def]  # noqa: ANN202 (the standard library's own signature)
        path = Path(self.baseFilename)
        if not path.exists():
            import os

            os.close(create_private(path))
        return super()._open()


def show_log(level: int = logging.DEBUG) -> None:
    """Shows the log of this process on stderr too, for as long as it runs."""
    shown = logging.StreamHandler(sys.stderr)
    shown.setFormatter(PlainLines())
    for room in ROOMS:
        logger = logging.getLogger(room)
        logger.addHandler(shown)
        logger.setLevel(min(level, logger.level or level))


class Log:
    """The log of one process: started once, stopped once."""

    def __init__(self, folder: Path, *, name: str = FILE_NAME, level: int = logging.INFO) -> None:
        self.path = usable_folder(folder) / name
        file = _PrivateFile(self.path, maxBytes=LARGEST_BYTES, backupCount=KEPT_FILES, encoding="utf-8", delay=True)
        file.setFormatter(JsonLines())
        file.setLevel(level)
        self._file = file
        self._closed = False
        self._queueing = _Queueing(queue.Queue(maxsize=20_000))
        self._listener = logging.handlers.QueueListener(self._queueing.queue, file, respect_handler_level=True)
        self._listener.start()
        for room in ROOMS:
            logger = logging.getLogger(room)
            logger.addHandler(self._queueing)
            logger.setLevel(min(level, logger.level or level))

    def close(self) -> None:
        """Writes what waits and lets go of the file. May be called twice."""
        if self._closed:
            return
        self._closed = True
        for room in ROOMS:
            logging.getLogger(room).removeHandler(self._queueing)
        self._listener.stop()
        self._file.close()
