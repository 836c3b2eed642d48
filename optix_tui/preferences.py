"""What the user may change while OPTIX runs: theme, directions, keys. It is in force at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from optix_tui.stock_theme import textual_theme
from optix_tui.theme import load_palette, theme_names

if TYPE_CHECKING:
    from optix_tui.app import OptixApp
    from optix_tui.key_file import KeyFile
    from optix_tui.keymap import Keymap


class Preferences:
    """Puts changed settings and key files in force."""

    def __init__(self, app: OptixApp, key_file: KeyFile) -> None:
        self._app = app
        self._key_file = key_file

    def apply(self, key: str, value: Any) -> None:
        """A setting that was kept; those that are not the terminal's own are nothing to it."""
        app = self._app
        match key:
            case "terminal.theme" | "terminal.up_is_red" if app.options.no_colour:
                app.tell("NO_COLOR is set: it will be seen where there are colours")
            case "terminal.theme":
                app.use_theme(str(value))
            case "terminal.up_is_red":
                app.options = replace(app.options, up_is_red=bool(value))
                for name in theme_names():
                    app.register_theme(textual_theme(load_palette(name, up_is_red=bool(value))))
                app.use_theme(app.palette.name)
            case "terminal.pictures":
                app.gallery.setting = str(value)
                app.use_theme(app.palette.name)
            case "terminal.keymap":
                self._key_file.base = str(value)
                self._use_keys(self._key_file.load())
            case _:
                return

    def look_at_keys(self) -> None:
        """A key file that was written meanwhile."""
        changed = self._key_file.changed()
        if changed is not None:
            self._use_keys(changed)
            self._app.tell("keys.toml is in force")

    def _use_keys(self, keymap: Keymap) -> None:
        """Other keys, everywhere; what is wrong with them is told."""
        app = self._app
        app.keymap_in_force = keymap
        app.set_keymap(keymap.bindings())
        app.two_keys.learn_keys()
        app.hints_by_code.clear()
        for bar in app.pump.bars:
            bar.repaint()
        for problem in keymap.problems:
            app.tell(problem, level="warning")
