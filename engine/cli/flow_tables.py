"""What is traded in options as tables for people."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from engine.cli import output

if TYPE_CHECKING:
    from engine.api import ActiveContracts, FlowTape, FlowTotals, InterestMap

PRINT_HEADS = (
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
PRINT_WIDTHS = (12, 5, 5, 5, 1, 9, 9, 4, 7, 9, 11, 7, 7, 6, 6, 7, 0)


def print_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """A print as a row of the table; ~ marks what is inferred."""
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


def print_flow(answer: "FlowTape", rows: Sequence[Mapping[str, Any]]) -> None:
    """The table for people: the newest prints under the totals of the day."""
    totals = answer.totals
    ratios = f"P/C volume{of_before(totals)} {output.number(totals.put_call_volume)}  premium {output.number(totals.put_call_premium)}"
    nets = f"~net $ calls {output.signed(totals.net_calls, 0)}  puts {output.signed(totals.net_puts, 0)}"
    title = f"{answer.symbol or 'All names'}  {answer.source} ({answer.state})"
    if not answer.recorded:
        title += f"  {ratios}  OI {output.number(totals.put_call_open_interest)}  {nets}"
        if totals.since:
            title += f"  premium of {totals.prints:,} prints {heard(totals)}"
    if not answer.has_prints and not answer.recorded:
        output.say(f"{answer.source} tells no prints: flow needs a feed with trades")
    output.table(PRINT_HEADS, map(print_cells, rows), left=4, title=title)


def print_active(answer: "ActiveContracts", rows: Sequence[Mapping[str, Any]]) -> None:
    """The table for people: the ranks."""

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
            _price(row["last"]),
            output.percent(row["iv"]),
        )

    heads = ("#", "Name", "", "Strike", "Expiry", "DTE", "Volume", "OI", "V/OI", "ΔOI", "Premium seen", "~Ask", "Last", "IV")
    title = f"{answer.symbol or 'All names'} by {answer.by}  {answer.source} ({answer.state})"
    if answer.totals.is_volume_of_before:
        title += f"  volume{of_before(answer.totals)}: of today none is told yet"
    if answer.totals.since:
        title += f"  prints seen {heard(answer.totals)}"
    output.table(heads, map(cells, rows), left=0, title=title)


def of_before(totals: "FlowTotals") -> str:
    """`` of 2026-11-20`` where volumes are of an earlier day than today, else ""."""
    from engine.domain.instants import from_nanos

    return f" of {from_nanos(totals.volume_day).date()}" if totals.is_volume_of_before else ""


def heard(totals: "FlowTotals") -> str:
    """Since when the prints of the day were heard, and when nobody listened."""
    gaps = [f"{_clock(gap.since)} to {_clock(gap.until)}" for gap in totals.gaps]
    return f"since {_clock(totals.since)} UTC{', without ' + ', '.join(gaps) if gaps else ''}"


def _clock(at: int) -> str:
    from engine.domain.instants import from_nanos

    return f"{from_nanos(at):%H:%M:%S}"


def _price(value: float) -> str:
    """In cents, or finer where it is not whole cents: an option on a coin is priced in coins."""
    whole = round(value, 2) == round(value, 6) if isfinite(value) else True
    return output.number(value, 2 if whole else 4)


def print_interest(answer: "InterestMap") -> None:
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
        title=f"{answer.symbol}  spot {output.number(answer.spot)}  {answer.source}"
        f"{'  volume' + of_before(answer.totals) if answer.totals.is_volume_of_before else ''}; --csv and --json give every strike",
    )
