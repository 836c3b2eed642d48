"""Puts a daily series from a file into the history: of the market that is open, or of real markets where that one is simulated."""

from itertools import islice

from engine.domain.errors import BadInput
from engine.domain.ids import SourceId
from engine.domain.instants import from_nanos
from engine.domain.measures import Measure, MeasureKind, MeasureUnit, parse_measure
from engine.domain.osi import bare_ticker
from engine.kernel.offload import Offload
from engine.messages.base import Receipt
from engine.messages.measures import ImportSeries, SeriesUnit
from engine.services.market.importing import StoreDoor
from engine.services.market.lookup import spelled
from engine.services.market.series_files import (
    PUBLISHED,
    TOLD_ROWS,
    DailySeries,
    in_fractions,
    lines_below_zero,
    read_series,
    written_in_percent,
)


class SeriesImports:
    """Carries out imports of series."""

    def __init__(self, *, open_store: StoreDoor, offload: Offload) -> None:
        self._open_store = open_store
        self._offload = offload

    async def import_series(self, command: ImportSeries) -> Receipt:
        """Reads the file and keeps its series; the same again changes nothing."""
        series = await self._offload.run(read_series, command.path, command.column)
        symbol = spelled(bare_ticker(command.symbol)) if command.symbol.strip() else spelled(series.name)
        if not symbol:
            raise BadInput(f"{command.path} does not say whose series it is: name it with --symbol, as in --symbol VIX")
        measure = _measure(command.measure, symbol)
        percent = measure.in_percent and _percent(command.unit, series, measure)
        _check(series, measure)
        source = SourceId("import")
        async with self._open_store(source) as store:
            report = await store.import_series(symbol, measure.text, series.day, in_fractions(series.value, percent=percent), source=source)
        first, last = (from_nanos(int(series.day[place])).date().isoformat() for place in (0, -1))
        written = "" if not measure.in_percent else ", in percent" if percent else ", in fractions"
        taken = f"{series.kind}, {_days(len(series.day))} {first} to {last}{written}"
        left = f"; {_days(series.unknown)} without a value" if series.unknown else ""
        done = f"{_days(report.added)} new" + (f", {report.changed:,} corrected" if report.changed else "")
        if not report.added and not report.changed:
            done = "in the history already, nothing changed"
        return Receipt(
            text=f"{symbol} {measure.text} ({measure.words}): {taken}{left}: {done}; history of {report.store}",
            detail={
                "symbol": str(symbol),
                "measure": measure.text,
                "taken_for": series.kind,
                "column": series.column,
                "in_percent": percent,
                "days": len(series.day),
                "first": first,
                "last": last,
                "unknown_days": series.unknown,
                "days_added": report.added,
                "days_changed": report.changed,
                "store": report.store,
            },
        )


def _measure(text: str, symbol: str) -> Measure:
    if text.strip():
        return parse_measure(text)
    if symbol in PUBLISHED:
        return Measure(kind=MeasureKind.LEVEL)
    raise BadInput(
        f"what is the series of {symbol} a measure of? Name it with --measure, as in --measure index:30, or level for any number"
    )


def _percent(unit: SeriesUnit, series: DailySeries, measure: Measure) -> bool:
    if unit is not SeriesUnit.AUTO:
        return unit is SeriesUnit.PERCENT
    found = written_in_percent(series.value, signed=measure.unit is MeasureUnit.DIFFERENCE)
    if found is None:
        raise BadInput(
            f"are the values of {measure.text} vol points or fractions? They are too near to one another to tell: "
            "say --unit percent (0.45 is 0.45 vol points) or --unit fraction (0.0045 is)"
        )
    return found


def _days(count: int) -> str:
    return f"{count:,} day{'' if count == 1 else 's'}"


def _check(series: DailySeries, measure: Measure) -> None:
    """A volatility is above zero."""
    if measure.unit is MeasureUnit.VOLATILITY and not (series.value > 0.0).all():
        wrong = ", ".join(islice(lines_below_zero(series), TOLD_ROWS))
        raise BadInput(f"a volatility is above zero, and those of {wrong} are not: nothing was imported")
