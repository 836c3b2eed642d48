"""`optix vol`: how the volatility of a name, and what is measured beside it, has moved, and where it stands."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli import compass, output, realized
from engine.cli.nouns import noun
from engine.cli.past_trouble import tell_past_trouble
from engine.cli.session import Csv, Feed, Json, Seed, Start, feed_options, with_engine

if TYPE_CHECKING:
    from engine.api import Engine, MeasureHistory, MeasureTable

app = noun("Volatility through time: history, rank and percentile of any measure; cones and scored forecasts; the compass across names.")

RANK_FIELDS = "measure now now_at rank percentile sessions window low high mean deviation refusal words unit".split()
RANK_UNITS = {
    "now": "newest daily value; volatilities and their differences are fractions a year, exposures $ per 1 %",
    "now_at": "its session's date",
    "rank": "(now - low) / (high - low), 0 to 1; null where it is refused",
    "percentile": "share of the sessions before that lie below now, 0 to 1; null where it is refused",
    "sessions": "known sessions before now within the window",
    "window": "sessions looked back on",
    "low": "least of them and now, in the unit of now",
    "high": "greatest of them and now, in the unit of now",
    "mean": "of the sessions before, in the unit of now",
    "deviation": "standard deviation of the sessions before, in the unit of now",
    "missing": "null",
}
PERCENT_DIGITS = 2
MOST_NAMED = 5
"""Measures without a past that are named, where all were asked for."""
USUAL = "atm:30"

Symbol = Annotated[str, typer.Argument(help="The underlying.")]


@app.command()
def history(
    symbol: Symbol,
    measure: Annotated[
        str,
        typer.Option(
            "--measure",
            "-m",
            help="atm:30, rr25:30, index:30, term:30:90, vrp:30, gex, pcr:volume ...; none: atm:30, or the first that has a past.",
            show_default=False,
        ),
    ] = "",
    sessions: Annotated[int, typer.Option("--sessions", "-n", min=1, max=100_000, help="The newest so many values.")] = 60,
    intraday: Annotated[bool, typer.Option("--intraday", help="As recorded within sessions, instead of the last of each.")] = False,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """One measure of a name through time, oldest first."""
    output.one_form(as_json=as_json, as_csv=as_csv)
    options = feed_options(seed=seed, start=start)
    answer = _ask(symbol, (measure or USUAL,), options, feed=feed, any_other=not measure, limit=sessions, daily=not intraday)
    found = answer.histories[0]
    origins = found.origins or ("",) * len(found.at)
    rows = [
        (_day(at) if answer.daily else output.instant(at), value, origin)
        for at, value, origin in zip(found.at.tolist(), found.value.tolist(), origins, strict=True)
    ]
    when = "day" if answer.daily else "at"
    if as_json:
        units = {"value": found.unit, "day": "session's date", "at": "ISO 8601 UTC", "origin": "who said it"}
        head = {"schema": output.schema("vol.history", units), "symbol": answer.symbol, "source": answer.source}
        named = [dict(zip((when, "value", "origin") if answer.daily else (when, "value"), row, strict=False)) for row in rows]
        output.document({**head, "measure": found.measure, "words": found.words, "daily": answer.daily, "values": named})
    elif as_csv:
        output.comma_separated((when, "value", "origin"), (dict(zip((when, "value", "origin"), row, strict=True)) for row in rows))
    else:
        title = f"{answer.symbol}  {found.words}  {answer.source}"
        output.table(
            (when.capitalize(), found.measure, "Said by"), ((at, _shown(found, value), origin) for at, value, origin in rows), title=title
        )
        if not rows:
            output.say(f"nothing is known of {found.measure} yet: {_how_known(found.measure)}")


@app.command()
def rank(
    symbol: Symbol,
    measure: Annotated[
        list[str] | None, typer.Option("--measure", "-m", help="A measure, again for more; none: all that have a past.")
    ] = None,
    window: Annotated[int, typer.Option("--window", "-w", min=1, max=10_000, help="Sessions to look back on.")] = 252,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Where each measure of a name stands against its past: rank, percentile, and how many sessions they stand on."""
    output.one_form(as_json=as_json, as_csv=as_csv)
    answer = _ask(symbol, tuple(measure or ()), feed_options(seed=seed, start=start), feed=feed, window=window, limit=1)
    rows = [_rank_row(found) for found in answer.histories]
    if as_json:
        head = {"schema": output.schema("vol.rank", RANK_UNITS), "symbol": answer.symbol, "source": answer.source}
        output.document({**head, "measures": rows})
    elif as_csv:
        output.comma_separated(RANK_FIELDS, rows)
    else:
        _print_ranks(answer, everything=bool(measure))


