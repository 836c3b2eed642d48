"""Every message by its name, found in the modules themselves: nothing is listed twice."""

import zlib
from functools import cache
from types import ModuleType
from typing import Any, TypeVar, get_type_hints

from msgspec import Struct

from engine.domain.errors import BadInput
from engine.messages import base, breaches, commands, compass, events, exposure, flow, measures, queries, realized, surface, valuation
from engine.messages.base import Command, Event, Query, Topic

T = TypeVar("T")


MODULES: tuple[ModuleType, ...] = (queries, commands, events, surface, exposure, measures, flow, realized, breaches, compass, valuation)
"""Everything that can be said; :mod:`engine.api` takes all names of them in."""


def _of(base_class: type[T]) -> dict[str, type[T]]:
    return {
        name: value
        for module in MODULES
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, base_class) and value.__module__ == module.__name__
    }


QUERIES: dict[str, type[Query[Any]]] = _of(Query)
COMMANDS: dict[str, type[Command]] = _of(Command)
EVENTS: dict[str, type[Event]] = _of(Event)


def checked_topics(topics: tuple[Topic, ...]) -> tuple[Topic, ...]:
    """The topics, every one of a known event; raises `BadInput` for anything else."""
    for topic in topics:
        if topic.event not in EVENTS:
            raise BadInput(f"there is no event {topic.event!r} to watch: there are {', '.join(sorted(EVENTS))}")
    if not topics:
        raise BadInput("name at least one topic to watch")
    return topics


@cache
def fingerprint() -> int:
    """One number for the shape of all messages: two programs that differ in it must not talk to each other."""
    seen: dict[str, str] = {}
    for kind in (*QUERIES.values(), *COMMANDS.values(), *EVENTS.values(), base.Receipt):
        _describe(kind, seen)
    return zlib.crc32(repr(sorted(seen.items())).encode())


def _describe(kind: Any, seen: dict[str, str]) -> None:
    """Notes the fields of a struct and of all that it is made of."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        if kind.__name__ in seen:
            return
        hints = get_type_hints(kind)
        seen[kind.__name__] = repr([(name, hints.get(name)) for name in kind.__struct_fields__])
        for hint in hints.values():
            _describe(hint, seen)
        for parent in getattr(kind, "__orig_bases__", ()):
            _describe(parent, seen)
    else:
        for part in getattr(kind, "__args__", ()):
            _describe(part, seen)
