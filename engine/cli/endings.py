"""How a program of ours ends when something went wrong: words on stderr and an exit code, without a command line's library."""

import os
import sys
from collections.abc import Callable

INTERRUPTED = 130


def ended(run: Callable[[], int | None]) -> int:
    """The exit code of ``run``: 0 where it returns none, an `OptixError`'s own, 130 interrupted, and 0 where nobody reads any more."""
    from engine.domain.errors import OptixError

    try:
        code = run()
        sys.stdout.flush()
    except OptixError as error:
        from engine.cli import output

        output.complain(str(error))
        return error.exit_code
    except BrokenPipeError:
        # The reader went away (`optix chain SPY | head`): nothing is wrong, and nothing may be printed about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    return code if isinstance(code, int) else 0
