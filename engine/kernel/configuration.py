"""What is set, by whom. Flag beats environment beats profile beats project file beats the user's file beats default."""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.domain.errors import BadInput, NotConfigured
from engine.kernel.paths import Paths, shipped
from engine.kernel.private_files import replace_private
from engine.kernel.settings import Setting, Value, declared_settings, guessed
from engine.messages.queries import SettingTable, SettingValue

FILE_NAME = "config.toml"
PROJECT_FILE = "optix.toml"
OPEN_SECTION = "feeds."
"""Plugins have settings of their own below it, which only they know."""
_LARGEST = 1024 * 1024


class Configuration:
    """Every setting's value and origin, fixed at the start but for what :meth:`set` changes."""

    def __init__(self, declared: Mapping[str, Setting], path: Path) -> None:
        self._declared = declared
        self.path = path
        """The user's file, whether it exists or not."""
        self.problems: list[str] = []
        """What stands somewhere and means nothing: told, not fatal."""
        self._values: dict[str, Value] = {key: setting.default for key, setting in declared.items()}
        self._origins: dict[str, str] = dict.fromkeys(declared, "default")

    @staticmethod
    def load(
        paths: Paths,
        *,
        flags: Mapping[str, Value] | None = None,
        environment: Mapping[str, str] | None = None,
        project: Path | None = None,
    ) -> "Configuration":
        """Reads all sources; raises `BadInput` where a value is out of bounds, naming key, bounds and source."""
        given = os.environ if environment is None else environment
        named = given.get("OPTIX_CONFIG", "")
        configuration = Configuration(
            declared_settings(shipped("config") / "defaults.toml"), Path(named).expanduser() if named else paths.config / FILE_NAME
        )
        if named and not configuration.path.is_file():
            raise BadInput(f"there is no configuration file {configuration.path}: mend OPTIX_CONFIG or --config")
        configuration.take_file(configuration.path, "file")
        configuration.take_file((project or Path.cwd()) / PROJECT_FILE, "project")
        configuration.take_profile(given.get("OPTIX_PROFILE", ""), paths.config / "profiles")
        configuration.take_environment(given)
        for key, value in (flags or {}).items():
            configuration.take(key, value, f"flag --{key.rpartition('.')[2].replace('_', '-')}")
        return configuration

    def take_file(self, path: Path, role: str) -> None:
        """Takes a TOML file's values; one that is not there says nothing."""
        try:
            with path.open("rb") as file:
                content = file.read(_LARGEST + 1)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise BadInput(f"{path} cannot be read: {error.strerror}. Mend its permissions or move it away.") from error
        if len(content) > _LARGEST:
            raise BadInput(f"{path} is larger than 1 MiB: that is no configuration")
        for key, value in _flat(_parsed(content, path)):
            setting = self._declared.get(key)
            if setting is not None and role == "project" and not setting.by_project:
                self.problems.append(f"{path}: {key} is for your own {FILE_NAME} alone and was not taken from here")
                continue
            self.take(key, value, f"{role} {path}")

    def take_profile(self, name: str, folder: Path) -> None:
        """Takes a named set of settings."""
        if not name:
            return
        path = folder / f"{name}.toml"
        if Path(name).name != name or not path.is_file():
            there = ", ".join(sorted(one.stem for one in folder.glob("*.toml"))) or "none yet"
            raise BadInput(f"there is no profile {name!r} in {folder} (there: {there})")
        self.take_file(path, f"profile {name}")

    def take_environment(self, environment: Mapping[str, str]) -> None:
        """Takes ``OPTIX_SECTION__KEY`` variables."""
        for name in sorted(environment):
            if not name.startswith("OPTIX_") or "__" not in name:
                continue
            key = name.removeprefix("OPTIX_").lower().replace("__", ".")
            setting = self._declared.get(key)
            where = f"environment {name}"
            self.take(key, setting.read(environment[name], where) if setting else guessed(environment[name]), where)

    def take(self, key: str, value: object, where: str) -> None:
        """Takes one value, checked."""
        setting = self._declared.get(key)
        if setting is not None:
            self._values[key] = setting.taken(value, where)
        elif key.startswith(OPEN_SECTION) and key.count(".") >= 2 and isinstance(value, (str, int, float, bool)):
            self._values[key] = value
        else:
            self.problems.append(f"{where}: {self._unknown(key)}")
            return
        self._origins[key] = where

    def text(self, key: str) -> str:
        """A text, or one of several words."""
        return str(self._values[key])

    def number(self, key: str) -> float:
        """A number."""
        value = self._values[key]
        if isinstance(value, (str, tuple)):
            raise TypeError(f"{key} is no number")
        return float(value)

    def whole(self, key: str) -> int:
        """A whole number."""
        return int(self.number(key))

    def flag(self, key: str) -> bool:
        """Yes or no."""
        return self._values[key] is True

    def names(self, key: str) -> tuple[str, ...]:
        """A list of names."""
        value = self._values[key]
        if not isinstance(value, tuple):
            raise TypeError(f"{key} is no list")
        return value

    def section(self, prefix: str) -> dict[str, Value]:
        """All that stands below ``prefix``, without what is empty: a plugin's own options."""
        head = prefix + "."
        return {key.removeprefix(head): value for key, value in self._values.items() if key.startswith(head) and value not in ("", ())}

    def origin(self, key: str) -> str:
        """Who set it."""
        return self._origins[key]

    def table(self) -> SettingTable:
        """All settings, as they are shown."""
        return SettingTable(settings=tuple(self._row(key) for key in self._values), path=str(self.path))

    def set(self, key: str, text: str) -> str:
        """Writes one setting into the user's file, comments kept, and takes it at once; what to tell the user."""
        setting = self._declared.get(key)
        if setting is None and not (key.startswith(OPEN_SECTION) and key.count(".") >= 2):
            raise BadInput(self._unknown(key))
        value = setting.read(text, "as given") if setting else guessed(text)
        self._write(key, value)
        origin = self._origins.get(key, "default")
        if not origin.startswith(("default", "file")):
            return f"{key} = {_shown(value)} is saved in {self.path}; {origin} still overrides it with {_shown(self._values[key])}"
        self._values[key], self._origins[key] = value, f"file {self.path}"
        return f"{key} = {_shown(value)}"

    def _write(self, key: str, value: Value) -> None:
        import tomlkit

        content = self.path.read_bytes() if self.path.is_file() else b""
        _parsed(content, self.path)
        document = tomlkit.parse(content.decode())
        table: Any = document
        *sections, name = key.split(".")
        for section in sections:
            table = table.setdefault(section, tomlkit.table())
            if not isinstance(table, dict):
                raise BadInput(f"{self.path} has a value where {key} needs a section [{'.'.join(sections)}]: mend it by hand")
        table[name] = list(value) if isinstance(value, tuple) else value
        try:
            replace_private(self.path, tomlkit.dumps(document).encode())
        except OSError as error:
            raise NotConfigured(f"{self.path} cannot be written: {error.strerror}. Make room, or check who owns the folder.") from error

    def _row(self, key: str) -> SettingValue:
        setting = self._declared.get(key)
        value = self._values[key]
        if setting is None:
            return SettingValue(key=key, value=value, default="", origin=self._origins[key], unit="", what="a plugin's own setting")
        return SettingValue(
            key=key,
            value=value,
            default=setting.default,
            origin=self._origins[key],
            unit=setting.unit,
            what=f"{setting.what}; {setting.bounds}",
        )

    def _unknown(self, key: str) -> str:
        near = difflib.get_close_matches(key, self._declared, n=1)
        meant = f"did you mean {near[0]}?" if near else "`optix config show` lists them all"
        return f"there is no setting {key!r}: {meant}"


def _parsed(content: bytes, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not TOML: {error}. Mend it or move it away.") from error


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        key = f"{above}{name}"
        if isinstance(value, dict):
            yield from _flat(value, key + ".")
        else:
            yield key, value


def _shown(value: Value) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value).lower() if isinstance(value, bool) else str(value)
