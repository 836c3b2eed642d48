"""One function on frozen facts in the terminal it is started in, with everything that stands between a screen and a terminal.

``python -m tests.kit.facts_on_terminal OVDV SPX HEAT``; with OPTIX_BREAKS=1 it breaks down when the help is opened.
"""

import asyncio
import os
import sys
from typing import Any

from msgspec.structs import replace

from optix_tui.app import OptixApp
from optix_tui.farewell import told_to_leave
from optix_tui.printing import options_of
from tests.kit.stage import told_engine


class Breaking(OptixApp):
    """A workstation with an error of the worst kind."""

    def action_show_help(self) -> None:
        raise RuntimeError("it broke down")


async def run(code: str, symbol: str, *arguments: str) -> int:
    """Until it is left."""
    engine = told_engine()

    async def connect() -> Any:
        return engine

    options = replace(options_of(code, symbol, arguments), live=True, remembers=False)
    app = (Breaking if os.environ.get("OPTIX_BREAKS") else OptixApp)(options, connect)
    with told_to_leave(app.exit):
        try:
            await app.run_async()
        finally:
            await app.leave()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(asyncio.run(run(*sys.argv[1:])))
