"""`optix breaches`: which rules on volatility were broken, by whom and when."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli import breach_rules, output
from engine.cli.breach_documents import FIELDS, HEADS, UNITS, breach_cells, breach_rows, mark_row, spread
from engine.cli.nouns import OneByDefault, noun
from engine.cli.past_trouble import tell_past_trouble
from engine.cli.session import Csv, Feed, Json, Seed, Speed, Start, feed_options, tell_source, with_engine
from engine.cli.since import Since, instant_of

if TYPE_CHECKING:
    from engine.api import Engine, GetBreaches
    from engine.domain.marks import BreachTable

HAPPENED = "happened"


class HappenedByDefault(OneByDefault):
    """`optix breaches SPX` is `optix breaches happened SPX`."""

    default = HAPPENED


app = noun(
    "Breaches of the rules on volatility: jumps, an inverted term, implied below realised; the rules, kept, tried and forgotten.",
    cls=HappenedByDefault,
    no_args_is_help=False,
    subcommand_metavar="[SYMBOL] or COMMAND [ARGS]...",
)

Name = Annotated[str | None, typer.Argument(help="The underlying; none: all of them.")]


@app.command(HAPPENED, hidden=True)
def breaches(
    symbol: Name = None,
    rule: Annotated[str, typer.Option("--rule", "-r", metavar="NAME", help="Only this rule's.")] = "",
    since: Since = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="So many of the newest.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", help="Goes on until Ctrl+C; with --json one line a breach.")] = False,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    speed: Speed = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Breaches of the rules on volatility, newest first; `rules` shows how far each name is from one."""
    from engine.api import GetBreaches, GetStatus, Symbol
    from engine.domain.osi import bare_ticker

    output.one_form(as_json=as_json, as_csv=as_csv)
    name = Symbol(bare_ticker(symbol) if symbol else "")

    async def ask(engine: "Engine") -> "tuple[BreachTable | None, str, str]":
        known = await _known_rule(engine, rule)
        query = GetBreaches(symbol=name, rule=known, since=await instant_of(engine, since), limit=limit)
        if follow:
            await _follow(engine, query, as_json=as_json, as_csv=as_csv)
            return None, "", known
        table: BreachTable = await engine.ask(query)
        if not table.at.size:
            await tell_past_trouble(engine)
        return table, (await engine.ask(GetStatus())).source, known

    answer, source, known = with_engine(ask, feed=feed, options=feed_options(seed=seed, start=start, speed=speed))
    if answer is None:
        return
    found = list(breach_rows(answer))
    if as_json:
        head = {"schema": output.schema("breaches", UNITS), "source": source, "symbol": name or None, "rule": known or None}
        output.document({**head, "breaches": found})
    elif as_csv:
        output.comma_separated(FIELDS, found)
    else:
        output.table(HEADS, map(breach_cells, found), left=4)
    if not found:
        output.say(
            "no breach is known: they are told and kept while an engine runs, and a market of options of its own has no past; "
            "`optix breaches rules` shows how far each name is from one"
        )


async def _known_rule(engine: "Engine", rule: str) -> str:
    """The rule's own name. One that was deleted has a past still; a name that is neither a rule nor in the past is a mistake."""
    from engine.api import GetBreaches, GetBreachRules

    if not rule or len((await engine.ask(GetBreaches(rule=rule, limit=1))).at):
        return rule
    return breach_rules.named((await engine.ask(GetBreachRules())).rules, rule).name


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
        await tell_source(engine)
        output.say(f"{len(past)} breaches so far; waiting for the next (Ctrl+C ends)")
        async for event in subscription:
            if isinstance(event, BreachHappened) and query.rule in {"", event.breach.rule}:
                row = mark_row(event.breach)
                if key_of(row) not in past:
                    tell(row)
    finally:
        subscription.close()


for command in (breach_rules.rules, breach_rules.add, breach_rules.remove, breach_rules.enable, breach_rules.disable):
    app.command()(command)
app.command("try")(breach_rules.try_)
