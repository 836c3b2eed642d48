"""Settings: one shipped list with units and bounds, and whoever overrides a value is remembered.

Precedence: flag > ``OPTIX_SECTION__KEY`` > profile file > project ``optix.toml`` > the user's ``config.toml`` > default.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from engine.domain.errors import BadInput
from engine.kernel.paths import Paths, shipped

Value = str | int | float | bool | tuple[str, ...]
_RESERVED = {"OPTIX_HOME", "OPTIX_CONFIG", "OPTIX_PROFILE", "OPTIX_FIXTURES"}


class Declared(Struct, frozen=True, kw_only=True):
    """A setting as it ships."""

    key: str
    default: Value
    what: str
    unit: str = ""
    bounds: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()

    def check(self, raw: Any, origin: str) -> Value:
        """The value in the setting's own type. Raises BadInput naming key, origin and what is allowed."""
        value = self._typed(raw, origin)
        if self.choices and value not in self.choices:
            raise BadInput(f"{self.key} = {raw!r} ({origin}): it is one of {', '.join(self.choices)}")
        if self.bounds and isinstance(value, int | float) and not self.bounds[0] <= value <= self.bounds[1]:
            raise BadInput(
                f"{self.key} = {raw!r} ({origin}): it lies between {self.bounds[0]:g} and {self.bounds[1]:g} {self.unit}".rstrip()
            )
        return value

    def _typed(self, raw: Any, origin: str) -> Value:
        kind = type(self.default)
        if kind is tuple:
            items: Any = raw.split(",") if isinstance(raw, str) else raw
            if isinstance(items, list | tuple) and all(isinstance(item, str) for item in items):
                return tuple(str(item).strip() for item in items if str(item).strip())
        elif kind is bool:
            if isinstance(raw, bool):
                return raw
            if isinstance(raw, str) and raw.lower() in {"true", "yes", "on", "1", "false", "no", "off", "0"}:
                return raw.lower() in {"true", "yes", "on", "1"}
        elif isinstance(raw, str) and kind is str:
            return raw
        elif not isinstance(raw, bool) and isinstance(raw, str | int | float):
            try:
                number = kind(raw)
            except ValueError:
                number = None
            if number is not None and number == number:  # noqa: PLR0124 (NaN is unlike itself)
                return number
        words = {tuple: "a list of words", bool: "true or false", str: "text", int: "a whole number", float: "a number"}
        raise BadInput(f"{self.key} = {raw!r} ({origin}): it is {words[kind]}")


class Setting(Struct, frozen=True, kw_only=True):
    """A setting in force."""

    declared: Declared
    value: Value
    origin: str


def declared_settings() -> dict[str, Declared]:
    """All settings of OPTIX, by key."""
    found: dict[str, Declared] = {}

    def walk(prefix: str, node: Mapping[str, Any]) -> None:
        if "value" in node and "what" in node:
            value = tuple(node["value"]) if isinstance(node["value"], list) else node["value"]
            bounds = tuple(node["bounds"]) if "bounds" in node else None
            found[prefix] = Declared(
                key=prefix,
                default=value,
                what=node["what"],
                unit=node.get("unit", ""),
                bounds=bounds,
                choices=tuple(node.get("choices", ())),
            )
            return
        for name, child in node.items():
            walk(f"{prefix}.{name}" if prefix else name, child)

    walk("", tomllib.loads((shipped("config") / "defaults.toml").read_text(encoding="utf-8")))
    return found


class Configuration:
    """The settings in force for one engine or program."""

    def __init__(self, paths: Paths, *, flags: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment
        self._flags = dict(flags or {})
        self._paths = paths
        self._declared = declared_settings()
        self._settings: dict[str, Setting] = {}
        self.reload()

    @property
    def path(self) -> Path:
        """The user's own file: ``OPTIX_CONFIG``, or config.toml in the configuration folder."""
        named = self._environment.get("OPTIX_CONFIG")
        return Path(named).expanduser() if named else self._paths.config / "config.toml"

    def reload(self) -> None:
        """Reads every layer anew. Raises BadInput for the first value that cannot be used."""
        settings = {key: Setting(declared=one, value=one.default, origin="default") for key, one in self._declared.items()}
        for origin, values in self._layers():
            for key, raw in values.items():
                one = self._declared.get(key)
                if one is None:
                    raise BadInput(f"{origin}: there is no setting {key!r}: `optix config show` lists them all")
                settings[key] = Setting(declared=one, value=one.check(raw, origin), origin=origin)
        self._settings = settings

    def _layers(self) -> list[tuple[str, dict[str, Any]]]:
        profile = self._environment.get("OPTIX_PROFILE")
        files = [self.path, Path("optix.toml").absolute()]
        if profile:
            files.append(self._paths.config / "profiles" / f"{profile}.toml")
            if not files[-1].exists():
                raise BadInput(f"there is no profile {profile!r}: make {files[-1]}")
        layers = [(f"file {file}", _flat(_read(file))) for file in files if file.exists()]
        for name in sorted(self._environment):
            key = name.removeprefix("OPTIX_").lower().replace("__", ".")
            if name.startswith("OPTIX_") and "__" in name and name not in _RESERVED:
                layers.append((f"environment {name}", {key: self._environment[name]}))
        layers.append(("flag", self._flags))
        return layers

    def __getitem__(self, key: str) -> Value:
        return self._settings[key].value

    def number(self, key: str) -> float:
        """A setting that is a number."""
        return float(self[key])  # type: ignore[arg-type]

    def words(self, key: str) -> tuple[str, ...]:
        """A setting that is a list of words."""
        value = self[key]
        return value if isinstance(value, tuple) else (str(value),)

    def section(self, prefix: str) -> dict[str, Value]:
        """The settings under a prefix, by what follows it."""
        return {key.removeprefix(prefix + "."): one.value for key, one in self._settings.items() if key.startswith(prefix + ".")}

    def settings(self) -> tuple[Setting, ...]:
        """All of them, in the shipped order."""
        return tuple(self._settings.values())

    def set(self, key: str, text: str) -> Setting:
        """Writes one setting into the user's file, comments kept, and takes it into force unless a stronger layer rules it."""
        one = self._declared.get(key)
        if one is None:
            near = [name for name in self._declared if key in name or name.rsplit(".", maxsplit=1)[-1] == key.rsplit(".", maxsplit=1)[-1]]
            raise BadInput(
                f"there is no setting {key!r}"
                + (f"; do you mean {', '.join(near[:3])}?" if near else ": `optix config show` lists them all")
            )
        value = one.check(text, "as typed")
        _write(self.path, key, value)
        self.reload()
        return self._settings[key]


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise BadInput(f"{file} is no valid TOML: {wrong}") from None


def _flat(node: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in node.items():
        key = f"{prefix}.{name}" if prefix else name
        flat |= _flat(value, key) if isinstance(value, Mapping) else {key: value}
    return flat


def _write(file: Path, key: str, value: Value) -> None:
    import tomlkit

    document: Any = tomlkit.parse(file.read_text(encoding="utf-8")) if file.exists() else tomlkit.document()
    *sections, name = key.split(".")
    table = document
    for section in sections:
        if section not in table:
            table[section] = tomlkit.table()
        table = table[section]
    table[name] = list(value) if isinstance(value, tuple) else value
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(file.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(tomlkit.dumps(document))
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
