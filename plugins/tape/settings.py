"""What the tape feed is told."""

from pathlib import Path

import msgspec
from msgspec import Struct

from engine.contracts.feed import FeedSettings
from engine.domain.errors import BadInput
from engine.domain.ids import UtcNanos
from plugins.chainfiles.moments import read_moment

AS_FAST_AS_POSSIBLE = 0.0
FASTEST = 1000.0


class TapeOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The section ``[feeds.tape]`` and the flags that mean something here."""

    speed: float | str = 1.0
    """Factor of real time, 1 to 1000; 0 or ``max``: as fast as possible."""
    start: str = ""
    """Play what comes before this instant at once: ``2026-11-20T15:45``, New York time."""
    longest_gap: float = 300.0
    """Seconds of market time; a longer silence (a night) is jumped over."""


def checked_speed(speed: float | str) -> float:
    """A speed that can be played; 0 is as fast as possible. Raises BadInput for any other."""
    if isinstance(speed, str):
        if speed.strip().lower() == "max":
            return AS_FAST_AS_POSSIBLE
        try:
            speed = float(speed)
        except ValueError:
            speed = -1.0
    if speed == AS_FAST_AS_POSSIBLE or 1.0 <= speed <= FASTEST:
        return float(speed)
    raise BadInput(f"a tape plays at 1 to {FASTEST:g} times real time, or at max; not at {speed!r}")


def read_settings(settings: FeedSettings) -> tuple[Path, TapeOptions]:
    """The path and the options. Raises BadInput for what the feed does not know."""
    if not settings.argument.strip():
        raise BadInput("the tape feed needs a path: --feed tape:PATH")
    said = {key: value for key, value in settings.options.items() if value is not None}
    try:
        options = msgspec.convert(said, TapeOptions)
    except msgspec.ValidationError as trouble:
        raise BadInput(f"the tape feed cannot use its options: {trouble}. It knows speed, start and longest_gap") from trouble
    if not options.longest_gap > 0:
        raise BadInput(f"longest_gap is a number of seconds above 0, not {options.longest_gap:g}")
    return Path(settings.argument).expanduser(), options


def start_instant(options: TapeOptions) -> UtcNanos:
    """The instant playing begins at, 0 for the tape's own beginning. Raises BadInput for what is no instant."""
    if not options.start:
        return UtcNanos(0)
    moment = read_moment(options.start)
    if moment is None:
        raise BadInput(f"{options.start!r} is no time: write it as 2026-11-20T15:45 (New York time) or 2026-11-20T20:45Z")
    return moment.at
