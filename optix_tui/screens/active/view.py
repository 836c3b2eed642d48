"""What MOSO shows: contracts by rank, with what they are ranked by beside the rest."""

from datetime import date
from math import isfinite
from typing import NamedTuple

from msgspec import Struct

from engine.domain.flow import FlowRight
from engine.domain.ids import Symbol
from engine.domain.instants import from_nanos
from engine.messages.flow import ActiveBy, ActiveContracts
from optix_tui import format as written
from optix_tui.screens.flow.day import heard, volume_of
from optix_tui.screens.flow.view import step_of
from optix_tui.screens.table import Cell, Column

NAN = float("nan")
WORDS: dict[str, ActiveBy] = {
    "VOLUME": ActiveBy.VOLUME,
    "PREMIUM": ActiveBy.PREMIUM,
    "VOI": ActiveBy.VOLUME_OVER_OI,
    "OICHANGE": ActiveBy.OI_CHANGE,
}
"""How each ranking is typed."""
RIGHTS: dict[str, FlowRight] = {"BOTH": FlowRight.ANY, "CALLS": FlowRight.CALLS, "PUTS": FlowRight.PUTS}


class ActivePreferences(Struct, frozen=True, kw_only=True):
    """What the user chose."""

    by: ActiveBy = ActiveBy.VOLUME
    right: FlowRight = FlowRight.ANY
    whole_market: bool = False


class ActiveRow(NamedTuple):
    """One contract."""

    rank: int
    symbol: Symbol
    name: str
    strike: float
    is_call: bool
    expiry: date
    days: int
    last: float
    bid: float
    ask: float
    spot: float
    otm: float
    volume: float
    open_interest: float
    change: float
    premium: float
    ask_share: float
    iv: float
    delta: float
    share: float
    """Of the first one's measure: how long its bar is."""

    @property
    def volume_over_interest(self) -> float:
        """NaN where the open interest is unknown or nought."""
        return self.volume / self.open_interest if self.open_interest > 0 else NAN


class ActiveView(Struct, frozen=True, kw_only=True):
    """The table to paint."""

    symbol: str
    rows: tuple[ActiveRow, ...]
    preferences: ActivePreferences
    contracts: int
    ratios: tuple[tuple[str, str], ...]
    note: str
    """Why there is nothing; "" where there is something."""
    convention: str
    """What the ranking stands on."""
    untold: tuple[str, ...]
    """Columns of which no row knows anything: they are left away, and named."""


def measure_of(row: ActiveRow, by: ActiveBy) -> float:
    """What a row is ranked by."""
    match by:
        case ActiveBy.VOLUME:
            return row.volume
        case ActiveBy.PREMIUM:
            return row.premium
        case ActiveBy.VOLUME_OVER_OI:
            return row.volume_over_interest
        case _:
            return abs(row.change)


def present(active: ActiveContracts | None, preferences: ActivePreferences) -> ActiveView | None:
    """The table; None until it is known."""
    if active is None:
        return None
    rows = _rows(active)
    totals = active.totals
    return ActiveView(
        symbol=active.symbol,
        rows=rows,
        preferences=preferences,
        contracts=active.contracts,
        ratios=(
            (f"P/C volume{_of_before(active)}", written.price(totals.put_call_volume)),
            ("premium", written.price(totals.put_call_premium)),
            ("OI", written.price(totals.put_call_open_interest)),
        ),
        note="" if rows else _nothing(active),
        convention=_convention(active),
        untold=_untold(rows, preferences.by),
    )


_OPTIONAL: tuple[tuple[str, str, ActiveBy | None], ...] = (
    ("change", "ΔOI", ActiveBy.OI_CHANGE),
    ("premium", "Premium", ActiveBy.PREMIUM),
    ("ask_share", "~Ask", None),
)
"""Columns that a feed, or a young history, may tell nothing of: their field, their head, and the ranking that needs them."""


def _untold(rows: tuple[ActiveRow, ...], by: ActiveBy) -> tuple[str, ...]:
    lacking = (head for key, head, needed in _OPTIONAL if by is not needed and not any(isfinite(getattr(row, key)) for row in rows))
    return tuple(lacking) if rows else ()


def _rows(active: ActiveContracts) -> tuple[ActiveRow, ...]:
    columns = zip(
        active.symbols, active.name, active.strike.tolist(), active.contract_right.tolist(), active.expiry.tolist(), active.days.tolist(),
        active.last.tolist(), active.bid.tolist(), active.ask.tolist(), active.spot.tolist(), active.otm.tolist(), active.volume.tolist(),
        active.open_interest.tolist(), active.change.tolist(), active.premium.tolist(), active.ask_share.tolist(), active.iv.tolist(),
        active.delta.tolist(), strict=True,
    )  # fmt: skip
    rows = [
        ActiveRow._make((rank, symbol, name, strike, right > 0, from_nanos(expiry).date(), *rest, 0.0))
        for rank, (symbol, name, strike, right, expiry, *rest) in enumerate(columns, 1)
    ]
    most = measure_of(rows[0], active.by) if rows else NAN
    return tuple(row._replace(share=measure_of(row, active.by) / most if most > 0 else 0.0) for row in rows)


