"""One function's screen as a PNG: the tile is printed alone, and its cells become pixels between a heading and a footer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from engine.domain.errors import BadInput
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import iso
from engine.domain.volatility import SurfaceModel
from optix_tui.canvas import Canvas, Frame
from optix_tui.freshness import Condition, Freshness
from optix_tui.pictures.banner import PRODUCT, Footer, Heading, instant_words, paint_footer, paint_heading
from optix_tui.pictures.cells import frame_of
from optix_tui.pictures.chosen_model import ChosenModel
from optix_tui.pictures.expiry import find_expiry
from optix_tui.pictures.file import check_target, write_picture
from optix_tui.printing import engine_of, function_alone, options_for
from optix_tui.theme import theme_names
from optix_tui.widgets.app_bar import badge

if TYPE_CHECKING:
    from engine.api import Engine
    from optix_tui.app import OptixApp
    from optix_tui.function import Function
    from optix_tui.options import Options

USUAL_SIZE = "120x40"
LEAST, MOST = (60, 16), (400, 200)
"""Columns and rows."""
SAID_BY_THE_MARKET = frozenset({Condition.LIVE, Condition.LOADING, Condition.DELAYED, Condition.FROZEN})
"""The kind of market in the footer says these already."""


class Drawn(Struct, frozen=True, kw_only=True):
    """A picture as cells, and what it is in words."""

    frame: Frame
    title: str
    footer: Footer
    note: str = ""
    """What has to be said of a choice that was made."""


def draw(
    words: Sequence[str],
    *,
    file: str,
    size: str | None = None,
    theme: str | None = None,
    expiry: str | None = None,
    at: UtcNanos | None = None,
    model: str = SurfaceModel.SVI.value,
    feed: str | None = None,
    feed_options: Mapping[str, str | int | float | bool],
) -> str:
    """Draws a command line (``OVDV SPY SMILE``) into a file, and says what was drawn.

    ``expiry`` is as people write it, ``at`` the instant of a stored surface, ``model`` that of the surface. What cannot be read, drawn or
    written is refused in words, and leaves no file.
    """
    check_target(file)
    cells = read_size(size or USUAL_SIZE)
    options = _with_theme(options_for(words), theme)

    async def drawn() -> Drawn:
        async with engine_of(feed, feed_options) as engine:
            chosen, note = await _completed(engine, options, expiry, at)
            seen = engine if model == SurfaceModel.SVI.value else ChosenModel(engine, SurfaceModel(model))
            async with function_alone(seen, chosen, (cells[0], cells[1] - 1)) as (app, tile):
                return replace(drawing_of(app, tile), note=note)

    done = asyncio.run(drawn())
    write_picture(file, png(done))
    height, width = done.frame.glyph.shape
    told = "" if file == "-" else f"{file}: {done.title}, {width} by {height} cells"
    return "\n".join(part for part in (done.note, told) if part)


def read_size(text: str) -> tuple[int, int]:
    """Columns and rows of ``120x40``; BadInput for anything else and for what is too small or too large."""
    found = re.fullmatch(r"(\d+)\s*[xX×]\s*(\d+)", text.strip())
    if found is None:
        raise BadInput(f"--size {text}: write columns x rows, such as {USUAL_SIZE}")
    columns, rows = int(found[1]), int(found[2])
    if not (LEAST[0] <= columns <= MOST[0] and LEAST[1] <= rows <= MOST[1]):
        raise BadInput(f"--size {text}: a picture has {LEAST[0]} to {MOST[0]} columns and {LEAST[1]} to {MOST[1]} rows")
    return columns, rows


def _with_theme(options: Options, theme: str | None) -> Options:
    """A picture has its colours even where the terminal is to have none."""
    if theme is not None and theme not in theme_names():
        raise BadInput(f"there is no theme {theme}; there are {', '.join(theme_names())}")
    return replace(options, theme=theme or options.theme, no_colour=False, profile="")


async def _completed(engine: Engine, options: Options, expiry: str | None, at: UtcNanos | None) -> tuple[Options, str]:
    """The tile's arguments with the expiry and the instant in its own words, and what is to be said of the choice."""
    (space,) = options.workspaces
    panel = space.panels["tile"]
    args, note = panel.args, ""
    if at is not None:
        args = (*args, f"@{iso(at)}")
    if expiry is not None:
        found = await find_expiry(engine, panel.function, Symbol(panel.symbol), expiry, at)
        args, note = (*args, found.word), found.note
    return replace(options, workspaces=(replace(space, panels={"tile": replace(panel, args=args)}),)), note


def drawing_of(app: OptixApp, tile: Function) -> Drawn:
    """What the tile shows now, with heading and footer in place of its title band and of the bars."""
    width, palette = tile.outer_size.width, app.palette
    shown = frame_of(tile.shown_rows()[1:], width, text=palette.text, ground=palette.ground)
    kind, colour = badge(app.app_bar_view())
    status = app.session.status
    footer = Footer(
        kind=kind,
        kind_colour=colour,
        source=status.source if status is not None else "",
        condition=_condition_words(tile.freshness),
        at=tile.fact_time() or app.session.market_time(),
    )
    heading = Heading(code=tile.entry.code, title=tile.title(), subtitle=tile.subtitle(), condition=tile.freshness.label)
    above, below = (Canvas(width, 1, palette.ground, palette.text) for _ in range(2))
    paint_heading(above, heading, palette)
    paint_footer(below, footer, palette)
    frame = above.finish().over(shown).over(below.finish())
    return Drawn(frame=frame, title=f"{tile.entry.code} {tile.title()}", footer=footer)


def _condition_words(freshness: Freshness) -> str:
    """``STALE 42s``, ``CLOSED``; an instant is not repeated, since the footer tells it."""
    if freshness.condition in SAID_BY_THE_MARKET:
        return ""
    return freshness.label if freshness.is_dimmed else freshness.condition.value.upper()


def png(drawn: Drawn) -> bytes:
    """The file's bytes; its title, source and instant are in it as text too."""
    from io import BytesIO

    from PIL.PngImagePlugin import PngInfo

    from optix_tui.pictures.raster import picture_of

    footer = drawn.footer
    about = PngInfo()
    about.add_text("Title", drawn.title)
    about.add_text("Software", PRODUCT)
    about.add_text("Source", " ".join(part for part in (footer.kind, footer.condition, footer.source) if part))
    about.add_text("Comment", f"market time {instant_words(footer.at)}")
    content = BytesIO()
    picture_of(drawn.frame).save(content, "PNG", pnginfo=about, dpi=(144, 144), compress_level=9)
    return content.getvalue()
