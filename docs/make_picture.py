"""Makes the README's picture from the running program: `python docs/make_picture.py [OUT.svg] [--theme NAME] [--size 160x45] [TYPED ...]`.

The terminal runs headless on the synthetic market of a fixed seed and start; its cells become rectangles, text and, for braille and block
glyphs, exact shapes, so that the picture needs no special font.
"""

import argparse
import asyncio
import os
import tempfile
from html import escape
from pathlib import Path

from rich.segment import Segment
from rich.style import Style

CELL_WIDTH, CELL_HEIGHT = 8.4, 18.0
START = {"seed": 7, "start": "2026-11-20T10:45"}
EIGHTHS_UP = "▁▂▃▄▅▆▇█"
EIGHTHS_LEFT = "▏▎▍▌▋▊▉"
BRAILLE = 0x2800
DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))


def _colour(style: Style | None, *, back: bool) -> str | None:
    chosen = None if style is None else style.bgcolor if back else style.color
    triplet = None if chosen is None else chosen.triplet
    return None if triplet is None else triplet.hex


def _shape(glyph: str, x: float, y: float, colour: str) -> str | None:
    """The exact drawing of a block or braille glyph; None for a letter."""

    def box(left: float, top: float, width: float, height: float) -> str:
        return f'<rect x="{x + left:.2f}" y="{y + top:.2f}" width="{width:.2f}" height="{height:.2f}" fill="{colour}"/>'

    if glyph in EIGHTHS_UP:
        height = CELL_HEIGHT * (EIGHTHS_UP.index(glyph) + 1) / 8
        return box(0, CELL_HEIGHT - height, CELL_WIDTH, height)
    if glyph in EIGHTHS_LEFT:
        return box(0, 0, CELL_WIDTH * (EIGHTHS_LEFT.index(glyph) + 1) / 8, CELL_HEIGHT)
    if glyph == "▀":
        return box(0, 0, CELL_WIDTH, CELL_HEIGHT / 2)
    if glyph == "▐":
        return box(CELL_WIDTH / 2, 0, CELL_WIDTH / 2, CELL_HEIGHT)
    if BRAILLE <= ord(glyph) < BRAILLE + 256:
        bits = ord(glyph) - BRAILLE
        dots = (DOTS[n] for n in range(8) if bits >> n & 1)
        points = "".join(f"M{x + 2.1 + dx * 4.2:.1f} {y + 2.2 + dy * 4.5:.1f}h0" for dx, dy in dots)
        return f'<path d="{points}" stroke="{colour}" stroke-width="1.9" stroke-linecap="round"/>' if points else ""
    return None


def _row(segments: list[Segment], y: float) -> list[str]:
    drawn: list[str] = []
    column = 0
    for segment in segments:
        x, width = column * CELL_WIDTH, len(segment.text) * CELL_WIDTH
        column += len(segment.text)
        back, fore = _colour(segment.style, back=True), _colour(segment.style, back=False) or "#cccccc"
        if back:
            drawn.append(f'<rect x="{x:.2f}" y="{y:.1f}" width="{width + 0.3:.2f}" height="{CELL_HEIGHT + 0.3:.1f}" fill="{back}"/>')
        letters = ""
        for place, glyph in enumerate(segment.text):
            shape = _shape(glyph, x + place * CELL_WIDTH, y, fore)
            letters += glyph if shape is None else " "
            drawn.extend([shape] if shape else [])
        stripped = letters.strip()
        if stripped:
            first = x + (len(letters) - len(letters.lstrip())) * CELL_WIDTH
            bold = ' font-weight="bold"' if segment.style and segment.style.bold else ""
            length = f'textLength="{len(stripped) * CELL_WIDTH:.2f}" lengthAdjust="spacing"'
            drawn.append(f'<text x="{first:.2f}" y="{y + 13.4:.1f}" fill="{fore}"{bold} {length}>{escape(stripped)}</text>')
    return drawn


def to_svg(rows: list[list[Segment]], columns: int) -> str:
    """The rows of a screen as one SVG."""
    width, height = columns * CELL_WIDTH, len(rows) * CELL_HEIGHT
    body = "\n".join("".join(_row(row, number * CELL_HEIGHT)) for number, row in enumerate(rows))
    font = 'font-family="\'JetBrains Mono\',\'Fira Code\',Menlo,Consolas,monospace" font-size="14" xml:space="preserve"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}">'
        f'<rect width="100%" height="100%" fill="#050505"/><g {font}>{body}</g></svg>\n'
    )


async def rows_of(theme: str, size: tuple[int, int], commands: list[str], seconds: float) -> list[list[Segment]]:
    """Runs the terminal for a while and takes its screen."""
    from msgspec.structs import replace

    from engine.api import connect
    from optix_tui.app import OptixApp
    from optix_tui.opening import options_here

    engine = await connect("auto", feed="synthetic", options=START, host=False)
    app = OptixApp(replace(options_here(live=True), theme=theme, remembers=False))
    try:
        async with app.run_test(size=size, notifications=False) as pilot:
            app.attach(engine)
            await asyncio.sleep(seconds)
            for command in commands:
                await pilot.press("slash", *(("space" if letter == " " else letter) for letter in command.lower()), "enter")
                await asyncio.sleep(seconds)
            await pilot.pause()
            return [list(strip) for strip in app.screen._compositor.render_strips()]  # noqa: SLF001 (the screen as it is sent)
    finally:
        await engine.close()


def main() -> None:
    """Writes the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", nargs="?", type=Path, default=Path(__file__).parent / "optix.svg")
    parser.add_argument("commands", nargs="*", help="typed into the command line, one after the other")
    parser.add_argument("--theme", default="amber")
    parser.add_argument("--size", default="160x45")
    parser.add_argument("--seconds", type=float, default=8.0)
    given = parser.parse_args()
    columns, lines = map(int, given.size.split("x"))
    with tempfile.TemporaryDirectory() as home:
        os.environ["OPTIX_HOME"] = home
        rows = asyncio.run(rows_of(given.theme, (columns, lines), given.commands, given.seconds))
    given.out.write_text(to_svg(rows, columns), encoding="utf-8")


if __name__ == "__main__":
    main()
