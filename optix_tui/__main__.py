"""``optix``: the workstation where nothing else is asked for, and the command line with what only a terminal's code can add to it."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from engine.cli.endings import end_program, ended
from optix_tui import collector
from optix_tui.remote import prepare_environment

if TYPE_CHECKING:
    from engine.api import ValuationTerms
    from engine.cli.nouns import Listed

COMPLETING = "_OPTIX_COMPLETE"
"""Set by a shell that asks what could be said next, with nothing said."""


def main(arguments: list[str] | None = None) -> int:
    """Runs ``optix ARGUMENTS`` and returns its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    prepare_environment()
    if not given and COMPLETING not in os.environ:
        return ended(lambda: _open(None, {}))
    from engine.cli.main import main as command_line
    from engine.cli.picture import Painter
    from engine.cli.session import Globals

    Globals.open_workstation = _open
    Painter.draw, Painter.draw_payoff = _draw, _draw_payoff
    return command_line(given, _nouns())


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


def _nouns() -> "tuple[Listed, ...]":
    """What joins the command line."""
    from engine.cli.nouns import Listed

    def listed(name: str, summary: str, function: str) -> Listed:
        return Listed(name, summary, f"optix_tui.commands:{function}", "Workstation")

    return (
        listed("tui", "Opens the workstation.", "tui"),
        listed("print", "Prints one screen as text, such as `optix print OMON SPY`; with --png, any of them as a picture.", "print_screen"),
        listed("functions", "Lists every function of the workstation.", "functions"),
    )


def run() -> NoReturn:
    """``optix`` as a program: ends with the exit code of :func:`main`."""
    end_program(main())


if __name__ == "__main__":
    run()
