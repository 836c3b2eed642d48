"""The synthetic market: a seeded, simulated world of index, fund, stock, volatility and coin options, marked SIM everywhere."""

from collections.abc import Callable
from typing import Any

from engine.contracts.plugin import Manifest, Role


def _load() -> Callable[..., Any]:
    from plugins.synthetic.feed import SyntheticFeed

    return SyntheticFeed


MANIFEST = Manifest(
    name="synthetic",
    role=Role.FEED,
    title="Simulated market",
    summary="SPX, SPXW, SPY, QQQ, IWM, VIX, eight stocks, BTC and ETH from a seed, on a clock of its own; no number in it is real",
    load=_load,
    simulated=True,
)
