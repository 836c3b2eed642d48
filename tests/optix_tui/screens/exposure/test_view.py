"""What the exposure screen makes of an answer."""

from math import nan

import numpy as np
import pytest
from msgspec.structs import replace

from engine.messages.exposure import ExposureConvention, ExposureCount, ExposureGreek, ExposureSigns, ExposureUnit
from optix_tui.canvas import Canvas
from optix_tui.colour import use_monochrome
from optix_tui.screens.exposure.paint import paint_exposure
from optix_tui.screens.exposure.preferences import ExposurePreferences, Picture
from optix_tui.screens.exposure.view import ExposureFacts, present, unit_words
from optix_tui.theme import load_palette
from tests.kit import exposure_facts


def view_of(exposure=None, *, width=160, height=41, **chosen):
    whole = exposure if exposure is not None else exposure_facts.exposure("SPX")
    return present(ExposureFacts(whole=whole), ExposurePreferences(**chosen), width=width, height=height)


def totals(view):
    return "  ".join("".join(cell.text for cell in group) for group in view.totals)


def test_nothing_is_shown_before_something_is_known() -> None:
    assert present(ExposureFacts(), ExposurePreferences(), width=160, height=41) is None


def test_the_line_of_totals_says_net_band_flip_walls_and_how_many_options() -> None:
    text = totals(view_of())
    for words in ("Net ", "$ per 1 %", "if dealers hold 25-75 %", "sign", "Flip ", "+ wall ", "- wall ", "options counted"):
        assert words in text
    assert "left out" not in text


def test_what_is_left_out_boxed_or_adjusted_is_said() -> None:
    exposure = replace(exposure_facts.exposure("SPX"), left_out=12, boxed=34_000.0, left_out_expiries=("SPX1/2026-12-18/PM",))
    text = totals(view_of(exposure))
    assert "12 without OI or IV left out" in text
    assert "34.0k boxed a side" in text
    assert "adjusted left out: SPX1/2026-12-18/PM" in text
    volume = replace(exposure, convention=ExposureConvention(counted=ExposureCount.VOLUME))
    assert "12 without volume or IV left out" in totals(view_of(volume))


def test_a_band_over_zero_leaves_the_sign_unsure_and_one_beside_it_does_not() -> None:
    exposure = exposure_facts.exposure("SPX")
    assert "sign unsure" in totals(view_of(replace(exposure, low=-1.0, high=2.0)))
    assert "sign sure" in totals(view_of(replace(exposure, low=1.0, high=2.0)))
    assert "sign sure" in totals(view_of(replace(exposure, low=-2.0, high=-1.0)))


def test_without_a_flip_that_is_said_and_no_number_invented() -> None:
    assert "Flip none within 15 %" in totals(view_of(replace(exposure_facts.exposure("SPX"), flip=nan)))


@pytest.mark.parametrize("greek", ExposureGreek)
@pytest.mark.parametrize("signs", ExposureSigns)
def test_the_band_of_the_profile_is_at_todays_spot_what_the_engine_says(greek, signs) -> None:
    exposure = exposure_facts.exposure("SPX", ExposureConvention(greek=greek, signs=signs))
    course = view_of(exposure).course
    here = course.spots.size // 2
    assert course.spots[here] == pytest.approx(exposure.spot)
    assert course.low[here] == pytest.approx(exposure.low, rel=1e-9)
    assert course.high[here] == pytest.approx(exposure.high, rel=1e-9)
    assert course.scale.low <= min(course.low.min(), course.nets.min())
    assert course.scale.high >= max(course.high.max(), course.nets.max())


@pytest.mark.parametrize(
    ("greek", "unit", "words"),
    [
        (ExposureGreek.GAMMA, ExposureUnit.DOLLARS_PER_PERCENT, "$ per 1 %"),
        (ExposureGreek.GAMMA, ExposureUnit.SHARES_PER_POINT, "shares per point"),
        (ExposureGreek.VANNA, ExposureUnit.DOLLARS_PER_POINT, "$ per vol point"),
        (ExposureGreek.CHARM, ExposureUnit.SHARES_PER_POINT, "shares per calendar day"),
    ],
)
def test_the_unit_stands_in_words(greek, unit, words) -> None:
    assert unit_words(exposure_facts.exposure("SPX", ExposureConvention(greek=greek, unit=unit))) == words


