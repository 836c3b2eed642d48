"""Threads inside a native library for seconds, such as a compiler: a program must not be taken apart around them."""

import threading
from collections.abc import Callable

_threads: list[threading.Thread] = []


def start(work: Callable[[], object], *, name: str) -> threading.Thread:
    """Runs ``work`` in a thread that is counted while it lives."""
    thread = threading.Thread(target=work, name=name, daemon=True)
    _threads.append(thread)
    thread.start()
    return thread


def is_any_alive() -> bool:
    """Something is still in there."""
    return any(thread.is_alive() for thread in _threads)
