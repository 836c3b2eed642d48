"""Two rows on the security of the focused tile: where it trades, what its volatility says, and the line of the day."""

from math import isfinite
from typing import Any

import numpy as np
from msgspec import Struct
from textual.geometry import Size

from engine.domain.instants import SECOND_NS
from engine.domain.instruments import Security
from engine.domain.market import Verdict
from engine.messages.exposure import Exposure
from engine.messages.queries import Quote
from optix_tui.canvas import Canvas, Span
from optix_tui.format import UNKNOWN, amount, arrow, compact, day, money, percent, points, signed, signed_percent, strike
from optix_tui.freshness import Condition, Freshness
from optix_tui.function import FADE
from optix_tui.security_words import full_name
from optix_tui.theme import Palette
from optix_tui.widgets.sheet import Sheet

LINE_WIDTH = 30
EXPOSURE_NS = 300 * SECOND_NS
"""An exposure older than this beside its quote is not shown."""
_NARROW = 110
"""Under it the line of the day is left out."""


class SecurityView(Struct, frozen=True, kw_only=True):
    """What the security bar shows; a quote of None is one that has not come."""

    name: str
    security: Security | None
    quote: Quote | None
    freshness: Freshness
    exposure: Exposure | None = None
    """What the engine said last of the dealers' gamma in this name."""


def paint_security_bar(canvas: Canvas, view: SecurityView, palette: Palette) -> None:
    """Draws both rows."""
    x = canvas.put(0, 0, (f" {view.name or 'no security'} ", palette.ink, palette.security, True), ("  ", palette.text))
    quote = view.quote
    if quote is None:
        word = "disconnected" if view.freshness.condition is Condition.DISCONNECTED else "waiting for its quote …"
        canvas.text(x, 0, word if view.name else "", palette.dim)
        return
    right = _paint_day(canvas, quote, palette) if canvas.width >= _NARROW else canvas.width
    label = view.freshness.label
    tag = len(label) + 3 if label and right - len(label) - 3 > x else 0
    _put_groups(canvas, x, 0, right - 1 - tag, _price_spans(quote, palette))
    _put_groups(
        canvas, 1, 1, right - 1, [*_volatility_spans(quote, palette), *_exposure_spans(view, palette), *_event_spans(quote, palette)]
    )
    if view.freshness.is_dimmed:
        canvas.fade(palette.ground, FADE)
    if tag:
        canvas.right(right - 1, 0, f" {label} ", palette.ink, palette.alert if view.freshness.is_dimmed else palette.vol, bold=True)


def _put_groups(canvas: Canvas, x: int, y: int, right: int, groups: list[list[Span]]) -> None:
    """Groups of spans as far as they fit whole."""
    for group in groups:
        if x + sum(len(span[0]) for span in group) > right:
            return
        x = canvas.put(x, y, *group)


def _price_spans(quote: Quote, palette: Palette) -> list[list[Span]]:
    tick = quote.security.tick
    direction = palette.signed(quote.change)
    mark = f"{arrow(quote.change)} " if quote.change else ""
    groups: list[list[Span]] = [
        [(money(quote.last, tick), palette.white, None, True)],
        [(f"  {mark}{signed(quote.change)}  {signed_percent(quote.change_fraction)}", direction, None, True)],
    ]
    if isfinite(quote.bid) or isfinite(quote.ask):
        doubt = palette.alert if quote.verdict & (Verdict.CROSSED | Verdict.LOCKED | Verdict.STALE) else palette.text
        groups.append(
            [
                ("   B ", palette.dim),
                (money(quote.bid, tick), doubt),
                (" × ", palette.mute),
                (money(quote.ask, tick), doubt),
                (" A", palette.dim),
            ]
        )
        words = [word for flag, word in ((Verdict.CROSSED, "crossed"), (Verdict.LOCKED, "locked")) if quote.verdict & flag]
        if words:
            groups.append([(f" {' '.join(words)}", palette.alert)])
        if isfinite(quote.bid_size) and isfinite(quote.ask_size):
            groups.append([(f"  {compact(quote.bid_size)}×{compact(quote.ask_size)}", palette.dim)])
    if isfinite(quote.volume):
        groups.append([("   Vol ", palette.dim), (compact(quote.volume), palette.text)])
    if isfinite(quote.open):
        groups.append([("   O ", palette.dim), (money(quote.open, tick), palette.text)])
    groups.append([("   Pv ", palette.dim), (money(quote.previous_close, tick), palette.text)])
    groups.append([("   ", palette.dim), (quote.security.name, palette.dim)])
    return groups


