"""One measured figure, its bar, and how a table of them is printed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured: a cost, or a ratio against a named peer or floor of the same run."""

    what: str
    value: float
    unit: str
    bar: float | None = None
    """None where the figure is shown for orientation only."""
    more_is_better: bool = False
    note: str = ""

    @property
    def met(self) -> bool | None:
        if self.bar is None:
            return None
        return self.value >= self.bar if self.more_is_better else self.value <= self.bar


Measure = Callable[[], Iterator[Figure]]


def line(figure: Figure) -> str:
    """A row of the table."""
    verdict = {True: "met", False: "MISSED", None: ""}[figure.met]
    bar = "" if figure.bar is None else f"{'>=' if figure.more_is_better else '<='} {figure.bar:g}"
    return f"{figure.what:<58} {figure.value:>12,.4g} {figure.unit:<14} {bar:>10}  {verdict:<7} {figure.note}".rstrip()
