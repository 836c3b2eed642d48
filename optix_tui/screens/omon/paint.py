"""The rows of the chain as strips: header, expiry bands, strikes, the rule of the spot. Pure: slices and a palette in, strips out."""

from collections.abc import Iterable, Sequence
from math import isfinite

import numpy as np
from msgspec import Struct
from textual.strip import Strip

from engine.domain.chain import ChainSlice, ForwardMethod, IvStatus, SeriesSummary
from engine.domain.columns import Floats
from engine.domain.market import Verdict
from optix_tui.colour import mix
from optix_tui.format import UNKNOWN, compact, day, decimals, money, percent, price, signed, strike
from optix_tui.screens.omon.board import FLASH_STEPS, Flash, aged
from optix_tui.screens.omon.columns import ASK, BID, MIDDLE, Column, Layout
from optix_tui.screens.omon.window import deviations
from optix_tui.theme import Palette
from optix_tui.widgets.runs import Run

AGE_FADE = 0.55
NO_TIME_VALUE, ABOVE_BOUND = "<int", ">max"
MARKS = (
    (Verdict.CROSSED, "x", "crossed: bid above ask"),
    (Verdict.LOCKED, "=", "locked: bid equals ask"),
    (Verdict.BELOW_INTRINSIC, "!", "below intrinsic value"),
    (Verdict.MALFORMED, "?", "malformed"),
    (Verdict.WIDE, "~", "wide"),
)
"""One letter behind the ask for what is wrong with a quote; the worst first."""


class Look(Struct, frozen=True, kw_only=True):
    """How the rows of one paint look: lay-out, colours, cursor, fading."""

    layout: Layout
    palette: Palette
    most_interest: float
    """The longest bar of open interest."""
    fade: float = 0.0
    """How far everything goes into the ground: what is stale."""
    cursor: int = -1
    """Strike under the cursor in the series being painted; -1 where it is elsewhere."""
    side: int = 0
    """0 where the cursor is at the call, 1 at the put."""
    has_focus: bool = False


def header_row(look: Look) -> Strip:
    """Titles of the columns, and which side is which."""
    palette, layout, run = look.palette, look.layout, Run()
    gap, left = layout.gaps
    ground = palette.ground
    call, put = mix(palette.dim, palette.call, 0.65), mix(palette.dim, palette.put, 0.65)
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
    ground = palette.selected if marked else palette.head
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


class _Side(Struct):
    """One side's columns of the rows being painted, as plain numbers."""

    columns: Sequence[Column]
    values: list[list[float]]
    verdict: list[int]
    status: list[int]
    aged: list[bool]
    volume: list[float]
    interest: list[float]


def strike_rows(piece: ChainSlice, flash: Flash, strikes: Sequence[int], look: Look) -> list[Strip]:
    """The rows of some strikes of one series, in that order."""
    if not len(strikes):
        return []
    places = np.asarray(strikes)
    old = aged(piece)
    sides = [
        _Side(
            columns=columns,
            values=[column.read(piece)[row, places].tolist() for column in columns],
            verdict=piece.verdict[row, places].tolist(),
            status=piece.iv_status[row, places].tolist(),
            aged=old[row, places].tolist(),
            volume=piece.volume[row, places].tolist(),
            interest=piece.open_interest[row, places].tolist(),
        )
        for row, columns in enumerate((look.layout.calls, look.layout.puts))
    ]
    painter = _RowPainter(piece, flash, look, sides)
    far = deviations(piece)[places].tolist()
    return [painter.row(n, int(place), far[n]) for n, place in enumerate(strikes)]


