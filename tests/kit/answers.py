"""A command line without an engine of its own: its commands ask what a test tells."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from engine.domain.errors import OptixError


class Script:
    """Events that are told one after the other; then the watch is over."""

    def __init__(self, *events: Any) -> None:
        self._events = list(events)
        self.closed = False

    def __aiter__(self) -> "Script":
        return self

    async def __anext__(self) -> Any:
        if not self._events:
            raise StopAsyncIteration
        return self._events.pop(0)

    def close(self) -> None:
        self.closed = True


def told(monkeypatch: Any, module: Any, answers: dict[type, Callable[[Any], Any]], *events: Any) -> SimpleNamespace:
    """The commands of a module get these answers; returned is what they asked, what they watched, and how their watch ended."""
    seen = SimpleNamespace(asked=[], topics=[], script=Script(*events))

    def use_engine(use: Any, **options: Any) -> Any:
        seen.options = options

        async def ask(query: Any) -> Any:
            seen.asked.append(query)
            if type(query) not in answers:
                raise OptixError(f"nobody told what {type(query).__name__} is answered with")
            return answers[type(query)](query)

        async def do(command: Any) -> Any:
            return await ask(command)

        def watch(*topics: Any) -> Any:
            seen.topics += topics
            return seen.script

        return asyncio.run(use(SimpleNamespace(ask=ask, do=do, watch=watch)))

    monkeypatch.setattr(module, "with_engine", use_engine)
    return seen
