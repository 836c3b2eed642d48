"""How a security is spelled on the command line: ``SPY US Equity``, ``VIX Index``, or its ticker alone."""

import re
from collections.abc import Sequence

from engine.domain.instruments import Market, Security

COUNTRY = "US"
MARKET_WORDS: dict[str, Market] = {market.value.upper(): market for market in Market} | {"CURRENCY": Market.CURRENCY}
TICKER = re.compile(r"[A-Z][A-Z0-9]{0,5}([./][A-Z]{1,2})?$")


def full_name(security: Security) -> str:
    """``SPY US Equity``, ``VIX Index``: a security as it is always spelled."""
    country = f" {COUNTRY}" if security.market is Market.EQUITY else ""
    return f"{security.symbol}{country} {security.market.value}"


def after_market(words: Sequence[str]) -> list[str]:
    """The words behind a ticker without its country and market."""
    rest = list(words)
    if rest and rest[0] == COUNTRY:
        rest.pop(0)
    if rest and rest[0] in MARKET_WORDS:
        rest.pop(0)
    return rest
