"""The `optix` command: its nouns, its global flags, its exit codes."""

import os
import sys
from typing import Annotated

import typer

from engine.cli import output
from engine.cli.listing import NOUNS
from engine.cli.nouns import SETTINGS, Listed, Nouns, command_line
from engine.cli.session import Feed, Globals, Seed, Speed, Start, feed_options, guarded

HELP = """OPTIX, the terminal trading workstation for options traders.

`optix` alone opens the workstation. Data go to stdout and words to stderr; `--json` gives one document. Exit codes: 0 done, 1 an error,
2 wrong usage, 3 not configured, 4 upstream or network, 5 refused."""

app = typer.Typer(
    name="optix",
    cls=Nouns,
    help=HELP,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings=SETTINGS,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        output.plain_line(f"optix {version('optix')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    speed: Speed = None,
    version: Annotated[bool, typer.Option("--version", "-V", help="Says the version.", callback=_version, is_eager=True)] = False,  # noqa: ARG001
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No words but errors on stderr.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="The log on stderr too.")] = False,
    profile: Annotated[str | None, typer.Option("--profile", help="A named set of settings.")] = None,
    configuration: Annotated[str | None, typer.Option("--config", metavar="PATH", help="Another configuration file.")] = None,
) -> None:
    """Takes the flags before the command; without a command the workstation opens."""
    output.Quietness.quiet, output.Quietness.verbose = quiet, verbose
    for name, value in (("OPTIX_PROFILE", profile), ("OPTIX_CONFIG", configuration)):
        if value:
            os.environ[name] = value
    Globals.feed, Globals.options = feed, feed_options(seed=seed, start=start, speed=speed)
    if context.invoked_subcommand is None:
        if Globals.open_workstation is None:
            output.complain("this installation has no terminal: name a command (`optix --help` lists them)")
            raise typer.Exit(3)
        raise typer.Exit(Globals.open_workstation(Globals.feed, Globals.options))


def main(arguments: list[str] | None = None, more: tuple[Listed, ...] = ()) -> int:
    """Runs one command, of these and ``more``, and returns its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    return guarded(lambda: command_line(app, (*NOUNS, *more)).main(args=given, prog_name="optix", standalone_mode=False))
