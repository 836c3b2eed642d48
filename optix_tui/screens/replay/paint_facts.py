"""Draws what was known beside the surface: constant maturities, the dealers' gamma, the largest prints so far."""

from math import isfinite

from engine.domain.ids import UtcNanos
from engine.domain.instants import SECOND_NS, from_nanos, new_york
from engine.domain.volatility import MaturityFlag
from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.format import amount
from optix_tui.screens.painting import paint_band, paint_cell, paint_header
from optix_tui.screens.replay.facts import Gamma, Level, Print, flag_letters, shift
from optix_tui.screens.replay.view import ReplayView
from optix_tui.screens.surface.view import TENOR_FLAGS
from optix_tui.screens.table import Cell, Column, fit
from optix_tui.theme import Palette

GAMMA_ROWS = 5
LEAST_FLOW_ROWS = 3
MOST_BROKEN = 3
"""Rules that are told of."""
OLD = 300
"""Seconds after which a mark's own time is said."""


def _change(value: float) -> Cell:
    return Cell(written.signed(value * 100, 2), "up" if value > 0 else "down" if value < 0 else "dim")


LEVEL_COLUMNS: tuple[Column[Level], ...] = (
    Column("name", "", 3, lambda row: Cell(row.name, "security"), left=True),
    Column(
        "atm", "ATM", 5, lambda row: Cell(written.points(row.atm, 2), "dim" if row.flag is MaturityFlag.EXTRAPOLATED else "vol", bold=True)
    ),
    Column("flag", "", 1, lambda row: Cell(TENOR_FLAGS[row.flag], "dim"), left=True),
    Column("reversal", "RR25", 6, lambda row: Cell(written.signed(row.reversal * 100, 2))),
    Column("butterfly", "BF25", 6, lambda row: Cell(written.signed(row.butterfly * 100, 2)), priority=2),
)
CHANGE_COLUMNS: tuple[Column[Level], ...] = (
    *LEVEL_COLUMNS[:3],
    Column("atm_change", "Δ", 6, lambda row: _change(row.atm_change)),
    LEVEL_COLUMNS[3],
    Column("reversal_change", "Δ", 6, lambda row: _change(row.reversal_change), priority=1),
    LEVEL_COLUMNS[4],
    Column("butterfly_change", "Δ", 6, lambda row: _change(row.butterfly_change), priority=3),
)
SIDES = {1: "▲buy", -1: "▼sell", 0: " ?"}
"""Inferred from the quote in force."""


def contract_text(row: Print) -> str:
    """``6700P 24-Nov-26``."""
    return f"{written.strike(row.strike)}{'C' if row.right > 0 else 'P'} {written.day(from_nanos(row.expiry).date())}"


SPOKEN_OF = ("1M", "3M", "1W", "1Y", "6M")
PRINT_COLUMNS: tuple[Column[Print], ...] = (
    Column("at", "Time", 8, lambda row: Cell(written.clock(row.at), "dim"), left=True),
    Column("contract", "Contract", 15, lambda row: Cell(contract_text(row), "call" if row.right > 0 else "put"), left=True),
    Column("side", "", 5, lambda row: Cell(SIDES[row.side], "up" if row.side > 0 else "down" if row.side < 0 else "dim"), left=True),
    Column("premium", "Premium", 7, lambda row: Cell(amount(row.premium).lstrip("+"), "white")),
    Column("size", "Size", 6, lambda row: Cell(written.compact(row.size), "text"), priority=1),
    Column("price", "Price", 8, lambda row: Cell(written.money(row.price), "dim"), priority=2),
    Column("flags", "", 4, lambda row: Cell(flag_letters(row.flags), "alert"), priority=3, left=True),
)


