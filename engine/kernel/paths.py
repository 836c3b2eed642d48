"""Where things are: what ships with OPTIX, and the user's own folders."""

import os
from pathlib import Path

from msgspec import Struct

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped(name: str) -> Path:
    """A folder that ships with OPTIX (``config`` or ``data``): beside the packages in a checkout, inside the engine in a wheel."""
    checkout = _PACKAGE.parent
    place = checkout / name if (checkout / "pyproject.toml").exists() else _PACKAGE / "resources" / name
    if not place.is_dir():
        raise FileNotFoundError(f"{place} is missing: this installation is incomplete, install OPTIX again")
    return place


class Paths(Struct, frozen=True, kw_only=True):
    """The user's folders, each private to the user (0700)."""

    data: Path
    config: Path
    state: Path
    cache: Path

    @classmethod
    def find(cls, home: Path | str | None = None) -> "Paths":
        """``home`` or ``OPTIX_HOME`` holds all four; without either, the platform's own places."""
        chosen = home or os.environ.get("OPTIX_HOME")
        if chosen:
            root = Path(chosen).expanduser().absolute()
            return cls(data=root / "data", config=root / "config", state=root / "state", cache=root / "cache")
        from platformdirs import PlatformDirs

        dirs = PlatformDirs("optix", appauthor=False)
        return cls(
            data=Path(dirs.user_data_dir),
            config=Path(dirs.user_config_dir),
            state=Path(dirs.user_state_dir),
            cache=Path(dirs.user_cache_dir),
        )

    def make(self) -> "Paths":
        """Creates what is missing, private to the user."""
        for folder in (self.data, self.config, self.state, self.cache):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
        return self
