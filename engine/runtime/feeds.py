"""From the name of a market to a feed that runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.contracts.feed import Feed, FeedFactory, FeedSettings
from engine.contracts.plugin import Manifest, Role
from engine.domain.errors import BadInput
from engine.domain.ids import UtcNanos
from engine.kernel.configuration import Configuration
from engine.kernel.plugins import Plugins
from engine.kernel.secrets import credentials
from engine.runtime.feed_name import FeedName, Options


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
        return factory(
            FeedSettings(
                argument=name.argument,
                options=self.options(name, options),
                cache=self._cache / manifest.name,
                now=self._wall(),
                secrets=credentials(manifest, profile=self._profile or "default") if manifest.secrets else {},
            )
        )

    def options(self, name: FeedName, options: Options) -> dict[str, Any]:
        """What a feed is made with: its section of the configuration, and over it what was said for this life."""
        return {**self._configuration.section(f"feeds.{name.name}"), **options}

    def _factory(self, name: FeedName) -> tuple[Manifest, FeedFactory]:
        manifest = self._plugins.manifest(Role.FEED, name.name)
        if name.argument and not manifest.takes_argument:
            raise BadInput(f"the feed {name.name} takes nothing behind a colon: say --feed {name.name}")
        if manifest.takes_argument and not name.argument:
            raise BadInput(f"the feed {name.name} needs {manifest.takes_argument}: say --feed {name.name}:...")
        return self._plugins.factory(Role.FEED, name.name)