def _nothing(active: ActiveContracts) -> str:
    match active.by:
        case ActiveBy.OI_CHANGE:
            return "the change of open interest needs a stored session before this one, and none is stored yet"
        case ActiveBy.PREMIUM:
            return "no option has printed here yet: premium is added up from the prints seen"
        case ActiveBy.VOLUME_OVER_OI:
            return "no contract has traded 100 or more with an open interest that is known"
        case _:
            return "no volume of any option is known yet"


def _convention(active: ActiveContracts) -> str:
    match active.by:
        case ActiveBy.PREMIUM:
            return f"premium, $: price · size · multiplier of the prints seen {heard(active.totals)}"
        case ActiveBy.OI_CHANGE:
            stored = written.moment(active.compared_with)
            return f"OI change against {stored}" if active.compared_with else "OI change: no session before is stored"
        case ActiveBy.VOLUME_OVER_OI:
            return f"volume{_of_before(active)} / OI of the last session, from 100 contracts on"
        case _:
            return _volume_told(active)


def _of_before(active: ActiveContracts) -> str:
    day = volume_of(active.totals)
    return f" of {day}" if day else ""


def _volume_told(active: ActiveContracts) -> str:
    """Today's, or yesterday's until the venue tells of today."""
    if active.totals.is_volume_of_before:
        return f"volume of {volume_of(active.totals)}, as the venue says it: of today none is told yet"
    return "the day's volume: the venue's, or that of the prints seen where it is more"


def _right(row: ActiveRow) -> Cell:
    return Cell("C" if row.is_call else "P", "call" if row.is_call else "put", bold=True)


def _interest_ratio(row: ActiveRow) -> Cell:
    value = row.volume_over_interest
    text = "new" if row.open_interest == 0 else f"{value:.2f}" if not value >= 100 else written.whole(value)
    return Cell(text if isfinite(value) or row.open_interest == 0 else written.UNKNOWN, "alert" if value > 1 else "text")


def _change(row: ActiveRow) -> Cell:
    return Cell(written.signed(row.change, 0), "up" if row.change > 0 else "down" if row.change < 0 else "text")


def _ask_share(row: ActiveRow) -> Cell:
    """From half on the ask side leads, said by its sign too."""
    if not isfinite(row.ask_share):
        return Cell(written.UNKNOWN, "dim")
    lead = row.ask_share - 0.5
    return Cell(f"{written.arrow(lead)}{row.ask_share * 100:.0f}%", "up" if lead > 0 else "down" if lead < 0 else "text")


def columns(preferences: ActivePreferences, untold: tuple[str, ...] = ()) -> tuple[Column[ActiveRow], ...]:
    """The columns, the ranked one never dropped, those left out of which nothing is told."""
    by = preferences.by
    name: tuple[Column[ActiveRow], ...] = (
        (Column("name", "Name", 5, lambda row: Cell(row.symbol, "bright", bold=True), left=True),) if preferences.whole_market else ()
    )

    def stays(one: ActiveBy, priority: int) -> int:
        return 0 if by is one else priority

    every: tuple[Column[ActiveRow], ...] = (
        Column("rank", "#", 3, lambda row: Cell(str(row.rank), "dim")),
        *name,
        Column("right", "", 1, _right, left=True),
        Column("strike", "Strike", 8, lambda row: Cell(written.strike(row.strike), "white", bold=True)),
        Column("expiry", "Expiry", 9, lambda row: Cell(written.day(row.expiry), "security"), left=True),
        Column("days", "DTE", 4, lambda row: Cell(str(row.days), "alert" if row.days == 0 else "text"), priority=8),
        Column(
            "volume", "Volume", 9, lambda row: Cell(written.whole(row.volume), "white" if by is ActiveBy.VOLUME else "text"),
            priority=stays(ActiveBy.VOLUME, 1),
        ),
        Column("bar", "", 8, lambda _: Cell(""), priority=14, left=True, most=20),
        Column("interest", "OI", 9, lambda row: Cell(written.whole(row.open_interest), "text"), priority=6),
        Column("ratio", "V/OI", 6, _interest_ratio, priority=stays(ActiveBy.VOLUME_OVER_OI, 3)),
        Column("change", "ΔOI", 8, _change, priority=stays(ActiveBy.OI_CHANGE, 7)),
        Column(
            "premium", "Premium", 8, lambda row: Cell(written.compact(row.premium, 8), "bright"),
            priority=stays(ActiveBy.PREMIUM, 4),
        ),
        Column("ask_share", "~Ask", 5, _ask_share, priority=5),
        Column("last", "Last", 8, lambda row: Cell(written.price(row.last, step_of(row.name)), "white"), priority=2),
        Column("bid", "Bid", 8, lambda row: Cell(written.price(row.bid, step_of(row.name)), "dim"), priority=12),
        Column("ask", "Ask", 8, lambda row: Cell(written.price(row.ask, step_of(row.name)), "dim"), priority=11),
        Column("iv", "IV", 5, lambda row: Cell(written.points(row.iv), "vol"), priority=9),
        Column("delta", "Δ", 5, lambda row: Cell(written.small(row.delta), "text"), priority=10),
        Column("money", "%OTM", 7, lambda row: Cell(written.signed(row.otm * 100, 1), "text"), priority=13),
        Column("spot", "Spot", 9, lambda row: Cell(written.money(row.spot), "dim"), priority=15),
    )  # fmt: skip
    return tuple(column for column in every if column.title not in untold)
