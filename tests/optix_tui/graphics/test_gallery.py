"""Pictures that the terminal holds: sent whole, taken down, and none left behind."""

import os
from io import BytesIO

import pytest
from PIL import Image

from optix_tui.graphics.cell_size import CellSize, cell_size_of
from optix_tui.graphics.gallery import Gallery
from optix_tui.graphics.protocol import CHUNK, through_tmux, transmission
from tests.kit.kitty import Pictures

KITTY = {"TERM": "xterm-kitty"}


def png(width: int = 40, height: int = 30) -> bytes:
    content = BytesIO()
    Image.frombytes("RGB", (width, height), bytes(os.urandom(width * height * 3))).save(content, "PNG")
    return content.getvalue()


def test_a_picture_of_many_chunks_arrives_whole_under_its_number():
    held = Pictures()
    picture = png(200, 100)
    assert len(picture) > 3 * CHUNK
    held.feed(transmission(0xABCDE, picture, 120, 40))
    assert held.held == {0xABCDE: (picture, 120, 40)}
    assert held.held[0xABCDE].size == (200, 100)


def test_through_tmux_each_sequence_is_handed_on_by_itself():
    plain = transmission(7, png(100, 60), 10, 5)
    wrapped = through_tmux(plain)
    parts = wrapped.split("\x1bPtmux;")[1:]
    assert len(parts) == plain.count("\x1b_G") > 1
    assert all(part.endswith("\x1b\x1b\\\x1b\\") for part in parts)
    assert "".join(part.removesuffix("\x1b\\").replace("\x1b\x1b", "\x1b") for part in parts) == plain


class Wall:
    """A gallery and the terminal behind it."""

    def __init__(self, setting: str = "auto", environment: dict[str, str] | None = None) -> None:
        self.terminal = Pictures()
        self.said: list[str] = []
        self.gallery = Gallery(setting, KITTY if environment is None else environment)
        self.gallery.connect(self.write)

    def write(self, text: str) -> None:
        self.said.append(text)
        self.terminal.feed(text)


def test_pictures_are_hung_and_taken_down():
    wall = Wall()
    first, second = (wall.gallery.hang(png(), 4, 3) for _ in range(2))
    assert first != second
    assert set(wall.terminal.held) == {first, second} == wall.gallery.hung
    wall.gallery.take_down(first)
    wall.gallery.take_down(first)
    assert wall.terminal.deleted == [first]


@pytest.mark.parametrize("process", [1, 0xDFF, 0xE00, 4_194_304])
def test_a_number_is_a_colour_whatever_the_process_and_however_many_there_were(monkeypatch, process):
    monkeypatch.setattr(os, "getpid", lambda: process)
    wall = Wall()
    first = wall.gallery.hang(png(), 4, 3)
    numbers = {first}
    for _ in range(4_095):
        wall.gallery.take_down(first)
        numbers.add(first := wall.gallery.hang(b"", 4, 3))
    assert len(numbers) == 4_096
    assert 0xFFFFF < min(numbers) < max(numbers) <= 0xFFFFFF
    assert wall.gallery.hung == {first}


def test_each_thing_said_is_one_piece_so_that_nothing_falls_into_it():
    wall = Wall()
    wall.gallery.hang(png(200, 100), 10, 10)
    assert len(wall.said) == 1
    assert wall.said[0].startswith("\x1b_G")
    assert wall.said[0].endswith("\x1b\\")


def test_closing_takes_all_down_and_afterwards_nothing_is_said():
    wall = Wall()
    numbers = [wall.gallery.hang(png(), 4, 3) for _ in range(3)]
    turn = wall.gallery.turn
    wall.gallery.close()
    assert sorted(wall.terminal.deleted) == sorted(numbers)
    assert wall.gallery.turn > turn
    said = len(wall.said)
    wall.gallery.take_down(numbers[0])
    assert len(wall.said) == said
    assert "no terminal" in wall.gallery.refusal


def test_inside_tmux_all_is_wrapped_also_what_takes_down_after_pictures_were_turned_off():
    wall = Wall("kitty", {"TERM": "tmux-256color", "TMUX": "there"})
    wall.gallery.hang(png(), 4, 3)
    wall.gallery.setting = "off"
    wall.gallery.close()
    assert len(wall.said) == 2
    assert all(text.startswith("\x1bPtmux;\x1b\x1b_G") for text in wall.said)


@pytest.mark.parametrize("size", [(0, 3), (3, 0), (298, 3), (3, 298)])
def test_a_picture_of_cells_that_have_no_mark_is_refused(size):
    with pytest.raises(ValueError, match="1 to 297"):
        Wall().gallery.hang(png(), *size)


def test_the_pixels_of_a_cell_are_those_the_terminal_tells_else_usual_ones():
    assert cell_size_of(45, 160, 1440, 810) == CellSize(9, 18)
    assert cell_size_of(45, 160, 0, 0) == CellSize(10, 20)
    assert cell_size_of(0, 0, 0, 0) == CellSize(10, 20)
    assert cell_size_of(45, 160, 160, 45) == CellSize(10, 20)
    assert cell_size_of(2, 2, 65535, 65535) == CellSize(10, 20)