def paint_facts(canvas: Canvas, view: ReplayView, palette: Palette) -> None:
    """Levels, gamma and flow below each other, as far as there is room."""
    levels = min(len(view.levels), max(canvas.height - GAMMA_ROWS - LEAST_FLOW_ROWS - 6 - min(len(view.broken), MOST_BROKEN), 2))
    y = _paint_levels(canvas, view, levels, palette)
    y = _paint_gamma(canvas, y, view, palette)
    y = _paint_broken(canvas, y, view, palette)
    _paint_flow(canvas.window(0, y, canvas.width, canvas.height - y), view, palette)


def _paint_levels(canvas: Canvas, view: ReplayView, rows: int, palette: Palette) -> int:
    """The row after the last one."""
    moved = shift(view.spot, view.spot_then)
    spot = f"spot {written.money(view.spot)}" + (f" {written.signed(moved)}" if isfinite(moved) else "")
    paint_band(canvas, 0, "Constant maturity" + (" and Δ to the mark" if view.has_mark else ""), palette, note=spot)
    columns = fit(CHANGE_COLUMNS if view.has_mark else LEVEL_COLUMNS, canvas.width)
    paint_header(canvas, 1, columns, palette)
    if not view.levels:
        canvas.paragraph(1, 2, view.problem, palette.dim)
        return 4
    first = sorted(range(len(view.levels)), key=lambda place: _rank(view.levels[place].name))[:rows]
    for line, row in enumerate(view.levels[place] for place in sorted(first)):
        for placed in columns:
            paint_cell(canvas, 2 + line, placed, placed.column.cell(row), palette)
    return 2 + rows


def _rank(name: str) -> int:
    """Where rows are few, which maturity stands first: what is spoken of most."""
    return SPOKEN_OF.index(name) if name in SPOKEN_OF else len(SPOKEN_OF)


def gamma_age(gamma: Gamma, view: ReplayView) -> str:
    """How long before the cursor an old mark was made; "" for a fresh one."""
    seconds = (view.at - gamma.at) / SECOND_NS
    return f"{written.age(seconds)} before" if seconds > OLD else ""


def _paint_gamma(canvas: Canvas, y: int, view: ReplayView, palette: Palette) -> int:
    gamma, then = view.gamma, view.gamma_then
    note = "$ per 1 %, calls + puts −"
    paint_band(canvas, y, "Dealers' gamma", palette, note=gamma_age(gamma, view) or note if gamma is not None else note)
    if gamma is None:
        canvas.paragraph(1, y + 1, view.gamma_reason, palette.dim)
        return y + 3
    net_moved = shift(gamma.net, then.net) if then else float("nan")
    flip_moved = shift(gamma.flip, then.flip) if then else float("nan")
    tone = palette.signed(gamma.net)
    x = canvas.put(1, y + 1, ("net   ", palette.dim), (amount(gamma.net), tone, None, True))
    if isfinite(net_moved):
        x = canvas.put(x + 2, y + 1, ("Δ ", palette.dim), (amount(net_moved), palette.signed(net_moved)))
    band = f"{amount(gamma.low)} to {amount(gamma.high)}"
    if x + len(band) + 3 < canvas.width:
        canvas.right(canvas.width - 1, y + 1, band, palette.dim)
    flip = written.money(gamma.flip) if isfinite(gamma.flip) else "not within 15 %"
    x = canvas.put(1, y + 2, ("flip  ", palette.dim), (flip, palette.white))
    if isfinite(gamma.flip) and gamma.flip > 0:
        x = canvas.put(x + 2, y + 2, (f"spot {written.signed_percent(gamma.spot / gamma.flip - 1)} from it", palette.dim))
    if isfinite(flip_moved):
        canvas.put(x + 2, y + 2, ("Δ ", palette.dim), (written.signed(flip_moved), palette.signed(flip_moved)))
    canvas.put(
        1,
        y + 3,
        ("walls ", palette.dim),
        ("+ ", palette.up),
        (written.money(gamma.positive_wall, 1.0), palette.white),
        ("   − ", palette.down),
        (written.money(gamma.negative_wall, 1.0), palette.white),
    )
    return y + GAMMA_ROWS - 1


