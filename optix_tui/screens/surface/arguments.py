"""What may follow OVDV on the command line: a picture, a coordinate, a layer, an expiry and ``@`` an instant, in any order."""

import re
from collections.abc import Iterable

from msgspec.structs import replace

from engine.domain.errors import BadInput
from engine.domain.instants import parse_instant, spell_instant
from optix_tui.screens.surface.coordinates import SPELLINGS, Coordinate
from optix_tui.screens.surface.grades import SliceRow
from optix_tui.screens.surface.layers import SPELLINGS as LAYERS
from optix_tui.screens.surface.layers import Layer
from optix_tui.screens.surface.view import Picture, SurfacePreferences

PICTURES = {"3D": Picture.MESH, "NUMBERS": Picture.TABLE} | {one.value: one for one in Picture}
COORDINATE_WORDS = {Coordinate.MONEYNESS: "MNY", Coordinate.DELTA: "DELTA", Coordinate.STRIKE: "STRIKE", Coordinate.DEVIATIONS: "SD"}
LAYER_WORDS = {layer: word for word, layer in LAYERS.items()}


AT = "@"
"""Before an instant: ``@2026-11-19T14:32``, ``@14:32`` of this day, ``@2026-11-19`` for the last of that day."""


def read_arguments(words: Iterable[str], preferences: SurfacePreferences, now: int | None = None) -> tuple[SurfacePreferences, str]:
    """The preferences with what was asked for, and what is wrong with the words, in a sentence ("": nothing).

    Without an instant the present is meant; ``now`` is the market's time, of whose day a time alone is.
    """
    strange = []
    asked = [one.upper() for one in words]
    preferences = replace(preferences, at=None)
    for word in asked:
        preferences = replace(preferences, picture=PICTURES.get(word, preferences.picture))
    for word in asked:
        if word in PICTURES:
            continue
        if word.startswith(AT):
            try:
                preferences = replace(preferences, at=parse_instant(word[len(AT) :], now))
            except BadInput as error:
                return preferences, f"OVDV: {error}"
            continue
        if word in SPELLINGS:
            preferences = preferences.with_coordinate(SPELLINGS[word])
        elif word in LAYERS:
            preferences = replace(preferences, layer=LAYERS[word])
        elif re.search(r"\d", word):
            preferences = replace(preferences, expiry_word=word, series=None)
        else:
            strange.append(word)
    if not strange:
        return preferences, ""
    known = ", ".join([*(one.value for one in Picture), *COORDINATE_WORDS.values(), *LAYER_WORDS.values()])
    return preferences, f"OVDV knows no {' '.join(strange)}: give an expiry or one of {known}"


def arguments_of(preferences: SurfacePreferences, chosen: SliceRow | None) -> tuple[str, ...]:
    """The words that bring a tile back as it is set up."""
    usual = SurfacePreferences()
    found = []
    if preferences.picture is not usual.picture:
        found.append(preferences.picture.value)
    if preferences.coordinate_shown is not replace(usual, picture=preferences.picture).coordinate_shown:
        found.append(COORDINATE_WORDS[preferences.coordinate_shown])
    if preferences.layer is not Layer.LEVEL:
        found.append(LAYER_WORDS[preferences.layer])
    if chosen is not None and preferences.series is not None:
        found.append(expiry_word(chosen))
    if preferences.at is not None:
        found.append(AT + spell_instant(preferences.at))
    return tuple(found)


def expiry_word(row: SliceRow) -> str:
    """``18DEC26SPXW``: this series and no other."""
    return row.name.rstrip("a").replace("-", "").upper() + row.one.series.root


def find_slice(word: str, rows: Iterable[SliceRow]) -> SliceRow | None:
    """The slice a word means: its date in any usual spelling, its root behind it, or its days (``30D``)."""
    wanted = re.sub(r"[-/ ]", "", word.upper())
    listed = tuple(rows)
    if days := re.fullmatch(r"(\d+)D", wanted):
        return min(listed, key=lambda row: abs(row.days - int(days[1])), default=None)
    for row in listed:
        expiry = row.one.series.expiry
        plain = expiry_word(row)[:7]
        spellings = {plain, plain[:5], plain[2:5] + plain[:2], expiry.strftime("%Y%m%d"), expiry.strftime("%y%m%d")}
        if wanted in spellings or any(wanted == spelling + row.one.series.root for spelling in spellings):
            return row
    return None
