"""Thins out what is said many times a minute: of each thing the first, then one a span of market time, and the last before a pause."""

from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Held(NamedTuple, Generic[T]):
    """Something said, and when."""

    at: int
    said: T


class Spacing(Generic[T]):
    """Used by one thread. A market whose time begins anew is taken as it comes."""

    def __init__(self, interval_ns: int) -> None:
        self._interval = interval_ns
        self._kept: dict[Hashable, int] = {}
        self._held: dict[Hashable, Held[T]] = {}

    def offer(self, key: Hashable, at: int, said: T) -> list[T]:
        """What is to be kept now that this was said; it may be kept later, when nothing newer comes for longer than a span."""
        last = self._kept.get(key)
        if last is not None and 0 <= at - last < self._interval:
            if at > last:
                self._held[key] = Held(at, said)
            return []
        held = self._held.pop(key, None)
        self._kept[key] = at
        if held is not None and at - held.at > self._interval:
            return [held.said, said]
        return [said]

    def release(self) -> list[T]:
        """What is held back: the market has closed, or the recording ends."""
        released = [held.said for held in self._held.values()]
        for key, held in self._held.items():
            self._kept[key] = held.at
        self._held.clear()
        return released
