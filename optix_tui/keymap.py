"""Which key does what, after the user's changes: read from TOML, checked for conflicts, and the source of every hint shown."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from engine.api import shipped
from engine.domain.errors import BadInput
from optix_tui.functions.entry import Entry
from optix_tui.keys import APP_KEYS, Key, key_label, key_name
from optix_tui.registry import FUNCTIONS, all_keys

VERSION = 1
NO_KEY = "unbound"
"""A key no terminal sends: an action without keys stands on it, or Textual would leave it its declared ones."""


class Keymap(Struct, frozen=True, kw_only=True):
    """The keys in force."""

    changed: Mapping[str, tuple[str, ...]]
    """Ids whose keys are not the declared ones."""
    problems: tuple[str, ...] = ()
    """What in the key files could not be used, and which keys mean two things; told at launch."""

    def keys(self, key: Key) -> tuple[str, ...]:
        """The keys that do it now; empty where it was unbound."""
        return self.changed.get(key.id, key.keys)

    def label(self, key: Key) -> str:
        """All its keys as a help page shows them."""
        return " or ".join(key_label(name) for name in self.keys(key)) or "—"

    def first(self, key: Key) -> str:
        """Its first key, for a hint; "" where it has none."""
        names = self.keys(key)
        return key_label(names[0]) if names else ""

    def bindings(self) -> dict[str, str]:
        """What differs, in the form Textual takes."""
        return {name: ",".join(keys) or NO_KEY for name, keys in self.changed.items()}


def declared() -> dict[str, Key]:
    """Every key of the frame and of every function by its id."""
    return {key.id: key for key in APP_KEYS} | all_keys()


def load_keymap(user: Path | None = None, base: str = "default") -> Keymap:
    """The shipped keys named ``base`` with the user's file on top; nothing wrong in a file keeps OPTIX from starting."""
    changed: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    sources = [shipped("config") / "keymaps" / f"{base}.toml"]
    if user is not None and user.is_file():
        sources.append(user)
    for path in sources:
        try:
            changed |= read_keys(path.read_text(encoding="utf-8"), problems, path.name)
        except (OSError, BadInput) as error:
            problems.append(f"{path.name}: {error}")
    known = declared()
    changed = {name: keys for name, keys in changed.items() if keys != known[name].keys}
    keymap = Keymap(changed=changed)
    return Keymap(changed=changed, problems=tuple(problems + conflicts(keymap)))


def read_keys(text: str, problems: list[str], source: str) -> dict[str, tuple[str, ...]]:
    """The ``[keys]`` of a key file; what cannot be used is added to ``problems`` in words."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"cannot be read: {error}") from error
    if document.get("version", VERSION) != VERSION:
        raise BadInput(f"is of version {document['version']}, this OPTIX reads version {VERSION}")
    known = declared()
    found: dict[str, tuple[str, ...]] = {}
    for name, written in document.get("keys", {}).items():
        if name not in known:
            problems.append(f"{source}: there is nothing called {name} to bind a key to")
            continue
        names = [written] if isinstance(written, str) else written
        if not isinstance(names, list) or not all(isinstance(part, str) and part for part in names):
            problems.append(f"{source}: the keys of {name} must be a list of texts, not {written!r}")
            continue
        found[name] = tuple(key_name(part) for part in names)
    return found


def conflicts(keymap: Keymap) -> list[str]:
    """Keys that would do two things in one tile, in words."""
    found: list[str] = []
    _collect(keymap, APP_KEYS, {}, "everywhere", found)
    everywhere = {name: key for key in APP_KEYS for name in keymap.keys(key)}
    for entry in _one_of_each_set(FUNCTIONS):
        _collect(keymap, entry.keys, everywhere, f"in {entry.code}", found)
    return found


def _one_of_each_set(entries: Iterable[Entry]) -> Iterator[Entry]:
    seen: set[tuple[Key, ...]] = set()
    for entry in entries:
        if entry.keys not in seen:
            seen.add(entry.keys)
            yield entry


def _collect(keymap: Keymap, keys: Iterable[Key], taken: Mapping[str, Key], where: str, found: list[str]) -> None:
    mine: dict[str, Key] = dict(taken)
    for key in keys:
        for name in keymap.keys(key):
            if name in mine and mine[name].id != key.id:
                found.append(f"{key_label(name)} means two things {where}: {mine[name].text} ({mine[name].id}) and {key.text} ({key.id})")
            mine.setdefault(name, key)


def hints(keymap: Keymap, entry: Entry | None) -> list[tuple[str, str]]:
    """Keys and words for the foot of the screen: function keys, the focused function's own, the frame's others, and how to leave."""
    rows: dict[str, list[str]] = {}
    own = {key.hint for key in entry.keys} if entry else set()
    for key in (*APP_KEYS, *(entry.keys if entry else ())):
        label = keymap.first(key)
        if key.hint and label:
            rows.setdefault(key.hint, []).append(label.upper() if len(label) == 1 else label)

    def rank(row: tuple[str, list[str]]) -> int:
        word, labels = row
        if word == "Quit":
            return 3
        return 0 if labels[0][:1] == "F" and labels[0][1:].isdigit() else 1 if word in own else 2

    return [(" ".join(labels), word) for word, labels in sorted(rows.items(), key=rank)]


def default_file() -> str:
    """The text of ``config/keymaps/default.toml``: every id with its declared keys, to be copied and changed."""
    lines = [
        "# Every key of OPTIX by its id. Copy lines into keys.toml of your configuration folder and change them there;",
        '# an empty list unbinds. Keys are written as they are printed: "o", "[", "Ctrl+P", "F6", "Shift+F6", "PageUp".',
        f"version = {VERSION}",
        "",
        "[keys]",
    ]
    for key in declared().values():
        names = ", ".join(f'"{_written(name)}"' for name in key.keys)
        lines.append(f'"{key.id}" = [{names}]  # {key.text}')
    return "\n".join(lines) + "\n"


def _written(name: str) -> str:
    label = key_label(name)
    return label if key_name(label) == name and '"' not in label else name
