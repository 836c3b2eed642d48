"""One name's maturities as rows: its VIX-style index, what the wings add, what lies between two, and the published print."""

from math import isfinite, nan, sqrt
from typing import NamedTuple

from engine.domain.ids import UtcNanos
from engine.domain.volatility import MaturityFlag
from engine.messages.compass import VolatilityIndex
from optix_tui import format as written
from optix_tui.screens.table import Cell, Column

FLAG_LETTERS = {MaturityFlag.INTERPOLATED: "I", MaturityFlag.EXTRAPOLATED: "E"}
NOT_LISTED = "no print"


class MaturityRow(NamedTuple):
    """One constant maturity; volatilities are fractions a year, NaN where they are unknown."""

    days: int
    value: float
    atm: float
    forward: float
    """Root of the variance a year between the maturity before and this one; NaN for the first, and where it is negative."""
    flag: MaturityFlag
    official: str
    printed: float
    printed_at: UtcNanos

    @property
    def wings(self) -> float:
        """What the smile's wings add to the volatility at the forward."""
        return self.value - self.atm

    @property
    def gap(self) -> float:
        return self.value - self.printed


def maturity_rows(index: VolatilityIndex) -> tuple[MaturityRow, ...]:
    """The maturities, shortest first."""
    rows: list[MaturityRow] = []
    before = (nan, nan)
    for place, days in enumerate(index.days.tolist()):
        value = float(index.value[place])
        rows.append(
            MaturityRow(
                int(days),
                value,
                float(index.atm_iv[place]),
                forward_between(*before, float(days), value),
                MaturityFlag(int(index.flags[place])),
                index.official[place],
                float(index.printed[place]),
                UtcNanos(int(index.printed_at[place])),
            )
        )
        if isfinite(value):
            before = (float(days), value)
    return tuple(rows)


def forward_between(days: float, value: float, later: float, later_value: float) -> float:
    """The volatility between two maturities whose total variances are known; NaN where more time has less variance."""
    variance = (later_value**2 * later - value**2 * days) / (later - days) if later > days else nan
    return sqrt(variance) if variance >= 0 else nan


def _known(text: str, value: float) -> str:
    return text if isfinite(value) else ""


def _printed(row: MaturityRow) -> Cell:
    if not row.official:
        return Cell("")
    return Cell(written.points(row.printed, 2), "white") if isfinite(row.printed) else Cell(NOT_LISTED, "dim")


COLUMNS: tuple[Column[MaturityRow], ...] = (
    Column("days", "Days", 4, lambda row: Cell(f"{row.days}", "security"), left=True),
    Column("value", "VIX-style", 9, lambda row: Cell(written.points(row.value, 2), "vol", bold=row.days == 30)),
    Column("flag", "", 1, lambda row: Cell(FLAG_LETTERS.get(row.flag, ""), "dim"), left=True),
    Column("atm", "ATM", 5, lambda row: Cell(written.points(row.atm, 2))),
    Column("wings", "Wings", 5, lambda row: Cell(_known(written.signed(row.wings * 100, 2), row.wings)), priority=30),
    Column("forward", "Fwd", 5, lambda row: Cell(_known(written.points(row.forward, 2), row.forward)), priority=20),
    Column("official", "Index", 5, lambda row: Cell(row.official, "security" if isfinite(row.printed) else "dim"), left=True),
    Column("print", "Print", 8, _printed),
    Column("gap", "Gap", 5, lambda row: Cell(_known(written.signed(row.gap * 100, 2), row.gap)), priority=5),
    Column("at", "At", 5, lambda row: Cell(written.minute(row.printed_at) if isfinite(row.printed) else "", "dim"), priority=40),
)

MEANINGS = (
    "VIX-style: root of the fair variance the fitted smiles replicate, a model's figure; I between two expiries, E beyond them.",
    "Wings: VIX-style less ATM, what the smile adds.",
    "Fwd: between this maturity and the one before; empty where variance falls.",
    "Gap: ours less the published print, which uses listed strikes alone and cuts its tails, so that ours lies a little higher.",
)