def _paint_broken(canvas: Canvas, y: int, view: ReplayView, palette: Palette) -> int:
    """The rules that were broken then; the row after the last one."""
    if not view.broken:
        note = view.broken_reason or "no rule was broken then"
        paint_band(canvas, y, "Breaches", palette, note=note[: max(canvas.width - 12, 0)])
        return y + 1
    more = len(view.broken) - MOST_BROKEN
    paint_band(canvas, y, "Breaches", palette, note=f"{more} more" if more > 0 else "rules broken then, since")
    for line, one in enumerate(view.broken[:MOST_BROKEN], y + 1):
        measured = f"{one.measure} {one.value}" + (f" {written.signed(one.deviation, 1)}σ" if isfinite(one.deviation) else "")
        canvas.put(1, line, ("▲ ", palette.alert, None, True), (one.rule[:18], palette.white), (f"  {measured}", palette.text))
        canvas.right(canvas.width - 1, line, since_text(one.since, view.at), palette.dim)
    return y + 1 + min(len(view.broken), MOST_BROKEN)


def since_text(since: UtcNanos, at: UtcNanos) -> str:
    """The time of day, or the date where that is another one."""
    return written.clock(since) if new_york(since).date() == new_york(at).date() else written.day(new_york(since).date())


def _paint_flow(part: Canvas, view: ReplayView, palette: Palette) -> None:
    flow = view.flow
    if part.height < 1:
        return
    if flow is None or not flow.largest:
        paint_band(part, 0, "Largest flow", palette)
        part.paragraph(1, 1, view.flow_reason, palette.dim)
        return
    cut = "newest " if view.day is not None and view.day.no_flow else ""
    note = f"{cut}{flow.prints:,} flagged  C {amount(flow.call_premium).lstrip('+')}  P {amount(flow.put_premium).lstrip('+')}"
    paint_band(part, 0, "Largest flow so far", palette, note=note)
    columns = fit(PRINT_COLUMNS, part.width)
    paint_header(part, 1, columns, palette)
    for line, row in enumerate(flow.largest[: max(part.height - 2, 0)]):
        for placed in columns:
            paint_cell(part, 2 + line, placed, placed.column.cell(row), palette)


def paint_foot(canvas: Canvas, view: ReplayView, palette: Palette) -> None:
    """Where there is no room for a side: gamma and the largest print in a row each."""
    gamma, flow, y = view.gamma, view.flow, canvas.height - 2
    canvas.fill(0, y, canvas.width, 2, palette.head)
    if gamma is None:
        canvas.text(1, y, f"gamma: {view.gamma_reason}"[: canvas.width - 2], palette.dim)
    else:
        canvas.put(
            1,
            y,
            ("gamma ", palette.dim),
            (amount(gamma.net), palette.signed(gamma.net), None, True),
            (f"  flip {written.money(gamma.flip)}  walls ", palette.dim),
            (f"+ {written.money(gamma.positive_wall, 1.0)}", palette.up),
            (f"  − {written.money(gamma.negative_wall, 1.0)}  ", palette.down),
            (gamma_age(gamma, view), palette.alert),
        )
    if flow is None or not flow.largest:
        canvas.text(1, y + 1, f"flow: {view.flow_reason}"[: canvas.width - 2], palette.dim)
        return
    row = flow.largest[0]
    canvas.put(
        1,
        y + 1,
        ("flow ", palette.dim),
        (f"{written.clock(row.at)} ", palette.dim),
        (contract_text(row), palette.call if row.right > 0 else palette.put),
        (f" {SIDES[row.side]} ", palette.signed(row.side)),
        (amount(row.premium).lstrip("+"), palette.white, None, True),
        (f"  of {flow.prints:,}: C {amount(flow.call_premium).lstrip('+')} P {amount(flow.put_premium).lstrip('+')}", palette.dim),
    )
