"""Who answers which question and carries out which command."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from engine.domain.errors import OptixError
from engine.messages.base import Command, Query, Receipt

A = TypeVar("A")
Q = TypeVar("Q", bound=Query[Any])
C = TypeVar("C", bound=Command)


class Dispatch:
    """The engine's handlers, one a message."""

    def __init__(self) -> None:
        self._answers: dict[type[Query[Any]], Callable[[Any], Awaitable[Any]]] = {}
        self._performs: dict[type[Command], Callable[[Any], Awaitable[Receipt]]] = {}

    def answers(self, query: type[Q], handler: Callable[[Q], Awaitable[Any]]) -> None:
        """Registers who answers a kind of question."""
        if query in self._answers:
            raise ValueError(f"{query.__name__} has two handlers: a message has one")
        self._answers[query] = handler

    def performs(self, command: type[C], handler: Callable[[C], Awaitable[Receipt]]) -> None:
        """Registers who carries out a kind of command."""
        if command in self._performs:
            raise ValueError(f"{command.__name__} has two handlers: a message has one")
        self._performs[command] = handler

    async def ask(self, query: Query[A]) -> A:
        """The answer. Raises OptixError where this engine has no such ability."""
        handler = self._answers.get(type(query))
        if handler is None:
            raise OptixError(f"this engine cannot answer {type(query).__name__}: is it of another version than this program?")
        answer: A = await handler(query)
        return answer

    async def do(self, command: Command) -> Receipt:
        """Carries the command out. Raises OptixError where this engine has no such ability."""
        handler = self._performs.get(type(command))
        if handler is None:
            raise OptixError(f"this engine cannot carry out {type(command).__name__}: is it of another version than this program?")
        return await handler(command)

    @property
    def messages(self) -> frozenset[type[Any]]:
        """Every message that has a handler."""
        return frozenset((*self._answers, *self._performs))
