"""What an engine knows of itself rather than of its market: settings and plugins."""

import asyncio

from engine.contracts.plugin import Role
from engine.kernel.configuration import Configuration
from engine.kernel.plugins import Plugins
from engine.kernel.service import ServiceContext
from engine.messages.base import Receipt
from engine.messages.commands import SetSetting
from engine.messages.events import NoticeLevel, NoticePosted
from engine.messages.queries import GetSettings, ListPlugins, PluginList, SettingTable
from engine.runtime.feed_name import FeedName


class Household:
    """Answers about settings and plugins; tells what is wrong with the configuration, and of work that crashed."""

    def __init__(self, context: ServiceContext, plugins: Plugins) -> None:
        self._context = context
        self._plugins = plugins
        context.dispatch.answers(GetSettings, self._settings)
        context.dispatch.answers(ListPlugins, self._list_plugins)
        context.dispatch.performs(SetSetting, self._set)
        context.tasks.on_crash = self._crashed

    def start(self) -> None:
        """Says what stands in the configuration and means nothing."""
        for problem in self._context.configuration.problems:
            self._notice(NoticeLevel.WARNING, "A setting is not used", problem)

    async def close(self) -> None:
        """Nothing of it outlives the engine."""

    async def _settings(self, _: GetSettings) -> SettingTable:
        return self._context.configuration.table()

    async def _list_plugins(self, _: ListPlugins) -> PluginList:
        return PluginList(plugins=await self._context.offload.run(self._plugins.infos))

    async def _set(self, command: SetSetting) -> Receipt:
        return await asyncio.to_thread(change_setting, self._context.configuration, self._plugins, command.key, command.value)

    def _crashed(self, name: str, error: BaseException) -> None:
        text = f"{type(error).__name__}: {error}. The rest goes on; the log has the details."
        self._notice(NoticeLevel.ERROR, f"{name} has stopped", text)

    def _notice(self, level: NoticeLevel, title: str, text: str) -> None:
        self._context.bus.publish(NoticePosted(at=self._context.clock.now(), level=level, title=title, text=text))


def change_setting(configuration: Configuration, plugins: Plugins, key: str, value: str) -> Receipt:
    """Writes one setting; refuses a default feed that is not there, as nothing would open any more."""
    if key == "feed.default":
        plugins.manifest(Role.FEED, FeedName.parse(value).name)
    return Receipt(text=configuration.set(key, value))
