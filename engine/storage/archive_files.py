"""A file of the archive, as the catalogue knows it."""

from pathlib import Path

from msgspec import Struct


class ArchiveFile(Struct, frozen=True, kw_only=True):
    """One file of the catalogue."""

    id: int
    table: str
    day: int
    """Start of the UTC day, ns."""
    path: Path
    seconds: int
    """Width of the samples after thinning; 0 as recorded."""
    rows: int
    bytes: int
    source_id: int
    run_id: int
