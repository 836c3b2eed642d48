"""`optix flow`, `optix active` and `optix interest`: what is traded in options, for people and for programs."""

import asyncio
import csv
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli import output
from engine.cli.session import Feed, Json, Seed, Speed, Start, feed_options, with_engine

if TYPE_CHECKING:
    from engine.api import ActiveContracts, Engine, FlowTape, FlowTotals, InterestMap

UNITS = {
    "at": "market time of the print, ISO 8601 UTC",
    "days": "calendar days to the expiry",
    "price": "price per share (in coin for coin-settled options)",
    "size": "contracts",
    "place": "where the price met the quote in force: below, bid, mid, ask, above or unknown",
    "side": "buy, sell or unknown: the aggressor",
    "side_inferred": "true where the side is inferred from the place, not said by the venue",
    "sweep": "several prints of the contract on one side within flow.sweep_ms, or the venue's word",
    "block": "from flow.block_size contracts or flow.block_premium dollars on, or the venue's word",
    "multi_leg": "taken for a leg of several; structure is a guess at what they are together, package numbers them",
    "above_open_interest": "the contract's volume, this print included, is above its open interest",
    "premium": "dollars: price * size * multiplier, of coin-settled options at the spot",
    "out_of_the_money": "fraction of the spot, negative in the money",
    "iv": "fraction a year, of the print's price",
    "delta": "price per 1 of the underlying, per share",
    "volume": "contracts of the day, this print included",
    "open_interest": "contracts, as of the last session",
    "volume_over_open_interest": "ratio; null where the open interest is unknown or nought",
    "opening": "opening, closing or unknown: known only once the next session's open interest confirms it",
    "change": "open interest less that of the stored session before, contracts",
    "ask_share": "0 to 1, of the volume seen in prints: what met the ask",
    "missing": "null",
}
FIELDS = (
    "at symbol contract right strike expiry days side side_inferred place price size premium bid ask spot out_of_the_money iv delta "
    "volume open_interest volume_over_open_interest sweep block multi_leg above_open_interest said_by_venue structure package opening"
).split()  # the order is part of what is promised
ACTIVE_FIELDS = (
    "rank symbol contract right strike expiry days last bid ask spot out_of_the_money volume open_interest volume_over_open_interest "
    "change premium ask_share iv delta"
).split()
INTEREST_FIELDS = "expiry root settlement strike right volume open_interest change".split()
MOST_LOOKS, LOOK_SECONDS = 4, 1.0
AT_REST = frozenset({"frozen", "closed", "disconnected"})
RANKINGS = {"volume": "VOLUME", "premium": "PREMIUM", "voi": "VOLUME_OVER_OI", "oichange": "OI_CHANGE"}

Csv = Annotated[bool, typer.Option("--csv", help="Comma-separated lines on stdout, with a head.")]
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
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=5_000, help="So many of the newest prints.")] = 50,
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

    if as_json and as_csv:
        raise BadInput("say --json or --csv, not both")
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
    rows = list(print_documents(answer))
    if as_json:
        output.document({**_head("flow", answer), "filter": filtered.text, "totals": totals_document(answer.totals), "prints": rows})
    elif as_csv:
        _write_csv(FIELDS, rows)
    else:
        _print_flow(answer, rows)


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

    if as_json and as_csv:
        raise BadInput("say --json or --csv, not both")
    if by.lower() not in RANKINGS:
        raise BadInput(f"there is no ranking by {by!r}: there are {', '.join(RANKINGS)}")
    rights = {"both": FlowRight.ANY, "calls": FlowRight.CALLS, "puts": FlowRight.PUTS}
    if right.lower() not in rights:
        raise BadInput(f"there is no right {right!r}: there are {', '.join(rights)}")
    query = GetMostActive(
        symbol=Symbol(bare_ticker(symbol) if symbol else ""), by=ActiveBy[RANKINGS[by.lower()]], right=rights[right.lower()], limit=limit
    )

    async def ask(engine: "Engine") -> "ActiveContracts":
        return await engine.ask(query)

    answer = with_engine(ask, feed=feed, options=feed_options(seed=seed, start=start, speed=speed))
    rows = active_documents(answer)
    if as_json:
        compared = output.instant(answer.compared_with)
        output.document(
            {
                **_head("active", answer),
                "by": answer.by,
                "compared_with": compared,
                "totals": totals_document(answer.totals),
                "contracts": rows,
            }
        )
    elif as_csv:
        _write_csv(ACTIVE_FIELDS, rows)
    else:
        _print_active(answer, rows)


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
    from engine.api import BadInput, GetOpenInterestMap, Symbol
    from engine.domain.osi import bare_ticker

    if as_json and as_csv:
        raise BadInput("say --json or --csv, not both")

    async def ask(engine: "Engine") -> "InterestMap":
        return await engine.ask(GetOpenInterestMap(symbol=Symbol(bare_ticker(symbol))))

    answer = with_engine(ask, feed=feed, options=feed_options(seed=seed, start=start, speed=speed))
    if as_csv:
        _write_csv(INTEREST_FIELDS, interest_rows(answer))
    elif as_json:
        compared = output.instant(answer.compared_with)
        head = {**_head("interest", answer), "spot": answer.spot, "compared_with": compared, "totals": totals_document(answer.totals)}
        output.document({**head, "contracts": list(interest_rows(answer))})
    else:
        _print_interest(answer)


