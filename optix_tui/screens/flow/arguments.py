"""What may follow FLOW on the command line: ALL, RECORDED, UNUSUAL, and the words of a filter, in any order."""

from collections.abc import Iterable

from msgspec.structs import replace

from engine.domain.errors import BadInput
from engine.domain.flow import PRESETS, FlowFilter, parse_filter, with_word
from optix_tui.screens.flow.view import FlowPreferences

ALL, RECORDED, UNUSUAL = "ALL", "RECORDED", "UNUSUAL"


def read_arguments(words: Iterable[str]) -> tuple[FlowPreferences, str]:
    """The preferences, and what is wrong with the words."""
    found, trouble = FlowPreferences(), ""
    filtered = FlowFilter()
    for word in words:
        said = word.upper()
        if said == ALL:
            found = replace(found, whole_market=True)
        elif said == RECORDED:
            found = replace(found, recorded=True)
        elif said == UNUSUAL:
            filtered = parse_filter(dict(PRESETS)["unusual"])
        else:
            try:
                filtered = with_word(filtered, word)
            except BadInput as error:
                trouble = trouble or str(error)
    return replace(found, filtered=filtered), trouble


def arguments_of(preferences: FlowPreferences) -> tuple[str, ...]:
    """The words that bring it back."""
    return (
        *((ALL,) if preferences.whole_market else ()),
        *((RECORDED,) if preferences.recorded else ()),
        *preferences.filtered.text.upper().split(),
    )
