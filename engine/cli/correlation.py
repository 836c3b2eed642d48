"""`optix correlation`: how names move together, how sure it is, and a pair of them through time."""

from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli import output
from engine.cli.session import Csv, Feed, Json, Seed, Start, feed_options, with_engine

if TYPE_CHECKING:
    from engine.api import CorrelationTable, Engine, Symbol

PAIR_FIELDS = "one other correlation low high p_value n refusal".split()
UNITS = {
    "asof": "close of the newest session that counts, ISO 8601 UTC",
    "window": "common sessions looked back on",
    "lag": "sessions by which the first name comes before the other",
    "least": "common sessions below which no number is given",
    "correlation": "of daily log returns over common sessions, -1 to 1",
    "low": "of the 95 % interval (Fisher's z)",
    "high": "of the 95 % interval",
    "p_value": "of no correlation, two-sided; takes returns as independent of those before",
    "n": "returns over common sessions that the number stands on",
    "refusal": "why there is no number; null where there is one",
    "volatility": "close to close over the window, fraction a year",
    "day": "session's date",
    "missing": "null",
}
SURE, FAIRLY_SURE = 0.01, 0.05


def correlation(
    symbols: Annotated[list[str] | None, typer.Argument(help="Underlyings; none: those of the list.")] = None,
    watchlist: Annotated[str | None, typer.Option("--list", "-l", help="A watchlist's names. Default, without names: the first.")] = None,
    window: Annotated[int, typer.Option("--window", "-w", min=20, max=2_520, help="Common sessions.")] = 63,
    lag: Annotated[int, typer.Option("--lag", min=-20, max=20, help="The first name so many sessions before the other.")] = 0,
    rolling: Annotated[bool, typer.Option("--rolling", help="Two names through time, a value a session.")] = False,
    sessions: Annotated[int, typer.Option("--sessions", "-n", min=2, max=2_520, help="How far back --rolling goes.")] = 504,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """How names move together: a number a pair with its interval, its significance and the sessions it stands on."""
    from engine.api import BadInput, GetCorrelation
    from engine.api import Symbol as Name
    from engine.domain.osi import bare_ticker

    output.one_form(as_json=as_json, as_csv=as_csv)
    if symbols and watchlist:
        raise BadInput("give names or a --list, not both")
    typed = tuple(dict.fromkeys(Name(bare_ticker(text)) for text in symbols or ()))
    if rolling and len(typed) != 2:
        raise BadInput("--rolling takes two names, such as SPY QQQ")
    if len(typed) == 1:
        raise BadInput(f"{typed[0]} alone moves with nothing: give two names or more, such as SPY QQQ")

    async def ask(engine: "Engine") -> "CorrelationTable":
        names = typed or await _listed(engine, watchlist)
        pair = (names[0], names[1]) if rolling else None
        return await engine.ask(GetCorrelation(symbols=names, window=window, lag=lag, pair=pair, sessions=sessions))

    answer = with_engine(ask, feed=feed, options=feed_options(seed=seed, start=start))
    if rolling:
        _tell_pair(answer, as_json=as_json, as_csv=as_csv)
    elif as_json:
        output.document(document(answer))
    elif as_csv:
        output.comma_separated(PAIR_FIELDS, pair_rows(answer))
    else:
        _print(answer)
    if answer.unknown:
        output.say(f"not known here: {', '.join(answer.unknown)}")


async def _listed(engine: "Engine", wanted: str | None) -> "tuple[Symbol, ...]":
    from engine.api import BadInput, GetWatchlists

    lists = (await engine.ask(GetWatchlists())).lists
    for one in lists:
        if wanted is None or one.name.lower() == wanted.lower():
            if one.symbols:
                return one.symbols
            raise BadInput(f"the watchlist {one.name} is empty: add names (`optix watchlist add`)")
    if wanted is None:
        raise BadInput("there is no watchlist: give names, such as SPY QQQ TLT")
    raise BadInput(f"there is no watchlist {wanted!r}; there are {', '.join(one.name for one in lists)}")


def pair_rows(answer: "CorrelationTable") -> list[dict[str, Any]]:
    """Each pair once, or, with a lag, in either order and each name with itself."""
    names = answer.symbols
    places = [(row, column) for row in range(len(names)) for column in range(len(names)) if answer.lag or row < column]
    return [
        {
            "one": names[row],
            "other": names[column],
            "correlation": float(answer.value[row, column]),
            "low": float(answer.low[row, column]),
            "high": float(answer.high[row, column]),
            "p_value": float(answer.p_value[row, column]),
            "n": int(answer.common[row, column]),
            "refusal": refusal(answer, row, column),
        }
        for row, column in places
    ]


def refusal(answer: "CorrelationTable", row: int, column: int) -> str | None:
    """Why a pair has no number; None where it has one."""
    common = int(answer.common[row, column])
    if common < answer.least:
        return f"{common} common sessions; {answer.least} are needed"
    return None if isfinite(answer.value[row, column]) else "one of them does not move"


def document(answer: "CorrelationTable") -> dict[str, Any]:
    """The documented JSON."""
    return {
        **_head("correlation", answer),
        "symbols": answer.symbols,
        "volatility": dict(zip(answer.symbols, answer.volatility.tolist(), strict=True)),
        "pairs": pair_rows(answer),
    }


def _head(name: str, answer: "CorrelationTable") -> dict[str, Any]:
    return {
        "schema": output.schema(name, UNITS),
        "source": answer.source,
        "asof": output.instant(answer.as_of),
        "window": answer.window,
        "lag": answer.lag,
        "least": answer.least,
        "unknown": answer.unknown,
    }


def _tell_pair(answer: "CorrelationTable", *, as_json: bool, as_csv: bool) -> None:
    from engine.api import Refused

    pair = answer.pair
    if pair is None:
        raise Refused(f"there is no pair to follow: {', '.join(answer.unknown) or 'one name'} is not known here")
    rows = [
        {"day": (output.instant(day) or "")[:10], "correlation": value}
        for day, value in zip(pair.day.tolist(), pair.rolling.tolist(), strict=True)
        if isfinite(value)
    ]
    if not rows:
        raise Refused(f"{pair.one} and {pair.other} have too few common sessions for a window of {answer.window}")
    if as_json:
        output.document({**_head("correlation.rolling", answer), "one": pair.one, "other": pair.other, "values": rows})
    elif as_csv:
        output.comma_separated(("day", "correlation"), rows)
    else:
        title = f"{pair.one} / {pair.other}  {answer.window} common sessions{_lag_words(answer)}  {answer.source}"
        output.table(("Day", "Correlation"), ((row["day"], output.signed(row["correlation"])) for row in rows), title=title)


def _lag_words(answer: "CorrelationTable") -> str:
    return f", lag {answer.lag:+d}" if answer.lag else ""


def _print(answer: "CorrelationTable") -> None:
    names = answer.symbols
    output.table(
        ("", *names, "Vol", "n"),
        (
            (
                name,
                *(_cell(answer, row, column) for column in range(len(names))),
                output.number(float(answer.volatility[row]) * 100, 1),
                _counts(answer, row),
            )
            for row, name in enumerate(names)
        ),
        title=f"{answer.window} common sessions{_lag_words(answer)}  {answer.source}",
    )
    output.say("** significant at 1 %, * at 5 %; of twenty pairs without any correlation one carries a mark by chance")
    if answer.lag:
        first = "row" if answer.lag > 0 else "column"
        output.say(f"the {first}'s name comes {abs(answer.lag)} session{'' if abs(answer.lag) == 1 else 's'} before the other's")


def _cell(answer: "CorrelationTable", row: int, column: int) -> str:
    if row == column and not answer.lag:
        return "·  "
    p_value = float(answer.p_value[row, column])
    mark = "**" if p_value < SURE else "*" if p_value < FAIRLY_SURE else ""
    return f"{output.signed(float(answer.value[row, column]))}{mark:<2}"


def _counts(answer: "CorrelationTable", row: int) -> str:
    counts = [int(answer.common[row, column]) for column in range(len(answer.symbols)) if column != row or answer.lag]
    if not counts:
        return "—"
    return f"{min(counts)}" if min(counts) == max(counts) else f"{min(counts)}-{max(counts)}"
