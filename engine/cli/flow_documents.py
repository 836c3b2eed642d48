"""What is traded in options as documents and rows: the names and units of their fields, which are part of what is promised."""

from collections.abc import Iterator
from math import isnan
from typing import TYPE_CHECKING, Any

from engine.cli import output

if TYPE_CHECKING:
    from datetime import date

    from engine.api import ActiveContracts, FlowTape, FlowTotals, InterestMap

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
    "volume": "contracts of the day, of a print as of it, this print included; of a ranking or a map of totals.volume_day",
    "open_interest": "contracts, as of the last session",
    "volume_over_open_interest": "ratio; null where the open interest is unknown or nought",
    "opening": "opening, closing or unknown: known only once the next session's open interest confirms it",
    "change": "open interest less that of the stored session before, contracts",
    "ask_share": "0 to 1, of the volume seen in prints: what met the ask",
    "volume_day": "date that the volumes are of: before the day itself until the venue has told of today",
    "gaps": "since the first print: from when to when of the day nobody listened; what printed then is in no sum",
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
    gaps = [{"since": output.instant(gap.since), "until": output.instant(gap.until)} for gap in totals.gaps]
    days = {"day": _date(totals.day), "volume_day": _date(totals.volume_day)}
    return {**days, "since": output.instant(totals.since), "gaps": gaps, **{name: getattr(totals, name) for name in names.split()}}


def _date(day: int) -> "date | None":
    from engine.domain.instants import from_nanos

    return from_nanos(day).date() if day else None


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
        of_series = {"expiry": series.expiry, "root": series.root, "settlement": series.settlement}
        for row, strike in enumerate(answer.strikes.tolist()):
            for right, (volume, open_interest, change) in kinds.items():
                numbers = volume[row][column], open_interest[row][column], change[row][column]
                if not all(map(isnan, numbers)):
                    yield {**of_series, "strike": strike, "right": right, **dict(zip(INTEREST_FIELDS[5:], numbers, strict=True))}


def head(name: str, answer: "FlowTape | ActiveContracts | InterestMap") -> dict[str, Any]:
    """What each document of flow begins with."""
    return {
        "schema": output.schema(name, UNITS),
        "symbol": answer.symbol or None,
        "asof": output.instant(answer.as_of),
        "source": answer.source,
        "state": answer.state,
    }
