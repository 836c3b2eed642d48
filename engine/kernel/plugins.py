"""Which plugins are installed, which may be used, and how one is loaded. A broken one is listed with its trouble, never fatal."""

import importlib.util
import logging
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import engine
from engine.contracts.plugin import Manifest, Role
from engine.domain.errors import BadInput, NotConfigured
from engine.messages.queries import PluginInfo

OURS = "optix"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plugin:
    """One installed plugin: what is known of it, and its manifest where that could be read."""

    info: PluginInfo
    manifest: Manifest | None


class Plugins:
    """All of them, read once; the stranger's only where ``plugins.allow`` names the plugin or its distribution."""

    def __init__(self, allowed: Iterable[str] = (), entries: Callable[[str], Iterable[EntryPoint]] | None = None) -> None:
        self._allowed = frozenset(name.strip().lower() for name in allowed)
        self._entries = entries or installed_entries
        self._found: tuple[Plugin, ...] | None = None

    def all(self) -> tuple[Plugin, ...]:
        """Every installed plugin, ours first."""
        if self._found is None:
            rows = [(entry, role) for role in Role for entry in self._entries(f"optix.{role}s")]
            rows.sort(key=lambda row: (row[1], not _is_ours(row[0]), row[0].name))
            taken: set[tuple[Role, str]] = set()
            found: list[Plugin] = []
            for entry, role in rows:
                found.append(self._look_at(entry, role, taken=(role, entry.name) in taken))
                taken.add((role, entry.name))
            self._found = tuple(found)
        return self._found

    def infos(self) -> tuple[PluginInfo, ...]:
        """What a list of them shows."""
        return tuple(plugin.info for plugin in self.all())

    def manifest(self, role: Role, name: str) -> Manifest:
        """The manifest of a plugin that can be used; raises with what to do where it cannot."""
        same = [plugin for plugin in self.all() if plugin.info.role == role and plugin.info.name == name]
        if not same:
            usable = sorted({plugin.info.name for plugin in self.all() if plugin.info.role == role and plugin.info.usable})
            raise BadInput(f"there is no {role} {name!r}: there are {', '.join(usable) or 'none'} (`optix feeds` says more)")
        first = same[0]
        if first.manifest is None or not first.info.usable:
            raise NotConfigured(f"the {role} {name} cannot be used: {first.info.trouble}")
        return first.manifest

    def factory(self, role: Role, name: str) -> tuple[Manifest, Callable[..., Any]]:
        """The manifest and the loaded factory."""
        manifest = self.manifest(role, name)
        try:
            return manifest, manifest.load()
        except Exception as error:
            _log.exception("the plugin %s could not be loaded", name)
            raise NotConfigured(
                f"the {role} {name} could not be loaded ({type(error).__name__}: {error}); the log has the details"
            ) from error

    def _look_at(self, entry: EntryPoint, role: Role, *, taken: bool) -> Plugin:
        ours, distribution = _is_ours(entry), _distribution(entry)
        allowed = ours or bool(self._allowed & {entry.name.lower(), distribution.lower()})
        if taken:
            return _unusable(entry, role, allowed=allowed, trouble=f"another {role} has the name {entry.name}: remove one of the two")
        if not allowed:
            all_allowed = " ".join((*sorted(self._allowed), distribution or entry.name))
            return _unusable(entry, role, allowed=False, trouble=f'not allowed: `optix config set plugins.allow "{all_allowed}"`')
        try:
            manifest = entry.load()
        except Exception as error:  # noqa: BLE001 (a stranger's code may fail in any way)
            _log.exception("the plugin %s could not be read", entry.name)
            return _unusable(entry, role, allowed=True, trouble=f"it could not be read ({type(error).__name__}: {error})")
        if not isinstance(manifest, Manifest) or manifest.role is not role or manifest.name != entry.name:
            return _unusable(entry, role, allowed=True, trouble=f"its entry point must name a Manifest of the {role} {entry.name}")
        missing = [name for name in manifest.requires if not _importable(name)]
        trouble = f"missing: {', '.join(missing)}; install it beside OPTIX" if missing else ""
        info = PluginInfo(
            name=manifest.name,
            role=role.value,
            title=manifest.title,
            summary=manifest.summary,
            distribution=distribution,
            shipped=ours,
            allowed=True,
            usable=not missing,
            trouble=trouble,
            takes_argument=manifest.takes_argument,
            simulated=manifest.simulated,
            delayed_minutes=manifest.delayed_minutes,
        )
        return Plugin(info, manifest)


def installed_entries(group: str) -> list[EntryPoint]:
    """The entry points of a group: of everything installed, and of a checkout whose installation is older than it."""
    found = list(entry_points(group=group))
    ours = {entry.name for entry in found if _is_ours(entry)}
    return found + [entry for entry in _declared_in_checkout(group) if entry.name not in ours]


def _declared_in_checkout(group: str) -> list[EntryPoint]:
    project = Path(engine.__file__).parent.parent / "pyproject.toml"
    if not project.is_file():
        return []
    declared = tomllib.loads(project.read_text(encoding="utf-8"))["project"].get("entry-points", {}).get(group, {})
    return [EntryPoint(name=name, value=value, group=group) for name, value in declared.items()]


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else OURS


def _is_ours(entry: EntryPoint) -> bool:
    return _distribution(entry).lower() == OURS and entry.value.startswith("plugins.")


def _importable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _unusable(entry: EntryPoint, role: Role, *, allowed: bool, trouble: str) -> Plugin:
    info = PluginInfo(
        name=entry.name,
        role=role.value,
        title=entry.name,
        summary="",
        distribution=_distribution(entry),
        shipped=_is_ours(entry),
        allowed=allowed,
        usable=False,
        trouble=trouble,
        takes_argument="",
        simulated=False,
        delayed_minutes=0.0,
    )
    return Plugin(info, None)
