"""OVDV in pixels: what is sent to the terminal, which cells show it, when the cells come back, and that nothing is left behind."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from engine.messages.surface import SurfaceChanged
from optix_tui.colour import use_monochrome
from optix_tui.graphics.cell_size import CellSize
from optix_tui.graphics.gallery import Gallery
from optix_tui.screens.surface.in_pixels import InPixels
from optix_tui.screens.surface.pixel_plan import MOST_PIXELS, PixelPlan, pixel_plan
from optix_tui.screens.surface.view import HEAT_LEFT, heat_room
from optix_tui.theme import load_palette
from tests.kit import surface_facts
from tests.kit.kitty import Pictures, part
from tests.kit.stage import STALE, Stage

SIZE = (100, 30)
CELL = CellSize(4, 9)


class Wall:
    """The terminal of a stage: what it was sent, in its own words."""

    def __init__(self, stage: Stage, setting: str = "auto", **environment: str) -> None:
        self.pictures = Pictures()
        self.said: list[str] = []
        stage.gallery = Gallery(setting, {"TERM": "xterm-kitty", **environment})
        stage.gallery.connect(self.write)

    def write(self, text: str) -> None:
        self.said.append(text)
        self.pictures.feed(text)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(InPixels, "pause", 0.0)
    monkeypatch.setattr(InPixels, "rest", 0.0)
    monkeypatch.setattr(InPixels, "share", 1.0)
    monkeypatch.setattr("optix_tui.screens.surface.in_pixels.cell_size", lambda: CELL)
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")


def parts(stage: Stage) -> dict[int, dict[tuple[int, int], tuple[int, int]]]:
    """By number of picture: where on the tile (column, row) which part (column, row) is seen."""
    found: dict[int, dict[tuple[int, int], tuple[int, int]]] = {}
    for y, row in enumerate(stage.tile.shown_rows()):
        x = 0
        for segment in row:
            if (place := part(segment.text)) is not None:
                triplet = segment.style.color.triplet
                number = triplet.red << 16 | triplet.green << 8 | triplet.blue
                found.setdefault(number, {})[x, y] = place[1], place[0]
            x += segment.cell_length
    return found


@asynccontextmanager
async def on_the_wall(*words: str, **wall: str) -> AsyncIterator[tuple[Stage, Wall, Pilot]]:
    """OVDV of SPX, all of it there, on such a terminal."""
    stage = Stage("OVDV", *words, symbol="SPX")
    terminal = Wall(stage, **wall)
    async with stage.run_test(size=SIZE) as pilot:
        await stage.settle(pilot)
        yield stage, terminal, pilot


async def shown(stage: Stage, pilot) -> None:
    for _ in range(3):
        await stage.settle(pilot, turns=1)


@pytest.mark.parametrize("picture", ["HEAT", "MESH"])
async def test_i_shows_the_picture_in_pixels_and_i_again_the_cells(picture):
    async with on_the_wall(picture) as (stage, wall, pilot):
        before = [row.text for row in stage.tile.shown_rows()]
        assert not wall.said
        await pilot.press("i")
        await shown(stage, pilot)
        (number,) = wall.pictures.held
        held = wall.pictures.held[number]
        assert held.size == (held.columns * CELL.width, held.rows * CELL.height)
        (seen,) = parts(stage).values()
        assert {number} == set(parts(stage))
        width, height = stage.tile.present().rooms.picture
        corner = (HEAT_LEFT if picture == "HEAT" else 0, 3)
        assert (held.columns, held.rows) == (heat_room(width, height) if picture == "HEAT" else (width, height - 1))
        assert all((x - corner[0], y - corner[1]) == place for (x, y), place in seen.items())
        assert len(seen) > 0.8 * held.columns * held.rows
        await pilot.press("i")
        await stage.settle(pilot)
        assert [row.text for row in stage.tile.shown_rows()] == before
        assert wall.pictures.deleted == [number]
        assert not wall.pictures.held


async def test_words_and_the_crosshair_stay_text_over_the_picture_and_moving_it_sends_nothing():
    async with on_the_wall() as (stage, wall, pilot):
        await pilot.press("i")
        await shown(stage, pilot)
        assert "X not fitted" in stage.text()
        said = len(wall.said)
        crosshair = [row.text.count("┼") for row in stage.tile.shown_rows()]
        await pilot.press("left", "left", "right_square_bracket")
        await shown(stage, pilot)
        assert sum(crosshair) == 1
        assert [row.text.count("┼") for row in stage.tile.shown_rows()] != crosshair
        assert len(wall.said) == said
        assert parts(stage)


async def test_while_another_one_is_made_the_old_one_is_seen_and_afterwards_it_is_taken_down():
    async with on_the_wall() as (stage, wall, pilot):
        await pilot.press("i")
        await shown(stage, pilot)
        (first,) = wall.pictures.held
        surface = surface_facts.surface()
        stage.engine.say(SurfaceChanged(surface=replace(surface, as_of=surface.as_of + 1)))
        stage.tile.drain()
        stage.tile.flush()
        assert set(parts(stage)) == {first}
        await shown(stage, pilot)
        (second,) = wall.pictures.held
        assert second != first
        assert set(parts(stage)) == {second}
        assert wall.pictures.deleted == [first]


@pytest.mark.parametrize("picture", ["HEAT", "MESH"])
async def test_a_surface_that_moves_a_little_keeps_its_picture_and_one_that_jumps_shows_its_cells(picture):
    stage = Stage("OVDV", picture, "DELTA" if picture == "HEAT" else "SD", symbol="SPX")
    wall = Wall(stage)

    def moved(lift: float) -> None:
        surface = surface_facts.surface(lift=lift)
        stage.engine.say(SurfaceChanged(surface=replace(surface, as_of=surface.as_of + 1)))
        stage.tile.drain()
        stage.tile.flush()

    async with stage.run_test(size=SIZE) as pilot:
        await stage.settle(pilot)
        await pilot.press("i")
        await shown(stage, pilot)
        moved(0.0002)
        assert set(parts(stage)) == {wall.pictures.sent[0]}
        await shown(stage, pilot)
        assert set(parts(stage)) == {wall.pictures.sent[-1]} == set(wall.pictures.held)
        moved(0.08)
        assert not parts(stage)
        await shown(stage, pilot)
        assert set(parts(stage)) == {wall.pictures.sent[-1]} == set(wall.pictures.held)


async def test_a_picture_may_stand_for_another_whose_axis_is_less_than_half_a_cell_away():
    stage = Stage("OVDV", symbol="SPX")
    async with stage.run_test(size=SIZE) as pilot:
        await stage.settle(pilot)
        tile = stage.tile
        plan = pixel_plan(tile.present(), tile.facts, tile.fact_time(), CELL, stage.palette, 0.0)
        axis = plan.body.axis
        cell = (axis.high - axis.low) / plan.columns

        def drifted(cells: float) -> PixelPlan:
            return replace(plan, body=replace(plan.body, axis=axis._replace(high=axis.high + cells * cell)))

        assert plan.fits(drifted(0.4))
        assert not plan.fits(drifted(0.6))
        assert not plan.fits(replace(plan, palette=load_palette("paper")))
        assert not plan.fits(replace(plan, fade=0.5))


async def test_of_a_very_large_plot_a_smaller_picture_of_its_shape_is_sent():
    stage = Stage("OVDV", symbol="SPX")
    async with stage.run_test(size=(250, 80)) as pilot:
        await stage.settle(pilot)
        tile = stage.tile
        plan = pixel_plan(tile.present(), tile.facts, tile.fact_time(), CellSize(20, 40), stage.palette, 0.0)
        width, height = plan.size
        assert width * height == pytest.approx(MOST_PIXELS, rel=0.01)
        assert width / height == pytest.approx(plan.columns / plan.rows / 2, rel=0.01)


async def test_new_numbers_wait_the_longer_the_longer_a_picture_takes_and_another_shape_does_not(monkeypatch):
    monkeypatch.setattr(InPixels, "share", 1e-9)
    async with on_the_wall() as (stage, wall, pilot):
        await pilot.press("i")
        await shown(stage, pilot)
        surface = surface_facts.surface()
        stage.engine.say(SurfaceChanged(surface=replace(surface, as_of=surface.as_of + 1)))
        await shown(stage, pilot)
        assert len(wall.pictures.sent) == 1
        await pilot.press("plus")
        await shown(stage, pilot)
        assert len(wall.pictures.sent) == 2


async def test_a_picture_of_another_shape_is_never_seen_in_the_place_of_this_one():
    async with on_the_wall() as (stage, wall, pilot):
        await pilot.press("i")
        await shown(stage, pilot)
        for key in ("o", "plus", "2"):
            stage.tile.action_coordinate() if key == "o" else stage.tile.action_zoom_axis(1) if key == "plus" else stage.tile.action_show(
                "MESH"
            )
            stage.tile.flush()
            assert not parts(stage)
            await shown(stage, pilot)
            assert set(parts(stage)) == set(wall.pictures.held)
            assert len(wall.pictures.held) == 1
        await pilot.resize_terminal(90, 26)
        await shown(stage, pilot)
        (held,) = wall.pictures.held.values()
        assert (held.columns, held.rows) == (stage.tile.present().rooms.picture[0], stage.tile.present().rooms.picture[1] - 1)
        await pilot.press("3")
        await stage.settle(pilot)
        assert not parts(stage)
        assert not wall.pictures.held


async def test_what_turns_is_seen_in_cells_until_it_stands():
    async with on_the_wall("MESH") as (stage, wall, pilot):
        await pilot.press("i")
        await shown(stage, pilot)
        said = len(wall.said)
        await pilot.press("space")
        stage.tile._spin()
        await shown(stage, pilot)
        assert not parts(stage)
        assert len(wall.said) == said
        await pilot.press("space")
        await shown(stage, pilot)
        assert set(parts(stage)) == set(wall.pictures.held)
        assert len(wall.pictures.held) == 1


async def test_pictures_are_a_few_a_second_at_most(monkeypatch):
    monkeypatch.setattr(InPixels, "pause", 3600.0)
    async with on_the_wall() as (stage, wall, pilot):
        await pilot.press("i")
        await shown(stage, pilot)
        surface = surface_facts.surface()
        for later in range(1, 6):
            stage.engine.say(SurfaceChanged(surface=replace(surface, as_of=surface.as_of + later)))
            await shown(stage, pilot)
        assert len(wall.pictures.sent) == 1
        assert set(parts(stage)) == set(wall.pictures.sent)


async def test_what_is_stale_is_dim_in_pixels_too():
    async with on_the_wall() as (stage, wall, pilot):
        await pilot.press("i")
        await shown(stage, pilot)
        (live,) = wall.pictures.held.values()
        await stage.become(pilot, STALE)
        await shown(stage, pilot)
        (stale,) = wall.pictures.held.values()
        assert brightness(stale.png) < 0.75 * brightness(live.png)


def brightness(png: bytes) -> float:
    from io import BytesIO

    import numpy as np
    from PIL import Image

    return float(np.asarray(Image.open(BytesIO(png))).mean())


async def test_a_hidden_tile_and_one_that_is_closed_take_their_pictures_down():
    async with on_the_wall() as (stage, wall, pilot):
        await pilot.press("i")
        await shown(stage, pilot)
        stage.tile.sleep()
        assert not wall.pictures.held
        stage.tile.wake()
        await shown(stage, pilot)
        assert len(wall.pictures.held) == 1
        await stage.tile.remove()
        assert not wall.pictures.held
        assert len(wall.pictures.deleted) == len(wall.pictures.sent) == 2


async def test_after_the_program_was_suspended_the_picture_is_sent_again():
    async with on_the_wall() as (stage, wall, pilot):
        await pilot.press("i")
        await shown(stage, pilot)
        stage.gallery.close()
        assert not wall.pictures.held
        stage.gallery.connect(wall.write)
        stage.app_resume_signal.publish(stage)
        await pilot.pause()
        await shown(stage, pilot)
        assert set(parts(stage)) == set(wall.pictures.held)
        assert len(wall.pictures.held) == 1


@pytest.mark.parametrize(
    ("setting", "environment", "reason"),
    [
        ("auto", {"TERM": "xterm-256color"}, "does not say that it shows pictures"),
        ("off", {}, "pictures are off"),
        ("auto", {"TMUX": "there"}, "allow-passthrough"),
    ],
)
async def test_where_the_terminal_cannot_the_key_says_so_and_nothing_is_sent(setting, environment, reason):
    async with on_the_wall(setting=setting, **environment) as (stage, wall, pilot):
        await pilot.press("i")
        await shown(stage, pilot)
        assert reason in stage.told[-1]
        assert not wall.said
        assert not parts(stage)


async def test_turned_off_while_one_is_seen_the_cells_come_back():
    async with on_the_wall() as (stage, wall, pilot):
        await pilot.press("i")
        await shown(stage, pilot)
        stage.gallery.setting = "off"
        stage.tile.repaint()
        await shown(stage, pilot)
        assert not parts(stage)
        assert not wall.pictures.held


async def test_on_a_smile_the_key_says_what_is_shown_in_pixels():
    async with on_the_wall("SMILE") as (stage, wall, pilot):
        await pilot.press("i")
        assert "the heat map and the mesh are shown in pixels" in stage.told[-1]
        await shown(stage, pilot)
        assert not wall.said
        await pilot.press("2")
        await shown(stage, pilot)
        assert parts(stage)


async def test_without_colours_there_are_no_pictures():
    stage = Stage("OVDV", symbol="SPX")
    wall = Wall(stage)
    use_monochrome(True)
    try:
        async with stage.run_test(size=SIZE) as pilot:
            await stage.settle(pilot)
            await pilot.press("i")
            assert "NO_COLOR" in stage.told[-1]
            assert not wall.said
    finally:
        use_monochrome(False)


async def test_without_all_colours_a_cell_could_not_say_which_picture_it_shows(monkeypatch):
    monkeypatch.delenv("COLORTERM")
    async with on_the_wall() as (stage, wall, pilot):
        await pilot.press("i")
        assert "set COLORTERM=truecolor" in stage.told[-1]
        assert not wall.said


async def test_a_picture_that_cannot_be_drawn_is_told_and_the_cells_stay(monkeypatch):
    def broken(_plan):
        raise RuntimeError("out of paint")

    monkeypatch.setattr("optix_tui.screens.surface.pixel_plan.PixelPlan.pixels", broken)
    async with on_the_wall() as (stage, wall, pilot):
        await pilot.press("i")
        await shown(stage, pilot)
        assert "out of paint" in stage.told[-1]
        assert not wall.said
        assert not stage.tile.wants_pixels


async def test_where_the_next_picture_cannot_be_drawn_the_one_before_goes_too(monkeypatch):
    def broken(_plan):
        raise RuntimeError("out of paint")

    async with on_the_wall() as (stage, wall, pilot):
        await pilot.press("i")
        await shown(stage, pilot)
        (first,) = wall.pictures.held
        monkeypatch.setattr("optix_tui.screens.surface.pixel_plan.PixelPlan.pixels", broken)
        surface = surface_facts.surface()
        stage.engine.say(SurfaceChanged(surface=replace(surface, as_of=surface.as_of + 1)))
        stage.tile.drain()
        await shown(stage, pilot)
        assert "out of paint" in stage.told[-1]
        assert wall.pictures.deleted == [first]
        assert not parts(stage)
