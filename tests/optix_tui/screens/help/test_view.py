import pytest

from optix_tui.keys import APP_KEYS
from optix_tui.registry import FUNCTIONS, entry_of
from optix_tui.screens.help.view import found, key_lines, present, score


def test_every_function_of_the_registry_is_listed():
    assert present(FUNCTIONS, "", 0).rows == FUNCTIONS


@pytest.mark.parametrize(
    ("typed", "first"), [("w", "W"), ("omon", "OMON"), ("tape", "TAS"), ("max pain", "OPX"), ("qq", "W"), ("vwap", "GIP")]
)
def test_what_is_typed_finds_the_function_meant(typed, first):
    assert found(FUNCTIONS, typed)[0].code == first


def test_every_word_has_to_fit():
    assert found(FUNCTIONS, "tape nonsense") == ()
    view = present(FUNCTIONS, "nonsense", 3)
    assert view.rows == ()
    assert view.chosen is None
    assert view.keys == ()


def test_codes_beat_titles_and_titles_beat_descriptions():
    assert score(entry_of("SET"), "set") > score(entry_of("SET"), "settings") > score(entry_of("SET"), "environment")
    assert score(entry_of("SET"), "zzz") == 0


def test_keys_stand_by_heading_and_each_is_shown_once():
    lines = key_lines(entry_of("W").keys)
    assert len(lines) == len(entry_of("W").keys)
    groups = [line.group for line in lines]
    assert groups == sorted(groups, key=groups.index)
    assert all(line.keys for line in key_lines(APP_KEYS))


def test_keys_are_spelled_as_they_are_in_force():
    assert {line.keys for line in key_lines(entry_of("W").keys, lambda _key: "F12")} == {"F12"}