async def _once(engine: "Engine", query: Any) -> "FlowTape":
    """The answer; an engine that has just started is given some seconds to hear its first prints."""
    answer: FlowTape = await engine.ask(query)
    for _ in range(MOST_LOOKS):
        if answer.seen or answer.recorded or not answer.has_prints or answer.state in AT_REST:
            break
        await asyncio.sleep(LOOK_SECONDS)
        answer = await engine.ask(query)
    return answer


async def _follow(engine: "Engine", query: Any, *, as_json: bool, as_csv: bool) -> None:
    """What is there first, oldest first, then each print once as it comes."""
    from engine.api import FlowChanged, flow_key, topic

    writer = csv.DictWriter(sys.stdout, fieldnames=FIELDS, lineterminator="\n") if as_csv else None
    if writer is not None:
        writer.writeheader()
    newest = 0
    first: FlowTape = await engine.ask(query)
    subscription = engine.watch(topic(FlowChanged, flow_key(first.symbol, query.filtered)))

    def tell(tape: "FlowTape") -> None:
        nonlocal newest
        for row, sequence in reversed(list(zip(print_documents(tape), tape.sequence.tolist(), strict=True))):
            if sequence > newest:
                newest = sequence
                _tell(row, as_json=as_json, writer=writer)

    try:
        tell(first)
        async for event in subscription:
            if isinstance(event, FlowChanged):
                tell(event.flow)
    finally:
        subscription.close()


def _tell(row: Mapping[str, Any], *, as_json: bool, writer: "csv.DictWriter[str] | None") -> None:
    if as_json:
        output.line({"schema": "optix.flow/1", **row})
    elif writer is not None:
        writer.writerow(_plain(row, FIELDS))
        sys.stdout.flush()
    else:
        output.plain_line("  ".join(cell.rjust(width) for cell, width in zip(_cells(row), _WIDTHS, strict=True)).rstrip())
        sys.stdout.flush()


