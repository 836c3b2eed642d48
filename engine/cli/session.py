"""One command's life with an engine: connect, ask, close; errors and broken pipes end it as documented.

Exit codes: 0 done, 1 an error (an unknown symbol), 2 wrong usage, 3 not configured, 4 upstream or network, 5 refused, 130 interrupted.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.exceptions import TyperException

from engine.cli import output
from engine.cli.endings import INTERRUPTED, ended

if TYPE_CHECKING:
    from engine.api import Engine, EngineStatus, Event

T = TypeVar("T")

LOOK_SECONDS = 1.0
"""Between two looks at whether anybody reads."""

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Csv = Annotated[bool, typer.Option("--csv", help="Comma-separated lines on stdout, with a head.")]
Feed = Annotated[
    str | None,
    typer.Option(
        "--feed", "-f", metavar="NAME[:ARGUMENT]", help="Another source than the running engine's: synthetic, file:PATH, tape:FILE, cboe."
    ),
]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of the synthetic market.")]
Start = Annotated[str | None, typer.Option("--start", metavar="DATE[TIME]", help="Where the synthetic market's clock starts (New York).")]
Speed = Annotated[float | None, typer.Option("--speed", help="Speed of a market that has its own clock, 1 to 1000.")]


class Globals:
    """What the flags before the command said, for the one command of this process."""

    feed: str | None = None
    options: dict[str, Any] = {}  # noqa: RUF012 (replaced as a whole, once)
    open_workstation: Callable[[str | None, dict[str, Any]], int] | None = None
    """Opens the terminal on a feed; set by the program that has one."""


def feed_options(*, seed: int | None = None, start: str | None = None, speed: float | None = None) -> dict[str, Any]:
    """The feed's options that were given on the command line."""
    return Globals.options | {key: value for key, value in (("seed", seed), ("start", start), ("speed", speed)) if value is not None}


def with_engine(
    use: "Callable[[Engine], Awaitable[T]]", *, feed: str | None = None, options: dict[str, Any] | None = None, of_market: bool = True
) -> T:
    """Runs ``use`` with the data folder's engine, attached where one runs, else a private one for this command alone.

    What comes ``of_market`` is told with what its reader should know of the source: that a market is simulated, what is odd about a file.
    """
    import asyncio

    async def life() -> T:
        from engine.api import NoticePosted, connect, show_log, topic

        if output.Quietness.verbose:
            show_log()
        engine = await connect("auto", feed=feed or Globals.feed, options=options or Globals.options, host=False)
        notices = engine.watch(topic(NoticePosted))
        try:
            answer = await _while_read(use(engine))
            if of_market:
                await tell_source(engine)
            return answer
        finally:
            tell_troubles(notices.drain())
            await engine.close()

    return asyncio.run(life())


def tell_troubles(events: "Iterable[Event]") -> None:
    """Says what went wrong beside the work, such as a history that had to be set aside."""
    from engine.api import NoticeLevel, NoticePosted

    for event in events:
        if isinstance(event, NoticePosted) and event.level is NoticeLevel.ERROR:
            output.say(f"{event.title}: {event.text}")


async def _while_read(work: "Awaitable[T]") -> T:
    """The work's result; a reader who goes away while nothing is told ends it too."""
    import asyncio

    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=LOOK_SECONDS))[0]:
            if output.unread():
                raise BrokenPipeError
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    return task.result()


async def tell_source(engine: "Engine") -> None:
    """Says what a reader should know of the source, where there is something."""
    from engine.api import GetStatus

    if note := note_of(await engine.ask(GetStatus())):
        output.say(note)


def note_of(status: "EngineStatus") -> str:
    """What a reader should know of the source: of a file also what is odd about it; "" of a market as it is."""
    return status.feed_reason if status.feed_note in status.feed_reason else status.feed_note


def guarded(run: Callable[[], int | None]) -> int:
    """Runs a whole command and turns what went wrong, of usage too, into words and an exit code."""
    try:
        return ended(run)
    except TyperException as wrong:
        show = getattr(wrong, "show", None)  # of wrong usage: the usage, and what is wrong
        if show is not None:
            show()
        else:
            output.complain(str(wrong))
        return int(getattr(wrong, "exit_code", 2))
    except typer.Exit as leave:
        return leave.exit_code
    except typer.Abort:
        return INTERRUPTED
