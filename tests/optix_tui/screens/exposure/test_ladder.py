"""Strikes gathered into the rows there are."""

import itertools
from math import nan

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats
from engine.messages.exposure import Exposure, ExposureLadder
from optix_tui.screens.exposure.ladder import MOST_THICK, bars_of, thickness_of
from tests.kit import exposure_facts


def exposed(strikes, *, spot=100.0, calls=None, puts=None, **changes) -> Exposure:
    """Strikes of 1.0 of calls and -0.5 of puts each, unless told otherwise."""
    rungs = floats(strikes)
    calls = floats(np.full(rungs.size, 1.0) if calls is None else calls)
    puts = floats(np.full(rungs.size, -0.5) if puts is None else puts)
    by_strike = ExposureLadder(rungs=rungs, calls=calls, puts=puts)
    levels = {"flip": nan, "positive_wall": nan, "negative_wall": nan} | changes
    return replace(exposure_facts.exposure("SPX"), spot=spot, by_strike=by_strike, **levels)


def test_rows_that_the_reach_leaves_empty_take_farther_strikes_on_both_sides() -> None:
    strikes = np.arange(50.0, 151.0, 2.5)
    bars = bars_of(exposed(strikes), reach=0.05, rows=21)
    assert len(bars) == 21
    assert (bars[0].middle, bars[-1].middle) == (125.0, 75.0)
    assert [bar.holds_spot for bar in bars].index(True) == 10


def test_where_one_side_has_no_more_strikes_the_other_takes_its_rows() -> None:
    bars = bars_of(exposed(np.arange(50.0, 106.0, 5.0)), reach=0.05, rows=9)
    assert [bar.middle for bar in bars] == [105.0, 100.0, 95.0, 90.0, 85.0, 80.0, 75.0, 70.0, 65.0]


def test_a_nearer_look_shows_no_more_strikes_than_it_says_in_thicker_bars() -> None:
    strikes = np.arange(50.0, 151.0, 2.5)
    bars = bars_of(exposed(strikes), reach=0.05, rows=21, fills=False)
    assert thickness_of(len(bars), 21) == 3
    assert (bars[0].middle, bars[-1].middle) == (107.5, 92.5)
    assert 21 - 3 * len(bars) < 3, "no row is lost that a bar could have"


def test_strikes_that_share_a_row_are_added_up_and_none_is_lost() -> None:
    strikes = np.arange(80.0, 120.5, 0.5)
    bars = bars_of(exposed(strikes), reach=0.20, rows=9)
    assert sum(len(bar.strikes) for bar in bars) == strikes.size
    assert sum(bar.calls for bar in bars) == pytest.approx(strikes.size)
    assert all(abs(strike - bar.middle) <= 5.0 for bar in bars for strike in bar.strikes)


@pytest.mark.parametrize("fills", [True, False])
def test_no_set_of_strikes_takes_more_rows_than_there_are_and_the_spot_is_among_them(fills: bool) -> None:
    few = ([100.0], [40.0, 250.0], [99.0, 101.0], [100.5, 101.0, 110.0, 140.0, 190.0], list(np.arange(10.0, 300.0, 1.0)))
    for strikes, reach, rows in itertools.product(few, (0.2, 0.05, 0.01), (1, 2, 3, 7, 20, 39)):
        bars = bars_of(exposed(strikes), reach=reach, rows=rows, fills=fills)
        assert 1 <= len(bars) * thickness_of(len(bars), rows) <= rows
        assert sum(bar.holds_spot for bar in bars) == 1
        assert [bar.middle for bar in bars] == sorted((bar.middle for bar in bars), reverse=True)


def test_without_strikes_rows_or_a_spot_there_is_no_bar() -> None:
    assert bars_of(exposed([]), reach=0.05, rows=9) == ()
    assert bars_of(exposed([100.0]), reach=0.05, rows=0) == ()
    assert bars_of(exposed([100.0], spot=nan), reach=0.05, rows=9) == ()
    assert thickness_of(0, 30) == 1
    assert thickness_of(2, 300) == MOST_THICK


def test_flip_and_walls_are_named_in_the_row_that_holds_them() -> None:
    bars = bars_of(exposed(np.arange(90.0, 111.0, 1.0), flip=98.6, positive_wall=105.0, negative_wall=95.0), reach=0.05, rows=21)
    told = {bar.middle: (bar.marks, bar.mark_tone) for bar in bars if bar.marks}
    assert told == {99.0: (("flip 98.60",), "alert"), 105.0: (("+ wall 105",), "up"), 95.0: (("- wall 95",), "down")}


def test_rows_stand_on_steps_that_strikes_share() -> None:
    def steps(gap: float, rows: int) -> float:
        bars = bars_of(exposed(np.arange(500.0, 1_500.0, gap), spot=1_000.0), reach=0.2, rows=rows)
        return round(bars[0].middle - bars[1].middle, 9)

    assert [steps(5.0, rows) for rows in (60, 30, 20, 9)] == [5.0, 10.0, 25.0, 50.0]
    assert [steps(1.0, rows) for rows in (200, 150, 90)] == [2.0, 2.0, 5.0]