def print_documents(tape: "FlowTape") -> Iterator[dict[str, Any]]:
    """The prints as the documents have them, newest first."""
    from engine.domain.flow import Place
    from engine.domain.instants import from_nanos
    from engine.domain.market import Side
    from engine.domain.marks import FlowFlag, Opening

    numbers = "price size premium bid ask spot iv delta volume open_interest".split()
    columns = {name: getattr(tape, name).tolist() for name in (*numbers, "at", "strike", "right", "expiry", "days", "place", "side")}
    columns |= {name: getattr(tape, name).tolist() for name in ("inferred", "flags", "otm", "opening", "package")}
    for i, name in enumerate(tape.name):
        of = {key: column[i] for key, column in columns.items()}
        flags = of["flags"]
        yield {
            "at": output.instant(of["at"]),
            "symbol": tape.symbols[i],
            "contract": name,
            "right": "C" if of["right"] > 0 else "P",
            "strike": of["strike"],
            "expiry": from_nanos(of["expiry"]).date(),
            "days": of["days"],
            "side": Side(of["side"]).name.lower(),
            "side_inferred": bool(of["inferred"]),
            "place": Place(of["place"]).name.lower(),
            **{key: of[key] for key in numbers},
            "out_of_the_money": of["otm"],
            "volume_over_open_interest": of["volume"] / of["open_interest"] if of["open_interest"] > 0 else None,
            "sweep": bool(flags & FlowFlag.SWEEP),
            "block": bool(flags & FlowFlag.BLOCK),
            "multi_leg": bool(flags & FlowFlag.MULTI_LEG),
            "above_open_interest": bool(flags & FlowFlag.ABOVE_OPEN_INTEREST),
            "said_by_venue": bool(flags & FlowFlag.SAID_BY_VENUE),
            "structure": tape.structure[i] or None,
            "package": of["package"] or None,
            "opening": Opening(of["opening"]).name.lower(),
        }


def totals_document(totals: "FlowTotals") -> dict[str, Any]:
    """The day of a name, or of all, as the documents have it."""
    names = (
        "prints call_volume put_volume call_open_interest put_open_interest call_premium put_premium call_bought call_sold put_bought "
        "put_sold put_call_volume put_call_open_interest put_call_premium net_calls net_puts"
    )
    return {"since": output.instant(totals.since), **{name: getattr(totals, name) for name in names.split()}}


def active_documents(answer: "ActiveContracts") -> list[dict[str, Any]]:
    """The ranks as the documents have them."""
    from engine.domain.instants import from_nanos

    numbers = "days last bid ask spot volume open_interest change premium ask_share iv delta".split()
    columns = {name: getattr(answer, name).tolist() for name in (*numbers, "strike", "contract_right", "expiry", "otm")}
    rows = []
    for i, name in enumerate(answer.name):
        of = {key: column[i] for key, column in columns.items()}
        rows.append(
            {
                "rank": i + 1,
                "symbol": answer.symbols[i],
                "contract": name,
                "right": "C" if of["contract_right"] > 0 else "P",
                "strike": of["strike"],
                "expiry": from_nanos(of["expiry"]).date(),
                **{key: of[key] for key in numbers},
                "out_of_the_money": of["otm"],
                "volume_over_open_interest": of["volume"] / of["open_interest"] if of["open_interest"] > 0 else None,
            }
        )
    return rows


def interest_rows(answer: "InterestMap") -> Iterator[dict[str, Any]]:
    """Each listed contract of which something is known, by expiry, strike and right."""
    kinds = {
        "C": (answer.call_volume.tolist(), answer.call_open_interest.tolist(), answer.call_change.tolist()),
        "P": (answer.put_volume.tolist(), answer.put_open_interest.tolist(), answer.put_change.tolist()),
    }
    for column, series in enumerate(answer.series):
        head = {"expiry": series.expiry, "root": series.root, "settlement": series.settlement}
        for row, strike in enumerate(answer.strikes.tolist()):
            for right, (volume, open_interest, change) in kinds.items():
                numbers = volume[row][column], open_interest[row][column], change[row][column]
                if not all(map(isnan, numbers)):
                    yield {**head, "strike": strike, "right": right, **dict(zip(INTEREST_FIELDS[5:], numbers, strict=True))}


def _head(name: str, answer: "FlowTape | ActiveContracts | InterestMap") -> dict[str, Any]:
    return {
        "schema": output.schema(name, UNITS),
        "symbol": answer.symbol or None,
        "asof": output.instant(answer.as_of),
        "source": answer.source,
        "state": answer.state,
    }


