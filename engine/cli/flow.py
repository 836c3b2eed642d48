"""`optix flow`, `optix active` and `optix interest`: what is traded in options, for people and for programs."""

import asyncio
from collections.abc import Callable, Mapping
from math import isnan
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli import output
from engine.cli.flow_documents import (
    ACTIVE_FIELDS,
    FIELDS,
    INTEREST_FIELDS,
    active_documents,
    head,
    interest_rows,
    print_documents,
    totals_document,
)
from engine.cli.flow_tables import PRINT_WIDTHS, print_active, print_cells, print_flow, print_interest
from engine.cli.session import Csv, Feed, Json, Seed, Speed, Start, feed_options, tell_source, with_engine

if TYPE_CHECKING:
    from engine.api import ActiveContracts, Engine, FlowTape, GetFlow

MOST_LOOKS, LOOK_SECONDS = 4, 1.0
MOST_ROWS = 5_000
"""In one answer."""
AT_REST = frozenset({"frozen", "closed", "disconnected"})
RANKINGS = {"volume": "VOLUME", "premium": "PREMIUM", "voi": "VOLUME_OVER_OI", "oichange": "OI_CHANGE"}


Name = Annotated[str | None, typer.Argument(help="The underlying; none: all of them.")]
Words = Annotated[
    list[str] | None,
    typer.Option(
        "--filter",
        "-F",
        metavar="WORDS",
        help="ask, bid, calls, puts, single, multi, otm, itm, sweep, block, large, 'vol>oi', 'ask>=50%', '>=50k', 'size>=100', 'dte<=7'.",
    ),
]


