"""Waits between events as the market did, only faster; the speed may change in the middle of a wait."""

import asyncio

SHORTEST_WAIT = 0.001
"""Seconds; a shorter one is not waited for but made up by the next."""
_BREATH = 32
"""So many events are told in a row before the loop may do something else."""


class Pace:
    """Turns the market's time into waits on the loop's clock."""

    def __init__(self, speed: float, longest_gap: float) -> None:
        self.speed = speed
        """Factor of real time; 0: no waits at all."""
        self._longest_gap = longest_gap
        self._reached = 0
        """Market time of the newest event that was told; 0 before the first."""
        self._anchor_market = 0
        self._anchor_loop = 0.0
        self._in_a_row = 0
        self._changed = asyncio.Event()

    def _anchor(self, market: int) -> None:
        self._anchor_market = market
        self._anchor_loop = asyncio.get_running_loop().time()

    def change(self, speed: float) -> None:
        """Plays on at another speed, from this very moment."""
        loop = asyncio.get_running_loop()
        now = self._anchor_market + round((loop.time() - self._anchor_loop) * self.speed * 1e9)
        self._anchor(max(now, self._reached) if self.speed else self._reached)
        self.speed = speed
        self._changed.set()

    async def until(self, at: int) -> None:
        """Returns when the market's clock shows ``at``; a silence longer than the longest gap is jumped over."""
        if not self._reached or at - self._reached > self._longest_gap * 1e9:
            self._anchor(at)
        await self._wait(at)
        self._reached = max(self._reached, at)

    async def _wait(self, at: int) -> None:
        while self.speed and (wait := self._wait_for(at)) >= SHORTEST_WAIT:
            self._in_a_row = 0
            self._changed.clear()
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                return
        self._in_a_row += 1
        if self._in_a_row >= _BREATH:
            self._in_a_row = 0
            await asyncio.sleep(0)

    def _wait_for(self, at: int) -> float:
        due = self._anchor_loop + (at - self._anchor_market) / 1e9 / self.speed
        return due - asyncio.get_running_loop().time()
