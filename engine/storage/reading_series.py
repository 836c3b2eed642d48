# ruff: noqa: S608 (what is put into the statement are column names of our own and literals)
"""The terms of option series by their names."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.domain.ids import ContractId, SeriesId, Symbol, UtcNanos
from engine.domain.instruments import Contract, OptionSeries, Right, SettledIn, Settlement, Style, TickRule
from engine.storage.sql import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COLUMNS = (
    "series, root, expiry, settlement, style, settled_in, multiplier, currency, settles_at, last_trade_at, inverse, weekly, adjusted, "
    "deliverable, tick_small, tick_large, tick_threshold"
)
_PLAIN_TICKS = TickRule(small=0.05, large=0.10, threshold=3.0)
"""Where a store of an older version did not keep them."""
_PLAIN_MULTIPLIER = 100.0


def series_named(cursor: "DuckDBPyConnection", symbol: Symbol, names: Sequence[str], settles: Mapping[str, int]) -> dict[str, OptionSeries]:
    """Each of them; one that the store knows by name alone has the terms that its name and ``settles`` say."""
    if not names:
        return {}
    listed = ", ".join(literal(name) for name in names)
    rows = cursor.execute(f"SELECT {_COLUMNS} FROM series WHERE series IN ({listed}) AND settles_at IS NOT NULL").fetchall()
    known = {row[0]: _series(symbol, row) for row in rows}
    return {name: known.get(name) or _from_name(symbol, name, settles[name]) for name in names}


def contract_named(cursor: "DuckDBPyConnection", name: ContractId) -> Contract | None:
    """One option by its id; None where it was never recorded, or its terms were not."""
    found = cursor.execute(
        f"SELECT {_COLUMNS}, symbol, strike, option_right FROM instruments JOIN series ON series.id = series_id "
        f"JOIN symbols ON symbols.id = series.symbol_id WHERE name = {literal(name)} AND option_right <> 0 AND settles_at IS NOT NULL"
    ).fetchone()
    if found is None:
        return None
    symbol, strike, side = found[-3:]
    right = Right.CALL if side > 0 else Right.PUT
    return Contract(id=name, series=_series(Symbol(symbol), found[:-3]), strike=strike, right=right)


def _series(symbol: Symbol, row: tuple[Any, ...]) -> OptionSeries:
    small, large, threshold = row[14:]
    return OptionSeries(
        id=SeriesId(row[0]),
        underlying=symbol,
        root=row[1],
        expiry=row[2],
        settlement=Settlement(row[3]),
        style=Style(row[4]),
        settled_in=SettledIn(row[5]),
        multiplier=row[6],
        currency=row[7],
        tick_rule=_PLAIN_TICKS if small is None else TickRule(small=small, large=large, threshold=threshold),
        settles_at=UtcNanos(row[8]),
        last_trade_at=UtcNanos(row[9]),
        inverse=row[10],
        weekly=row[11],
        adjusted=row[12],
        deliverable=row[13],
    )


def _from_name(symbol: Symbol, name: str, settles_at: int) -> OptionSeries:
    """``ROOT/DATE/SETTLEMENT``."""
    root, day, settlement = name.split("/")
    return OptionSeries(
        id=SeriesId(name),
        underlying=symbol,
        root=root,
        expiry=date.fromisoformat(day),
        settlement=Settlement(settlement),
        style=Style.EUROPEAN,
        settled_in=SettledIn.CASH,
        multiplier=_PLAIN_MULTIPLIER,
        currency="USD",
        tick_rule=_PLAIN_TICKS,
        settles_at=UtcNanos(settles_at),
        last_trade_at=UtcNanos(settles_at),
    )
