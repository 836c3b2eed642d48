"""A picture before it is drawn: its cells between heading and footer, what it is in words, its size, and its bytes as a PNG."""

import re

from msgspec import Struct

from engine.domain.errors import BadInput
from optix_tui.canvas import Canvas, Frame
from optix_tui.pictures.banner import PRODUCT, Footer, Heading, instant_words, paint_footer, paint_heading
from optix_tui.pictures.file import STDOUT, write_picture
from optix_tui.theme import Palette, theme_names

USUAL_SIZE = "120x40"
LEAST, MOST = (60, 16), (400, 200)
"""Columns and rows."""
BANNERS = 2
"""Rows of heading and footer."""


class Picture(Struct, frozen=True, kw_only=True):
    """A picture as cells, and what it is in words."""

    frame: Frame
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


def composed(body: Frame, heading: Heading, footer: Footer, palette: Palette) -> Picture:
    """The body between its heading and its footer."""
    above, below = (Canvas(body.glyph.shape[1], 1, palette.ground, palette.text) for _ in range(2))
    paint_heading(above, heading, palette)
    paint_footer(below, footer, palette)
    frame = above.finish().over(body).over(below.finish())
    return Picture(frame=frame, title=f"{heading.code} {heading.title}", footer=footer)


def delivered(picture: Picture, file: str) -> str:
    """Writes it, and says what was written."""
    write_picture(file, png(picture))
    rows, columns = picture.frame.glyph.shape
    told = "" if file == STDOUT else f"{file}: {picture.title}, {columns} by {rows} cells"
    return "\n".join(part for part in (picture.note, told) if part)


def png(picture: Picture) -> bytes:
    """The file's bytes; its title, source and instant are in it as text too."""
    from io import BytesIO

    from PIL.PngImagePlugin import PngInfo

    from optix_tui.pictures.raster import picture_of

    footer = picture.footer
    about = PngInfo()
    about.add_text("Title", picture.title)
    about.add_text("Software", PRODUCT)
    about.add_text("Source", " ".join(part for part in (footer.kind, footer.condition, footer.source) if part))
    about.add_text("Comment", instant_words(footer.at))
    content = BytesIO()
    picture_of(picture.frame).save(content, "PNG", pnginfo=about, dpi=(144, 144), compress_level=9)
    return content.getvalue()
