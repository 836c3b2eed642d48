"""Which rules were broken at an instant, from what was recorded of them: entered, and not over by then."""

from math import isfinite
from typing import NamedTuple

import numpy as np

from engine.domain.columns import Longs
from engine.domain.ids import UtcNanos
from engine.domain.marks import BreachTable
from engine.domain.measures import parse_measure
from optix_tui import format as written


class Broken(NamedTuple):
    """A rule, since when it was broken, and what was measured then."""

    rule: str
    since: UtcNanos
    measure: str
    value: str
    deviation: float
    """In standard errors of the estimate; NaN where the rule looks at the value alone."""


def broken_at(table: BreachTable | None, at: int) -> tuple[Broken, ...]:
    """The newest first; a rule that was kept again by then is none of them."""
    if table is None:
        return ()
    known: set[str] = set()
    found: list[Broken] = []
    for place in np.argsort(-np.asarray(table.at), kind="stable").tolist():
        rule = table.rules[place]
        if int(table.at[place]) > at or rule in known:
            continue
        known.add(rule)
        if table.entered[place]:
            value = float(table.value[place])
            deviation = float(table.deviation[place])
            found.append(
                Broken(rule, UtcNanos(int(table.at[place])), table.measures[place], _text(table.measures[place], value), deviation)
            )
    return tuple(found)


def instants_within(table: BreachTable | None, span: tuple[int, int]) -> tuple[Longs, Longs] | None:
    """When rules were broken, and when they were kept again, in a stretch of time; None where that is not known."""
    if table is None:
        return None
    at, entered = np.asarray(table.at), np.asarray(table.entered) > 0
    inside = (at >= span[0]) & (at <= span[1])
    return at[inside & entered], at[inside & ~entered]


def _text(measure: str, value: float) -> str:
    if not isfinite(value):
        return written.UNKNOWN
    return f"{value * 100:.2f}" if parse_measure(measure).in_percent else written.compact(value)
