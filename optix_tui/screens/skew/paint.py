"""Draws the skew: smiles over one another or the wings over time at the left, the table at the right, the formula at the foot."""

from collections.abc import Callable
from textwrap import wrap

import numpy as np

from engine.domain.columns import Floats
from optix_tui.canvas import Canvas
from optix_tui.colour import mix
from optix_tui.screens.axis import Scale, tick_digits, ticks
from optix_tui.screens.painting import paint_band, paint_cell, paint_header, paint_line, paint_mark, paint_rows
from optix_tui.screens.skew.view import COLUMNS, TURNED, Overlay, SkewPicture, SkewView, WingTerm, in_force
from optix_tui.screens.surface.coordinates import WORDS
from optix_tui.screens.surface.view import TENOR_COLUMNS
from optix_tui.screens.table import Cursor, fit
from optix_tui.theme import Palette

Settle = Callable[[int, int], Cursor]
AXIS = 7
LEAST_BESIDE, TENORS_WIDTH = 130, 50
"""Columns from which the constant maturities stand beside the expiries, and how many of them they take."""
MEANINGS = (
    "All in vol points, of forward delta on the fitted smile.",
    "…10: as those of 25, of the 10-delta wings.",
    "Slope: dIV/dln(K/F) at the forward, in vol points for 1 % of strike.",
    "P/C: IV(25Δ put) over IV(25Δ call).",
    "Norm: that difference over ATM, to compare names and levels.",
    "VarIV: root of the fair variance, as VIX is made.",
    "Faint: a wing that lies beyond the quotes, the model's.",
)
GAP = 2
"""Columns between two names."""
DAYS = (1, 7, 14, 30, 60, 91, 182, 365, 730)


def paint_skew(canvas: Canvas, view: SkewView, palette: Palette, settle: Settle) -> None:
    """The whole screen."""
    _paint_tabs(canvas, view, palette)
    foot = 1 if canvas.height >= 8 else 0
    rows = canvas.height - 1 - foot
    if view.preferences.picture is SkewPicture.TABLE:
        _paint_table(canvas.window(0, 1, canvas.width, rows), view, palette, settle, top=1)
    else:
        width = canvas.width - (view.side + 1 if view.side else 0)
        picture = canvas.window(0, 1, width, rows)
        if view.problem:
            picture.paragraph(1, 1, view.problem, palette.alert)
        elif view.preferences.picture is SkewPicture.SMILES:
            _paint_overlay(picture, view, view.overlay, palette)
        elif view.term is not None:
            _paint_term(picture, view, view.term, palette)
        if view.side:
            canvas.down(width, 1, rows, "│", palette.grid)
            _paint_table(canvas.window(width + 1, 1, view.side, rows), view, palette, settle, top=1)
    if foot:
        _paint_foot(canvas, view, palette)


def _paint_foot(canvas: Canvas, view: SkewView, palette: Palette) -> None:
    """The formula of the skew in force: its sign differs between vendors."""
    y = canvas.height - 1
    canvas.fill(0, y, canvas.width, 1, palette.head)
    x = canvas.put(1, y, (view.formula, palette.bright), ("  f", palette.text), (" other sign", palette.dim))
    for note in ("BF25 = mean of wings − ATM", "faint: beyond the quotes", "Slope: points for 1 % of strike", "Norm: over ATM"):
        if x + len(note) + 3 > canvas.width:
            return
        x = canvas.text(x, y, f"  {note}", palette.dim)


def _paint_tabs(canvas: Canvas, view: SkewView, palette: Palette) -> None:
    x = 0
    for place, picture in enumerate(SkewPicture, 1):
        on = picture is view.preferences.picture
        x = canvas.text(x, 0, f" {place} {picture.value} ", palette.ink if on else palette.dim, palette.security if on else None, bold=on)
    if view.preferences.picture is SkewPicture.SMILES:
        text = WORDS[view.preferences.coordinate]
        if x + len(text) + 4 < canvas.width:
            canvas.put_right(canvas.width - 1, 0, ("o ", palette.dim), (text, palette.bright))


def _paint_table(part: Canvas, view: SkewView, palette: Palette, settle: Settle, *, top: int) -> None:
    """The expiries, and the constant maturities beside them or below where there is room."""
    if part.width >= LEAST_BESIDE:
        left = part.width - TENORS_WIDTH - 1
        _paint_expiries(part.window(0, 0, left, part.height), view, palette, settle, top=top)
        part.down(left, 0, part.height, "│", palette.grid)
        _paint_tenors(part.window(left + 1, 0, TENORS_WIDTH, part.height), view, palette, told=True)
        return
    tenor_rows = len(view.tenors) + 2 if part.height >= len(view.tenors) + 14 else 0
    _paint_expiries(part.window(0, 0, part.width, part.height - tenor_rows), view, palette, settle, top=top)
    if tenor_rows:
        _paint_tenors(part.window(0, part.height - tenor_rows, part.width, tenor_rows), view, palette)