def flow(
    symbol: Name = None,
    words: Words = None,
    unusual: Annotated[bool, typer.Option("--unusual", help="Single leg, out of the money, volume above OI, from $10k on.")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Goes on until Ctrl+C; with --json one line a print.")] = False,
    recorded: Annotated[bool, typer.Option("--recorded", help="What stood out in the history, with opening and closing.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=MOST_ROWS, help="So many of the newest prints.")] = 50,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    speed: Speed = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Option prints with what they were taken for: side, sweep, block, legs, premium, volume over open interest."""
    from engine.api import BadInput, GetFlow, Symbol
    from engine.domain.flow import PRESETS, FlowFilter, with_word
    from engine.domain.osi import bare_ticker

    output.one_form(as_json=as_json, as_csv=as_csv)
    if follow and recorded:
        raise BadInput("say --follow or --recorded, not both: what is recorded is over")
    filtered = FlowFilter()
    for word in [*(dict(PRESETS)["unusual"].split() if unusual else ()), *(part for text in words or () for part in text.split())]:
        filtered = with_word(filtered, word)
    query = GetFlow(symbol=Symbol(bare_ticker(symbol) if symbol else ""), filtered=filtered, limit=limit, recorded=recorded)
    options = feed_options(seed=seed, start=start, speed=speed)
    if follow:
        with_engine(lambda engine: _follow(engine, query, as_json=as_json, as_csv=as_csv), feed=feed, options=options)
        return

    answer = with_engine(lambda engine: _once(engine, query), feed=feed, options=options)
    if answer.has_prints and not answer.seen and not recorded:
        output.say("no option has printed since this engine started: --follow waits for prints")
    if recorded and filtered.ask_share:
        output.say("of what is recorded the share that met the ask is not known: nothing passes a filter on it")
    rows = list(print_documents(answer))
    if as_json:
        output.document({**head("flow", answer), "filter": filtered.text, "totals": totals_document(answer.totals), "prints": rows})
    elif as_csv:
        output.comma_separated(FIELDS, rows)
    else:
        print_flow(answer, rows)


def active(
    symbol: Name = None,
    by: Annotated[str, typer.Option("--by", help="volume, premium, voi (volume over open interest) or oichange.")] = "volume",
    right: Annotated[str, typer.Option("--right", help="both, calls or puts.")] = "both",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000, help="So many of the first.")] = 30,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    speed: Speed = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """The options most traded, by volume, premium, volume over open interest, or change of open interest."""
    from engine.api import ActiveBy, BadInput, GetMostActive, Symbol
    from engine.domain.flow import FlowRight
    from engine.domain.osi import bare_ticker

    output.one_form(as_json=as_json, as_csv=as_csv)
    if by.lower() not in RANKINGS:
        raise BadInput(f"there is no ranking by {by!r}: there are {', '.join(RANKINGS)}")
    rights = {"both": FlowRight.ANY, "calls": FlowRight.CALLS, "puts": FlowRight.PUTS}
    if right.lower() not in rights:
        raise BadInput(f"there is no right {right!r}: there are {', '.join(rights)}")
    query = GetMostActive(
        symbol=Symbol(bare_ticker(symbol) if symbol else ""), by=ActiveBy[RANKINGS[by.lower()]], right=rights[right.lower()], limit=limit
    )

    with output.working("pricing what is traded"):
        answer = with_engine(lambda engine: _priced(engine, query), feed=feed, options=feed_options(seed=seed, start=start, speed=speed))
    rows = active_documents(answer)
    if as_json:
        compared = output.instant(answer.compared_with)
        output.document(
            {
                **head("active", answer),
                "by": answer.by,
                "compared_with": compared,
                "totals": totals_document(answer.totals),
                "contracts": rows,
            }
        )
    elif as_csv:
        output.comma_separated(ACTIVE_FIELDS, rows)
    else:
        print_active(answer, rows)


def interest(
    symbol: Annotated[str, typer.Argument(help="The underlying.")],
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    speed: Speed = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Volume and open interest of a name by expiry and strike."""
    from engine.api import GetOpenInterestMap, Symbol
    from engine.domain.osi import bare_ticker

    output.one_form(as_json=as_json, as_csv=as_csv)

    answer = with_engine(
        lambda engine: engine.ask(GetOpenInterestMap(symbol=Symbol(bare_ticker(symbol)))),
        feed=feed,
        options=feed_options(seed=seed, start=start, speed=speed),
    )
    if as_csv:
        output.comma_separated(INTEREST_FIELDS, interest_rows(answer))
    elif as_json:
        compared = output.instant(answer.compared_with)
        about = {**head("interest", answer), "spot": answer.spot, "compared_with": compared, "totals": totals_document(answer.totals)}
        output.document({**about, "contracts": list(interest_rows(answer))})
    else:
        print_interest(answer)


async def _once(engine: "Engine", query: Any) -> "FlowTape":
    """The answer; an engine that has just started is given some seconds to hear its first prints."""
    answer: FlowTape = await engine.ask(query)
    for _ in range(MOST_LOOKS):
        if answer.seen or answer.recorded or not answer.has_prints or answer.state in AT_REST:
            break
        await asyncio.sleep(LOOK_SECONDS)
        answer = await engine.ask(query)
    return answer


async def _priced(engine: "Engine", query: Any) -> "ActiveContracts":
    """The ranks, once each name of them that was not priced yet has been; meanwhile other names may have come up."""
    from engine.api import GetExpirations, OptixError

    asked: set[str] = set()
    while True:
        answer: ActiveContracts = await engine.ask(query)
        lacking = {name for name, iv in zip(answer.symbols, answer.iv.tolist(), strict=True) if isnan(iv)} - asked
        if not lacking:
            return answer
        for name in sorted(lacking):
            try:
                await engine.ask(GetExpirations(symbol=name))
            except OptixError as error:
                output.say(f"{name}: {error}")
        asked |= lacking


async def _follow(engine: "Engine", query: "GetFlow", *, as_json: bool, as_csv: bool) -> None:
    """What is there first, oldest first, then each print once as it comes."""
    from engine.api import FlowChanged, Refused, flow_key, topic

    first: FlowTape = await engine.ask(query)
    await tell_source(engine)
    if not first.has_prints:
        raise Refused(f"{first.source} tells no prints: flow needs a feed with trades")
    stream = _Stream(output.told_as_they_come("flow", FIELDS, _line_of, as_json=as_json, as_csv=as_csv))
    subscription = engine.watch(topic(FlowChanged, flow_key(first.symbol, query.filtered)))
    try:
        stream.tell(first)
        async for event in subscription:
            if isinstance(event, FlowChanged):
                stream.tell(await _without_a_hole(engine, query, event.flow, stream))
    finally:
        subscription.close()


class _Stream:
    """Prints as lines, each once."""

    def __init__(self, tell_row: Callable[[Mapping[str, Any]], None]) -> None:
        self._tell_row = tell_row
        self.newest = 0
        """The number of the last print that was told; 0 before the first."""
        self._dropped = 0

    def tell(self, tape: "FlowTape") -> None:
        """What was not told yet, oldest first; prints that the engine itself let go are counted on stderr."""
        if tape.dropped > self._dropped:
            output.say(f"{tape.dropped - self._dropped:,} prints came faster than the engine could take them")
            self._dropped = tape.dropped
        for row, sequence in reversed(list(zip(print_documents(tape), tape.sequence.tolist(), strict=True))):
            if sequence > self.newest:
                self.newest = sequence
                self._tell_row(row)

    def may_miss(self, tape: "FlowTape", most: int) -> bool:
        """Whether more may have come since the last print told than a tape of so many rows holds."""
        return tape.sequence.shape[0] >= most and int(tape.sequence.min()) > self.newest + 1


async def _without_a_hole(engine: "Engine", query: "GetFlow", tape: "FlowTape", stream: _Stream) -> "FlowTape":
    """The tape, or a longer one where more came at once than an event tells; what is lost all the same is said."""
    from msgspec.structs import replace

    from engine.api import FLOW_ROWS

    if not stream.may_miss(tape, FLOW_ROWS):
        return tape
    longer: FlowTape = await engine.ask(replace(query, limit=MOST_ROWS))
    if stream.may_miss(longer, MOST_ROWS):
        output.say(f"more than {MOST_ROWS:,} prints came at once: the oldest of them are missing here")
    return longer


def _line_of(row: Mapping[str, Any]) -> str:
    return "  ".join(cell.rjust(width) for cell, width in zip(print_cells(row), PRINT_WIDTHS, strict=True)).rstrip()
