"""Draws the calculator: the sheet at the left (a ribbon above where there is no room), beside it results, matrix or payoff."""

from math import isfinite
from textwrap import wrap

from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.screens.calculator.fields import CHOICES
from optix_tui.screens.calculator.paint_curve import LEAST_ROWS, paint_curve
from optix_tui.screens.calculator.paint_matrix import paint_matrix
from optix_tui.screens.calculator.view import CalculatorView, GreekRow, Picture, SheetRow
from optix_tui.screens.painting import colour, paint_band
from optix_tui.theme import Palette

WIDE = 110
"""From so many columns on the sheet and the greatest picture stand side by side."""
SHEET_WIDE, SHEET_NARROW = 44, 36
ROWS_OF_RESULTS = 20
"""Sheet and results have these to themselves before the foot says all that it can."""
LABEL, VALUE = 12, 10
"""The mark of the unknown stands in the column of the first, and the value ends so many columns behind it."""
FADE = 0.5
EACH, CONTRACT = 24, 36
"""Where the numbers of a Greek end: of one unit, and of a contract."""


def paint_calculator(canvas: Canvas, view: CalculatorView, palette: Palette) -> dict[int, int]:
    """Draws all of it; for a click, which row of the sheet stands in which line."""
    if canvas.width < WIDE and view.picture is not Picture.RESULTS:
        taken = _paint_ribbon(canvas, view, palette)
        body = canvas.window(0, taken, canvas.width, canvas.height - taken)
        _paint_picture(body, view, palette)
        return {}
    wide = SHEET_WIDE if canvas.width >= WIDE else min(SHEET_NARROW, canvas.width)
    said = _foot(canvas, view, palette) if canvas.width < WIDE else []
    foot = len(said)
    sheet = canvas.window(0, 0, wide, canvas.height - foot)
    lines = _paint_sheet(sheet, view, palette)
    right = canvas.window(wide + 1, 0, canvas.width - wide - 1, canvas.height - foot)
    if view.picture is Picture.RESULTS:
        _paint_results(right, view, palette)
    else:
        _paint_picture(right, view, palette)
    if foot:
        for line, (text, fore) in enumerate(said):
            canvas.text(1, canvas.height - foot + line, text, fore)
    else:
        _paint_notes(sheet, max(lines, default=0) + 2, view, palette)
    return lines


# -- the sheet --------------------------------------------------------------------------------------------------------------


def _paint_sheet(canvas: Canvas, view: CalculatorView, palette: Palette) -> dict[int, int]:
    """The form; why a row is wrong stands under it. Which row stands in which line."""
    paint_band(canvas, 0, "INPUTS", palette, note="= solves for a row")
    y = 1
    found: dict[int, int] = {}
    spare = canvas.height - 1 - len(view.rows)
    for place, row in enumerate(view.rows):
        found[y] = place
        _paint_row(canvas, y, row, palette, chosen=place == view.place)
        y += 1
        if row.why:
            said = wrap(row.why, max(canvas.width - 4, 8))[: max(spare, 0)]
            for line in said:
                canvas.text(3, y, line, palette.alert)
                y += 1
            spare -= len(said)
    return found


def _paint_row(canvas: Canvas, y: int, row: SheetRow, palette: Palette, *, chosen: bool) -> None:
    if chosen:
        canvas.fill(0, y, canvas.width, 1, palette.chosen(has_keys=True))
    canvas.text(1, y, row.field.value, palette.bright if row.is_unknown else palette.dim)
    mark = "?" if row.is_unknown else "!" if row.why else " "
    canvas.text(LABEL, y, mark, palette.alert, bold=True)
    fore = palette.alert if row.why else palette.white if row.is_unknown else palette.bright if row.is_given else palette.dim
    x = LABEL + 1
    if row.is_typed:
        canvas.fill(x - 1, y, max(VALUE + 2, len(row.text) + 3), 1, palette.text)
        end = canvas.text(x, y, row.text, palette.ink, bold=True)
        canvas.text(end, y, "▏", palette.ink)
        return
    if row.field in CHOICES:
        canvas.put(x, y, (row.text, fore), (" ◂▸" if chosen else "", palette.dim))
        return
    text = row.text if len(row.text) <= canvas.width - x - 1 else row.text[: canvas.width - x - 2] + "…"
    start = max(x + VALUE - len(text), x)
    end = canvas.text(start, y, text, fore, bold=row.is_unknown or row.is_given)
    room = canvas.width - end - 2
    if room > 3:
        canvas.text(end + 1, y, row.unit if len(row.unit) <= room else row.unit[: room - 1] + "…", palette.dim)


