"""`optix breaches`: which rules on volatility were broken, by whom and when; and the rules themselves with where each name stands."""

import asyncio
import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli import output
from engine.cli.breach_documents import FIELDS, HEADS, UNITS, breach_cells, breach_rows, mark_row, spread, tell_rules
from engine.cli.session import Csv, Feed, Json, Seed, Speed, Start, feed_options, with_engine

if TYPE_CHECKING:
    from engine.api import BreachBoard, Engine, GetBreaches, UtcNanos
    from engine.domain.marks import BreachTable

SPANS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
LOOKS, LOOK_SECONDS = 5, 1.0
"""An engine that has just started needs a second or two to judge a name that is asked about."""

Name = Annotated[str | None, typer.Argument(help="The underlying; none: all of them.")]
Since = Annotated[
    str | None, typer.Option("--since", metavar="WHEN", help="Back to: 30m, 6h, 2d, 1w, 2026-11-20 or 2026-11-20T15:30 (New York).")
]


def breaches(
    symbol: Name = None,
    rule: Annotated[str, typer.Option("--rule", "-r", metavar="NAME", help="Only this rule's.")] = "",
    since: Since = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="So many of the newest.")] = 50,
    rules: Annotated[
        bool, typer.Option("--rules", help="The rules, and where each name stands to them, instead of what happened.")
    ] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Goes on until Ctrl+C; with --json one line a breach.")] = False,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    speed: Speed = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Breaches of the rules on volatility: jumps, an inverted term, implied below realised. Rules: config/breach-rules.toml."""
    from engine.api import BadInput, GetBreaches, GetBreachRules, Symbol
    from engine.domain.osi import bare_ticker

    output.one_form(as_json=as_json, as_csv=as_csv)
    if rules and (follow or since):
        raise BadInput("--rules tells how things stand now: say it without --follow and --since")
    name = Symbol(bare_ticker(symbol) if symbol else "")
    options = feed_options(seed=seed, start=start, speed=speed)
    if rules:
        board = with_engine(lambda engine: _board(engine, GetBreachRules(symbol=name)), feed=feed, options=options)
        tell_rules(_of_rule(board, rule), as_json=as_json, as_csv=as_csv)
        return

    async def ask(engine: "Engine") -> "BreachTable | None":
        await _check_rule(engine, rule)
        query = GetBreaches(symbol=name, rule=rule, since=await _instant(engine, since), limit=limit)
        if follow:
            await _follow(engine, query, as_json=as_json, as_csv=as_csv)
            return None
        return await engine.ask(query)

    answer = with_engine(ask, feed=feed, options=options)
    if answer is None:
        return
    found = list(breach_rows(answer))
    if as_json:
        head = {"schema": output.schema("breaches", UNITS), "symbol": name or None, "rule": rule or None}
        output.document({**head, "breaches": found})
    elif as_csv:
        output.comma_separated(FIELDS, found)
    else:
        output.table(HEADS, map(breach_cells, found), left=4)
    if not found:
        output.say("no breach is known: they are told and kept while an engine runs; --rules shows how far each name is from one")


async def _check_rule(engine: "Engine", rule: str) -> None:
    """A rule that was deleted has a past still; a name that is neither a rule nor in the past is a mistake."""
    from engine.api import BadInput, GetBreaches, GetBreachRules

    if not rule:
        return
    known = [one.name for one in (await engine.ask(GetBreachRules())).rules]
    if rule not in known and not len((await engine.ask(GetBreaches(rule=rule, limit=1))).at):
        raise BadInput(f"there is no breach rule {rule!r}: there are {', '.join(known) or 'none'}")


async def _instant(engine: "Engine", since: str | None) -> "UtcNanos | None":
    """A moment, or so long before the market's own time; BadInput for anything else."""
    from engine.api import BadInput, GetStatus, UtcNanos
    from engine.domain.instants import parse_instant

    if since is None:
        return None
    span = re.fullmatch(r"(\d{1,6})([mhdw])", since.strip().lower())
    if span is None:
        try:
            return parse_instant(since, day_begins=True)
        except BadInput as error:
            raise BadInput(f"{since!r} is no time: write it as 30m, 6h, 2d, 2026-11-20 or 2026-11-20T15:30 (New York)") from error
    status = await engine.ask(GetStatus())
    return UtcNanos((status.market_time or status.wall_time) - int(span[1]) * SPANS[span[2]] * 1_000_000_000)


async def _follow(engine: "Engine", query: "GetBreaches", *, as_json: bool, as_csv: bool) -> None:
    """What is there first, oldest first, then each breach once as it comes."""
    from engine.api import BreachHappened, topic

    if not (as_json or as_csv):
        output.plain_line(spread(HEADS))
    tell = output.told_as_they_come("breaches", FIELDS, lambda row: spread(breach_cells(row)), as_json=as_json, as_csv=as_csv)
    subscription = engine.watch(topic(BreachHappened, query.symbol) if query.symbol else topic(BreachHappened))
    past: set[tuple[Any, ...]] = set()

    def key_of(row: dict[str, Any]) -> tuple[Any, ...]:
        return row["at"], row["symbol"], row["rule"], row["event"]

    try:
        for row in reversed(list(breach_rows(await engine.ask(query)))):
            past.add(key_of(row))
            tell(row)
        output.say(f"{len(past)} breaches so far; waiting for the next (Ctrl+C ends)")
        async for event in subscription:
            if isinstance(event, BreachHappened) and query.rule in {"", event.breach.rule}:
                row = mark_row(event.breach)
                if key_of(row) not in past:
                    tell(row)
    finally:
        subscription.close()


async def _board(engine: "Engine", query: Any) -> "BreachBoard":
    """The rules; of a name, once it was judged or some seconds have passed."""
    from engine.api import GetSurface, OptixError

    answer: BreachBoard = await engine.ask(query)
    if not query.symbol or any(one.at for one in answer.standings):
        return answer
    try:
        await engine.ask(GetSurface(symbol=query.symbol))
    except OptixError as error:
        output.say(f"{query.symbol}: {error}")
        return answer
    for _ in range(LOOKS):
        answer = await engine.ask(query)
        if any(one.at for one in answer.standings):
            break
        await asyncio.sleep(LOOK_SECONDS)
    return answer


def _of_rule(board: "BreachBoard", rule: str) -> "BreachBoard":
    from msgspec.structs import replace

    from engine.api import BadInput

    if not rule:
        return board
    kept = tuple(one for one in board.rules if one.name == rule)
    if not kept:
        raise BadInput(f"there is no breach rule {rule!r}: there are {', '.join(one.name for one in board.rules) or 'none'}")
    return replace(board, rules=kept, standings=tuple(one for one in board.standings if one.rule == rule))
