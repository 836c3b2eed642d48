"""What the first question about a name waits for."""

import asyncio
from types import SimpleNamespace

import numpy as np

from engine.domain.ids import Symbol
from engine.domain.market import FeedState
from engine.services.market.flow import desk
from engine.services.market.flow.desk import FlowDesk

SPX, SPY = Symbol("SPX"), Symbol("SPY")


def young(monkeypatch, interest):
    """A desk on four contracts, two of each name, whose figures a test tells."""
    monkeypatch.setattr(desk, "FIRST_PRINTS_SECONDS", 60.0)
    monkeypatch.setattr(desk, "STILL_SECONDS", 0.0)
    made = object.__new__(FlowDesk)
    made._state = SimpleNamespace(
        market=SimpleNamespace(open_interest=interest),
        instruments=SimpleNamespace(size=4, symbol_of=np.array([0, 0, 1, 1]), number=[SPX, SPY].index),
        health=SimpleNamespace(state=FeedState.LIVE),
    )
    made._met, turned = set(), []
    made._collector = SimpleNamespace(turn_days=lambda: turned.append(1))
    return made, turned


async def test_figures_of_another_name_are_not_waited_for_as_if_they_were_its_own(monkeypatch):
    interest = np.array([np.nan, np.nan, 7.0, 7.0])
    made, turned = young(monkeypatch, interest)
    waiting = asyncio.create_task(made._first_volumes(SPX))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    interest[:2] = 5.0
    await waiting
    assert turned == [1]


async def test_batches_that_follow_are_waited_for_until_none_does(monkeypatch):
    made, turned = young(monkeypatch, np.full(4, 5.0))
    counts = [1, 1, 2, 3, 3, 99]
    made._known = lambda _symbol: counts.pop(0)
    await made._first_volumes(SPX)
    assert counts == [99]
    assert turned == [1]


async def test_a_name_that_tells_nothing_is_waited_for_once_and_not_for_ever(monkeypatch):
    made, turned = young(monkeypatch, np.full(4, np.nan))
    monkeypatch.setattr(desk, "FIRST_PRINTS_SECONDS", 0.01)
    await made._first_volumes(SPX)
    monkeypatch.setattr(desk, "FIRST_PRINTS_SECONDS", 3_600.0)
    await made._first_volumes(SPX)
    assert turned == [1, 1]
    assert made._known(Symbol("")) == 0
