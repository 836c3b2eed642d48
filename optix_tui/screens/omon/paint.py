"""Header, expiry bands and the rule of the spot as strips. Pure: summaries and a palette in, strips out."""

from collections.abc import Iterable
from math import isfinite

from textual.strip import Strip

from engine.domain.chain import ForwardMethod, SeriesSummary
from optix_tui.colour import mix
from optix_tui.format import UNKNOWN, compact, day, money, percent, price, signed, strike
from optix_tui.screens.omon.columns import MIDDLE
from optix_tui.screens.omon.look import Look
from optix_tui.theme import Palette
from optix_tui.widgets.runs import Run


def header_row(look: Look) -> Strip:
    """Titles of the columns, and which side is which."""
    palette, layout, run = look.palette, look.layout, Run()
    gap, left = layout.gaps
    ground = palette.ground
    call, put = mix(palette.dim, palette.call, 0.65), mix(palette.dim, palette.put, 0.65)
    if left:
        run.put(" " * left, palette.dim, ground)
    for column in layout.calls:
        run.put(f"{column.title:>{column.width + gap - 1}} ", call, ground)
    run.put("CALL", palette.call, ground, bold=True)
    run.put(" STRIKE ", palette.dim, ground)
    run.put("PUT", palette.put, ground, bold=True)
    for column in layout.puts:
        wide = column.width + gap - 1
        run.put(f" {column.title:<{wide}}" if column.title == "OI" else f"{column.title:>{wide}} ", put, ground)
    return run.strip(layout.width, palette.dim, ground)


def days_left(summary: SeriesSummary) -> str:
    """``10d``, ``5h 28m``, ``settled``."""
    seconds = summary.years * 365 * 86_400
    if not isfinite(seconds):
        return UNKNOWN
    if seconds <= 0:
        return "settled"
    if seconds < 86_400:
        return f"{int(seconds // 3600)}h {int(seconds % 3600 // 60):02d}m"
    return f"{seconds / 86_400:.0f}d"


def band_row(summary: SeriesSummary, look: Look, *, opened: bool, marked: bool) -> Strip:
    """An expiry: date, days, settlement and root, ATM volatility, expected move, forward, rate, multiplier, as far as they fit."""
    palette, run = look.palette, Run()
    ground = palette.chosen(has_keys=look.has_focus) if marked else palette.head
    series = summary.series
    date_colour = palette.security if series.weekly else palette.white

    def tone(colour: int) -> int:
        return mix(colour, palette.ground, look.fade) if look.fade else colour

    run.put(f" {'▾' if opened else '▸'} ", tone(palette.text if marked else palette.dim), ground, bold=marked)
    run.put(f"{day(series.expiry)} ", tone(date_colour), ground, bold=True)
    run.put(f"({days_left(summary)})", tone(palette.text), ground)
    flags = f" {series.settlement}" if series.settlement != "PM" else ""
    run.put(f" {series.root}{flags}", tone(palette.dim), ground)
    if series.adjusted:
        run.put(" ADJ", tone(palette.alert), ground, bold=True)
        if series.deliverable:
            run.put(f" {series.deliverable}", tone(palette.alert), ground)
    for label, text, colour in band_fields(summary, palette):
        if run.length + len(label) + len(text) + 3 > look.layout.width - 1:
            continue
        run.put(f"  {label}", tone(palette.dim), ground)
        run.put(text, tone(colour), ground)
    return run.strip(look.layout.width, palette.text, ground)


def band_fields(summary: SeriesSummary, palette: Palette) -> Iterable[tuple[str, str, int]]:
    """Label, number and colour of a band, the most wanted first."""
    series = summary.series
    tick = series.tick_rule.small
    move = price(summary.expected_move, 0.01) if isfinite(summary.expected_move) else UNKNOWN
    doubt = "" if summary.forward_method is ForwardMethod.PARITY else "c" if summary.forward_method is ForwardMethod.CARRY else ""
    yield "ATM IV ", percent(summary.atm_iv), palette.vol
    yield "EM ", f"±{move}" if move != UNKNOWN else move, palette.text
    yield "IFwd ", money(summary.forward) + doubt, palette.text
    yield "R ", f"{summary.rate * 100:.2f}" if isfinite(summary.rate) else UNKNOWN, palette.text
    yield "×", f"{series.multiplier:g}", palette.text
    yield "RR25 ", signed(summary.risk_reversal_25 * 100, 1), palette.vol
    yield "Strd ", price(summary.straddle, tick), palette.text
    yield "Pain ", strike(summary.max_pain), palette.text
    if summary.call_volume > 0:
        yield "P/C ", f"{summary.put_volume / summary.call_volume:.2f}", palette.text
    yield "OI ", compact(summary.call_open_interest + summary.put_open_interest), palette.text


def spot_row(spot: float, tick: float, look: Look) -> Strip:
    """A rule with the solid price in the middle: below it calls are out of the money."""
    palette, layout, run = look.palette, look.layout, Run()
    label = f" {money(spot, tick)} "
    line = mix(palette.ground, palette.text, 0.45)
    start = layout.gaps[1] + layout.side + (MIDDLE - len(label)) // 2
    run.put("─" * max(start, 0), line, palette.ground)
    run.put(label, palette.ink, mix(palette.text, palette.ground, look.fade), bold=True)
    run.put("─" * max(layout.width - run.length, 0), line, palette.ground)
    return run.strip(layout.width, line, palette.ground)


def waiting_row(look: Look) -> Strip:
    """An open expiry whose strikes have not come."""
    run = Run()
    run.put("    waiting for its strikes …", look.palette.dim, look.palette.ground)
    return run.strip(look.layout.width, look.palette.dim, look.palette.ground)
