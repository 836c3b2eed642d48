"""The ways to be told to leave from outside: ``kill``, a window that was closed, a connection that dropped."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def told_to_leave(leave: Callable[[], object]) -> Iterator[None]:
    """While it lasts, SIGTERM and SIGHUP mean the same as Ctrl+Q: the picture is taken down, the engine closed, the exit code is 0.

    A second signal changes nothing, so that the store is always flushed.
    """
    loop = asyncio.get_running_loop()

    def hang_up() -> None:
        _let_go_of_terminal()
        leave()

    ways = {signal.SIGTERM: leave} | ({signal.SIGHUP: hang_up} if hasattr(signal, "SIGHUP") else {})
    try:
        for one, way in ways.items():
            loop.add_signal_handler(one, way)
    except (NotImplementedError, RuntimeError, ValueError):  # Windows, or a loop outside the main thread: nothing can be listened to
        yield
        return
    try:
        yield
    finally:
        for one in ways:
            loop.remove_signal_handler(one)


def _let_go_of_terminal() -> None:
    """Nobody reads any more: what is still written goes nowhere instead of failing half-way through leaving."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    try:
        for stream in (sys.__stdin__, sys.__stdout__, sys.__stderr__):
            with suppress(OSError, ValueError):
                if stream is not None and os.isatty(stream.fileno()) and not _is_there(stream.fileno()):
                    os.dup2(nowhere, stream.fileno())
    finally:
        os.close(nowhere)


def _is_there(descriptor: int) -> bool:
    """The terminal behind it still exists: a signal can also be sent by hand."""
    try:
        os.get_terminal_size(descriptor)
    except OSError:
        return False
    return True
