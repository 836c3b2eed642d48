"""Finds plugins by their entry points: the shipped ones are on, a stranger's must be allowed, a broken one is listed and never fatal."""

from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec

from msgspec import Struct

from engine.contracts.plugin import Manifest, Role
from engine.domain.errors import BadInput, NotConfigured, Refused

OUR_DISTRIBUTION = "optix"


class Found(Struct, frozen=True, kw_only=True):
    """A plugin that is installed."""

    name: str
    role: Role
    distribution: str
    allowed: bool
    manifest: Manifest | None
    """None where it is not allowed or broken."""
    trouble: str = ""

    @property
    def shipped(self) -> bool:
        """Whether it comes with OPTIX itself."""
        return self.distribution == OUR_DISTRIBUTION


@lru_cache(maxsize=8)
def _entries(role: Role) -> tuple[EntryPoint, ...]:
    unique = {(entry.name, entry.value): entry for entry in entry_points(group=f"optix.{role}s")}
    return tuple(sorted(unique.values(), key=lambda entry: entry.name))


def find_plugins(role: Role, allow: Iterable[str] = ()) -> tuple[Found, ...]:
    """Every installed plugin of a role. Only manifests are imported, and only of plugins that are allowed."""
    allowed_names = {name.lower() for name in allow}
    return tuple(_look(entry, role, allowed_names) for entry in _entries(role))


def _look(entry: EntryPoint, role: Role, allowed_names: set[str]) -> Found:
    distribution = entry.dist.name if entry.dist is not None else "unknown"
    allowed = distribution == OUR_DISTRIBUTION or bool({entry.name.lower(), distribution.lower()} & allowed_names)
    manifest, trouble = None, ""
    if not allowed:
        trouble = f'not allowed: add it with `optix config set plugins.allow "{entry.name}"` if you trust {distribution}'
    else:
        try:
            loaded = entry.load()
        except Exception as error:  # noqa: BLE001 (a stranger's module may fail in any way; it is told of)
            trouble = f"broken: {type(error).__name__}: {error}"
        else:
            manifest, trouble = _check(loaded, entry, role)
    return Found(name=entry.name, role=role, distribution=distribution, allowed=allowed, manifest=manifest, trouble=trouble)


def _check(loaded: object, entry: EntryPoint, role: Role) -> tuple[Manifest | None, str]:
    if not isinstance(loaded, Manifest) or loaded.role is not role:
        return None, f"broken: {entry.value} is no manifest of a {role}"
    missing = [module for module in loaded.requires if find_spec(module.split(".")[0]) is None]
    return loaded, f"needs {', '.join(missing)}: install it" if missing else ""


def plugin_named(role: Role, name: str, allow: Iterable[str] = ()) -> Manifest:
    """The manifest of a plugin that can be used. Raises BadInput, Refused or NotConfigured with what to do."""
    found = {plugin.name: plugin for plugin in find_plugins(role, allow)}
    plugin = found.get(name)
    if plugin is None:
        raise BadInput(f"there is no {role} {name!r}; there are {', '.join(sorted(found))}")
    if not plugin.allowed:
        raise Refused(f"the {role} {name!r} is {plugin.trouble}")
    if plugin.manifest is None or plugin.trouble:
        raise NotConfigured(f"the {role} {name!r} cannot be used: {plugin.trouble}")
    return plugin.manifest


def split_target(target: str) -> tuple[str, str]:
    """``name:argument`` taken apart; an argument may hold colons."""
    name, _, argument = target.partition(":")
    return name.strip().lower(), argument
