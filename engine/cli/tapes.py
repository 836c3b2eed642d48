"""`optix record` and `optix replay`: everything a feed says, to a file and back."""

import asyncio
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli import output
from engine.cli.session import Feed, Globals, Json, Seed, Speed, Start, feed_options, with_engine

if TYPE_CHECKING:
    from engine.api import Engine, Receipt


def record(
    path: Annotated[Path, typer.Argument(help="The tape to write.")],
    seconds: Annotated[float, typer.Option("--for", metavar="SECONDS", min=0.1, help="How long; without it until Ctrl+C.")] = math.inf,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replaces a tape of that name.")] = False,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    speed: Speed = None,
    as_json: Json = False,
) -> None:
    """Records the running engine's feed (or another one) to a tape that can be replayed byte for byte."""

    async def act(engine: "Engine") -> "Receipt":
        from engine.api import StartRecording, StopRecording

        started = await engine.do(StartRecording(path=str(path.expanduser().resolve()), overwrite=overwrite))
        output.say(started.text + ("" if math.isfinite(seconds) else "; Ctrl+C ends it"))
        try:
            await _wait(seconds)
        except asyncio.CancelledError:  # Ctrl+C: the tape is closed before the command ends
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()
        return await engine.do(StopRecording())

    receipt = with_engine(act, feed=feed, options=feed_options(seed=seed, start=start, speed=speed))
    if as_json:
        output.document({"schema": output.schema("tape"), "path": str(path), **receipt.detail})
    else:
        output.say(receipt.text)


async def _wait(seconds: float) -> None:
    """Waits, with a bar on a terminal's stderr where the end is known."""
    if not math.isfinite(seconds) or not sys.stderr.isatty() or output.Quietness.quiet:
        await (asyncio.sleep(seconds) if math.isfinite(seconds) else asyncio.Event().wait())
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("recording", total=seconds)
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0:
            bar.update(task, completed=seconds - left)
            await asyncio.sleep(min(0.2, left))


def replay(
    tape: Annotated[str, typer.Argument(metavar="FILE", help="The tape; morning.tape is one that ships with OPTIX.")],
    speed: Annotated[float, typer.Option("--speed", min=1, max=1000, help="So many times as fast as it was recorded.")] = 1.0,
    as_json: Json = False,
) -> None:
    """Opens the workstation on a tape; piped or with --json, streams its quotes as NDJSON."""
    from engine.api import named_file

    path = named_file(tape)
    if Globals.open_workstation is not None and sys.stdout.isatty() and not as_json:
        raise typer.Exit(Globals.open_workstation(f"tape:{path}", {"speed": speed}))
    asyncio.run(_stream(path, speed))


async def _stream(path: Path, speed: float) -> None:
    """Each underlying's quote as it was recorded, a line each, at the tape's own pace times ``speed``."""
    from engine.api import tape_quotes

    loop = asyncio.get_running_loop()
    begun: tuple[float, int] | None = None
    for quote in tape_quotes(path):
        begun = begun or (loop.time(), quote.as_of)
        due = begun[0] + (quote.as_of - begun[1]) / 1e9 / speed
        if due > loop.time():
            await asyncio.sleep(due - loop.time())
        figures = {name: getattr(quote, name) for name in ("bid", "ask", "last", "volume")}
        output.line({"schema": "optix.quote/1", "symbol": quote.symbol, "asof": output.instant(quote.as_of), **figures})
