"""What REPL has read: shown at once where it is known, read ahead where it will be wanted, and never more than is kept."""

import numpy as np
import pytest

from engine.domain.ids import UtcNanos
from engine.domain.volatility import SurfaceModel
from optix_tui.screens.replay.shelf import AHEAD, KEPT, NEAR, Shelf, Stretch
from tests.kit import surface_facts

SVI, ESSVI = SurfaceModel.SVI, SurfaceModel.ESSVI
INSTANTS = np.arange(0, 4_000, 10, dtype=np.int64)
SURFACE = surface_facts.stored("SPX", 1.0)


@pytest.mark.parametrize("side", [1, -1])
def test_instants_in_the_direction_of_travel_are_read_ahead_in_one_go(side):
    stretch = Shelf().stretch(SVI, INSTANTS, 2_000, side)
    expected = sorted(2_000 + side * 10 * step for step in range(1, AHEAD + 1))
    assert stretch == Stretch(SVI, expected[0], expected[-1] + 1, tuple(expected))


def test_nothing_is_read_ahead_of_a_cursor_that_rests_or_stands_at_the_end_or_before_the_first():
    shelf = Shelf()
    assert shelf.stretch(SVI, INSTANTS, 2_000, 0) is None
    assert shelf.stretch(SVI, INSTANTS, int(INSTANTS[-1]), 1) is None
    assert shelf.stretch(SVI, INSTANTS, 0, -1) is None
    assert shelf.stretch(SVI, INSTANTS, -5, 1) is None


def test_more_is_read_once_few_are_left_and_only_what_is_not_known():
    shelf = Shelf()
    for step in range(1, AHEAD + 1):
        shelf.put((SVI, 2_000 + 10 * step), SURFACE)
    assert shelf.stretch(SVI, INSTANTS, 2_000 + 10 * (AHEAD - NEAR), 1) is None
    later = shelf.stretch(SVI, INSTANTS, 2_000 + 10 * (AHEAD - NEAR + 1), 1)
    assert later.instants[0] == 2_000 + 10 * (AHEAD + 1)
    assert shelf.stretch(ESSVI, INSTANTS, 2_000, 1) is not None, "the other model is not known"


def test_at_each_instant_the_newest_surface_not_after_it_holds_and_one_with_its_market_stays():
    shelf = Shelf()
    first, second = (surface_facts.stored("SPX", days) for days in (2.0, 1.0))
    instants = (first.as_of - 1, first.as_of, first.as_of + 5, second.as_of + 5)
    shelf.put((SVI, int(first.as_of)), first, has_market=True)
    shelf.put_row(Stretch(SVI, UtcNanos(instants[0]), UtcNanos(instants[-1] + 1), instants), (first, second))
    assert (SVI, instants[0]) not in shelf
    assert shelf.has_market((SVI, instants[1]))
    assert shelf.get((SVI, instants[2])).surface is first
    assert shelf.get((SVI, instants[3])).surface is second
    assert shelf.get((ESSVI, instants[3])) is None


def test_the_oldest_go_and_what_is_looked_at_stays():
    shelf = Shelf()
    for at in range(KEPT + 1):
        shelf.put((SVI, at), SURFACE)
        shelf.get((SVI, 0))
    assert (SVI, 0) in shelf
    assert (SVI, 1) not in shelf
    shelf.clear()
    assert (SVI, 0) not in shelf
