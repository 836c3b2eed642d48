"""Butterflies and calendars: what is known to have them is flagged, what is known to be free is not."""

from pathlib import Path

import numpy as np
import pytest

from engine.quant import tiers
from engine.quant.smiles.arbitrage import butterflies, calendars
from engine.quant.smiles.svi import RawSvi, smile
from tests.kit.numbers import record
from tests.kit.smiles import VOGT, ssvi_market, vogt_table


def test_vogts_smile_is_flagged(tier: tiers.Tier, fixtures: Path):
    table = vogt_table(fixtures)
    for bounds in ({}, {"lows": -1.5, "highs": 1.5}):
        found = butterflies(slices=VOGT, **bounds)
        assert found.arbitrage.tolist() == [True]
    worst = int(np.argmin(table["g"]))
    record(table="svi_vogt_smile.csv", quantity="least g", error=abs(float(found.least[0]) - table["g"][worst]), tolerance=1e-3)
    assert found.places[0] == pytest.approx(table["k"][worst], abs=0.05)


def test_a_smile_known_to_be_free_is_not_flagged(tier: tiers.Tier):
    _, slices = ssvi_market(eta=1.0, rho=-0.6)
    assert not butterflies(slices=slices).arbitrage.any()
    assert not calendars(slices=slices).arbitrage.any()


def test_total_variance_below_zero_and_slopes_beyond_lees_bound_are_flagged(tier: tiers.Tier):
    below = RawSvi(*(np.array([value]) for value in (-0.05, 0.1, 0.0, 0.0, 0.3)))
    steep = RawSvi(*(np.array([value]) for value in (0.04, 1.5, 0.5, 0.0, 0.3)))
    flat = RawSvi(*(np.array([value]) for value in (0.04, 0.0, 0.0, 0.0, 1.0)))
    assert [bool(butterflies(slices=slices).arbitrage[0]) for slices in (below, steep, flat)] == [True, True, False]


def test_a_slice_that_is_no_number_is_not_called_arbitrage_but_has_none(tier: tiers.Tier):
    nothing = RawSvi(*(np.array([np.nan, 0.04]) for _ in range(5)))
    found = butterflies(slices=nothing)
    assert not found.arbitrage[0]
    assert np.isnan(found.least[0])


def test_expiries_that_cross_are_flagged_with_the_place(tier: tiers.Tier):
    slices = RawSvi(np.array([0.01, 0.03, 0.02]), np.array([0.1, 0.02, 0.1]), np.array([-0.7, -0.7, 0.0]), np.zeros(3), np.full(3, 0.1))
    found = calendars(slices=slices, lows=-1.0, highs=1.0)
    assert found.arbitrage.tolist() == [False, True, True]
    assert np.isnan(found.falls[0])
    k = found.places[1]
    before, after = (float(smile(log_moneyness=k, slices=slices.of(np.array([i]))).variances[0]) for i in (0, 1))
    assert found.falls[1] == pytest.approx(before - after)
    assert -1.0 <= k <= 1.0
    apart = calendars(slices=slices, lows=-1.0, highs=1.0, firsts=[True, True, False])
    assert apart.arbitrage.tolist() == [False, False, True]


def test_only_where_both_are_quoted_a_crossing_counts_if_asked(tier: tiers.Tier):
    slices = RawSvi(np.array([0.01, 0.03]), np.array([0.1, 0.02]), np.array([-0.7, -0.7]), np.zeros(2), np.full(2, 0.1))
    assert not calendars(slices=slices, lows=-0.05, highs=0.05).arbitrage.any()


def test_flags_must_be_one_a_slice():
    with pytest.raises(ValueError, match="one flag for each of 1 slices"):
        calendars(slices=VOGT, firsts=[True, False])
