"""Cboe's public delayed quotes: whole chains, fifteen minutes late, asked for politely."""

from typing import Any

from engine.contracts.plugin import Manifest, Role


def _load() -> Any:
    from plugins.cboe.feed import CboeFeed

    return CboeFeed


MANIFEST = Manifest(
    name="cboe",
    role=Role.FEED,
    title="Cboe delayed quotes",
    summary="Real option chains from Cboe's public web address, 15 minutes late, without an account",
    load=_load,
    delayed_minutes=15.0,
    requires=("httpx",),
)
