"""`optix breaches rules`, `add`, `remove`, `enable`, `disable` and `try`: what is followed, and how it would have fared."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli import output
from engine.cli.breach_documents import FIELDS, HEADS, UNITS, breach_cells, breach_rows, rule_row, rule_words, tell_rules
from engine.cli.breach_limits import Above, Below, Beyond, Limits, Release, rule_of
from engine.cli.session import Csv, Feed, Json, Seed, Speed, Start, feed_options, with_engine
from engine.cli.since import Since, instant_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.api import BreachBoard, BreachTrial, Engine
    from engine.domain.marks import BreachRule

LOOKS, LOOK_SECONDS = 5, 1.0
"""An engine that has just started needs a second or two to judge a name that is asked about."""

Rule = Annotated[str, typer.Argument(metavar="RULE", help="The rule's name, in quotes where it has blanks.")]
Rules = Annotated[list[str], typer.Argument(metavar="RULE...", help="The rules' names, in quotes where they have blanks.")]
MEASURES = "atm:30, rr25:30, bf25:30, term:30:90, vrp:30 (implied less realised), residual:30, rv:30, ar, index:30, pcr:volume ..."


def rules(
    symbol: Annotated[str | None, typer.Argument(help="The underlying; none: all that were judged.")] = None,
    rule: Annotated[str, typer.Option("--rule", "-r", metavar="NAME", help="This rule alone.")] = "",
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    speed: Speed = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """The rules, and how far each name is from breaking them."""
    from engine.api import GetBreachRules, Symbol
    from engine.domain.osi import bare_ticker

    output.one_form(as_json=as_json, as_csv=as_csv)
    query = GetBreachRules(symbol=Symbol(bare_ticker(symbol) if symbol else ""))
    options = feed_options(seed=seed, start=start, speed=speed)
    board = with_engine(lambda engine: _board(engine, query), feed=feed, options=options)
    tell_rules(_of_rule(board, rule), as_json=as_json, as_csv=as_csv)


def add(
    name: Rule,
    measure: Annotated[str, typer.Argument(help=f"What it follows: {MEASURES}")],
    above: Above = None,
    below: Below = None,
    beyond: Beyond = None,
    release: Release = None,
    symbols: Annotated[
        list[str] | None, typer.Option("--symbol", "-s", metavar="SYMBOL", help="Follows this name, again for more; none: every name.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Kept, but not followed yet.")] = False,
    as_json: Json = False,
) -> None:
    """Keeps a rule, such as `optix breaches add "Steep skew" rr25:30 --below -8% -s SPY`; one of the same name is replaced."""
    from engine.domain.osi import bare_ticker

    names = tuple(bare_ticker(one) for one in symbols or ())
    rule = rule_of(name, measure, Limits(above, below, beyond, release), symbols=names, enabled=not off)
    with_engine(lambda engine: _keep(engine, rule, as_json=as_json), of_market=False)


def remove(names: Rules, as_json: Json = False) -> None:
    """Forgets rules; what they told stays in the history."""

    async def act(engine: "Engine") -> None:
        from engine.api import DeleteBreachRule

        found = list(dict.fromkeys([(await _named(engine, name)).name for name in names]))
        texts = [(await engine.do(DeleteBreachRule(name=name))).text for name in found]
        if as_json:
            output.document({"schema": output.schema("breach-rule"), "text": "; ".join(texts), "removed": found})
        else:
            output.say("\n".join(texts))

    with_engine(act, of_market=False)


def enable(name: Rule, as_json: Json = False) -> None:
    """Follows a rule that was switched off."""
    _switch(name, on=True, as_json=as_json)


def disable(name: Rule, as_json: Json = False) -> None:
    """Keeps a rule without following it."""
    _switch(name, on=False, as_json=as_json)


def try_(
    symbol: Annotated[str, typer.Argument(help="The underlying whose recorded samples are replayed.")],
    rule: Annotated[str, typer.Argument(metavar="RULE or MEASURE", help=f"A kept rule's name; or, with a limit, a measure: {MEASURES}")],
    above: Above = None,
    below: Below = None,
    beyond: Beyond = None,
    release: Release = None,
    since: Since = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="So many of the newest samples.")] = 20_000,
    feed: Feed = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """How often a rule would have spoken: replayed over what was recorded of a name, by the steps that are taken live."""
    from engine.api import GetStatus, Symbol, TryBreachRule
    from engine.domain.osi import bare_ticker

    output.one_form(as_json=as_json, as_csv=as_csv)
    limits = Limits(above, below, beyond, release)
    meant = rule_of("trial", rule, limits) if limits.said else None

    async def ask(engine: "Engine") -> "tuple[BreachTrial, str]":
        tried = meant or await _named(engine, rule)
        begun = await instant_of(engine, since)
        query: TryBreachRule = TryBreachRule(symbol=Symbol(bare_ticker(symbol)), rule=tried, since=begun, limit=limit)
        return await engine.ask(query), (await engine.ask(GetStatus())).source

    trial, source = with_engine(ask, feed=feed)
    tell_trial(trial, source, as_json=as_json, as_csv=as_csv)


def tell_trial(trial: "BreachTrial", source: str, *, as_json: bool, as_csv: bool) -> None:
    """The events, newest first; of how many samples, and how often it broke."""
    found = list(breach_rows(trial.breaches))
    broken = sum(row["event"] == "broken" for row in found)
    first, last = output.instant(trial.first_at), output.instant(trial.last_at)
    if as_json:
        about = {
            "source": source,
            "symbol": trial.symbol,
            "rule": rule_row(trial.rule),
            "samples": trial.samples,
            "first_at": first,
            "last_at": last,
        }
        head = {"schema": output.schema("breach-trial", UNITS), **about, "broken": broken, "refusal": trial.refusal or None}
        output.document({**head, "breaches": found})
    elif as_csv:
        output.comma_separated(FIELDS, found)
    elif not trial.refusal:
        span = f"{trial.samples:,} samples, {str(first)[:16].replace('T', ' ')} to {str(last)[:16].replace('T', ' ')} UTC"
        title = f"{trial.symbol}  {rule_words(trial.rule)}\n{span}: broken {broken} time{'' if broken == 1 else 's'}"
        if found:
            output.table(HEADS, map(breach_cells, found), left=4, title=title)
        else:
            output.plain_line(title)
    if trial.refusal:
        output.say(trial.refusal)


async def _keep(engine: "Engine", rule: "BreachRule", *, as_json: bool) -> None:
    from engine.api import GetBreachRules, SaveBreachRule

    replaced = any(one.name == rule.name.strip() for one in (await engine.ask(GetBreachRules())).rules)
    receipt = await engine.do(SaveBreachRule(rule=rule))
    if as_json:
        output.document({"schema": output.schema("breach-rule", UNITS), "text": receipt.text, "replaced": replaced, "rule": rule_row(rule)})
        return
    output.say(f"{rule.name.strip()}{' (replaced)' if replaced else ''}: {rule_words(rule)}{'' if rule.enabled else '; off'}")


def _switch(name: str, *, on: bool, as_json: bool) -> None:
    from msgspec.structs import replace

    async def act(engine: "Engine") -> None:
        from engine.api import SaveBreachRule

        kept = replace(await _named(engine, name), enabled=on)
        output.receipt("breach-rule", await engine.do(SaveBreachRule(rule=kept)), as_json=as_json)

    with_engine(act, of_market=False)


async def _named(engine: "Engine", name: str) -> "BreachRule":
    from engine.api import GetBreachRules

    return named((await engine.ask(GetBreachRules())).rules, name)


def named(known: "Sequence[BreachRule]", name: str) -> "BreachRule":
    """The rule of that name, however it is cased; BadInput says which there are."""
    from engine.api import BadInput

    wanted = name.strip()
    found = [one for one in known if one.name == wanted] or [one for one in known if one.name.lower() == wanted.lower()]
    if not found:
        raise BadInput(f"there is no breach rule {name!r}: there are {', '.join(one.name for one in known) or 'none'}")
    return found[0]


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


def _of_rule(board: "BreachBoard", name: str) -> "BreachBoard":
    from msgspec.structs import replace

    if not name:
        return board
    wanted = named(board.rules, name)
    return replace(board, rules=(wanted,), standings=tuple(one for one in board.standings if one.rule == wanted.name))
