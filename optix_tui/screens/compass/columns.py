"""The columns of the compass, with the heat that lets the eye find what stands out."""

from collections.abc import Callable
from math import isfinite, nan
from typing import NamedTuple

from engine.messages.compass import CompassRow
from optix_tui import format as written
from optix_tui.screens.columns import direction
from optix_tui.screens.table import Cell, Column, Tone

LINE = "line"
"""The column that is drawn, not written."""
LINE_WIDTH = 12
HIGH_RANK = 0.5
RICH, POOR = 1.25, 0.9
"""IV over RV from which implied volatility counts as dear, and under which as cheap: they are heated."""
OLD_SECONDS = 180.0
"""Three rounds of the engine's slow rotation."""


class Name(NamedTuple):
    """One name, with what its figures are among the others."""

    row: CompassRow
    heat: float
    """Share of the names whose iv30 lies below; NaN where it is unknown."""
    is_pale: bool


def _of(read: Callable[[CompassRow], float]) -> Callable[[Name], float]:
    return lambda name: read(name.row)


def _points(read: Callable[[CompassRow], float], tone: Tone = "text", digits: int = 1) -> Callable[[Name], Cell]:
    return lambda name: Cell(written.points(read(name.row), digits), tone)


def _signed(read: Callable[[CompassRow], float], tone: Tone | None = None, digits: int = 1) -> Callable[[Name], Cell]:
    def cell(name: Name) -> Cell:
        value = read(name.row)
        return Cell(written.signed(value * 100, digits), tone or direction(value))

    return cell


def _heated(name: Name) -> Cell:
    return Cell(written.points(name.row.iv30), "white", bold=True, shade=name.heat if isfinite(name.heat) else 0.0)


def _share(read: Callable[[CompassRow], float]) -> Callable[[Name], Cell]:
    def cell(name: Name) -> Cell:
        share = read(name.row)
        if not isfinite(share):
            return Cell(written.UNKNOWN, "dim")
        return Cell(written.points(share, 0), "white" if share >= HIGH_RANK else "text", shade=share, shade_tone="alert")

    return cell


def _change(name: Name) -> Cell:
    value = name.row.iv_change
    size = min(abs(value) * 100 / 2.0, 1.0) if isfinite(value) else 0.0
    tone = direction(value)
    return Cell(written.signed(value * 100, 2), tone, shade=size, shade_tone=tone)


def _ratio(name: Name) -> Cell:
    value = name.row.ratio
    if not isfinite(value):
        return Cell(written.UNKNOWN, "dim")
    if value >= RICH:
        return Cell(f"{value:.2f}", "white", shade=min((value - 1.0) / 1.0, 1.0), shade_tone="alert")
    return Cell(f"{value:.2f}", "vol" if value < POOR else "text", shade=min((1.0 - value) / 0.5, 1.0) if value < POOR else 0.0)


def _slope(name: Name) -> Cell:
    value = name.row.slope
    return Cell(written.signed(value * 100, 1), "alert" if value < 0 else "text")


def _exposure(name: Name) -> Cell:
    """With its sign: colour never says it alone."""
    value = name.row.exposure
    return Cell(written.amount(value), direction(value)) if isfinite(value) else Cell(written.UNKNOWN, "dim")


def _put_call(name: Name) -> Cell:
    return Cell(written.price(name.row.put_call))


def _broken(name: Name) -> Cell:
    count = len(name.row.broken)
    return Cell("" if not count else "!" if count == 1 else f"!{count}", "alert", bold=True)


def _signed_percent(name: Name) -> Cell:
    value = name.row.change_fraction
    return Cell(written.signed_percent(value), direction(value))


def _columns() -> tuple[Column[Name], ...]:
    return (
        Column("symbol", "Name", 6, lambda name: Cell(name.row.symbol, "bright", bold=True), lambda name: name.row.symbol, left=True),
        Column("broken", "", 2, _broken, lambda name: float(len(name.row.broken)), priority=35, left=True),
        Column("spot", "Spot", 9, lambda name: Cell(written.money(name.row.spot), "text"), _of(lambda row: row.spot), priority=60),
        Column("percent", "Chg%", 6, _signed_percent, _of(lambda row: row.change_fraction), priority=55),
        Column("iv30", "IV30", 5, _heated, _of(lambda row: row.iv30)),
        Column("change", "ΔIV 1d", 6, _change, _of(lambda row: row.iv_change), priority=10),
        Column("rank", "IVR", 4, _share(lambda row: row.rank), _of(lambda row: row.rank)),
        Column("percentile", "IVP", 4, _share(lambda row: row.percentile), _of(lambda row: row.percentile), priority=15),
        Column("sessions", "n", 4, lambda name: Cell(str(name.row.sessions), "dim"), lambda name: float(name.row.sessions), priority=70),
        Column("rv20", "RV20", 5, _points(lambda row: row.realized_20), _of(lambda row: row.realized_20), priority=45),
        Column("rv30", "RV30", 5, _points(lambda row: row.realized_30), _of(lambda row: row.realized_30), priority=20),
        Column("premium", "IV-RV", 5, _signed(lambda row: row.premium), _of(lambda row: row.premium), priority=25),
        Column("ratio", "IV/RV", 5, _ratio, _of(lambda row: row.ratio), priority=5),
        Column(
            "reversal", "RR25", 5, _signed(lambda row: row.risk_reversal_25, "text"), _of(lambda row: row.risk_reversal_25), priority=12
        ),
        Column("butterfly", "BF25", 5, _signed(lambda row: row.butterfly_25, "text"), _of(lambda row: row.butterfly_25), priority=50),
        Column("slope", "90-30", 5, _slope, _of(lambda row: row.slope), priority=18),
        Column("index", "VIX30", 5, _points(lambda row: row.index, "vol"), _of(lambda row: row.index), priority=40),
        Column("filter", "AR vol", 6, _points(lambda row: row.filter), _of(lambda row: row.filter), priority=58),
        Column("put_call", "P/C", 4, _put_call, _of(lambda row: row.put_call), priority=48),
        Column("exposure", "GEX", 7, _exposure, _of(lambda row: row.exposure), priority=38),
        Column(LINE, "60 sessions", LINE_WIDTH, lambda _name: Cell(""), None, priority=30, left=True, most=40),
    )


COLUMNS: dict[str, Column[Name]] = {column.key: column for column in _columns()}
ALL = tuple(COLUMNS)
PRESETS: dict[str, tuple[str, ...]] = {
    "All": ALL,
    "Level": ("symbol", "broken", "spot", "percent", "iv30", "change", "rank", "percentile", "sessions", "ratio", LINE),
    "Premium": ("symbol", "broken", "iv30", "rv20", "rv30", "premium", "ratio", "filter", "rank", "percentile", LINE),
    "Shape": ("symbol", "broken", "iv30", "reversal", "butterfly", "slope", "index", "put_call", "exposure", LINE),
}
"""Sets of columns the ``o`` key goes through."""


def read(name: Name, key: str) -> float:
    """A column's number, for the filter and the scatter; NaN where it has none."""
    order = COLUMNS[key].order
    found = order(name) if order is not None else nan
    return float(found) if isinstance(found, float) else nan