def _paint_expiries(part: Canvas, view: SkewView, palette: Palette, settle: Settle, *, top: int) -> None:
    columns = fit(in_force(COLUMNS, view.preferences), part.width)
    paint_header(part, 0, columns, palette)
    lines = max(part.height - 1, 0)
    cursor = settle(top + 1, lines)
    body = part.window(0, 1, part.width, lines)
    paint_rows(body, columns, view.rows, palette, cursor=cursor)
    for line, row in enumerate(view.rows[cursor.top : cursor.top + lines]):
        if row.mark >= 0:
            body.fore[line, columns[0].x] = line_colour(palette, row.mark)


def _paint_tenors(part: Canvas, view: SkewView, palette: Palette, *, told: bool = False) -> None:
    """The constant maturities and, where that is wished for, what the figures of both tables are."""
    notes = ("I between, E beyond expiries", "I between E beyond", "E beyond")
    room = part.width - len("Constant maturity") - 4
    paint_band(part, 0, "Constant maturity", palette, note=next((note for note in notes if len(note) <= room), ""))
    columns = fit(in_force(TENOR_COLUMNS, view.preferences), part.width)
    paint_header(part, 1, columns, palette)
    for line, row in enumerate(view.tenors):
        for placed in columns:
            paint_cell(part, 2 + line, placed, placed.column.cell(row), palette)
    y = 3 + len(view.tenors)
    for meaning in MEANINGS if told else ():
        lines = wrap(meaning, part.width - 2)
        for text in lines if y + len(lines) <= part.height else ():
            part.text(1, y, text, palette.dim)
            y += 1


def line_colour(palette: Palette, mark: int) -> int:
    """The colour of an overlaid smile."""
    return palette.series[mark % len(palette.series)]


