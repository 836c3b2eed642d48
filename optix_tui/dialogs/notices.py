"""The list of notices, newest first."""

from textwrap import wrap

from optix_tui.dialogs.overlay import Line
from optix_tui.notices import Notices
from optix_tui.theme import Palette

WIDTH = 96


def notice_lines(notices: Notices, palette: Palette) -> list[Line]:
    """One notice a paragraph; warnings carry a mark as well as a colour."""
    if not len(notices):
        return [(("nothing was noticed", palette.dim),)]
    lines: list[Line] = []
    for notice in notices.newest_first():
        plain = notice.level == "information"
        words = wrap(notice.text + (f"  ×{notice.times}" if notice.times > 1 else ""), WIDTH - 18) or [""]
        colour = palette.text if plain else palette.alert
        lines.append(((f"{notice.clock:<9}", palette.dim), ("  " if plain else "▲ ", palette.alert), (words[0], colour)))
        lines += [((" " * 11, palette.dim), (more, colour)) for more in words[1:]]
    return lines
