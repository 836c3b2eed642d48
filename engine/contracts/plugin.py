"""The light manifest a plugin's entry point names: cheap to import, so that listing plugins loads none of them."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from msgspec import Struct


class Role(StrEnum):
    """Which contract a plugin fulfils; the entry-point group is ``optix.<role>s``."""

    FEED = "feed"
    BROKER = "broker"
    NOTIFIER = "notifier"
    ASSISTANT = "assistant"
    FORECASTER = "forecaster"


class Secret(Struct, frozen=True, kw_only=True):
    """A credential the plugin needs, by field name; looked up in the environment, then the keyring."""

    field: str
    environment: str
    what: str


class Manifest(Struct, frozen=True, kw_only=True):
    """Who a plugin is and how to load it."""

    name: str
    """As the user types it after ``--feed``."""
    role: Role
    title: str
    summary: str
    load: Callable[[], Callable[..., Any]]
    """Imports the plugin's heavy part and returns its factory (for a feed: ``engine.contracts.feed.FeedFactory``)."""
    simulated: bool = False
    delayed_minutes: float = 0.0
    takes_argument: str = ""
    """What follows the colon of ``name:argument``, in words; empty where nothing may."""
    secrets: tuple[Secret, ...] = ()
    requires: tuple[str, ...] = ()
    """Modules beyond the core that it imports; ``doctor`` looks for them."""
