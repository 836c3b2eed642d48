"""What can be set: each key with its default, unit, bounds and meaning, as declared in ``config/defaults.toml``."""

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from engine.domain.errors import BadInput

Value = str | int | float | bool | tuple[str, ...]
_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


class Setting(Struct, frozen=True, kw_only=True):
    """One key."""

    key: str
    default: Value
    what: str
    unit: str = ""
    least: float = -math.inf
    most: float = math.inf
    choices: tuple[str, ...] = ()
    by_project: bool = True
    """A file that came with a folder may set it."""

    def taken(self, value: object, where: str) -> Value:
        """The value as this setting's type, checked; raises `BadInput` naming key, bounds and place."""
        if isinstance(self.default, bool):
            return value if isinstance(value, bool) else self._refuse(value, where)
        if isinstance(self.default, (int, float)):
            return self._number(value, where)
        if isinstance(self.default, tuple):
            if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
                return tuple(value)
            return self._refuse(value, where)
        if not isinstance(value, str) or (self.choices and value not in self.choices):
            return self._refuse(value, where)
        return str(value)

    def read(self, text: str, where: str) -> Value:
        """The same from text, as the environment, a flag or a person gives it."""
        plain = text.strip()
        if isinstance(self.default, bool):
            return _WORDS[plain.lower()] if plain.lower() in _WORDS else self._refuse(text, where)
        if isinstance(self.default, (int, float)):
            try:
                number = int(plain) if isinstance(self.default, int) else float(plain)
            except ValueError:
                return self._refuse(text, where)
            return self.taken(number, where)
        if isinstance(self.default, tuple):
            return tuple(part for part in plain.replace(",", " ").split() if part)
        return self.taken(plain, where)

    @property
    def bounds(self) -> str:
        """What is allowed, in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if isinstance(self.default, bool):
            return "true or false"
        if isinstance(self.default, tuple):
            return "a list of names"
        if isinstance(self.default, str):
            return "a text"
        kind = "a whole number" if isinstance(self.default, int) else "a number"
        if math.isinf(self.least) and math.isinf(self.most):
            return kind
        return f"{kind} from {self.least:,.15g} to {self.most:,.15g}" + (f" ({self.unit})" if self.unit else "")

    def _number(self, value: object, where: str) -> Value:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return self._refuse(value, where)
        if isinstance(self.default, int) and not isinstance(value, int):
            return self._refuse(value, where)
        if not self.least <= value <= self.most or math.isnan(value):
            return self._refuse(value, where)
        return value if isinstance(self.default, int) else float(value)

    def _refuse(self, value: object, where: str) -> Value:
        raise BadInput(f"{self.key} cannot be {value!r} ({where}): it is {self.bounds}")


def declared_settings(path: Path) -> dict[str, Setting]:
    """All settings that a defaults file declares, in its order: every table with a ``value`` is one."""
    found: dict[str, Setting] = {}
    _collect(tomllib.loads(path.read_text(encoding="utf-8")), (), found)
    return found


def _collect(table: Mapping[str, Any], above: tuple[str, ...], found: dict[str, Setting]) -> None:
    for name, entry in table.items():
        if not isinstance(entry, dict):
            continue
        place = (*above, name)
        if "value" not in entry or isinstance(entry["value"], dict):
            _collect(entry, place, found)
            continue
        key = ".".join(place)
        default = tuple(entry["value"]) if isinstance(entry["value"], list) else entry["value"]
        found[key] = Setting(
            key=key,
            default=default,
            what=entry["what"],
            unit=entry.get("unit", ""),
            least=entry.get("min", -math.inf),
            most=entry.get("max", math.inf),
            choices=tuple(entry.get("choices", ())),
            by_project=entry.get("by_project", True),
        )
        found[key].taken(default, str(key))


def guessed(text: str) -> Value:
    """The plainest type a text can be: for settings of a plugin that we know nothing of."""
    plain = text.strip()
    if plain.lower() in {"true", "false"}:
        return plain.lower() == "true"
    for kind in (int, float):
        try:
            return kind(plain)
        except ValueError:
            continue
    return plain
