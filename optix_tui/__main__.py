"""``optix``: the workstation where nothing else is asked for, and the command line with what only a terminal's code can add to it."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from optix_tui import collector
from optix_tui.remote import prepare_environment

if TYPE_CHECKING:
    from engine.api import ValuationTerms


def main(arguments: list[str] | None = None) -> int:
    """Runs ``optix ARGUMENTS`` and returns its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    prepare_environment()
    if not given:
        from engine.cli.endings import ended

        return ended(lambda: _open(None, {}))
    from engine.cli.main import main as command_line
    from engine.cli.picture import Painter
    from engine.cli.session import Globals

    Globals.open_workstation = _open
    Painter.draw, Painter.draw_payoff = _draw, _draw_payoff
    _add_commands()
    return command_line(given)


def _open(feed: str | None, options: dict[str, Any]) -> int:
    collector.take_over()
    try:
        from optix_tui.opening import open_workstation

        return open_workstation(feed, options)
    finally:
        collector.give_back()


def _draw(words: Sequence[str], **how: Any) -> str:
    from optix_tui.pictures.drawing import draw

    return draw(words, **how)


def _draw_payoff(terms: "ValuationTerms", **how: Any) -> str:
    from optix_tui.pictures.payoff import draw_payoff

    return draw_payoff(terms, **how)


def _add_commands() -> None:
    """``tui``, ``functions`` and ``print`` join the command line."""
    import typer

    from engine.cli import output
    from engine.cli.main import app
    from engine.cli.picture import Png, Size, Theme, draw_picture, wanted_picture
    from engine.cli.session import Feed, Globals, Json, feed_options

    known = {command.name for command in app.registered_commands}

    def tui(feed: Feed = None) -> None:
        """Opens the workstation."""
        raise typer.Exit(_open(feed or Globals.feed, Globals.options))

    def functions(json: Json = False) -> None:  # noqa: FBT002 (Typer's own way)
        """Lists every function of the workstation."""
        from optix_tui.registry import FUNCTIONS

        if json:
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
        json: Json = False,  # noqa: FBT002 (Typer's own way)
        png: Png = None,
        size: Size = None,
        theme: Theme = None,
    ) -> None:
        """Prints one screen as text, such as `optix print OMON SPY`; with --png, any of them as a picture."""
        if form := wanted_picture(png, size, theme, json=json):
            draw_picture(form._replace(size=size or f"{width}x{height}"), words, feed=feed, options=feed_options())
            return
        from optix_tui.printing import function_rows, print_function

        chosen = feed or Globals.feed
        if json:
            rows = function_rows(words, feed=chosen, feed_options=feed_options(), size=(width, height))
            output.document({"schema": output.schema("screen"), "words": words, "width": width, "rows": rows})
            return
        raise typer.Exit(print_function(words, feed=chosen, feed_options=feed_options(), size=(width, height)))

    for name, command in (("tui", tui), ("functions", functions), ("print", print_screen)):
        if name not in known:
            app.command(name)(command)


if __name__ == "__main__":
    sys.exit(main())
