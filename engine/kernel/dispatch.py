"""From a message to the one handler that knows it."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from msgspec import structs

from engine.domain.errors import BadInput, OptixError
from engine.messages.base import Command, Query, Receipt

A = TypeVar("A")
Q = TypeVar("Q", bound=Query[Any])
C = TypeVar("C", bound=Command)
_log = logging.getLogger(__name__)


class Dispatch:
    """The engine's table of handlers; each message has exactly one."""

    def __init__(self) -> None:
        self._handlers: dict[type, Callable[[Any], Awaitable[Any]]] = {}

    @property
    def known(self) -> frozenset[type]:
        """Every message somebody handles."""
        return frozenset(self._handlers)

    def answers(self, query: type[Q], handler: Callable[[Q], Awaitable[Any]]) -> None:
        """Lets ``handler`` answer that question."""
        self._enter(query, handler)

    def performs(self, command: type[C], handler: Callable[[C], Awaitable[Receipt]]) -> None:
        """Lets ``handler`` carry that instruction out."""
        self._enter(command, handler)

    async def ask(self, query: Query[A]) -> A:
        """The answer. What goes wrong is an `OptixError` with words for the user, whatever it was."""
        if not isinstance(query, Query):
            raise BadInput(f"{type(query).__name__} is not a question: queries are asked, commands are done")
        answer: A = await self._handle(query)
        return answer

    async def do(self, command: Command) -> Receipt:
        """Carries the instruction out; it has taken effect when this returns."""
        if not isinstance(command, Command):
            raise BadInput(f"{type(command).__name__} is not a command: queries are asked, commands are done")
        receipt: Receipt = await self._handle(command)
        return structs.replace(receipt, detail=_json_like(receipt.detail)) if receipt.detail else receipt

    def _enter(self, message: type, handler: Callable[[Any], Awaitable[Any]]) -> None:
        if message in self._handlers:
            raise ValueError(f"{message.__name__} has two handlers")
        self._handlers[message] = handler

    async def _handle(self, message: Any) -> Any:
        name = type(message).__name__
        handler = self._handlers.get(type(message))
        if handler is None:
            raise BadInput(f"this engine does not know {name}: both sides must be of one version, so start both anew")
        try:
            return await handler(message)
        except OptixError:
            raise
        except Exception as error:
            _log.exception("%s failed", name)
            raise OptixError(f"{name} failed by a fault of OPTIX ({type(error).__name__}: {error}); the log has the details") from error


def _json_like(value: Any) -> Any:
    """Figures as they come out of any wire, so that they are the same by every way."""
    if isinstance(value, dict):
        return {str(name): _json_like(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json_like(entry) for entry in value]
    return value
