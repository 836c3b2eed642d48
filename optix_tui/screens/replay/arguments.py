"""What may follow REPL on the command line: a picture, a coordinate, an instant, and a second one as the mark."""

import re
from collections.abc import Iterable

from msgspec.structs import replace

from engine.domain.errors import BadInput
from engine.domain.instants import parse_instant, spell_instant
from engine.domain.volatility import SurfaceModel
from optix_tui.screens.replay.view import ReplayPreferences, Show
from optix_tui.screens.surface.arguments import AT, COORDINATE_WORDS
from optix_tui.screens.surface.coordinates import SPELLINGS, Coordinate

MODELS = {model.value.upper(): model for model in SurfaceModel}
COORDINATES = {Coordinate.DELTA, Coordinate.STRIKE, Coordinate.MONEYNESS, Coordinate.DEVIATIONS}


def read_arguments(words: Iterable[str], preferences: ReplayPreferences, now: int | None = None) -> tuple[ReplayPreferences, str]:
    """The preferences with what was asked for, and what is wrong with the words, in a sentence ("": nothing)."""
    instants = []
    for word in (one.upper() for one in words):
        if word in Show.__members__:
            preferences = replace(preferences, show=Show(word))
        elif word in MODELS:
            preferences = replace(preferences, model=MODELS[word])
        elif word in SPELLINGS and SPELLINGS[word] in COORDINATES:
            preferences = with_coordinate(preferences, SPELLINGS[word])
        elif word.startswith(AT):
            try:
                instants.append(parse_instant(word[len(AT) :], now))
            except BadInput as error:
                return preferences, f"REPL: {error}"
        elif re.search(r"\d", word):
            return preferences, f"REPL takes an instant behind {AT}, as in @2026-11-19T14:32, not {word}"
        else:
            known = ", ".join([*Show, *COORDINATE_WORDS.values(), *MODELS])
            return preferences, f"REPL knows no {word}: give one of {known} or @ an instant"
    if len(instants) > 2:
        return preferences, "REPL takes two instants at most: the cursor's and the mark's"
    if instants:
        preferences = replace(preferences, at=instants[0], mark=instants[1] if len(instants) > 1 else preferences.mark)
    return preferences, ""


def with_coordinate(preferences: ReplayPreferences, coordinate: Coordinate) -> ReplayPreferences:
    """The same with heat map and smile on one coordinate."""
    return replace(preferences, look=replace(preferences.look, coordinate=coordinate, smile_coordinate=coordinate))


def next_coordinate(now: Coordinate) -> Coordinate:
    """Delta, strike, moneyness, deviations, around."""
    order = (Coordinate.DELTA, Coordinate.STRIKE, Coordinate.MONEYNESS, Coordinate.DEVIATIONS)
    return order[(order.index(now) + 1) % len(order)] if now in order else order[0]


def arguments_of(preferences: ReplayPreferences) -> tuple[str, ...]:
    """The words that bring a tile back as it stands."""
    found = [] if preferences.show is Show.HEAT else [preferences.show.value]
    if preferences.model is not SurfaceModel.SVI:
        found.append(preferences.model.value.upper())
    if preferences.look.coordinate is not Coordinate.DELTA:
        found.append(COORDINATE_WORDS[preferences.look.coordinate])
    if preferences.at is not None:
        found.append(AT + spell_instant(preferences.at))
        if preferences.mark is not None:
            found.append(AT + spell_instant(preferences.mark))
    return tuple(found)
