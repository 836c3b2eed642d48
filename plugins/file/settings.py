"""What the file feed is told."""

from pathlib import Path

import msgspec
from msgspec import Struct

from engine.contracts.feed import FeedSettings
from engine.domain.errors import BadInput


class FileOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The section ``[feeds.file]`` and the flags that mean something here."""

    start: str = ""
    """The instant the file was saved at, where it does not say so itself: ``2026-11-20T15:45``, New York time."""


def read_settings(settings: FeedSettings) -> tuple[Path, FileOptions]:
    """The path and the options. Raises BadInput for what the feed does not know."""
    if not settings.argument.strip():
        raise BadInput("the file feed needs a path: --feed file:PATH")
    said = {key: value for key, value in settings.options.items() if value is not None}
    try:
        return Path(settings.argument).expanduser(), msgspec.convert(said, FileOptions)
    except msgspec.ValidationError as trouble:
        raise BadInput(f"the file feed cannot use its options: {trouble}. It knows start alone: a file stands still") from trouble