def _paint_ribbon(canvas: Canvas, view: CalculatorView, palette: Palette) -> int:
    """The sheet in as few lines as it needs: labels, values, the cursor, and what is wrong. How many lines it took."""
    x, y = 1, 0
    for place, row in enumerate(view.rows):
        text = f"{row.text}▏" if row.is_typed else row.text if len(row.text) <= 14 else row.text[:13] + "…"
        label = ("?" if row.is_unknown else "!" if row.why else "") + _short(row)
        if x + len(label) + len(text) + 2 > canvas.width - 1 and x > 1:
            x, y = 1, y + 1
        chosen = place == view.place
        ground = palette.text if row.is_typed else palette.chosen(has_keys=True) if chosen else palette.ground
        fore = palette.ink if row.is_typed else palette.alert if row.why else palette.white if row.is_unknown else palette.bright
        x = (
            canvas.put(
                x, y, (f"{label} ", palette.alert if row.is_unknown else palette.dim), (text, fore, ground, chosen or row.is_unknown)
            )
            + 2
        )
    wrong = next((row for row in view.rows if row.why), None)
    y += 1
    if wrong is not None:
        for line in wrap(f"{wrong.field.value}: {wrong.why}", max(canvas.width - 2, 8))[:2]:
            canvas.text(1, y, line, palette.alert)
            y += 1
    else:
        x = 1
        for label, text in view.headline:
            if x + len(label) + len(text) + 2 > canvas.width:
                break
            x = canvas.put(x, y, (f"{label} ", palette.dim), (text, palette.white if label == "Price" else palette.text)) + 2
        y += 1
    return y


def _short(row: SheetRow) -> str:
    shorts = {
        "Right": "",
        "Style": "",
        "Priced on": "on",
        "Underlying": "U",
        "Strike": "K",
        "Time left": "days",
        "Volatility": "vol%",
        "Rate": "r%",
        "Yield": "q%",
        "Dividends": "divs",
        "Multiplier": "×",
        "Price": "price",
        "Delta": "Δ",
    }
    return shorts[row.field.value]


# -- what was found ---------------------------------------------------------------------------------------------------------


def _paint_results(canvas: Canvas, view: CalculatorView, palette: Palette) -> None:
    if not view.values:
        paint_band(canvas, 0, "RESULT", palette)
        canvas.text(1, 2, "no answer yet" if view.is_current else "no answer: see the inputs", palette.dim)
        return
    note = "old: see the row marked !" if not view.is_current else "solving …" if view.is_solving else ""
    beside = canvas.width >= 100
    wide = 46 if beside else canvas.width
    paint_band(canvas, 0, "RESULT", palette, note=note, width=wide)
    for line, fact in enumerate(view.values):
        canvas.text(1, 1 + line, fact.label, palette.dim)
        window = canvas.window(12, 1 + line, wide - 13, 1)
        window.put(0, 0, *((cell.text, colour(palette, cell.tone), None, cell.bold) for cell in fact.values))
    used = 1 + len(view.values)
    if beside:
        part = canvas.window(wide + 1, 0, canvas.width - wide - 1, canvas.height)
        used = max(used, _paint_greeks(part, view, palette))
    else:
        part = canvas.window(0, used, canvas.width, canvas.height - used)
        used += _paint_greeks_small(part, view, palette)
    if not view.is_current:
        canvas.window(0, 1, canvas.width, used - 1).fade(palette.ground, FADE)
    rest = canvas.window(0, used + 1, canvas.width, canvas.height - used - 1)
    if view.payoff is not None and rest.height >= LEAST_ROWS:
        paint_curve(rest, view.payoff, palette)
        if not view.is_current:
            rest.fade(palette.ground, FADE)


