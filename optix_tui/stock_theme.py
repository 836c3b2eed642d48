"""A palette as a Textual theme, for the widgets that are Textual's own."""

from textual.theme import Theme

from optix_tui.colour import hexadecimal
from optix_tui.theme import Palette


def textual_theme(palette: Palette) -> Theme:
    """The palette for Textual's own widgets: toasts, the palette of commands."""
    return Theme(
        name=palette.name,
        primary=hexadecimal(palette.text),
        secondary=hexadecimal(palette.vol),
        accent=hexadecimal(palette.security),
        warning=hexadecimal(palette.alert),
        error=hexadecimal(palette.down),
        success=hexadecimal(palette.up),
        foreground=hexadecimal(palette.text),
        background=hexadecimal(palette.ground),
        surface=hexadecimal(palette.panel),
        panel=hexadecimal(palette.head),
        dark=palette.dark,
    )
