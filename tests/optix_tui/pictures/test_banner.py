"""The first and the last row of a picture say what it shows and what it may be believed."""

import pytest
from msgspec.structs import replace

from engine.domain.ids import UtcNanos
from engine.domain.instants import parse_instant
from optix_tui.canvas import Canvas
from optix_tui.pictures.banner import Footer, Heading, instant_words, paint_footer, paint_heading
from optix_tui.theme import load_palette

PALETTE = load_palette("amber")
SIMULATED = Footer(kind="SIM", kind_colour="vol", source="synthetic", at=parse_instant("2026-11-20T10:45:07"))
HEADING = Heading(code="GEX", title="SPY Dealer Gamma", subtitle="spot 717.11  synthetic")


def footer(of: Footer, width: int = 120) -> str:
    canvas = Canvas(width, 1, PALETTE.ground)
    paint_footer(canvas, of, PALETTE)
    return canvas.lines_of_text()[0]


def heading(of: Heading, width: int = 120) -> Canvas:
    canvas = Canvas(width, 1, PALETTE.ground)
    paint_heading(canvas, of, PALETTE)
    return canvas


def test_the_footer_says_product_kind_source_and_both_clocks():
    text = footer(SIMULATED)
    assert text.startswith(" OPTIX  SIM  synthetic ")
    assert text.endswith("20-Nov-26 10:45:07 New York  15:45:07 UTC ")


def test_stale_numbers_are_said_to_be_stale():
    assert footer(replace(SIMULATED, condition="STALE 42s")).startswith(" OPTIX  SIM  STALE 42s  synthetic ")


def test_short_of_room_new_york_is_written_shorter():
    assert footer(SIMULATED, 60) == " OPTIX  SIM  synthetic  20-Nov-26 10:45:07 NY  15:45:07 UTC "


def test_short_of_room_the_source_gives_way_and_nothing_else():
    text = footer(replace(SIMULATED, condition="STALE 42s", source="file:a-long-name-of-a-chain.csv.gz"), 72)
    assert text.startswith(" OPTIX  SIM  STALE 42s ")
    assert text.endswith("10:45:07 NY  15:45:07 UTC ")
    assert "chain.csv" not in text


def test_the_day_of_utc_is_said_where_it_is_another():
    assert instant_words(parse_instant("2026-11-20T20:30")) == "20-Nov-26 20:30:00 New York  21-Nov-26 01:30:00 UTC"


def test_an_unknown_instant_is_not_made_up():
    assert instant_words(UtcNanos(0)) == "no market time"


def test_the_heading_is_that_of_a_tile():
    canvas = heading(replace(HEADING, condition="STALE 42s", is_past=True))
    (text,) = canvas.lines_of_text()
    assert text.startswith(" GEX  SPY Dealer Gamma")
    assert text.endswith("spot 717.11  synthetic  STALE 42s ")
    assert canvas.back[0, 0] == PALETTE.text
    assert canvas.back[0, -1] == PALETTE.alert


def test_a_market_that_stands_is_not_shown_as_a_warning():
    assert heading(replace(HEADING, condition="CLOSED")).back[0, -1] == PALETTE.vol


@pytest.mark.parametrize("width", [60, 30, 12, 1])
def test_a_heading_without_room_gives_up_its_details_first(width):
    (text,) = heading(replace(HEADING, title="SPY Dealer Gamma in every convention", condition="STALE 42s"), width).lines_of_text()
    assert text.startswith(" GEX"[:width])
    assert len(text) == width
