"""Columns: which fit, which go first, and the quote that is never mirrored."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats
from optix_tui.screens.omon import columns
from optix_tui.screens.omon.columns import ASK, BID, MIDDLE, PRESETS, QUOTE, fit, mirrored, preset_named
from tests.kit import facts

PIECE = facts.slice_of("SPXW", facts.expiries("SPX")[3][1])


def titles(side):
    return [column.title for column in side]


def test_the_default_is_the_conventional_one_outside_in():
    layout = fit(PRESETS[0], 97)
    assert titles(layout.calls) == ["OI", "Vol", "IV", "Δ", "Bid", "Ask"]
    assert titles(layout.puts) == ["Bid", "Ask", "Δ", "IV", "Vol", "OI"]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_the_quote_is_read_in_the_same_order_on_both_sides(preset):
    both = [[title for title in titles(side) if title in QUOTE] for side in (preset.columns, mirrored(list(preset.columns)))]
    assert both[0] == both[1]
    assert both[0].index(BID) < both[0].index(ASK)


@pytest.mark.parametrize(("width", "left"), [(97, 6), (90, 5), (79, 4), (64, 3), (52, 2), (30, 2)])
def test_columns_go_by_priority_where_there_is_no_room(width, left):
    layout = fit(PRESETS[0], width)
    assert titles(layout.calls) == ["OI", "Vol", "IV", "Δ", "Bid", "Ask"][-left:]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
@pytest.mark.parametrize("width", [47, 60, 79, 97, 130, 200, 500])
def test_what_fits_is_never_wider_than_the_tile(preset, width):
    layout = fit(preset, width)
    gap, left = layout.gaps
    assert left + 2 * layout.side + MIDDLE <= width
    assert {BID, ASK} <= set(titles(layout.calls))
    assert gap >= 0


def test_where_there_is_room_more_columns_join_outside():
    layout = fit(PRESETS[0], 200)
    assert titles(layout.calls)[-6:] == ["OI", "Vol", "IV", "Δ", "Bid", "Ask"]
    assert len(layout.calls) > 6


def test_presets_are_found_by_name():
    assert [preset_named(preset.name.lower()) for preset in PRESETS] == list(range(len(PRESETS)))
    assert preset_named("NOPE") is None


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_every_column_reads_two_rows_and_writes_the_unknown_as_a_dash(preset):
    for column in (*preset.columns, *preset.extras):
        assert column.read(PIECE).shape == (2, len(PIECE.strikes))
        if column.show is not None:
            assert column.show(float("nan")) == "—"
            written = [column.show(value) for value in column.read(PIECE).ravel().tolist()]
            assert max(map(len, written)) < column.width + 1, column.title


def test_extrinsic_is_the_mid_less_intrinsic_value():
    strike = int(np.argmin(np.abs(PIECE.strikes - PIECE.summary.spot))) - 4
    intrinsic = PIECE.summary.spot - PIECE.strikes[strike]
    assert columns.extrinsic(PIECE)[0, strike] == pytest.approx(PIECE.mid[0, strike] - intrinsic)
    assert columns.extrinsic(PIECE)[1, strike] == pytest.approx(PIECE.mid[1, strike])


def test_touching_is_twice_as_likely_as_ending_beyond_and_never_above_one():
    touch = columns.probability_of_touch(PIECE)
    above = PIECE.strikes >= PIECE.summary.spot
    known = np.isfinite(PIECE.probability_itm[0]) & above
    assert np.allclose(touch[0][known], np.minimum(2 * PIECE.probability_itm[0][known], 1))
    assert np.nanmax(touch) <= 1.0


def test_volume_over_nothing_is_unknown():
    from msgspec.structs import replace

    from engine.domain.columns import floats

    empty = replace(PIECE, open_interest=floats(np.zeros_like(PIECE.open_interest)))
    assert np.isnan(columns.volume_to_interest(empty)).all()


def test_the_vol_preset_shows_the_fit_and_its_residual_and_dashes_where_there_is_none():
    preset = PRESETS[preset_named("Vol")]
    shown = {column.title: column for column in preset.columns}
    assert shown["Fit"].read(PIECE).tolist() == [PIECE.fit_iv.tolist()] * 2
    assert shown["Res"].read(PIECE) is PIECE.residual
    assert [shown["Res"].show(value) for value in (0.26, -1.0, 250.0, -250.0, float("nan"))] == ["+0.3", "-1.0", "99+", "-99+", "—"]
    bare = replace(PIECE, fit_iv=floats([]), residual=floats([]))
    for title in ("Fit", "Res"):
        assert np.isnan(shown[title].read(bare)).all()
        assert shown[title].read(bare).shape == PIECE.iv.shape


def test_the_fit_preset_sets_greeks_at_the_smile_beside_the_own_ones_and_says_so():
    preset = PRESETS[preset_named("Fit")]
    shown = {column.title: column for column in preset.columns}
    fitted = facts.with_fit_greeks(PIECE)
    for title, name in (("Δf", "delta"), ("Γf", "gamma"), ("Θf", "theta"), ("Vf", "vega")):
        assert shown[title].read(fitted) is getattr(fitted, f"fit_{name}")
        assert shown[title].read(PIECE).shape == PIECE.delta.shape
        assert np.isnan(shown[title].read(PIECE)).all()
    assert (preset.title, PRESETS[0].title) == ("Greeks at fit", "Main")
    assert titles(fit(preset, 79).calls) == ["Δ", "Δf", "Bid", "Ask"]
    assert {"Δ", "Γ", "Θ", "V", "Δf", "Γf", "Θf", "Vf"} <= set(titles(fit(preset, 200).calls))
