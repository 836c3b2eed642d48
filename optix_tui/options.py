"""How one terminal is set up: theme, keys, workspaces, pace; gathered before the first paint."""

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from optix_tui.graphics.capability import AUTO
from optix_tui.keymap import Keymap, load_keymap
from optix_tui.pump import LOCAL_HZ, REMOTE_HZ
from optix_tui.remote import is_remote
from optix_tui.theme import DEFAULT_THEME, theme_names
from optix_tui.workspace import Workspace, load_workspaces


class Options(Struct, frozen=True, kw_only=True):
    """What the application is started with."""

    theme: str = DEFAULT_THEME
    up_is_red: bool = False
    pictures: str = AUTO
    """Whether pictures of pixels are offered: ``auto``, ``off``, ``kitty``."""
    no_colour: bool = False
    keymap: Keymap
    keys_base: str = "default"
    """The shipped set of keys the user's file stands on."""
    keys_file: Path | None = None
    """The user's keys; looked at while OPTIX runs."""
    workspaces: tuple[Workspace, ...]
    layouts_folder: Path | None = None
    """Where Ctrl+S writes."""
    state_folder: Path | None = None
    """Where the terminal remembers itself."""
    remembers: bool = True
    place: int = 0
    """The workspace shown first; 0 is the first one."""
    symbol: str = ""
    """The first security; "" is the market's own choice."""
    hertz: float = LOCAL_HZ
    profile: str = ""
    """``SSH`` over a slow line: fewer frames, and the app bar says so."""
    live: bool = True
    """Timers run. Tests drive the beat themselves."""
    stale_after: float = 15.0
    """Seconds of market time after which an unchanged quote of a live feed is stale."""
    problems: tuple[str, ...] = ()
    """What was wrong with the user's files, in words."""


def gather(
    *,
    configuration_folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    theme: str = DEFAULT_THEME,
    keymap: str = "default",
    up_is_red: bool = False,
    pictures: str = AUTO,
    symbol: str = "",
    live: bool = True,
) -> Options:
    """Reads the user's keys and layouts; what is wrong with them becomes a notice, never a refusal to start."""
    environment = os.environ if environment is None else environment
    problems: list[str] = []
    if theme not in theme_names():
        problems.append(f"there is no theme {theme}; there are {', '.join(theme_names())}")
        theme = DEFAULT_THEME
    keys_file = configuration_folder / "keys.toml" if configuration_folder else None
    keys = load_keymap(keys_file, keymap)
    layouts = configuration_folder / "layouts" if configuration_folder else None
    workspaces, layout_problems = load_workspaces(layouts)
    remote = is_remote(environment)
    return Options(
        theme=theme,
        up_is_red=up_is_red,
        pictures=pictures,
        no_colour=bool(environment.get("NO_COLOR")),
        keymap=keys,
        keys_base=keymap,
        keys_file=keys_file,
        workspaces=workspaces,
        layouts_folder=layouts,
        symbol=symbol,
        hertz=REMOTE_HZ if remote else LOCAL_HZ,
        profile="SSH" if remote else "",
        live=live,
        problems=(*problems, *keys.problems, *layout_problems),
    )
