"""Why an answer out of the past is empty or short: the history may be locked, damaged or not begun."""

from typing import TYPE_CHECKING

from engine.cli import output

if TYPE_CHECKING:
    from engine.api import Engine


async def tell_past_trouble(engine: "Engine") -> None:
    """Says on stderr why the history cannot be read just now; nothing where it can."""
    from engine.api import GetDatabaseInfo, OptixError

    try:
        await engine.ask(GetDatabaseInfo())
    except OptixError as error:
        output.say(f"without the history: {error}")
