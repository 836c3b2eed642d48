"""Numeric work off the loop: arrays go to a small pool of threads and come back as arrays."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Offload:
    """A pool of one thread fewer than there are cores, so that the terminal keeps its own."""

    def __init__(self, threads: int | None = None) -> None:
        self._pool = ThreadPoolExecutor(threads or max(1, (os.cpu_count() or 2) - 1), thread_name_prefix="optix-numeric")

    async def run(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Runs ``work`` in the pool and returns what it returns, or raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: work(*arguments, **named))

    def close(self) -> None:
        """Lets running work end and takes no more."""
        self._pool.shutdown(wait=True, cancel_futures=True)
