"""How a program of ours ends, above all when something went wrong: words on stderr and an exit code, without a command line's library."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

INTERRUPTED = 130
THREADS = "engine.kernel.unstoppable"
"""Where they are counted: a program that never loaded it has none, and `--help` has no need of it."""


def ended(run: Callable[[], int | None]) -> int:
    """The exit code of ``run``: 0 where it returns none, an `OptixError`'s own, 130 interrupted, and 0 where nobody reads any more."""
    from engine.domain.errors import OptixError

    _open_streams()
    try:
        code = run()
        sys.stdout.flush()
    except OptixError as error:
        return _complained(str(error), error.exit_code)
    except BrokenPipeError:
        return _unread()
    except SystemExit as leave:
        # Typer and rich meet a broken pipe on their own and leave by this door.
        if isinstance(leave.__context__, BrokenPipeError):
            return _unread()
        return leave.code if isinstance(leave.code, int) else 0
    except OSError as trouble:
        _forget_output()
        return _complained(f"{trouble.filename or 'the output'} cannot be written or read: {trouble.strerror}", 1)
    except KeyboardInterrupt:
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def end_program(code: int) -> NoReturn:
    """Ends the program with this exit code, after everything of ours was closed.

    The usual way destroys what native libraries hold while their threads go on; LLVM in the middle of a kernel then aborts the process
    (exit code -6). With such a thread alive the program therefore ends at once, its output and its log flushed.
    """
    if THREADS in sys.modules and sys.modules[THREADS].is_any_alive():
        import logging

        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # nobody reads any more: there is nobody left to tell
                stream.flush()
        os._exit(code)
    sys.exit(code)


def _open_streams() -> None:
    """A program that was started with its streams closed writes into the void; one whose stdout lacks a letter writes a question mark."""
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    if getattr(sys.stdout, "errors", None) == "strict" and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")


def _complained(text: str, code: int) -> int:
    from engine.cli import output

    output.complain(text)
    return code


def _unread() -> int:
    """The reader went away (`optix chain SPY | head`): nothing is wrong, and nothing may be printed about it at exit."""
    _forget_output()
    return 0


def _forget_output() -> None:
    """What waits in the buffers goes nowhere, so that the interpreter's own last flush cannot fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
