"""`optix tui`, `optix functions` and `optix print`: what a terminal's code adds to the command line."""

from typing import Annotated

import typer

from engine.cli import output
from engine.cli.picture import Png, Size, Theme, draw_picture, wanted_picture
from engine.cli.session import Feed, Globals, Json, feed_options


def tui(feed: Feed = None) -> None:
    """Opens the workstation."""
    if Globals.open_workstation is not None:
        raise typer.Exit(Globals.open_workstation(feed or Globals.feed, Globals.options))


def functions(as_json: Json = False) -> None:  # noqa: FBT002 (Typer's own way)
    """Lists every function of the workstation."""
    from optix_tui.registry import FUNCTIONS

    if as_json:
        listed = [
            {
                "code": entry.code,
                "aliases": list(entry.aliases),
                "title": entry.title,
                "summary": entry.summary,
                "arguments": entry.arguments,
                "examples": list(entry.examples),
                "needs_security": entry.needs_security,
            }
            for entry in FUNCTIONS
        ]
        output.document({"schema": output.schema("functions"), "functions": listed})
        return
    rows = [(entry.code, " ".join(entry.aliases), entry.title, entry.summary, entry.arguments) for entry in FUNCTIONS]
    output.table(("Code", "Also", "Title", "What", "Arguments"), rows, left=5)


def print_screen(
    words: Annotated[list[str], typer.Argument(metavar="FUNCTION [SYMBOL] [ARGUMENTS]...", help="As on the command line: OMON SPY.")],
    feed: Feed = None,
    width: Annotated[int, typer.Option("--width", "-w", min=40, max=400, help="Columns.")] = 120,
    height: Annotated[int, typer.Option("--height", min=8, max=200, help="Rows.")] = 40,
    as_json: Json = False,  # noqa: FBT002 (Typer's own way)
    png: Png = None,
    size: Size = None,
    theme: Theme = None,
) -> None:
    """Prints one screen as text, such as `optix print OMON SPY`; with --png, any of them as a picture."""
    if form := wanted_picture(png, size, theme, json=as_json):
        draw_picture(form._replace(size=size or f"{width}x{height}"), words, feed=feed, options=feed_options())
        return
    from optix_tui.printing import function_rows, print_function

    chosen = feed or Globals.feed
    if as_json:
        rows = function_rows(words, feed=chosen, feed_options=feed_options(), size=(width, height))
        output.document({"schema": output.schema("screen"), "words": words, "width": width, "rows": rows})
        return
    raise typer.Exit(print_function(words, feed=chosen, feed_options=feed_options(), size=(width, height)))