def _levels(canvas: Canvas, plot: Canvas, scale: Scale, top: int, palette: Palette, *, signed: bool = False) -> None:
    marks = ticks(scale.low, scale.high, max(plot.height // 4, 2))
    digits = tick_digits(marks)
    for mark in marks:
        line = round(float(scale.share(mark)) * (plot.height - 1))
        plot.across(line, 0, plot.width, "┈", palette.rule if signed and mark == 0 else palette.grid)
        text = f"{mark:+.{digits}f}" if signed and mark else f"{mark:.{digits}f}"
        canvas.right(AXIS - 1, top + line, text, palette.dim)


def _paint_overlay(canvas: Canvas, view: SkewView, overlay: Overlay | None, palette: Palette) -> None:
    if overlay is None:
        canvas.paragraph(1, 1, "no fitted expiry is chosen: Space lays the one under the cursor over the others", palette.alert)
        return
    _paint_names(canvas, overlay, palette)
    plot = canvas.window(AXIS, 1, canvas.width - AXIS - 1, canvas.height - 2)
    if plot.width < 8 or plot.height < 2:
        return
    _levels(canvas, plot, overlay.scale, 1, palette)
    money = round(overlay.money * (plot.width - 1))
    plot.down(money, 0, plot.height, "╎", mix(palette.bright, palette.ground, 0.5))
    across = np.linspace(0, plot.width * 2 - 1, overlay.curves[0].size)
    for mark, (curve, faint, weak) in reversed(list(enumerate(zip(overlay.curves, overlay.faint, overlay.weak, strict=True)))):
        heights = overlay.scale.share(curve) * (plot.height * 4 - 1)
        fore = line_colour(palette, mark)
        inner = np.where(faint > 0, np.nan, heights)
        if weak:
            inner = np.where(np.arange(inner.size) // 4 % 2 == 0, inner, np.nan)
        plot.polyline(across, inner, fore)
        beyond = np.where(faint > 0, heights, np.nan)[::2]
        plot.dots(across[::2], beyond, mix(fore, palette.ground, 0.5))
        _number(plot, mark, heights, fore)
    y, taken = canvas.height - 1, -9
    for share, text in overlay.marks:
        x = AXIS + round(share * (plot.width - 1)) - len(text) // 2
        if x > taken and x + len(text) <= canvas.width:
            canvas.text(x, y, text, palette.bright if abs(share - overlay.money) < 1e-6 else palette.dim)
            taken = x + len(text)
    if view.preferences.coordinate.value == "strike" and 0 <= money < plot.width:
        canvas.text(AXIS + money, y, "S", palette.ink, palette.security, bold=True)


def _number(plot: Canvas, mark: int, heights: Floats, fore: int) -> None:
    """The line's number upon it, each at another place: colours alone tell nothing to some."""
    place = round((0.08 + 0.07 * mark) * (heights.size - 1))
    if np.isfinite(heights[place]) and 0 <= heights[place] < plot.height * 4:
        plot.text(round(place / (heights.size - 1) * (plot.width - 1)), int(heights[place] // 4), str(mark + 1), fore, bold=True)


def _paint_names(canvas: Canvas, overlay: Overlay, palette: Palette) -> None:
    """Which number is which expiry, of all of them: with less room without the sample of the line, then by its days alone."""
    words = [(name, "POOR FIT" if weak else "") for name, weak in zip(overlay.names, overlay.weak, strict=True)]
    short = [(name, "?" if weak else "") for name, weak in words]
    forms = (
        (" ⠤⠤ ", [" ".join(filter(None, parts)) for parts in words]),
        (" ", [" ".join(filter(None, parts)) for parts in short]),
        (" ", [name.split(" ")[-1] + mark for name, mark in short]),
    )
    sample, texts = next((form for form in forms if _row_width(*form) < canvas.width), forms[-1])
    x = 1
    for mark, text in enumerate(texts):
        fore = palette.alert if overlay.weak[mark] else palette.text
        x = canvas.put(x, 0, (f"{mark + 1}{sample}", line_colour(palette, mark)), (text, fore)) + GAP


def _row_width(sample: str, texts: list[str]) -> int:
    return 1 + sum(1 + len(sample) + len(text) + GAP for text in texts)


def _paint_term(canvas: Canvas, view: SkewView, term: WingTerm, palette: Palette) -> None:
    """The reversal above, the butterfly below."""
    name = TURNED["RR25"] if view.preferences.puts_first else "RR25"
    upper = max(round((canvas.height - 2) * 0.58), 3)
    panes = (
        (name, term.reversal, term.constant_reversal, term.scales[0], 0, upper, palette.text),
        ("BF25", term.butterfly, term.constant_butterfly, term.scales[1], upper, canvas.height - 1 - upper, palette.vol),
    )
    for title, values, constant, scale, top, rows, fore in panes:
        plot = canvas.window(AXIS, top + 1, canvas.width - AXIS - 1, rows - 1)
        if plot.height < 2 or plot.width < 8:
            continue
        canvas.put(
            1, top, (title, fore, None, True), (" vol points by expiry", palette.dim), ("  + ", palette.security), ("constant", palette.dim)
        )
        _levels(canvas, plot, scale, top + 1, palette, signed=True)
        _paint_points(plot, term, values, constant, scale, fore, palette)
    _paint_days(canvas, term, palette)


def _paint_points(plot: Canvas, term: WingTerm, values: Floats, constant: Floats, scale: Scale, fore: int, palette: Palette) -> None:
    drawn = np.isfinite(term.places) & np.isfinite(values)
    trusted = drawn & (term.weak == 0)
    paint_line(plot, values[trusted], scale, mix(fore, palette.ground, 0.35), places=term.places[trusted])
    shares = np.asarray(scale.share(values))
    for place in np.flatnonzero(drawn).tolist():
        paint_mark(plot, float(term.places[place]), float(shares[place]), palette.alert if term.weak[place] else palette.white)
    for place, height in zip(term.constant_places.tolist(), np.asarray(scale.share(constant)).tolist(), strict=True):
        if 0 <= place <= 1 and 0 <= height <= 1:
            plot.text(round(place * (plot.width - 1)), round(height * (plot.height - 1)), "+", palette.security, bold=True)


def _paint_days(canvas: Canvas, term: WingTerm, palette: Palette) -> None:
    wide, taken = canvas.width - AXIS - 1, -9
    for days in DAYS:
        place = ((days / 365) ** 0.5 - term.low) / (term.high - term.low)
        column = AXIS + round(place * (wide - 1))
        label = f"{days}d" if days < 365 else f"{days // 365}y"
        if 0 <= place <= 1 and column > taken + 1 and column + len(label) < canvas.width:
            canvas.text(column, canvas.height - 1, label, palette.dim)
            taken = column + len(label)
    if taken + 8 < canvas.width:
        canvas.right(canvas.width - 1, canvas.height - 1, "√time", palette.mute)