class _RowPainter:
    """Paints the rows of one series: what is the same for all of them is worked out once."""

    def __init__(self, piece: ChainSlice, flash: Flash, look: Look, sides: Sequence[_Side]) -> None:
        self.piece, self.flash, self.look, self.sides = piece, flash, look, sides
        self.spot = piece.summary.spot
        self.strikes: list[float] = piece.strikes.tolist()
        self.digits = decimals(piece.summary.series.tick_rule.small)
        self.step = usual_step(piece.strikes)
        palette = look.palette
        self.greek = mix(palette.dim, palette.text, 0.55)
        self.tones = {"greek": self.greek}

    def row(self, n: int, place: int, far: float) -> Strip:
        """One strike."""
        look, palette = self.look, self.look.palette
        gap, left = look.layout.gaps
        value = self.strikes[place]
        marked = place == look.cursor
        base = palette.selected if marked else palette.ground
        run = Run()
        run.put(" " * left, palette.text, base)
        call_ground = base if marked or not value < self.spot else palette.itm
        put_ground = base if marked or not value > self.spot else palette.itm
        self._side(run, 0, n, place, call_ground, gap)
        self._middle(run, value, far, marked=marked)
        self._side(run, 1, n, place, put_ground, gap)
        return run.strip(look.layout.width, palette.text, put_ground if marked else base)

    def _middle(self, run: Run, value: float, far: float, *, marked: bool) -> None:
        look, palette = self.look, self.look.palette
        shade = strike_ground(far, palette)
        text = strike(value)
        band = deviation_mark(self.piece, value, far, self.step)
        left_mark = "◂" if marked and look.side == 0 else " "
        right_mark = "▸" if marked and look.side == 1 else " "
        if marked:
            solid = palette.text if look.has_focus else palette.dim
            run.put(f"{band:>3}{left_mark}", palette.vol if band.strip() else solid, palette.selected, bold=True)
            run.put(f"{text:^9}", palette.ink, mix(solid, palette.ground, look.fade), bold=True)
            run.put(f"{right_mark} ", palette.text, palette.selected, bold=True)
            return
        round_number = self.step > 0 and abs(value / (5 * self.step) - round(value / (5 * self.step))) < 1e-9
        colour = palette.white if round_number else palette.text
        run.put(f"{band:>3} ", self._faded(palette.vol), shade)
        run.put(f"{text:^9}", self._faded(colour), shade, bold=True)
        run.put("  ", palette.text, shade)

    def _faded(self, colour: int, more: float = 0.0) -> int:
        share = 1 - (1 - self.look.fade) * (1 - more)
        return mix(colour, self.look.palette.ground, share) if share else colour

    def _side(self, run: Run, side: int, n: int, place: int, ground: int, gap: int) -> None:
        facts = self.sides[side]
        verdict = facts.verdict[n]
        tired = AGE_FADE if facts.aged[n] else 0.0
        for column, values in zip(facts.columns, facts.values, strict=True):
            value, title, width = values[n], column.title, column.width + gap
            if title == "OI":
                self._interest(run, side, value, width, ground, tired)
            elif title in {BID, ASK}:
                self._quote(run, side, title, value, width, ground, tired, verdict, place)
            elif title == "IV":
                text, colour = iv_text(value, facts.status[n], self.look.palette)
                run.put(f"{text:>{width - 1}} ", self._faded(colour, tired), ground)
            elif title == "Vol":
                hot = value > facts.interest[n]
                colour = self.look.palette.alert if hot else self.look.palette.dim
                run.put(f"{self._number(column, value):>{width - 1}} ", self._faded(colour, tired), ground, bold=hot)
            else:
                colour = self._tone(column.tone) if isfinite(value) else self.look.palette.dim
                run.put(f"{self._number(column, value):>{width - 1}} ", self._faded(colour, tired), ground)

    def _tone(self, tone: str) -> int:
        return self.tones[tone] if tone in self.tones else int(getattr(self.look.palette, tone))

    def _number(self, column: Column, value: float) -> str:
        if column.show is not None:
            return column.show(value)
        return f"{value:.{self.digits}f}" if isfinite(value) else UNKNOWN

    def _quote(
        self, run: Run, side: int, title: str, value: float, width: int, ground: int, tired: float, verdict: int, place: int
    ) -> None:
        palette = self.look.palette
        plane = 0 if title == BID else 1
        nothing = not isfinite(value)
        text = UNKNOWN if nothing else f"{value:.{self.digits}f}"
        colour = palette.dim if nothing else palette.text
        if verdict & (Verdict.CROSSED | Verdict.LOCKED | Verdict.MALFORMED | Verdict.BELOW_INTRINSIC) and not nothing:
            colour = palette.alert
        elif verdict & Verdict.WIDE and not nothing:
            colour = self.tones["greek"]
        colour = self._faded(colour, tired)
        left = int(self.flash.left[plane, side, place])
        if left and not self.look.fade:
            share = left / FLASH_STEPS
            glow = palette.up_ground if self.flash.sign[plane, side, place] > 0 else palette.down_ground
            ground = mix(ground, glow, 0.35 + 0.65 * share)
            colour = mix(colour, palette.bright, share)
        mark = next((letter for flag, letter, _ in MARKS if verdict & flag), " ") if title == ASK else " "
        run.put(f"{text:>{width - 1}}", colour, ground)
        run.put(mark, self._faded(palette.alert if mark != "~" else palette.dim), ground)

    def _interest(self, run: Run, side: int, value: float, width: int, ground: int, tired: float) -> None:
        """Open interest with a bar behind its digits, growing from the outer edge."""
        palette = self.look.palette
        text = f"{compact(value, 6):>{width - 1}} " if side == 0 else f" {compact(value, 6):<{width - 1}}"
        share = (value / self.look.most_interest) ** 0.6 if isfinite(value) and self.look.most_interest > 0 else 0.0
        cells = round(min(share, 1.0) * 7)
        tint = mix(ground, palette.call if side == 0 else palette.put, 0.28 * (1 - self.look.fade))
        plain, over = self._faded(palette.dim, tired), self._faded(palette.text, tired)
        if side == 0:
            run.put(text[:cells], over, tint)
            run.put(text[cells:], plain, ground)
        else:
            run.put(text[: width - cells], plain, ground)
            run.put(text[width - cells :], over, tint)


