"""Which terminals are offered pictures, by what they say of themselves."""

import pytest

from optix_tui.graphics.capability import is_in_tmux, refusal_of


@pytest.mark.parametrize(
    "environment",
    [
        {"TERM": "xterm-kitty"},
        {"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1", "TMUX": ""},
        {"TERM": "xterm-256color", "KITTY_WINDOW_ID": "3"},
        {"TERM": "xterm-ghostty"},
        {"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"},
    ],
)
def test_terminals_that_know_placeholders_are_offered_pictures(environment):
    assert refusal_of("auto", environment) == ""


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"TERM": "xterm-256color"},
        {"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"},
        {"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app", "KITTY_WINDOW_ID": "1"},
        {"TERM": "xterm-256color", "VTE_VERSION": "7600", "KITTY_WINDOW_ID": "1"},
        {"TERM": "xterm-256color", "KONSOLE_VERSION": "230800"},
        {"TERM": "foot"},
        {"TERM": "dumb"},
    ],
)
def test_all_others_are_told_how_to_have_them_where_they_can(environment):
    refusal = refusal_of("auto", environment)
    assert "kitty and Ghostty do" in refusal
    assert "SET terminal.pictures kitty" in refusal
    assert refusal_of("kitty", environment) == ""


@pytest.mark.parametrize("environment", [{"TERM": "xterm-kitty", "TMUX": "there"}, {"TERM": "tmux-256color"}])
def test_tmux_is_passed_through_only_where_it_was_said_to_allow_it(environment):
    assert is_in_tmux(environment)
    assert "allow-passthrough" in refusal_of("auto", environment)
    assert refusal_of("kitty", environment) == ""


def test_screen_hands_nothing_on():
    assert "screen hands no pictures on" in refusal_of("auto", {"TERM": "xterm-kitty", "STY": "1.pts"})


def test_off_is_off_everywhere():
    assert "pictures are off" in refusal_of("off", {"TERM": "xterm-kitty"})
