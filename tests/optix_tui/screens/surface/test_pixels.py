"""The surface in pixels: colours by value, lines where levels are crossed, what is beyond the quotes, and what hides what."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.volatility import Grade
from optix_tui.screens.surface.coordinates import Coordinate, axis_of
from optix_tui.screens.surface.heat import HeatView, Span, heat_view
from optix_tui.screens.surface.layers import Layer
from optix_tui.screens.surface.mesh import Camera, mesh_view
from optix_tui.screens.surface.paint_heat import colours_of
from optix_tui.screens.surface.pixels_heat import heat_pixels
from optix_tui.screens.surface.pixels_mesh import mesh_pixels
from optix_tui.screens.surface.reading import Past, Reading, read
from optix_tui.theme import load_palette, theme_names
from tests.kit import facts, surface_facts

CELLS, SIZE = (40, 16), (400, 320)
PALETTE = load_palette("amber")


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read(surface_facts.surface())


def view(reading: Reading, pixels: int = 160, columns: int = 200) -> HeatView:
    axis = axis_of(Coordinate.MONEYNESS, reading, 3)
    return heat_view(reading=reading, axis=axis, layer=Layer.LEVEL, past=Past(), now=facts.NOW, pixels=pixels, columns=columns)


def plain(values: np.ndarray, span: Span, **changes) -> HeatView:
    """A heat map of these values, all within the quotes of one good expiry."""
    zeros = np.zeros(values.shape)
    made = view(read(surface_facts.surface()))
    return replace(made, values=values, beyond=zeros, row_of=np.zeros(len(values)), span=span, money=-1.0, **changes)


def distance(pixel: np.ndarray, colour: int) -> int:
    return int(np.abs(pixel.astype(int) - [colour >> 16 & 255, colour >> 8 & 255, colour & 255]).max())


@pytest.mark.parametrize("theme", theme_names())
def test_the_colours_are_those_of_the_cells(theme):
    palette, span = load_palette(theme), Span(10.0, 30.0)
    values = np.linspace(10, 30, 50)[None, :].repeat(30, axis=0)
    made = heat_pixels(plain(values, span, layer=Layer.RICH), (Grade.GOOD,), CELLS, SIZE, palette)
    cells = colours_of(np.linspace(10, 30, CELLS[0])[None, :], span, palette)[0]
    seen = made[160, 5::10]
    assert max(distance(pixel, colour) for pixel, colour in zip(seen, cells.tolist(), strict=True)) < 16


def test_a_line_runs_where_a_round_level_is_crossed_and_says_its_level():
    values = np.linspace(10, 30, 100)[None, :].repeat(30, axis=0)
    quiet = heat_pixels(plain(values, Span(10.0, 30.0), layer=Layer.RICH), (Grade.GOOD,), CELLS, SIZE, PALETTE).astype(int)
    lined = heat_pixels(plain(values, Span(10.0, 30.0)), (Grade.GOOD,), CELLS, SIZE, PALETTE).astype(int)
    changed = np.abs(lined - quiet).max(axis=2) > 8
    row = np.flatnonzero(changed[40])
    groups = np.split(row, np.flatnonzero(np.diff(row) > 2) + 1)
    places = [float(group.mean()) for group in groups]
    levels = 10 + (np.array(places) + 0.5 - 5) / 390 * 20
    step = float(np.diff(levels).mean())
    assert 8 <= len(levels) <= 20
    assert np.abs(levels / round(step, 1) - np.round(levels / round(step, 1))).max() < 0.15
    assert changed[round(0.38 * 319)].sum() > changed[40].sum(), "labels"


def test_lines_that_would_touch_one_another_are_left_out():
    steep = np.linspace(0, 4000, 100)[None, :].repeat(30, axis=0)
    quiet = heat_pixels(plain(steep, Span(10.0, 30.0), layer=Layer.RICH), (Grade.GOOD,), CELLS, SIZE, PALETTE)
    lined = heat_pixels(plain(steep, Span(10.0, 30.0)), (Grade.GOOD,), CELLS, SIZE, PALETTE)
    assert (quiet == lined).mean() > 0.98


def test_beyond_the_quotes_colours_sink_and_nothing_known_is_ground(reading):
    fine = view(reading)
    made = heat_pixels(fine, tuple(one.grade for one in reading.slices), CELLS, SIZE, PALETTE)
    assert made.shape == (320, 400, 3)
    failed = np.flatnonzero(np.array([one.grade is Grade.FAILED for one in reading.slices])[fine.row_of.astype(int)])
    middle = round(float(failed.mean()) / 159 * 319)
    assert distance(made[middle, 200], PALETTE.ground) == 0
    full = heat_pixels(replace(fine, beyond=np.zeros(fine.beyond.shape)), tuple(one.grade for one in reading.slices), CELLS, SIZE, PALETTE)
    outside = np.repeat(np.repeat(fine.beyond > 0.5, 2, axis=0), 2, axis=1)
    assert made[outside].mean() < 0.75 * full[outside].mean()


def test_a_poor_fit_is_hatched():
    values = np.full((30, 40), 20.0)
    good, poor = (heat_pixels(plain(values, Span(10.3, 29.7)), (grade,), CELLS, SIZE, PALETTE) for grade in (Grade.GOOD, Grade.POOR))
    assert 0.1 < (good != poor).any(axis=2).mean() < 0.4


def mesh(reading: Reading, azimuth: float = 322.0):
    axis = axis_of(Coordinate.DEVIATIONS, reading, 3)
    found = mesh_view(reading=reading, axis=axis, camera=Camera(azimuth, 27.0), before=None, spins=False, width=CELLS[0])
    assert found is not None
    return found


def test_a_mesh_is_a_body_on_a_floor_with_the_markets_points(reading):
    made = mesh_pixels(mesh(reading), CELLS, SIZE, PALETTE)
    assert made.shape == (320, 400, 3)
    inked = (np.abs(made.astype(int) - made[0, 0]).max(axis=2) > 20).mean()
    assert 0.15 < inked < 0.9
    for side in (PALETTE.call, PALETTE.put):
        close = np.abs(made.astype(int) - [side >> 16 & 255, side >> 8 & 255, side & 255]).max(axis=2) < 60
        assert close.sum() > 12


def test_it_turns_and_its_corners_stay_in_the_picture(reading):
    pictures = [mesh_pixels(mesh(reading, azimuth), CELLS, SIZE, PALETTE) for azimuth in (0.0, 90.0, 215.0)]
    assert not np.array_equal(pictures[0], pictures[1])
    for one in pictures:
        edge = np.concatenate([one[0], one[-1], one[:, 0], one[:, -1]])
        assert (edge == one[-1, 0]).all(axis=1).mean() > 0.9


def test_a_mesh_without_points_and_one_with_a_hole_are_drawn(reading):
    bare = mesh(reading)
    lost = bare.lost.copy()
    lost[2] = 1.0
    holed = mesh_pixels(replace(bare, lost=lost), CELLS, SIZE, PALETTE)
    nothing = bare.points._replace(x=np.zeros(0), y=np.zeros(0), z=np.zeros(0))
    plain_body = mesh_pixels(replace(bare, points=nothing, point_sides=np.zeros(0)), CELLS, SIZE, PALETTE)
    whole = mesh_pixels(bare, CELLS, SIZE, PALETTE)
    assert not np.array_equal(holed, whole)
    assert not np.array_equal(plain_body, whole)