def test_what_has_no_exposure_says_why_and_shows_no_figure() -> None:
    view = view_of(replace(exposure_facts.exposure("SPX"), trouble="nobody can hold VIX"))
    assert (view.trouble, view.bars, view.totals, view.cursor) == ("nobody can hold VIX", (), (), None)


def test_expiries_beyond_the_rows_are_counted_and_the_chosen_one_stays() -> None:
    exposure = exposure_facts.exposure("SPX")
    smallest = exposure.expiries[int(np.argmin(np.abs(exposure.by_expiry.calls + exposure.by_expiry.puts)))]
    view = view_of(exposure, width=80, height=12, picture=Picture.EXPIRIES, series=smallest)
    assert len(view.expiries) + view.more == len(exposure.expiries)
    assert [row.series for row in view.expiries if row.is_chosen] == [smallest]


def test_a_narrow_tile_shows_one_picture_and_a_wide_one_all_three() -> None:
    wide, narrow = view_of(), view_of(width=80, height=21)
    assert all(room.height for room in (wide.ladder, wide.profile, wide.by_expiry))
    assert [bool(room.height) for room in (narrow.ladder, narrow.profile, narrow.by_expiry)] == [True, False, False]
    assert view_of(width=80, height=21, picture=Picture.PROFILE).course is not None


def test_the_words_of_the_convention_are_never_cut_silently() -> None:
    for width in range(10, 200, 7):
        view = view_of(width=width, height=21)
        whole = " ".join(view.words)
        assert whole == exposure_facts.exposure("SPX").in_words or whole.endswith("…")


def test_bars_fill_the_tile_where_the_name_has_strikes_for_it() -> None:
    view = view_of(exposure_facts.exposure("NVDA"))
    assert len(view.bars) * view.thickness == view.ladder.height - 1
    near = view_of(exposure_facts.exposure("NVDA"), zoom=6)
    assert near.thickness == 3
    assert len(near.bars) < len(view.bars)


def test_a_nearer_look_narrows_the_profile_too_and_leaves_a_flip_beyond_it_to_the_words() -> None:
    far, near = view_of(picture=Picture.PROFILE).course, view_of(picture=Picture.PROFILE, zoom=6).course
    assert far.spots[-1] / far.spot == pytest.approx(1.15)
    assert near.spots[-1] / near.spot == pytest.approx(1.02)
    assert near.spots[0] / near.spot == pytest.approx(0.98)
    exposure = replace(exposure_facts.exposure("SPX"), flip=0.9 * near.spot)
    drawn = {zoom: painted(view_of(exposure, picture=Picture.PROFILE, zoom=zoom)) for zoom in (3, 6)}
    assert "◆" in drawn[3]
    assert "◆" not in drawn[6]
    assert all(f"Flip {exposure.flip:,.2f}" in text for text in drawn.values())
    assert "+1.3%" in drawn[6]


def painted(view):
    palette = load_palette()
    canvas = Canvas(160, 41, palette.ground, palette.text)
    paint_exposure(canvas, view, palette)
    return "\n".join(canvas.lines_of_text())


def test_without_colours_the_band_has_edges() -> None:
    view = view_of(picture=Picture.PROFILE)
    flat = view.course._replace(low=view.course.low * 0.0, high=view.course.high * 0.0)

    def dots(course) -> int:
        return sum(0x2800 < ord(glyph) < 0x2900 for glyph in painted(replace(view, course=course)))

    assert dots(view.course) == dots(flat), "in colours it is a ground, and takes no dots"
    try:
        use_monochrome(True)
        assert dots(view.course) > dots(flat)
        assert "┄ 25-75 %" in painted(view)
    finally:
        use_monochrome(False)
