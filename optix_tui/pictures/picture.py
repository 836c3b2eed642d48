"""A picture before it is drawn: its cells between heading and footer, what it is in words, its size, and its bytes as a PNG."""

import re
from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.domain.errors import BadInput
from optix_tui.canvas import Canvas, Frame
from optix_tui.pictures.banner import PRODUCT, Footer, Heading, instant_words, paint_footer, paint_heading
from optix_tui.pictures.file import STDOUT, write_picture
from optix_tui.pictures.patches import Patch, with_patches
from optix_tui.strokes import Strokes
from optix_tui.theme import Palette, theme_names

USUAL_SIZE = "120x40"
LEAST, MOST = (60, 16), (400, 200)
"""Columns and rows."""
BANNERS, MARGIN = 2, 1
"""Rows of heading and footer together, and columns at either side."""


class Picture(Struct, frozen=True, kw_only=True):
    """A picture as cells, and what it is in words."""

    frame: Frame
    strokes: tuple[Strokes, ...] = ()
    """Lines that are drawn smooth."""
    covered: NDArray[np.bool_]
    """Cells with words or blocks, in which no line is seen."""
    patches: tuple[Patch, ...] = ()
    """Parts that are finer than cells."""
    title: str
    footer: Footer
    note: str = ""
    """What has to be said of a choice that was made."""


def read_size(text: str | None) -> tuple[int, int]:
    """Columns and rows of ``120x40``, the usual ones for None; BadInput for anything else and for what is too small or too large."""
    found = re.fullmatch(r"(\d+)\s*[xX×]\s*(\d+)", (USUAL_SIZE if text is None else text).strip())
    if found is None:
        raise BadInput(f"--size {text}: write columns x rows, such as {USUAL_SIZE}")
    columns, rows = int(found[1]), int(found[2])
    if not (LEAST[0] <= columns <= MOST[0] and LEAST[1] <= rows <= MOST[1]):
        raise BadInput(f"--size {text}: a picture has {LEAST[0]} to {MOST[0]} columns and {LEAST[1]} to {MOST[1]} rows")
    return columns, rows


def check_theme(theme: str | None) -> None:
    """BadInput where there is no such theme; None is the user's own."""
    if theme is not None and theme not in theme_names():
        raise BadInput(f"there is no theme {theme}; there are {', '.join(theme_names())}")


def composed(body: Canvas, heading: Heading, footer: Footer, palette: Palette, patches: Sequence[Patch] = ()) -> Picture:
    """The body between its heading and its footer, a blank column at either side."""
    width, height = body.width + 2 * MARGIN, body.height + BANNERS
    sheet = Canvas(width, height, palette.ground, palette.text)
    area = (slice(1, height - 1), slice(MARGIN, width - MARGIN))
    for plane in ("glyph", "fore", "back", "attributes", "hard", "dot_fore"):
        getattr(sheet, plane)[area] = getattr(body, plane)
    sheet.dots_on[4 : height * 4 - 4, MARGIN * 2 : (width - MARGIN) * 2] = body.dots_on
    sheet.used.dots, sheet.used.wide = body.used.dots, body.used.wide
    paint_heading(sheet.window(0, 0, width, 1), heading, palette)
    paint_footer(sheet.window(0, height - 1, width, 1), footer, palette)
    return Picture(
        frame=sheet.finish(),
        strokes=tuple(one.moved(MARGIN - body.left, 1 - body.top) for one in body.used.strokes or ()),
        covered=sheet.hard,
        patches=tuple(patch.moved(MARGIN, 1) for patch in patches),
        title=f"{heading.code} {heading.title}",
        footer=footer,
    )


def delivered(picture: Picture, file: str) -> str:
    """Writes it, and says what was written."""
    write_picture(file, png(picture))
    rows, columns = picture.frame.glyph.shape
    told = "" if file == STDOUT else f"{file}: {picture.title}, {columns} by {rows} cells"
    return "\n".join(part for part in (picture.note, told) if part)


def png(picture: Picture) -> bytes:
    """The file's bytes; its title, source and instant are in it as text too."""
    from io import BytesIO

    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    from optix_tui.pictures.raster import pixels

    footer = picture.footer
    about = PngInfo()
    about.add_text("Title", picture.title)
    about.add_text("Software", PRODUCT)
    about.add_text("Source", " ".join(part for part in (footer.kind, footer.condition, footer.source) if part))
    about.add_text("Comment", instant_words(footer.at))
    content = BytesIO()
    drawn = with_patches(pixels(picture.frame, picture.strokes, picture.covered), picture.patches)
    Image.fromarray(drawn).save(content, "PNG", pnginfo=about, dpi=(144, 144), compress_level=9)
    return content.getvalue()
