"""The font of pictures, at any size."""

from functools import lru_cache
from typing import TYPE_CHECKING

from engine.api import shipped

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont


@lru_cache(16)
def font_of(size: float, *, bold: bool = False) -> "FreeTypeFont":
    """DejaVu Sans Mono at so many pixels an em."""
    from PIL import ImageFont

    name = "DejaVuSansMono-Bold.ttf" if bold else "DejaVuSansMono.ttf"
    return ImageFont.truetype(str(shipped("data") / "fonts" / name), size, layout_engine=ImageFont.Layout.BASIC)
