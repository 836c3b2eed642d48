"""Every message by its name, derived from the modules that define them: nothing is listed twice."""

from collections.abc import Iterable
from types import ModuleType
from typing import Any

from engine.messages import commands, events, queries
from engine.messages.base import Command, Event, Query, answer_type


def _derived(module: ModuleType, base: type) -> Iterable[type[Any]]:
    return (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value is not base and value.__module__ == module.__name__
    )


QUERIES: dict[str, type[Query[Any]]] = {kind.__name__: kind for kind in _derived(queries, Query)}
COMMANDS: dict[str, type[Command]] = {kind.__name__: kind for kind in _derived(commands, Command)}
EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in _derived(events, Event)}
ANSWERS: dict[str, type[Any]] = {name: answer_type(kind) for name, kind in QUERIES.items()}