def iv_text(value: float, status: int, palette: Palette) -> tuple[str, int]:
    """A volatility in points, or the word for why there is none; one that hangs on a rounding is greyed."""
    if status == IvStatus.NO_TIME_VALUE:
        return NO_TIME_VALUE, palette.dim
    if status == IvStatus.ABOVE_BOUND:
        return ABOVE_BOUND, palette.dim
    if status == IvStatus.BAD_INPUT or not isfinite(value):
        return UNKNOWN, palette.dim
    return f"{value * 100:.1f}", palette.dim if status == IvStatus.ILL_CONDITIONED else palette.vol


def usual_step(strikes: Floats) -> float:
    """The commonest distance between strikes; 0 of fewer than two."""
    if len(strikes) < 2:
        return 0.0
    found, counts = np.unique(np.round(np.diff(strikes), 6), return_counts=True)
    return float(found[np.argmax(counts)])


def strike_ground(far: float, palette: Palette) -> int:
    """The ground of a strike: brightest at the forward, darker with every standard deviation."""
    if not isfinite(far):
        return palette.head
    near = max(0.0, 1.0 - abs(far) / 3.0)
    return mix(palette.head, palette.text, round(0.15 * near, 2))


def deviation_mark(piece: ChainSlice, value: float, far: float, step: float) -> str:
    """``-1σ`` at the strike nearest to a whole number of standard deviations from the forward; else nothing."""
    summary = piece.summary
    width = summary.atm_iv * np.sqrt(max(summary.years, 0.0)) * summary.forward
    if not (isfinite(far) and isfinite(width)) or width <= 0 or step <= 0:
        return ""
    whole = round(far)
    if whole == 0 or abs(whole) > 4 or width < 2 * step:
        return ""
    exact = summary.forward * float(np.exp(whole * summary.atm_iv * np.sqrt(summary.years)))
    return f"{whole:+d}σ" if abs(value - exact) <= step / 2 else ""
