"""What every engine can do, wherever it runs: three verbs."""

from typing import Protocol, TypeVar

from engine.kernel.mailbox import DEFAULT_CAPACITY, Mailbox
from engine.messages.base import Command, Query, Receipt, Topic

A = TypeVar("A")
Subscription = Mailbox
"""What ``watch`` gives: ``async for event in it``, or ``drain()`` without waiting; ``close()`` ends it."""


class Engine(Protocol):
    """The front door. Errors are `OptixError` with words for the user; after :meth:`close`, or when the engine ends, `EngineGone`."""

    async def ask(self, query: Query[A]) -> A:
        """The answer to a question."""
        ...

    async def do(self, command: Command) -> Receipt:
        """Carries an instruction out; it has taken effect when this returns."""
        ...

    def watch(self, *topics: Topic, capacity: int = DEFAULT_CAPACITY) -> Subscription:
        """Events from now on, what is retained of the states first."""
        ...

    async def close(self) -> None:
        """Ends this use of the engine; an engine that lives in this process ends with it."""
        ...


class Attachable(Engine, Protocol):
    """An engine that can feed a mailbox made elsewhere, so that a reader keeps its mailbox when the engine behind it changes."""

    def attach(self, mailbox: Mailbox, topics: tuple[Topic, ...]) -> None:
        """Feeds the mailbox with these topics until it closes."""
        ...
