"""Colours as packed 0xRRGGBB integers, and the cache that turns a pair of them into a style."""

from functools import lru_cache

import numpy as np
from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.style import Style

from engine.domain.columns import Ints

GAMMA = 2.2
"""Ramps and mixes of many steps are made in linear light, so that their middle is not muddy."""


SOLID = 0.15
"""Luminance from which a ground is a solid band, which without colours is shown in reverse."""


class _Mode:
    """Whether colours may be used at all (``NO_COLOR`` asks for bold and reverse alone)."""

    monochrome: bool = False


def use_monochrome(on: bool) -> None:  # noqa: FBT001
    """Turns every style into bold and reverse alone, or back into colours."""
    if _Mode.monochrome != on:
        _Mode.monochrome = on
        style.cache_clear()


def is_monochrome() -> bool:
    """Whether styles carry no colour."""
    return _Mode.monochrome


def rgb(text: str) -> int:
    """``#ffb22e`` as 0xFFB22E."""
    digits = text.removeprefix("#")
    if len(digits) != 6:
        raise ValueError(f"{text!r} is no colour: write it as #rrggbb")
    return int(digits, 16)


def hexadecimal(colour: int) -> str:
    """0xFFB22E as ``#ffb22e``."""
    return f"#{colour:06x}"


@lru_cache(16384)
def style(fore: int, back: int, bold: bool = False, underline: bool = False) -> Style:  # noqa: FBT001, FBT002
    """The style of a cell; cached because building one costs some 5 microseconds."""
    if _Mode.monochrome:
        return Style(bold=bold, underline=underline, reverse=luminance(back) > SOLID)
    return Style(color=_colour(fore), bgcolor=_colour(back), bold=bold or None, underline=underline or None)


def _colour(packed: int) -> Color:
    return Color.from_triplet(ColorTriplet(packed >> 16 & 255, packed >> 8 & 255, packed & 255))


@lru_cache(16384)
def mix(start: int, end: int, share: float) -> int:
    """The colour ``share`` of the way from ``start`` to ``end``."""
    mixed = 0
    for shift in (16, 8, 0):
        low, high = start >> shift & 255, end >> shift & 255
        mixed |= int(low + (high - low) * share + 0.5) << shift
    return mixed


def mix_all(start: Ints, end: int, share: float) -> Ints:
    """:func:`mix` for a whole plane of colours."""
    mixed = np.zeros_like(start)
    for shift in (16, 8, 0):
        low = start >> shift & 255
        mixed |= (low + ((end >> shift & 255) - low) * share + 0.5).astype(np.int32) << shift
    return mixed


@lru_cache(64)
def ramp(stops: tuple[int, ...], steps: int = 64) -> Ints:
    """``steps`` colours through ``stops``, mixed in linear light; few enough steps that styles are found in their cache."""
    channels = np.array([[(stop >> shift & 255) / 255 for shift in (16, 8, 0)] for stop in stops]) ** GAMMA
    place = np.linspace(0, len(stops) - 1, steps)
    left = np.minimum(place.astype(int), len(stops) - 2)
    share = (place - left)[:, None]
    light = (channels[left] * (1 - share) + channels[left + 1] * share) ** (1 / GAMMA)
    values = np.round(light * 255).astype(np.int32)
    packed: Ints = values[:, 0] << 16 | values[:, 1] << 8 | values[:, 2]
    return packed


def luminance(colour: int) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    total = 0.0
    for shift, weight in ((16, 0.2126), (8, 0.7152), (0, 0.0722)):
        channel = (colour >> shift & 255) / 255
        total += weight * (channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)
    return total


def contrast(one: int, other: int) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
