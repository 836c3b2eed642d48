"""Levels that options put on a chart."""

from math import nan

from msgspec.structs import replace

from optix_tui.screens.axis import Scale
from optix_tui.screens.chart.levels import beyond, in_sight, lacking, levels_of
from tests.kit import exposure_facts, facts


def near_expiries(**changes: float):
    table = facts.expirations()
    nearest = replace(table.expiries[0], **{"forward": 6_700.0, "straddle": 50.0, "max_pain": 6_690.0, **changes})
    return replace(table, expiries=(nearest, *table.expiries[1:]))


def test_the_nearest_expiry_says_its_max_pain_and_where_its_straddle_pays() -> None:
    found = levels_of(None, near_expiries())
    assert [level.price for level in found] == [6_750.0, 6_690.0, 6_650.0]
    assert [level.text.split()[0] for level in found] == ["straddle", "max", "straddle"]


def test_levels_that_are_not_known_are_left_out() -> None:
    assert [level.text.split()[0] for level in levels_of(None, near_expiries(straddle=nan))] == ["max"]
    assert levels_of(None, near_expiries(straddle=nan, max_pain=nan)) == ()
    assert levels_of(None, replace(facts.expirations(), expiries=())) == ()


def test_dealers_levels_stand_among_them_from_the_dearest_down() -> None:
    told = replace(exposure_facts.exposure(), flip=6_600.0, positive_wall=6_800.0, negative_wall=6_500.0)
    found = levels_of(told, near_expiries())
    assert [level.text.split()[0] for level in found] == ["+", "straddle", "max", "straddle", "gamma", "-"]
    assert [level.price for level in found] == sorted((level.price for level in found), reverse=True)


def test_what_lies_far_off_is_said_in_words_with_its_side() -> None:
    found = levels_of(None, near_expiries(straddle=500.0))
    drawn = in_sight(found, Scale.around((6_680.0, 6_720.0)))
    assert [level.text.split()[0] for level in drawn] == ["max"]
    words = beyond(found, drawn, 6_700.0)
    assert words.startswith("↑ straddle breakeven")
    assert "7200" in words.replace(",", "")
    assert "↓ straddle breakeven" in words
    assert in_sight(found, None) == ()


def test_why_there_are_no_dealers_levels_is_said() -> None:
    assert "next look" in lacking(None)
    assert lacking(exposure_facts.exposure()) == ""
    assert lacking(replace(exposure_facts.exposure(), trouble="no open interest")) == "no dealers' levels: no open interest"
