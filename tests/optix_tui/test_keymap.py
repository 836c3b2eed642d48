"""Keys: declared once, changed by a file, conflicts told in words, hints from what is in force."""

import pytest
from textual.keys import _character_to_key

from engine.api import shipped
from optix_tui.keymap import Keymap, conflicts, declared, default_file, hints, load_keymap
from optix_tui.keys import APP_KEYS, key_label, key_name
from optix_tui.registry import FUNCTIONS, find


def test_the_shipped_keys_have_no_conflict():
    assert load_keymap().problems == ()
    assert load_keymap(base="browser").problems == ()


def test_the_shipped_file_lists_every_key_as_it_is_declared():
    text = (shipped("config") / "keymaps" / "default.toml").read_text(encoding="utf-8")
    assert text == default_file(), "write it anew: python -c 'from optix_tui.keymap import *; print(default_file(), end=\"\")'"


@pytest.mark.parametrize("character", ["/", "`", "?", "!", "[", "]", "+", "-", "=", "<", ">", ".", "a", "G", "7"])
def test_a_key_is_named_as_the_terminal_reports_it(character):
    assert key_name(character) == _character_to_key(character)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ctrl+P", "ctrl+p"),
        ("F6", "f6"),
        ("Shift+F6", "shift+f6"),
        ("PgUp", "pageup"),
        ("Esc", "escape"),
        ("↑", "up"),
        ("Ctrl+PgDn", "ctrl+pagedown"),
    ],
)
def test_keys_are_written_as_they_are_printed(written, name):
    assert key_name(written) == name


def test_labels_read_back_as_the_same_key():
    names = {name for key in declared().values() for name in key.keys}
    assert {name for name in names if key_name(key_label(name)) != name} == set()


def user_file(tmp_path, text):
    path = tmp_path / "keys.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_users_file_rebinds_a_key_and_the_hint_follows(tmp_path):
    keymap = load_keymap(user_file(tmp_path, 'version = 1\n[keys]\n"omon.columns" = ["y"]\n'))
    assert keymap.problems == ()
    assert keymap.bindings() == {"omon.columns": "y"}
    assert ("Y", "Columns") in hints(keymap, find("OMON"))


def test_an_empty_list_unbinds_and_the_hint_goes(tmp_path):
    keymap = load_keymap(user_file(tmp_path, '[keys]\n"app.theme" = []\n'))
    assert "Theme" not in {word for _, word in hints(keymap, None)}


def test_a_key_with_two_meanings_is_told_at_launch(tmp_path):
    keymap = load_keymap(user_file(tmp_path, '[keys]\n"omon.columns" = ["t"]\n'))
    assert len(keymap.problems) == 1
    assert "t means two things in OMON" in keymap.problems[0]
    assert "app.theme" in keymap.problems[0]


def test_two_keys_of_the_frame_on_one_key_are_told_once(tmp_path):
    keymap = load_keymap(user_file(tmp_path, '[keys]\n"app.zoom" = ["t"]\n'))
    assert [problem for problem in keymap.problems if "everywhere" in problem]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[keys]\n"omon.colums" = ["c"]\n', "nothing called omon.colums"),
        ('[keys]\n"omon.columns" = 7\n', "must be a list"),
        ("[keys\n", "cannot be read"),
        ("version = 9\n", "of version 9"),
    ],
)
def test_what_is_wrong_with_a_file_is_a_notice_and_the_keys_stay(tmp_path, text, words):
    keymap = load_keymap(user_file(tmp_path, text))
    assert any(words in problem for problem in keymap.problems)
    assert keymap.changed == {}


def test_the_same_key_may_mean_different_things_in_different_functions():
    shared = [name for key in find("OMON").keys for name in key.keys if any(name in other.keys for other in find("GIP").keys)]
    assert shared
    assert conflicts(Keymap(changed={})) == []


def test_hints_name_function_keys_first_then_the_tiles_own_then_the_frames_others_and_quit_last():
    words = [word for _, word in hints(load_keymap(), find("OMON"))]
    assert words[0] == "Help"
    assert words[-1] == "Quit"
    assert words.index("Chain") < words.index("Columns") < words.index("Zoom")
    assert {word: key for key, word in hints(load_keymap(), find("OMON"))}["Expiry"] == "[ ]"


def test_every_function_key_of_the_terminal_is_one_that_really_arrives():
    names = {name for key in (*APP_KEYS, *(key for entry in FUNCTIONS for key in entry.keys)) for name in key.keys}
    never = {"ctrl+enter", "shift+enter", "alt+enter", "ctrl+i", "ctrl+j", "ctrl+m"} | {f"ctrl+{n}" for n in range(10)}
    never |= {f"alt+{n}" for n in range(10)}
    assert names & never == set()
