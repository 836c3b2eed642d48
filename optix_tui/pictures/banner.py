"""The first and the last row of a picture: what it shows, and what it may be believed: source, kind of market, age and instant."""

from datetime import date

from msgspec import Struct

from engine.domain.ids import UtcNanos
from engine.domain.instants import from_nanos, new_york
from optix_tui.canvas import Canvas
from optix_tui.format import clock, day
from optix_tui.theme import Palette
from optix_tui.title_band import shortened

PRODUCT = "OPTIX"


class Heading(Struct, frozen=True, kw_only=True):
    """The title band, as a tile has it."""

    code: str
    title: str
    subtitle: str = ""
    condition: str = ""
    """``STALE 42s``; "" where nothing needs to be said."""
    is_past: bool = False
    """The condition says that the numbers are not of now."""


class Footer(Struct, frozen=True, kw_only=True):
    """Where the numbers are from, and of when."""

    kind: str
    """``SIM``, ``LIVE``, ``DELAYED 15m``, ``FROZEN``, ``TAPE``."""
    kind_colour: str
    """The palette's key of its ground."""
    source: str
    condition: str = ""
    """``STALE 42s`` where the numbers are old."""
    at: UtcNanos = UtcNanos(0)
    """Market time of the numbers; 0 where it is not known."""


def paint_heading(canvas: Canvas, heading: Heading, palette: Palette) -> None:
    """A band of one row."""
    canvas.fill(0, 0, canvas.width, 1, palette.text)
    x = canvas.put(1, 0, (heading.code, palette.ink, None, True), (f"  {heading.title}", palette.ink))
    right = canvas.width - 1
    if heading.condition and canvas.width >= len(heading.condition) + 12:
        ground = palette.alert if heading.is_past else palette.vol
        right = canvas.right(canvas.width, 0, f" {heading.condition} ", palette.ink, ground, bold=True) - 1
    if heading.subtitle and right - x > 5:
        canvas.right(right, 0, shortened(heading.subtitle, right - x - 1), palette.ink)


def paint_footer(canvas: Canvas, footer: Footer, palette: Palette) -> None:
    """A row: product, kind of market, age and source on the left, the instant on the right; short of room, the source gives way."""
    canvas.fill(0, 0, canvas.width, 1, palette.head)
    x = canvas.text(0, 0, f" {PRODUCT} ", palette.ink, palette.text, bold=True)
    x = canvas.text(x, 0, f" {footer.kind} ", palette.ink, getattr(palette, footer.kind_colour), bold=True)
    if footer.condition:
        x = canvas.text(x, 0, f" {footer.condition} ", palette.ink, palette.alert, bold=True)
    words = instant_words(footer.at)
    if x + 1 + len(footer.source) + 2 + len(words) + 1 > canvas.width:
        words = words.replace("New York", "NY")
    start = canvas.right(canvas.width - 1, 0, words, palette.bright)
    room = start - x - 2
    if room > 3:
        canvas.text(x + 1, 0, footer.source if len(footer.source) <= room else footer.source[: room - 1] + "…", palette.text)


def instant_words(at: UtcNanos) -> str:
    """``20-Nov-26 10:45:12 New York  15:45:12 UTC``; UTC with its own day where that is another one."""
    if at <= 0:
        return "no market time"
    here, there = new_york(at), from_nanos(at)
    return f"{day(here.date())} {clock(at)} New York  {_other_day(there.date(), here.date())}{there:%H:%M:%S} UTC"


def _other_day(there: date, here: date) -> str:
    return "" if there == here else f"{day(there)} "
