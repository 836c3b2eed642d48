"""What was said, taken as it is where it needs no conversion: Typer's own conversion loads pydantic, an eighth of a second a command."""

from collections.abc import Callable
from typing import Any, get_args, get_origin


class AsSaid:
    """Stands before a parameter's conversion, which is made only for a value that is not of its type yet."""

    def __init__(self, annotation: Any, conversion: Callable[[], Any]) -> None:
        self._annotation = annotation
        self._conversion = conversion

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value in its type; nothing said stays nothing. A default is of its type, what is typed is text."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        return value if fits(value, self._annotation) else self._conversion().coerce(value, param=param, ctx=ctx)


def fits(value: Any, annotation: Any) -> bool:
    """Whether a value, or each of a list's, is of its type."""
    if get_origin(annotation) is list:
        return isinstance(value, list | tuple) and all(fits(one, get_args(annotation)[0]) for one in value)
    return type(value) is annotation


def taken_as_said(param: Any) -> None:
    """Gives a parameter of Typer's that way."""
    descriptor, conversion = getattr(param, "type_descriptor", None), getattr(param, "get_runtime_param", None)
    if descriptor is not None and conversion is not None:
        said = AsSaid(descriptor.annotation, conversion)
        param.get_runtime_param = lambda: said
