"""How the exposure screen is set up, and the words on the command line that say so."""

import re
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from engine.domain.ids import SeriesId
from engine.messages.exposure import ExposureConvention, ExposureCount, ExposureGreek, ExposureSigns, ExposureUnit

REACHES = (0.20, 0.12, 0.08, 0.05, 0.03, 0.02, 0.01)
"""How far from the spot the strikes in sight go, farthest first."""
USUAL_ZOOM = 3
"""Index of the reach at first; nearer ones show no more strikes than they say, in thicker bars."""
WHOLE_COURSE, COURSE_REACHES = 0.15, 2.0
"""The profile of the engine, and how many times the strikes' reach it shows in a nearer look."""
UNITS = {
    "PERCENT": ExposureUnit.DOLLARS_PER_PERCENT,
    "POINT": ExposureUnit.DOLLARS_PER_POINT,
    "SHARES": ExposureUnit.SHARES_PER_POINT,
}
SIGNS = {"REVERSED": ExposureSigns.CALLS_SHORT_PUTS_LONG, "UNSIGNED": ExposureSigns.UNSIGNED}
CODES = {ExposureGreek.GAMMA: "GEX", ExposureGreek.VANNA: "VEX", ExposureGreek.CHARM: "CEX"}


class Picture(StrEnum):
    """What has the most room."""

    STRIKES = "STRIKES"
    PROFILE = "PROFILE"
    EXPIRIES = "EXPIRIES"


class ExposurePreferences(Struct, frozen=True, kw_only=True):
    """What the user chose."""

    convention: ExposureConvention = ExposureConvention()
    picture: Picture = Picture.STRIKES
    zoom: int = USUAL_ZOOM
    """Index of the reach."""
    net_only: bool = False
    series: SeriesId | None = None
    """One expiry alone; None is all of them."""
    expiry_word: str = ""
    """An expiry named on the command line, not looked up yet."""
    strike: float | None = None
    """The strike of the cursor; None is the spot."""

    @property
    def reach(self) -> float:
        """The share of the spot that is in sight to either side."""
        return REACHES[min(max(self.zoom, 0), len(REACHES) - 1)]

    @property
    def course_reach(self) -> float:
        """The share of the spot that the profile goes to either side: all of it, and less for a nearer look."""
        return WHOLE_COURSE if self.fills else COURSE_REACHES * self.reach

    @property
    def fills(self) -> bool:
        """Rows that the reach leaves empty take farther strikes."""
        return self.zoom <= USUAL_ZOOM


def read_arguments(words: Iterable[str], preferences: ExposurePreferences) -> tuple[ExposurePreferences, str]:
    """The preferences with what was asked for, and what is wrong with the words, in a sentence ("": nothing)."""
    strange = []
    for word in (one.upper() for one in words):
        convention = preferences.convention
        if word in UNITS:
            convention = replace(convention, unit=UNITS[word])
        elif word in SIGNS:
            convention = replace(convention, signs=SIGNS[word])
        elif word == "VOLUME":
            convention = replace(convention, counted=ExposureCount.VOLUME)
        elif word == "HALF":
            convention = replace(convention, half=True)
        elif word == "BOXES":
            convention = replace(convention, without_boxes=False)
        elif word in Picture.__members__:
            preferences = replace(preferences, picture=Picture(word))
        elif re.search(r"\d", word):
            preferences = replace(preferences, expiry_word=word, series=None)
        else:
            strange.append(word)
        preferences = replace(preferences, convention=convention)
    if not strange:
        return preferences, ""
    known = ", ".join([*UNITS, *SIGNS, "VOLUME", "HALF", "BOXES", *(one.value for one in Picture)])
    return preferences, f"{CODES[preferences.convention.greek]} knows no {' '.join(strange)}: give an expiry or one of {known}"


def arguments_of(preferences: ExposurePreferences) -> tuple[str, ...]:
    """The words that bring a tile back as it is set up."""
    convention, usual = preferences.convention, ExposureConvention()
    found = [word for word, unit in UNITS.items() if unit is convention.unit is not usual.unit]
    found += [word for word, signs in SIGNS.items() if signs is convention.signs]
    flags = {
        "VOLUME": convention.counted is ExposureCount.VOLUME,
        "HALF": convention.half,
        "BOXES": not convention.without_boxes,
        preferences.picture.value: preferences.picture is not Picture.STRIKES,
    }
    found += [word for word, is_so in flags.items() if is_so]
    if preferences.series is not None:
        root, day, _ = preferences.series.rsplit("/", 2)
        found.append(day.replace("-", "") + root)
    elif preferences.expiry_word:
        found.append(preferences.expiry_word)
    return tuple(found)


def find_series(word: str, listed: Iterable[str]) -> SeriesId | None:
    """The series a word means: its date in any usual spelling, perhaps with its root behind it."""
    wanted = re.sub(r"[-/ ]", "", word.upper())
    for one in listed:
        root, day, settlement = one.rsplit("/", 2)
        year, month, number = day.split("-")
        name = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()[int(month) - 1]
        spellings = {year + month + number, year[2:] + month + number, number + name + year[2:], number + name, name + number}
        if any(wanted in {spelling, spelling + root, spelling + root + settlement} for spelling in spellings):
            return SeriesId(one)
    return None
