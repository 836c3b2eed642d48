"""Work that would hold the loop up goes to threads: arrays in, arrays out."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


class Offload:
    """A pool of one thread less than there are cores, so that the loop keeps one."""

    def __init__(self, threads: int | None = None) -> None:
        self._pool = ThreadPoolExecutor(max_workers=threads or max(1, (os.cpu_count() or 2) - 1), thread_name_prefix="optix-work")

    async def run(self, work: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
        """What ``work(*arguments)`` returns, computed in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)

    def close(self) -> None:
        """Drops what has not begun and waits for what has."""
        self._pool.shutdown(wait=True, cancel_futures=True)
