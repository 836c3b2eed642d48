"""Errors a user meets: each says what is wrong and what to do, and carries the exit code of the command line."""

from typing import ClassVar


class OptixError(Exception):
    """Anything OPTIX refuses or cannot do; the text is for the user."""

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "error"


class UnknownSymbol(OptixError):
    """The feed lists no such name."""

    code = "unknown-symbol"


class BadInput(OptixError):
    """What was typed or handed in cannot be read."""

    exit_code = 2
    code = "bad-input"


class NotConfigured(OptixError):
    """A key, a file or a permission is missing."""

    exit_code = 3
    code = "not-configured"


class UpstreamFailed(OptixError):
    """A venue, a network or a file did not answer as it should."""

    exit_code = 4
    code = "upstream"


class Refused(OptixError):
    """A rule of the house forbids it."""

    exit_code = 5
    code = "refused"


class StoreUnavailable(OptixError):
    """The history or a document cannot be read or written just now."""

    code = "store-unavailable"


class EngineGone(OptixError):
    """The engine that was attached to has ended."""

    exit_code = 4
    code = "engine-gone"


def unreadable(what: object, trouble: OSError) -> OptixError:
    """Why something that was named cannot be read, and what to do: a wrong name is the user's slip, a missing permission is not."""
    if isinstance(trouble, FileNotFoundError):
        return BadInput(f"there is no {what}: check its name")
    if isinstance(trouble, PermissionError):
        return NotConfigured(f"the {what} may not be read: mend its permissions")
    if isinstance(trouble, IsADirectoryError):
        return BadInput(f"the {what} is a folder: name a file in it")
    return BadInput(f"the {what} cannot be read: {trouble.strerror}")


BY_CODE: dict[str, type[OptixError]] = {
    kind.code: kind for kind in (OptixError, UnknownSymbol, BadInput, NotConfigured, UpstreamFailed, Refused, StoreUnavailable, EngineGone)
}
"""How an error crosses the wire and comes back as itself."""
