"""The shapes every message has: a query names its answer, an event says how it is kept, a topic says what is wanted."""

from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar, get_args

from msgspec import Struct

A = TypeVar("A", covariant=True)


class Query(Struct, Generic[A], frozen=True, kw_only=True):
    """A question; asking changes nothing. ``class GetStatus(Query[Status])`` is answered by a ``Status``."""


class Command(Struct, frozen=True, kw_only=True):
    """An instruction, answered by a :class:`Receipt` once it has taken effect."""


class Receipt(Struct, frozen=True, kw_only=True):
    """A command took effect."""

    text: str = ""
    """What happened, for the user."""
    detail: dict[str, Any] = {}
    """Figures of it, JSON-like."""


class Keep(StrEnum):
    """How an event is kept for a reader who is late."""

    LATEST = "latest"
    """State: the newest of a key wins, and a late watcher first gets the retained one."""
    EVERY = "every"
    """Fact: lossless and bounded; a reader too slow is cut off and told so."""


class Event(Struct, frozen=True, kw_only=True):
    """Something that is so now (LATEST) or that happened (EVERY)."""

    keep: ClassVar[Keep] = Keep.LATEST

    @property
    def key(self) -> str:
        """Which of its kind: a symbol, a series; "" where there is only one."""
        return ""


class Topic(Struct, frozen=True, kw_only=True):
    """What a watcher wants: events of one kind, of one key or (None) of all keys."""

    event: str
    """The event's class name."""
    key: str | None = None


def topic(event: type[Event], key: str | None = None) -> Topic:
    """``topic(ChainChanged, series)``: the one way to spell a topic."""
    return Topic(event=event.__name__, key=key)


def answer_type(query: type[Query[Any]]) -> Any:
    """The declared answer of a query class: ``Status`` for ``GetStatus(Query[Status])``."""
    for base in getattr(query, "__orig_bases__", ()):
        arguments = get_args(base)
        if arguments:
            return arguments[0]
    raise TypeError(f"{query.__name__} does not say what answers it: derive it from Query[Answer]")
