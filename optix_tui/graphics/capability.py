"""Whether the terminal shows pictures, by what it says of itself in the environment.

It is never asked: the answer comes as keys do, and what reads the keys would take it for some.
"""

from collections.abc import Mapping

SETTING = "terminal.pictures"
AUTO, OFF, KITTY = "auto", "off", "kitty"

KNOWN_NAMES = ("xterm-kitty", "xterm-ghostty")
KNOWN_PROGRAMS = ("kitty", "ghostty")
"""Terminals that know placeholders; others speak parts of the protocol, but not this one."""
SAYS_OTHERWISE = (
    "VTE_VERSION",
    "WEZTERM_PANE",
    "KONSOLE_VERSION",
    "ALACRITTY_WINDOW_ID",
    "WT_SESSION",
    "ITERM_SESSION_ID",
    "XTERM_VERSION",
)
"""Set by other terminals, which may have been started from one that can."""


def is_in_tmux(environment: Mapping[str, str]) -> bool:
    """Everything that is written goes through tmux."""
    return bool(environment.get("TMUX")) or environment.get("TERM", "").startswith("tmux")


def refusal_of(setting: str, environment: Mapping[str, str]) -> str:
    """Why no picture can be shown, and what helps, in a sentence; "" where one can. The setting has the last word."""
    if setting == OFF:
        return f"pictures are off: SET {SETTING} auto turns them on"
    if setting == KITTY:
        return ""
    if is_in_tmux(environment):
        return f"tmux hands pictures on only with allow-passthrough on; where it is, in kitty or Ghostty: SET {SETTING} kitty"
    if environment.get("STY"):
        return "screen hands no pictures on: the same is shown in cells"
    if not _says_it_can(environment):
        return f"this terminal does not say that it shows pictures (kitty and Ghostty do); if it does, SET {SETTING} kitty"
    return ""


def _says_it_can(environment: Mapping[str, str]) -> bool:
    if environment.get("TERM", "") in KNOWN_NAMES:
        return True
    program = environment.get("TERM_PROGRAM", "").lower()
    if program:
        return program in KNOWN_PROGRAMS
    return bool(environment.get("KITTY_WINDOW_ID")) and not any(environment.get(name) for name in SAYS_OTHERWISE)
