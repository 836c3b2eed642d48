"""The user's key file while OPTIX runs: looked at now and then, and in force as soon as it changed."""

from pathlib import Path

from optix_tui.keymap import Keymap, load_keymap

LOOK_SECONDS = 2.0


class KeyFile:
    """Which keys are in force: a shipped set with the user's file on top."""

    def __init__(self, path: Path | None, base: str = "default") -> None:
        self.path = path
        self.base = base
        self._seen = self._stamp()

    def _stamp(self) -> tuple[int, int]:
        """Tells one state of the file from another; zeros where there is none."""
        if self.path is None:
            return 0, 0
        try:
            found = self.path.stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_size

    def changed(self) -> Keymap | None:
        """The keys as they are now, where the file is another one than at the last look."""
        stamp = self._stamp()
        if stamp == self._seen:
            return None
        self._seen = stamp
        return self.load()

    def load(self) -> Keymap:
        """The keys as the files say now."""
        return load_keymap(self.path, self.base)
