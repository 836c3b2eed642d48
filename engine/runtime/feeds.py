"""From what a user types after ``--feed`` to a feed that runs."""

from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from engine.contracts.feed import Feed, FeedFactory, FeedSettings
from engine.contracts.plugin import Manifest, Role
from engine.domain.errors import BadInput
from engine.domain.ids import UtcNanos
from engine.kernel.configuration import Configuration
from engine.kernel.plugins import Plugins
from engine.kernel.secrets import credentials

Options = Mapping[str, str | int | float | bool]
OF_A_FILE = frozenset({"file", "tape"})
"""Feeds that stand for one file: an engine on one of them is never the data folder's own."""


class FeedName(Struct, frozen=True, kw_only=True):
    """``name`` or ``name:argument``."""

    name: str
    argument: str = ""

    @staticmethod
    def parse(text: str) -> "FeedName":
        """Reads it; a path is made absolute, so that it means the same in every process."""
        name, _, argument = text.strip().partition(":")
        if not name:
            raise BadInput(f"{text!r} names no feed: say --feed NAME or NAME:ARGUMENT")
        if name in OF_A_FILE and argument:
            argument = str(Path(argument).expanduser().absolute())
        return FeedName(name=name, argument=argument)

    @property
    def text(self) -> str:
        """As it is typed."""
        return f"{self.name}:{self.argument}" if self.argument else self.name


class FeedMaker:
    """Makes feeds of the installed plugins, each with its settings and secrets."""

    def __init__(self, plugins: Plugins, configuration: Configuration, *, cache: Path, wall: Callable[[], UtcNanos], profile: str) -> None:
        self._plugins = plugins
        self._configuration = configuration
        self._cache = cache
        self._wall = wall
        self._profile = profile

    def make(self, name: FeedName, options: Options) -> Feed:
        """A feed; raises `BadInput` or `NotConfigured` with what to do."""
        manifest, factory = self._factory(name)
        section = self._configuration.section(f"feeds.{manifest.name}")
        return factory(
            FeedSettings(
                argument=name.argument,
                options={**section, **options},
                cache=self._cache / manifest.name,
                now=self._wall(),
                secrets=credentials(manifest, profile=self._profile or "default") if manifest.secrets else {},
            )
        )

    def _factory(self, name: FeedName) -> tuple[Manifest, FeedFactory]:
        manifest = self._plugins.manifest(Role.FEED, name.name)
        if name.argument and not manifest.takes_argument:
            raise BadInput(f"the feed {name.name} takes nothing behind a colon: say --feed {name.name}")
        if manifest.takes_argument and not name.argument:
            raise BadInput(f"the feed {name.name} needs {manifest.takes_argument}: say --feed {name.name}:...")
        return self._plugins.factory(Role.FEED, name.name)
