"""Levels across a chart: every one is named, where nothing stands in the way."""

import pytest

from optix_tui.canvas import Canvas
from optix_tui.screens.chart.paint_bands import paint_band_lines, paint_band_names
from optix_tui.screens.chart.view import Band, Room
from optix_tui.theme import load_palette

PALETTE = load_palette()
ROOM = Room(top=1, columns=60, rows=10, volume_rows=0, axis=10)


def painted(*levels, tagged=-1, columns=60, draw=lambda canvas: None):
    """Rows as text, of bands given as row and name."""
    bands = tuple(Band(100.0 - row - place / 100, name, f"{100.0 - row:.2f}") for place, (row, name) in enumerate(levels))
    rows = {band.price: row for band, (row, _) in zip(bands, levels, strict=True)}
    room = ROOM._replace(columns=columns)
    canvas = Canvas(columns + room.axis, 12, PALETTE.ground, PALETTE.text)
    paint_band_lines(canvas, bands, rows.get, room, PALETTE)
    draw(canvas)
    paint_band_names(canvas, bands, rows.get, room, PALETTE, tagged=tagged)
    return canvas.lines_of_text()


def test_a_level_alone_is_named_at_the_left_and_priced_at_the_axis():
    (row,) = [line for line in painted((4, "gamma flip")) if "gamma" in line]
    assert row.startswith("╌ gamma flip ╌")
    assert row.rstrip().endswith("96.00")


def test_a_name_makes_way_for_bars_and_lines():
    def draw(canvas):
        canvas.column(3, 3.0, 6.0, PALETTE.up, 2)
        canvas.dots([20.0, 21.0], [18.0, 18.0], PALETTE.call)

    (row,) = [line for line in painted((4, "gamma flip"), draw=draw) if "gamma" in line]
    assert row[3:5] == "██"
    assert row.index("gamma") > 10
    assert "gamma flip" in row


def test_where_there_is_no_free_place_the_name_wins():
    (row,) = [
        line for line in painted((4, "gamma flip"), draw=lambda canvas: canvas.column(0, 3.0, 6.0, PALETTE.up, 60)) if "gamma" in line
    ]
    assert row.startswith("█ gamma flip █")


def test_levels_of_one_row_stand_side_by_side_each_with_its_price():
    (row,) = [line for line in painted((4, "+ wall"), (4, "max pain")) if "wall" in line]
    assert "+ wall 96.00" in row
    assert "max pain 96.00" in row


def test_names_that_have_no_room_in_their_row_stand_beside_it_and_none_is_lost():
    names = [f"level number {place}" for place in range(4)]
    lines = painted(*((4, name) for name in names), columns=48)
    assert all(any(name in line for line in lines) for name in names)
    assert all(len(line) == len(lines[0]) for line in lines)


@pytest.mark.parametrize("tagged", [4, -1])
def test_in_the_row_of_the_last_price_the_name_carries_its_own(tagged):
    (row,) = [line for line in painted((4, "- wall"), tagged=tagged) if "wall" in line]
    assert ("- wall 96.00" in row) == (tagged == 4)


def test_without_an_axis_or_out_of_sight_nothing_is_written():
    room = ROOM._replace(axis=0)
    canvas = Canvas(60, 12, PALETTE.ground, PALETTE.text)
    paint_band_names(canvas, (Band(1.0, "flip", "1"),), lambda _: 3, room, PALETTE, tagged=-1)
    assert "flip" not in "".join(canvas.lines_of_text())
    assert not any("flip" in line for line in painted((-1, "flip")))