def _paint_greeks(canvas: Canvas, view: CalculatorView, palette: Palette) -> int:
    """One row each: a unit of the underlying, a contract, and what it is per."""
    paint_band(canvas, 0, "GREEKS", palette)
    canvas.right(EACH, 0, "each", palette.dim)
    canvas.right(CONTRACT, 0, f"× {view.multiplier:g}", palette.dim)
    for line, row in enumerate(view.greeks):
        canvas.put(1, 1 + line, (f"{row.short} " if row.short else "  ", palette.vol), (row.name, palette.dim))
        canvas.right(EACH, 1 + line, greek_text(row), _signed(row, palette))
        canvas.right(CONTRACT, 1 + line, _contract_text(row.contract), palette.text)
        canvas.text(CONTRACT + 2, 1 + line, row.unit if isfinite(row.each) else "not told", palette.dim)
    return 1 + len(view.greeks)


def _paint_greeks_small(canvas: Canvas, view: CalculatorView, palette: Palette) -> int:
    """Two columns of them, a unit of the underlying."""
    paint_band(canvas, 0, "GREEKS", palette, note="each; day, vol point, 1 %")
    half = (len(view.greeks) + 1) // 2
    wide = canvas.width // 2
    for place, row in enumerate(view.greeks):
        column, line = divmod(place, half)
        canvas.text(1 + column * wide, 1 + line, row.name, palette.dim)
        canvas.right((column + 1) * wide - 1, 1 + line, greek_text(row), _signed(row, palette))
    return 1 + half


def greek_text(row: GreekRow) -> str:
    """Four digits after the point for deltas, three that count for all others."""
    if row.name == "Delta":
        return written.small(row.each, 4)
    return _small_text(row.each) if abs(row.each) < 100 else written.money(row.each)


def _small_text(value: float) -> str:
    """Four digits that count, with an exponent where there would be more than four zeros."""
    return f"{value:.2e}" if 0 < abs(value) < 1e-5 else written.significant(value, 4, 10)


def _contract_text(value: float) -> str:
    if not isfinite(value):
        return written.UNKNOWN
    return written.signed(value) if abs(value) >= 0.1 else _small_text(value)


def _signed(row: GreekRow, palette: Palette) -> int:
    return palette.white if row.name == "Delta" else palette.text


def _paint_picture(canvas: Canvas, view: CalculatorView, palette: Palette) -> None:
    if view.picture is Picture.MATRIX:
        paint_matrix(canvas, view.matrix, view.layer.value, palette, note="" if view.is_current else "no matrix: see the row marked !")
    elif view.payoff is not None:
        paint_curve(canvas, view.payoff, palette)
    else:
        paint_band(canvas, 0, "PAYOFF", palette)
        canvas.text(1, 2, "no answer yet", palette.dim)
    if not view.is_current:
        canvas.window(0, 1, canvas.width, canvas.height - 1).fade(palette.ground, FADE)


# -- what it stands on ------------------------------------------------------------------------------------------------------


def _sentences(view: CalculatorView, palette: Palette) -> list[tuple[str, int]]:
    said = [(f"! {remark}", palette.alert) for remark in view.remarks]
    said += [(f"From {view.origin}", palette.dim)] if view.origin else []
    if view.model:
        said += [(sentence, palette.text) for sentence in view.untold]
        said += [(f"Model: {view.model}", palette.text), (view.source, palette.dim), (f"Probabilities: {view.probabilities}", palette.dim)]
    return said


def _paint_notes(canvas: Canvas, y: int, view: CalculatorView, palette: Palette) -> None:
    """Under the sheet: what was assumed, where the numbers came from, the model and its source."""
    for text, fore in _sentences(view, palette):
        y = canvas.paragraph(1, y, text, fore, canvas.width - 2) + (1 if text.startswith(("From", "!")) else 0)


def _foot(canvas: Canvas, view: CalculatorView, palette: Palette) -> list[tuple[str, int]]:
    """The same across the foot of a narrow tile: all of it where there is room, else what is odd and the model, a line each."""
    room = canvas.width - 2
    whole = [(line, fore) for text, fore in _sentences(view, palette) for line in wrap(text, max(room, 8))]
    if canvas.height - len(whole) >= ROWS_OF_RESULTS:
        return whole
    odd = "; ".join(view.remarks) or f"From {view.origin}"
    both = [(odd, palette.alert if view.remarks else palette.dim), (f"{view.model}: {view.source}" if view.model else "", palette.dim)]
    shown = both[: min(max(canvas.height - ROWS_OF_RESULTS + 2, 0), 2)]
    return [(text if len(text) <= room else text[: room - 1] + "…", fore) for text, fore in shown]