_HEADS = (
    "Time UTC",
    "Name",
    "Side",
    "At",
    "",
    "Strike",
    "Expiry",
    "DTE",
    "Size",
    "Price",
    "Premium",
    "V/OI",
    "%OTM",
    "IV",
    "Δ",
    "O/C",
    "Flags",
)
_WIDTHS = (12, 5, 5, 5, 1, 9, 9, 4, 7, 9, 11, 7, 7, 6, 6, 7, 0)


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    mark = "~" if row["side_inferred"] and row["side"] != "unknown" else ""
    sure = "" if row["said_by_venue"] else "~"
    flags = [*([f"{sure}sweep"] if row["sweep"] else []), *(["block"] if row["block"] else [])]
    flags += [f"~{row['structure']}" if row["structure"] else "legs"] if row["multi_leg"] else []
    ratio = row["volume_over_open_interest"]
    return (
        str(row["at"])[11:23].rstrip("Z"),
        row["symbol"],
        f"{mark}{row['side']}" if row["side"] != "unknown" else "—",
        row["place"] if row["place"] != "unknown" else "—",
        row["right"],
        f"{row['strike']:g}",
        f"{row['expiry']:%d-%b-%y}",
        str(row["days"]),
        output.count(row["size"]),
        output.number(row["price"], 4 if row["price"] < 0.1 else 2),
        output.count(row["premium"]),
        "—" if ratio is None else output.number(ratio),
        output.signed(row["out_of_the_money"] * 100, 1),
        output.percent(row["iv"]),
        output.number(row["delta"]),
        "?" if row["opening"] == "unknown" else row["opening"],
        " ".join(flags),
    )


def _print_flow(answer: "FlowTape", rows: Sequence[Mapping[str, Any]]) -> None:
    totals = answer.totals
    ratios = f"P/C volume {output.number(totals.put_call_volume)}  premium {output.number(totals.put_call_premium)}"
    nets = f"~net calls {output.signed(totals.net_calls, 0)}  puts {output.signed(totals.net_puts, 0)}"
    title = f"{answer.symbol or 'All names'}  {answer.source} ({answer.state})"
    if not answer.recorded:
        title += f"  {ratios}  OI {output.number(totals.put_call_open_interest)}  {nets}"
    if not answer.has_prints and not answer.recorded:
        output.say(f"{answer.source} tells no prints: flow needs a feed with trades")
    output.table(_HEADS, map(_cells, rows), left=4, title=title)


def _print_active(answer: "ActiveContracts", rows: Sequence[Mapping[str, Any]]) -> None:
    def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
        ratio = row["volume_over_open_interest"]
        return (
            str(row["rank"]),
            row["symbol"],
            row["right"],
            f"{row['strike']:g}",
            f"{row['expiry']:%d-%b-%y}",
            str(row["days"]),
            output.count(row["volume"]),
            output.count(row["open_interest"]),
            "—" if ratio is None else output.number(ratio),
            output.signed(row["change"], 0),
            output.count(row["premium"]),
            output.percent(row["ask_share"], 0),
            output.number(row["last"]),
            output.percent(row["iv"]),
        )

    heads = ("#", "Name", "", "Strike", "Expiry", "DTE", "Volume", "OI", "V/OI", "ΔOI", "Premium seen", "~Ask", "Last", "IV")
    output.table(heads, map(cells, rows), left=0, title=f"{answer.symbol or 'All names'} by {answer.by}  {answer.source} ({answer.state})")


def _print_interest(answer: "InterestMap") -> None:
    """The table for people: each expiry as a whole."""
    import numpy as np

    def total(matrix: Any, column: int) -> str:
        values = matrix[:, column]
        return output.count(float(np.nansum(values))) if np.isfinite(values).any() else "—"

    output.table(
        ("Expiry", "Root", "", "Days", "C vol", "P vol", "C OI", "P OI"),
        (
            (
                f"{series.expiry:%d-%b-%y}",
                series.root,
                series.settlement,
                str(answer.days[column]),
                *(total(matrix, column) for matrix in (answer.call_volume, answer.put_volume)),
                *(total(matrix, column) for matrix in (answer.call_open_interest, answer.put_open_interest)),
            )
            for column, series in enumerate(answer.series)
        ),
        left=3,
        title=f"{answer.symbol}  spot {output.number(answer.spot)}  {answer.source}; --csv and --json give every strike",
    )


def _plain(row: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    plain = output.plain(row)
    return {name: "" if plain[name] is None else plain[name] for name in fields}


def _write_csv(fields: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Unknown is an empty field."""
    writer = csv.DictWriter(sys.stdout, fieldnames=list(fields), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(_plain(row, fields))
