"""What the Cboe feed is told, and the bounds of politeness."""

import re
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from engine.contracts.feed import FeedSettings
from engine.domain.errors import BadInput
from engine.domain.ids import Symbol

PUBLIC_ADDRESS = "https://cdn.cboe.com/api/global/delayed_quotes/options"
POLITE_SECONDS = 30.0
"""A symbol is asked for no more often than this at the public address: the venue renews its files about as often."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SYMBOL = re.compile(r"[A-Z][A-Z0-9.]{0,11}")


class CboeOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The section ``[feeds.cboe]``."""

    base_url: str = PUBLIC_ADDRESS
    refresh_seconds: float = POLITE_SECONDS
    """How often a symbol somebody watches is asked for."""
    timeout_seconds: float = 20.0
    default_symbol: str = "SPY"

    @property
    def scale(self) -> float:
        """All waits shrink with the refresh, but only on this machine's own server may that be short."""
        return min(1.0, self.refresh_seconds / POLITE_SECONDS)


def read_settings(settings: FeedSettings) -> CboeOptions:
    """The options. Raises BadInput for what the feed does not know, an unsafe address or an impolite pace."""
    if settings.argument:
        raise BadInput(f"the cboe feed takes nothing after a colon, not {settings.argument!r}: say --feed cboe")
    said = {key: value for key, value in settings.options.items() if value is not None}
    try:
        options = msgspec.convert(said, CboeOptions)
    except msgspec.ValidationError as trouble:
        known = ", ".join(CboeOptions.__struct_fields__)
        raise BadInput(f"the cboe feed cannot use its options: {trouble}. It knows {known}") from trouble
    _check(options)
    return options


def _check(options: CboeOptions) -> None:
    address = urlsplit(options.base_url)
    local = address.hostname in _LOOPBACK
    if not (address.scheme == "https" or (address.scheme == "http" and local)) or not address.hostname:
        raise BadInput(f"base_url must be https, or http on this machine: {options.base_url!r} is neither")
    least = 0.01 if local else POLITE_SECONDS
    if not least <= options.refresh_seconds <= 86_400.0:
        raise BadInput(
            f"refresh_seconds is {least:g} to 86400 at this address, not {options.refresh_seconds:g}: the venue is asked politely"
        )
    if not 0.1 <= options.timeout_seconds <= 120.0:
        raise BadInput(f"timeout_seconds is 0.1 to 120, not {options.timeout_seconds:g}")
    if not is_symbol(options.default_symbol):
        raise BadInput(f"default_symbol is a ticker such as SPY, not {options.default_symbol!r}")


def is_symbol(text: str) -> bool:
    """Whether a text may stand as a symbol in an address."""
    return _SYMBOL.fullmatch(text) is not None


def default_symbol(options: CboeOptions) -> Symbol:
    """The name that is asked for first."""
    return Symbol(options.default_symbol)
