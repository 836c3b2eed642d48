"""Palettes: colours by what they mean, read from ``config/themes``, so that no painter names a colour."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from engine.api import shipped
from engine.domain.columns import Ints
from engine.domain.errors import BadInput
from optix_tui.colour import contrast, is_monochrome, mix, ramp, rgb

DEFAULT_THEME = "amber"
THEME_ORDER = ("amber", "graphite", "paper", "cvd")
"""The order in which ``t`` goes through the shipped ones; others follow by name."""
LINK_LETTERS = "RCYP"
"""The letter that stands beside each link group's colour: red, cyan, yellow, purple."""


class Palette(Struct, frozen=True, kw_only=True):
    """One theme. ``*_ground`` colours lie under text; the others are text, lines and marks on ``ground``."""

    name: str
    title: str
    dark: bool
    ground: int
    """Behind everything."""
    panel: int
    """Behind drop-downs and dialogs."""
    head: int
    """Behind title bands, the app bar and expiry bands."""
    rule: int
    """Lines that part; decoration."""
    grid: int
    """Lines of a chart; decoration."""
    text: int
    dim: int
    """Labels and what matters less."""
    mute: int
    """Decoration only: too faint to be read."""
    bright: int
    """Names and headings."""
    white: int
    """The key number."""
    ink: int
    """Text on a solid band of ``text``, ``security``, ``up`` and the like."""
    up: int
    """Up, long, credit. Never alone: a sign or an arrow stands with it."""
    down: int
    up_ground: int
    """Flash of a price that rose."""
    down_ground: int
    call: int
    put: int
    vol: int
    """Anything in volatility."""
    security: int
    """Securities and expiries."""
    alert: int
    """Orders, alerts, warnings."""
    selected: int
    """Behind the row of the cursor."""
    itm: int
    """Behind options in the money."""
    links: tuple[int, ...]
    """The colours of the link groups, each with its letter of :data:`LINK_LETTERS`."""
    series: tuple[int, ...]
    """Lines of a chart, in order."""
    heat: tuple[int, ...]
    """Stops of the ramp for heights, from low to high."""
    diverging: tuple[int, ...]
    """Stops of the ramp around zero, from below to above."""

    def heat_ramp(self, steps: int = 72) -> Ints:
        """The colours of a heat map, low to high."""
        return ramp(self.heat, steps)

    def diverging_ramp(self, steps: int = 65) -> Ints:
        """The colours around a zero in the middle."""
        return ramp(self.diverging, steps)

    def signed(self, value: float) -> int:
        """Up or down by sign, plain text for zero and for what is unknown."""
        if value > 0:
            return self.up
        return self.down if value < 0 else self.text

    def chosen(self, *, has_keys: bool) -> int:
        """Behind the row of the cursor: paler in a tile that does not have the keys; without colours solid, or not at all."""
        if is_monochrome():
            return self.text if has_keys else self.ground
        return self.selected if has_keys else self.faded(self.selected)

    def faded(self, colour: int, share: float = 0.45) -> int:
        """A colour on its way into the ground."""
        return mix(colour, self.ground, share)


def read_palette(text: str) -> Palette:
    """A palette from the text of a theme file."""
    try:
        document = tomllib.loads(text)
        colours = dict(document["colours"])
        return Palette(
            name=str(document["name"]),
            title=str(document.get("title", document["name"])),
            dark=bool(document.get("dark", True)),
            **{key: _colour(value) for key, value in colours.items()},
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise BadInput(f"the theme cannot be read: {error}") from error


def _colour(value: Any) -> Any:
    return tuple(rgb(part) for part in value) if isinstance(value, list) else rgb(value)


def theme_names(folder: Path | None = None) -> tuple[str, ...]:
    """All themes of a folder (the shipped one), in the order of the ``t`` key."""
    found = sorted(path.stem for path in (folder or shipped("config") / "themes").glob("*.toml"))
    return tuple(sorted(found, key=lambda name: (THEME_ORDER.index(name) if name in THEME_ORDER else len(THEME_ORDER), name)))


@cache
def load_palette(name: str = DEFAULT_THEME, *, up_is_red: bool = False) -> Palette:
    """A shipped palette; ``up_is_red`` swaps the two directions for those who read them so."""
    path = shipped("config") / "themes" / f"{name}.toml"
    if not path.is_file():
        raise BadInput(f"there is no theme {name!r}; there are {', '.join(theme_names())}")
    palette = read_palette(path.read_text(encoding="utf-8"))
    return with_directions_swapped(palette) if up_is_red else palette


def with_directions_swapped(palette: Palette) -> Palette:
    """Up and down change their colours."""
    return replace(
        palette,
        up=palette.down,
        down=palette.up,
        up_ground=palette.down_ground,
        down_ground=palette.up_ground,
        diverging=palette.diverging[::-1],
    )


def contrast_failures(palette: Palette) -> list[str]:
    """What in a palette is too faint to be read: text under 7:1, labels under 3.5:1, directions and accents under 4.5:1."""
    floors = {"text": 7.0, "bright": 7.0, "white": 7.0, "dim": 3.5, "up": 4.5, "down": 4.5, "vol": 4.5, "call": 4.5, "put": 4.5}
    floors |= {"security": 4.5, "alert": 4.5}
    pairs = [(name, "ground", floor) for name, floor in floors.items()]
    pairs += [(name, under, min(floor, 4.5)) for name, floor in floors.items() if name != "dim" for under in ("head", "itm", "panel")]
    pairs += [("dim", under, 3.0) for under in ("head", "itm", "panel")]
    pairs += [(name, "selected", 3.0) for name in ("text", "vol", "white")]
    pairs += [("ink", under, 4.5) for under in ("text", "security", "up", "alert", "bright", "vol")]
    failures = []
    for name, under, floor in pairs:
        ratio = contrast(getattr(palette, name), getattr(palette, under))
        if ratio < floor:
            failures.append(f"{palette.name}: {name} on {under} is {ratio:.1f}:1, less than {floor}:1")
    return failures
