"""Palettes: readable by measure, complete, and honest about what was typed wrong."""

import pytest

from engine.domain.errors import BadInput
from optix_tui.colour import contrast, is_monochrome, mix, ramp, rgb, style, use_monochrome
from optix_tui.theme import LINK_LETTERS, contrast_failures, load_palette, read_palette, theme_names

NAMES = ("amber", "graphite", "paper", "cvd")


def test_the_shipped_themes_stand_in_their_order():
    assert theme_names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_is_to_be_read_can_be_read(name):
    assert contrast_failures(load_palette(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_up_and_down_keep_their_contrast_when_they_change_places(name):
    assert contrast_failures(load_palette(name, up_is_red=True)) == []


@pytest.mark.parametrize("name", NAMES)
def test_text_has_seven_labels_three_and_a_half_directions_four_and_a_half_to_one(name):
    palette = load_palette(name)
    assert contrast(palette.text, palette.ground) >= 7
    assert contrast(palette.dim, palette.ground) >= 3.5
    assert min(contrast(palette.up, palette.ground), contrast(palette.down, palette.ground)) >= 4.5


def test_a_faint_palette_is_found_out():
    pale = load_palette("amber").__class__(
        **{f: getattr(load_palette("amber"), f) for f in load_palette("amber").__struct_fields__} | {"text": 0x222222}
    )
    assert any("text on ground" in failure for failure in contrast_failures(pale))


@pytest.mark.parametrize("name", NAMES)
def test_every_link_group_has_a_colour_and_a_letter(name):
    assert len(load_palette(name).links) == len(LINK_LETTERS)


def test_up_as_red_swaps_both_directions():
    plain, swapped = load_palette("amber"), load_palette("amber", up_is_red=True)
    assert (swapped.up, swapped.down) == (plain.down, plain.up)
    assert (swapped.up_ground, swapped.down_ground) == (plain.down_ground, plain.up_ground)


def test_the_colour_blind_theme_has_no_red_and_no_green_for_directions():
    palette = load_palette("cvd")
    assert palette.up & 255 > palette.up >> 16, "up is blue"
    assert palette.down >> 16 > palette.down & 255, "down is orange"


@pytest.mark.parametrize("text", ["", "name = 1", "[colours]\nground = 'red'", "not toml at all ["])
def test_a_theme_file_that_cannot_be_read_says_so(text):
    with pytest.raises(BadInput, match="theme cannot be read"):
        read_palette(text)


def test_an_unknown_theme_names_those_there_are():
    with pytest.raises(BadInput, match="amber, graphite, paper, cvd"):
        load_palette("neon")


def test_sign_chooses_the_colour_and_the_unknown_has_none():
    palette = load_palette("amber")
    assert [palette.signed(value) for value in (1.0, -1.0, 0.0, float("nan"))] == [palette.up, palette.down, palette.text, palette.text]


def test_mixing_meets_both_ends_and_the_middle():
    assert [mix(0x000000, 0xFF8000, share) for share in (0.0, 0.5, 1.0)] == [0x000000, 0x804000, 0xFF8000]


def test_a_ramp_goes_through_its_stops():
    colours = ramp((0x000000, 0xFFFFFF), 5)
    assert (colours[0], colours[-1]) == (0x000000, 0xFFFFFF)
    assert list(colours) == sorted(colours)


def test_a_colour_is_written_with_six_digits():
    with pytest.raises(ValueError, match="#rrggbb"):
        rgb("#fff")


def test_without_colour_bold_and_reverse_are_all_there_is():
    use_monochrome(True)
    try:
        band, text = style(0x000000, 0xFFB22E, True), style(0xFFB22E, 0x000000)
        assert is_monochrome()
        assert (band.color, band.bgcolor, band.reverse, band.bold) == (None, None, True, True)
        assert (text.color, text.reverse) == (None, False)
    finally:
        use_monochrome(False)
    assert style(0xFFB22E, 0x000000).color is not None
