"""`optix vol cone` and `optix vol forecast`: how volatile a name has been, how volatile it may be, and what each model was worth."""

from math import isfinite
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli import output
from engine.cli.realized_documents import (
    CONE_FIELDS,
    FORECAST_FIELDS,
    PLACES,
    cone_document,
    cone_rows,
    forecast_document,
    model_row,
    rows_of,
)
from engine.cli.session import Csv, Feed, Json, Seed, Start, feed_options, with_engine

if TYPE_CHECKING:
    from engine.api import ForecastTable, RealizedVolatility, VolatilityEstimator

SHORT = {"park": "parkinson", "gk": "garman-klass", "rs": "rogers-satchell", "yz": "yang-zhang", "rv": "intraday"}
"""As the estimators are typed behind HVT."""
WINDOWS = (5, 10, 21, 42, 63, 126, 252)
UNRANKED = 99
"""Behind every rank: the walk, the losers and those without a score keep their order."""
FEW = 10
"""Windows end to end below which the outer quantiles are marked."""

Symbol = Annotated[str, typer.Argument(help="The underlying.")]
Sessions = Annotated[int, typer.Option("--sessions", "-n", min=2, max=2_520, help="The newest so many finished sessions.")]


def cone(
    symbol: Symbol,
    estimator: Annotated[
        list[str] | None,
        typer.Option(
            "--estimator", "-e", help="close, parkinson, garman-klass, rogers-satchell, yang-zhang, intraday; again for more; or all."
        ),
    ] = None,
    window: Annotated[list[int] | None, typer.Option("--window", "-w", min=2, max=504, help="Sessions, again for more.")] = None,
    sessions: Sessions = 1_260,
    corrected: Annotated[bool, typer.Option("--corrected", help="Spread by what the overlap of the windows hides.")] = False,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """The volatility cone: how realised volatility has been spread over windows, where it is now, and what is implied."""
    from engine.api import GetRealized
    from engine.api import Symbol as Name
    from engine.domain.osi import bare_ticker

    _one_form(as_json=as_json, as_csv=as_csv)
    question = GetRealized(
        symbol=Name(bare_ticker(symbol)),
        estimators=estimators_of(estimator or ["close"]),
        windows=tuple(sorted(set(window or WINDOWS))),
        rolling=(),
        sessions=sessions,
        corrected=corrected,
    )

    answer = with_engine(lambda engine: engine.ask(question), feed=feed, options=feed_options(seed=seed, start=start))
    if as_json:
        output.document(cone_document(answer, corrected=corrected))
    elif as_csv:
        output.comma_separated(CONE_FIELDS, cone_rows(answer))
    else:
        _print_cone(answer, corrected=corrected)


def forecast(
    symbol: Symbol,
    ahead: Annotated[int, typer.Option("--ahead", "-a", min=1, max=63, help="Sessions ahead.")] = 21,
    sessions: Sessions = 1_260,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Forecasts of volatility by every model, each scored out of sample beside the naive walk; what loses says so."""
    from engine.api import GetForecasts
    from engine.api import Symbol as Name
    from engine.domain.osi import bare_ticker

    _one_form(as_json=as_json, as_csv=as_csv)
    question = GetForecasts(symbol=Name(bare_ticker(symbol)), horizon=ahead, sessions=sessions)

    with output.working("fitting and scoring the models"):
        answer = with_engine(lambda engine: engine.ask(question), feed=feed, options=feed_options(seed=seed, start=start))
    if as_json:
        output.document(forecast_document(answer))
    elif as_csv:
        output.comma_separated(FORECAST_FIELDS, [model_row(one) for one in answer.forecasts])
    else:
        _print_forecasts(answer)


def estimators_of(words: list[str]) -> "tuple[VolatilityEstimator, ...]":
    """The estimators that the words name; BadInput tells those there are."""
    from engine.api import BadInput, VolatilityEstimator

    if "all" in (word.lower() for word in words):
        return tuple(VolatilityEstimator)
    found = []
    for word in words:
        name = SHORT.get(word.lower(), word.lower())
        if name not in {one.value for one in VolatilityEstimator}:
            raise BadInput(f"there is no estimator {word!r}: there are {', '.join(VolatilityEstimator)} and all")
        found.append(VolatilityEstimator(name))
    return tuple(dict.fromkeys(found))


def _one_form(*, as_json: bool, as_csv: bool) -> None:

    output.one_form(as_json=as_json, as_csv=as_csv)


def _print_cone(answer: "RealizedVolatility", *, corrected: bool) -> None:
    for one in answer.cones:
        rows = rows_of(one, answer)
        kind = ", corrected for overlap" if corrected else ""
        output.table(
            ("Window", "n", "Apart", "Min", "5%", "25%", "50%", "75%", "95%", "Max", "Now", "Below", "Implied", "Implied-now"),
            (
                (
                    row["window"],
                    f"{row['n']}{'~' if not row['refusal'] and row['independent'] < FEW else ''}",
                    row["independent"],
                    *(output.number(row[name] * 100, 1) for name in PLACES),
                    output.number(row["now"] * 100, 1),
                    output.percent(row["rank"], 0),
                    output.number(row["implied"] * 100, 1),
                    output.signed((row["implied"] - row["now"]) * 100, 1),
                )
                for row in rows
            ),
            left=0,
            title=f"{answer.symbol}  {one.estimator}{kind}  vol points a year of {answer.sessions_a_year:.0f} sessions  {answer.source}",
        )
        for row in rows:
            if row["refusal"]:
                output.say(f"{row['window']}: refused, {row['refusal']}")
    missing = f", {answer.missing} missing" if answer.missing else ""
    filled = f", {answer.filled} of them not recorded here but asked of {answer.source}" if answer.filled else ""
    output.say(f"{answer.known} sessions{filled}{missing}, the newest closed {output.instant(answer.as_of) or 'never'}")
    if any(row["n"] and not row["refusal"] and row["independent"] < FEW for row in cone_rows(answer)):
        output.say(f"~ fewer than {FEW} windows end to end: the outer quantiles say little")
    if answer.implied_reason:
        output.say(f"no implied volatility: {answer.implied_reason}")


def _print_forecasts(answer: "ForecastTable") -> None:
    output.table(
        ("#", "Model", "Vol", "9 of 10", "Out of sample", "QLIKE", "vs walk", "p", "RMSE", "R2", "n"),
        (
            (
                one.rank or "",
                one.model,
                output.number(one.volatility * 100, 1),
                f"{one.low * 100:.1f}-{one.high * 100:.1f}" if isfinite(one.low) and isfinite(one.high) else "—",
                "LOSES" if one.verdict == "loses" else one.verdict,
                output.number(one.qlike, 3),
                output.signed(one.qlike - one.qlike_naive, 3),
                output.number(one.p_value, 3),
                output.number(one.rmse * 1e4, 0),
                output.signed(one.r_squared),
                one.scored or "—",
            )
            for one in sorted(answer.forecasts, key=lambda one: one.rank or UNRANKED)
        ),
        left=2,
        title=f"{answer.symbol}  {answer.horizon} sessions ahead  vol points a year  {answer.source}",
    )
    output.say(f"outcome: {answer.outcome}; {answer.observations} sessions in a row, {answer.learning} of them to learn from first")
    for one in answer.forecasts:
        if one.refusal:
            output.say(f"{one.model}: {one.refusal}")
