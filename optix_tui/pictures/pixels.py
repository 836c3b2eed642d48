"""Planes of pixels: red, green and blue of 0 to 255, and the file they make."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Ints

Pixels: TypeAlias = NDArray[np.uint8]
"""(rows, columns, 3)."""
Light: TypeAlias = NDArray[np.float32]
"""Colours of 0 to 255 that are still mixed: the last axis is red, green, blue."""


def channels(colour: int) -> Light:
    """A packed colour as red, green and blue."""
    return np.array([colour >> shift & 255 for shift in (16, 8, 0)], np.float32)


def light_of(colours: Ints) -> Light:
    """:func:`channels` of many colours, in the last axis."""
    return np.stack([colours >> shift & 255 for shift in (16, 8, 0)], axis=-1).astype(np.float32)


def png_of(pixels: Pixels) -> bytes:
    """The bytes of a PNG file, made quickly rather than small."""
    from io import BytesIO

    from PIL import Image

    content = BytesIO()
    Image.fromarray(pixels).save(content, "PNG", compress_level=4)
    return content.getvalue()
