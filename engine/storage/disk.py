"""Whether the disk has room for quotes, looked at now and then."""

import shutil
from pathlib import Path

LOOK_SECONDS = 10.0


class DiskGuard:
    """Of the disk that a folder is on."""

    def __init__(self, folder: Path, free_bytes: int) -> None:
        self._folder = folder
        self._least = free_bytes
        self._looked_at = -float("inf")
        self.roomy = True

    def look(self, now: float) -> str:
        """Looks if it is time; returns what changed, in words, or ""."""
        if now - self._looked_at < LOOK_SECONDS:
            return ""
        self._looked_at = now
        try:
            free = shutil.disk_usage(_existing(self._folder)).free
        except OSError as error:
            return f"The disk of {self._folder} cannot be looked at: {error}."
        roomy = free >= self._least
        if roomy == self.roomy:
            return ""
        self.roomy = roomy
        said = "has room again: quotes are recorded" if roomy else "is nearly full: quotes are not recorded until there is room"
        return f"The disk of {self._folder} {said} ({free // 2**20:,} MiB free)."


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    while not folder.exists() and folder.parent != folder:
        folder = folder.parent
    return folder
