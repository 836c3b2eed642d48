"""The `optix` command: its nouns, its global flags, its exit codes."""

import os
import sys
from typing import Annotated

import typer

from engine.cli import (
    bars,
    breaches,
    chain,
    compass,
    config,
    correlation,
    daemon,
    db,
    doctor,
    exposure,
    feeds,
    flow,
    imports,
    kernels,
    output,
    pricing,
    quote,
    surface,
    tapes,
    vol,
    watchlist,
)
from engine.cli.session import Feed, Globals, Seed, Speed, Start, feed_options, guarded

HELP = """OPTIX, the terminal trading workstation for options traders.

`optix` alone opens the workstation. Data go to stdout and words to stderr; `--json` gives one document. Exit codes: 0 done, 1 an error,
2 wrong usage, 3 not configured, 4 upstream or network, 5 refused."""

app = typer.Typer(
    name="optix",
    help=HELP,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
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


for command in (
    quote.quote,
    chain.chain,
    chain.expirations,
    surface.surface,
    surface.smile,
    surface.term,
    exposure.gex,
    exposure.vex,
    exposure.cex,
    flow.flow,
    flow.active,
    flow.interest,
    correlation.correlation,
    breaches.breaches,
    compass.vix,
    bars.bars,
    bars.history,
    tapes.record,
    tapes.replay,
    feeds.feeds,
    pricing.price,
    pricing.iv,
    kernels.warmup,
    kernels.models,
    doctor.doctor,
    daemon.daemon,
):
    app.command()(command)
app.add_typer(imports.app, name="import")
app.add_typer(watchlist.app, name="watchlist")
app.add_typer(db.app, name="db")
vol.app.command()(compass.compass)
app.add_typer(vol.app, name="vol")
app.add_typer(config.app, name="config")


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    return guarded(lambda: app(args=given, prog_name="optix", standalone_mode=False))