def _volatility_spans(quote: Quote, palette: Palette) -> list[list[Span]]:
    spread = quote.iv30 - quote.realized_30
    rank = f"{quote.iv_rank * 100:.0f}" if isfinite(quote.iv_rank) else UNKNOWN
    share = f"{quote.iv_percentile * 100:.0f}" if isfinite(quote.iv_percentile) else UNKNOWN
    few = f" ({quote.iv_sessions} sessions)" if not isfinite(quote.iv_rank) and quote.iv_sessions else ""
    groups: list[list[Span]] = [
        [("IV30 ", palette.dim), (points(quote.iv30, 2), palette.vol)],
        [("  IVR ", palette.dim), (rank, palette.alert if quote.iv_rank > 0.5 else palette.text), (few, palette.dim)],
        [("  IVP ", palette.dim), (share, palette.text)],
        [("  HV30 ", palette.dim), (points(quote.realized_30, 2), palette.vol)],
        [("  IV-HV ", palette.dim), (signed(spread * 100, 1), palette.vol)],
        [("  RR25 ", palette.dim), (signed(quote.risk_reversal_25 * 100, 1), palette.vol)],
        [("  P/C ", palette.dim), (f"{quote.put_call_volume:.2f}" if isfinite(quote.put_call_volume) else UNKNOWN, palette.text)],
        [
            ("  EM 1d ", palette.dim),
            (f"±{money(quote.expected_move_day)}" if isfinite(quote.expected_move_day) else UNKNOWN, palette.text),
        ],
    ]
    if isfinite(quote.expected_move_day) and isfinite(quote.last) and quote.last:
        groups.append([(f" ({percent(quote.expected_move_day / quote.last)})", palette.dim)])
    return groups


def _exposure_spans(view: SecurityView, palette: Palette) -> list[list[Span]]:
    """Dealers' gamma for 1 %, its flip and walls; nothing where it is unknown or of a while ago."""
    told = view.exposure
    if told is None or view.quote is None or not isfinite(told.net) or view.quote.as_of - told.as_of > EXPOSURE_NS:
        return []
    groups: list[list[Span]] = [[("  GEX ", palette.dim), (amount(told.net), palette.signed(told.net))]]
    if isfinite(told.flip):
        groups.append([("  Flip ", palette.dim), (money(told.flip), palette.text)])
    groups.append(
        [("  Walls ", palette.dim), (f"+{strike(told.positive_wall)}", palette.up), (f" -{strike(told.negative_wall)}", palette.down)]
    )
    return groups


def _event_spans(quote: Quote, palette: Palette) -> list[list[Span]]:
    groups: list[list[Span]] = []
    security = quote.security
    if security.next_earnings is not None:
        groups.append([("  ERN ", palette.dim), (day(security.next_earnings), palette.alert)])
    if security.next_ex_dividend is not None:
        amount = f" {security.next_dividend_amount:.2f}" if security.next_dividend_amount else ""
        groups.append([("  xDiv ", palette.dim), (f"{day(security.next_ex_dividend)}{amount}", palette.text)])
    elif security.dividend_yield:
        groups.append([("  Yld ", palette.dim), (percent(security.dividend_yield), palette.text)])
    return groups


def _paint_day(canvas: Canvas, quote: Quote, palette: Palette) -> int:
    """High, low and the line of the day at the right; returns where they begin."""
    left = canvas.width - LINE_WIDTH - 1
    line = quote.day_line[np.isfinite(quote.day_line)]
    if len(line) > 1:
        low, high = float(np.min(line)), float(np.max(line))
        height = canvas.height * 4 - 1
        across = np.linspace(0, LINE_WIDTH * 2 - 1, len(line))
        down = (high - line) / (high - low) * height if high > low else np.full(len(line), height / 2)
        canvas.window(left, 0, LINE_WIDTH, canvas.height).polyline(across, down, palette.signed(quote.change))
    tick = quote.security.tick
    written = [money(quote.high, tick), money(quote.low, tick)]
    start = left - max(len(text) for text in written) - 4
    for row, (letter, text) in enumerate(zip("HL", written, strict=True)):
        canvas.put(start, row, (f"{letter} ", palette.dim), (text, palette.text))
    return start - 1


class SecurityBar(Sheet):
    """The widget of both rows."""

    DEFAULT_CSS = "SecurityBar { height: 2; width: 1fr; }"

    def subject(self) -> Any:
        from optix_tui.frame import frame_of

        frame = frame_of(self)
        view = frame.security_view()
        return id(view.quote), id(view.exposure), view.name, view.freshness.label, view.freshness.is_dimmed, frame.palette.name

    def draw(self, size: Size) -> Canvas:
        from optix_tui.frame import frame_of

        frame = frame_of(self)
        canvas = Canvas(size.width, size.height, frame.palette.ground, frame.palette.text)
        paint_security_bar(canvas, frame.security_view(), frame.palette)
        return canvas


def security_name(symbol: str, security: Security | None) -> str:
    """How the security is spelled; its bare symbol while the market has not described it."""
    return full_name(security) if security is not None else symbol
