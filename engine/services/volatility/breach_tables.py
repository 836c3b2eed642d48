"""Breach marks as the table that answers, and back."""

from collections.abc import Iterable, Iterator

from engine.domain.columns import codes, floats, longs
from engine.domain.ids import UtcNanos
from engine.domain.marks import BreachMark, BreachTable


def table_of(marks: Iterable[BreachMark], limit: int) -> BreachTable:
    """The newest ``limit``, newest first, each once: the memory and the history may know the same."""
    once = {(mark.at, mark.symbol, mark.rule, mark.entered): mark for mark in marks}
    rows = sorted(once.values(), key=lambda mark: (-mark.at, mark.symbol, mark.rule))[: max(limit, 0)]
    return BreachTable(
        at=longs([mark.at for mark in rows]),
        symbols=tuple(mark.symbol for mark in rows),
        rules=tuple(mark.rule for mark in rows),
        measures=tuple(mark.measure for mark in rows),
        entered=codes([int(mark.entered) for mark in rows]),
        value=floats([mark.value for mark in rows]),
        estimate=floats([mark.estimate for mark in rows]),
        deviation=floats([mark.deviation for mark in rows]),
        threshold=floats([mark.threshold for mark in rows]),
    )


def named(table: BreachTable) -> Iterator[BreachMark]:
    """The rows of a table as marks."""
    columns = (table.at, table.entered, table.value, table.estimate, table.deviation, table.threshold)
    rows = zip(*(column.tolist() for column in columns), table.symbols, table.rules, table.measures, strict=True)
    for at, entered, value, estimate, deviation, threshold, symbol, rule, measure in rows:
        yield BreachMark(
            at=UtcNanos(at),
            symbol=symbol,
            rule=rule,
            measure=measure,
            entered=bool(entered),
            value=value,
            estimate=estimate,
            deviation=deviation,
            threshold=threshold,
        )
