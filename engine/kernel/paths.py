"""Where the user's files and the shipped ones stand."""

import os
from dataclasses import dataclass
from pathlib import Path

import engine
from engine.domain.errors import NotConfigured

HOME_VARIABLE = "OPTIX_HOME"
OWNER_ONLY_FOLDER = 0o700


@dataclass(frozen=True, slots=True)
class Paths:
    """The user's own folders."""

    data: Path
    """Markets, watchlists: what must not be lost."""
    config: Path
    state: Path
    """Logs, locks."""
    cache: Path
    """What can be fetched again."""

    @staticmethod
    def of(home: Path | str | None = None) -> "Paths":
        """Those under ``home``, or under $OPTIX_HOME, or where the system keeps such things."""
        place = home or os.environ.get(HOME_VARIABLE)
        if place:
            root = Path(place).expanduser().absolute()
            return Paths(data=root / "data", config=root / "config", state=root / "state", cache=root / "cache")
        import platformdirs

        system = platformdirs.PlatformDirs("optix", appauthor=False)
        return Paths(data=system.user_data_path, config=system.user_config_path, state=system.user_state_path, cache=system.user_cache_path)

    def make(self) -> None:
        """Makes them where they are missing, for their owner alone."""
        for folder in (self.data, self.config, self.state, self.cache):
            private_folder(folder)

    def named(self) -> dict[str, Path]:
        """Each with its name."""
        return {"data": self.data, "config": self.config, "state": self.state, "cache": self.cache}


def private_folder(folder: Path) -> Path:
    """The folder, made with its parents where it is missing, closed to others."""
    folder.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    if os.name != "nt" and folder.stat().st_mode & 0o077:
        folder.chmod(OWNER_ONLY_FOLDER)
    return folder


def usable_folder(folder: Path) -> Path:
    """The same for a folder nothing works without. Raises NotConfigured where it cannot be made."""
    try:
        return private_folder(folder)
    except OSError as trouble:
        told = f"the folder {folder} cannot be used ({trouble.strerror}): mend its permissions, or set OPTIX_HOME"
        raise NotConfigured(told) from trouble


def shipped(name: str) -> Path:
    """The shipped folder ``config`` or ``data``: inside the wheel where installed, beside the code in a checkout."""
    package = Path(engine.__file__).parent
    packed = package / "resources" / name
    return packed if packed.is_dir() else package.parent / name
