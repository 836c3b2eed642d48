"""Six names of the simulated market, told once and looked at by many tests."""

import pytest

from engine.domain.instants import SECOND_NS
from tests.kit.synthetic import (
    desk,
    opened,
    played,
    wanting,
)

A_FEW = ("SPX", "SPY", "VIX", "NVDA", "XOM", "BTC")


@pytest.fixture(scope="session")
def few():
    """Six names, listed and played for some minutes, first with SPY's second expiry watched: told once, looked at by many tests."""
    source, market, told = opened(*A_FEW)
    watched = desk(market, "SPY").chain.lines[1].series.id
    told = [*told, *played(market, 200, wanted=wanting("SPY", series=[watched])), *played(market, 300, step=SECOND_NS)]
    return source, market, told
