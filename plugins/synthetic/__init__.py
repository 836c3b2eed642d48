"""The synthetic market: a seeded, simulated world of index, fund, stock, volatility and coin options, marked SIM everywhere.

A tenth of a second of its own time is a frame; whatever is told of an instant follows from seed, start day and instant alone.
What it leaves out, on purpose: nights are skipped for everybody, for coins too (their bars go on without a gap); SPX and VIX stand still
from 16:00 to 16:15 while their options are quoted and not traded; early exercise of an American option is worth what it would be were
dividends paid continuously; dividends, results and interest are invented; faster than real time only the newest prints of a frame are told,
while all of them are in the volume.
"""

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