for found in (realized.cone, realized.forecast, compass.compass):
    app.command()(found)


def _print_ranks(answer: "MeasureTable", *, everything: bool) -> None:
    """Where none was named, those with a past are shown and the others told of."""
    shown = [found for found in answer.histories if everything or found.sessions] or answer.histories
    output.table(
        ("Measure", "Now", "Of", "Rank", "Percentile", "Low", "High", "Mean", "Sessions"),
        (
            (
                found.measure,
                _shown(found, found.now),
                _day(found.now_at) or "—",
                output.percent(found.rank, 0),
                output.percent(found.percentile, 0),
                *(_shown(found, value) for value in (found.low, found.high, found.mean)),
                f"{found.sessions} of {found.window}",
            )
            for found in shown
        ),
        title=f"{answer.symbol}  {answer.source}",
    )
    refused = {found.refusal: [other.measure for other in answer.histories if other.refusal == found.refusal] for found in answer.histories}
    for why, measures in refused.items():
        if why:
            told = measures if everything or len(measures) <= MOST_NAMED else [*measures[:MOST_NAMED], f"{len(measures) - MOST_NAMED} more"]
            output.say(f"{', '.join(told)}: {why}")
    if not answer.histories:
        output.say("nothing has a past yet: it is recorded while an engine runs, or imported (`optix import series`)")


def _ask(
    symbol: str, measures: tuple[str, ...], options: dict[str, Any], *, feed: str | None, any_other: bool = False, **wanted: Any
) -> "MeasureTable":
    """The table; with ``any_other`` that of the first measure that has a daily past, where what was asked for has none."""
    from msgspec.structs import replace

    from engine.api import GetMeasures
    from engine.api import Symbol as Name
    from engine.domain.osi import bare_ticker

    question: GetMeasures = GetMeasures(symbol=Name(bare_ticker(symbol)), measures=measures, **wanted)

    async def ask(engine: "Engine") -> "MeasureTable":
        table: MeasureTable = await engine.ask(question)
        if any_other and question.daily and not any(one.at.size for one in table.histories):
            others = await engine.ask(replace(question, measures=()))
            known = tuple(one for one in others.histories if one.at.size)[:1]
            table = replace(others, histories=known) if known else table
        if not table.histories or any(not one.at.size or one.refusal for one in table.histories):
            await tell_past_trouble(engine)
        return table

    return with_engine(ask, feed=feed, options=options)


def _how_known(measure: str) -> str:
    """Where the past of a measure comes from."""
    from engine.domain.measures import MeasureKind, parse_measure

    if parse_measure(measure).kind in {MeasureKind.VANNA, MeasureKind.CHARM, MeasureKind.FORECAST}:
        return "no engine records it, but it can be imported (`optix import series`)"
    return "it is recorded while an engine runs (some measures only where a breach rule follows them), or imported (`optix import series`)"


def _rank_row(found: "MeasureHistory") -> dict[str, Any]:
    row = {name: getattr(found, name) for name in RANK_FIELDS}
    return row | {"now_at": _day(found.now_at), "refusal": found.refusal or None}


def _shown(found: "MeasureHistory", value: float) -> str:
    """A value as people read it."""
    if found.in_percent:
        return output.percent(value, PERCENT_DIGITS)
    return output.number(value, 0) if abs(value) >= 1e5 else output.number(value, 2)


def _day(at: int) -> str | None:
    return (output.instant(at) or "")[:10] or None
