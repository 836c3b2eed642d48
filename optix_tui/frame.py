"""What the bars may ask of the application around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from textual.widget import Widget

    from optix_tui.completion import Completion
    from optix_tui.theme import Palette
    from optix_tui.widgets.app_bar import AppBarView
    from optix_tui.widgets.key_bar import KeyBarView
    from optix_tui.widgets.security_bar import SecurityView


class Frame(Protocol):
    """The application, as its bars know it."""

    palette: Palette

    def app_bar_view(self) -> AppBarView:
        """For the first row."""

    def security_view(self) -> SecurityView:
        """For the security of the focused tile."""

    def key_bar_view(self) -> KeyBarView:
        """For the last row."""

    def standing_command(self) -> str:
        """What the command line shows while nobody types: security and function of the focused tile."""

    def completion(self, text: str) -> Completion:
        """What may follow a text."""

    def command_history(self) -> tuple[str, ...]:
        """Command lines that were run, oldest first."""

    def key_hint(self, action: str) -> str:
        """The first key of one of the frame's own actions."""


def frame_of(widget: Widget) -> Frame:
    """The application a widget stands in."""
    return cast("Frame", widget.app)
