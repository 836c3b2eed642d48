"""A terminal that vanishes: what is still written goes nowhere, and the program is told once to leave."""

import asyncio
import errno
import os
import pty

import pytest

from optix_tui.graphics.gallery import Gallery
from optix_tui.graphics.protocol import deletion
from optix_tui.output import Enduring, enduring


class Stream:
    """A terminal that fails from some moment on."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.written = ""

    def write(self, text: str) -> int:
        if self.error is not None:
            raise self.error
        self.written += text
        return len(text)

    def flush(self) -> None:
        if self.error is not None:
            raise self.error

    def fileno(self) -> int:
        return 7


@pytest.mark.parametrize("error", [OSError(errno.EIO, "gone"), BrokenPipeError(), ValueError("I/O operation on closed file")])
def test_after_the_first_failure_nothing_is_written_and_the_program_is_told_once(error):
    told: list[int] = []
    stream = Stream()
    output = Enduring(stream, lambda: told.append(1))
    output.write("picture")
    stream.error = error
    output.write("lost")
    output.flush()
    output.write("lost too")
    assert (stream.written, told, output.is_gone) == ("picture", [1], True)


def test_a_full_terminal_loses_a_picture_and_goes_on():
    stream = Stream(BlockingIOError())
    output = Enduring(stream, lambda: pytest.fail("it is still there"))
    output.write("lost")
    stream.error = None
    output.write("shown")
    assert stream.written == "shown"


def test_what_else_is_asked_of_the_stream_is_answered_by_it():
    assert Enduring(Stream(), lambda: None).fileno() == 7


async def test_a_driver_on_a_terminal_that_vanished_writes_on_without_waiting_and_leaves():
    master, slave = pty.openpty()
    left = asyncio.Event()

    class Application:
        def exit(self) -> None:
            left.set()

    class Unbuffered:
        def write(self, text: str) -> int:
            return os.write(slave, text.encode())

        def flush(self) -> None: ...

    class PlainDriver:
        def __init__(self, app: object) -> None:
            self._loop = asyncio.get_running_loop()
            self._file = Unbuffered()

    driver = enduring(PlainDriver)(Application())
    driver._file.write("picture")
    driver._file.flush()
    assert os.read(master, 100) == b"picture"
    os.close(master)
    for _ in range(100):
        driver._file.write("lost")
        driver._file.flush()
    async with asyncio.timeout(10):
        await left.wait()
    os.close(slave)


def test_a_driver_without_a_stream_is_left_alone():
    class Headless:
        def __init__(self, app: object) -> None:
            self.app = app

    assert enduring(Headless)("app").app == "app"


async def test_the_pictures_are_taken_down_before_the_terminal_is_given_back_and_can_be_hung_again_after():
    said: list[str] = []

    class Application:
        gallery = Gallery("kitty", {})

    class PlainDriver:
        def __init__(self, app: object) -> None:
            self._loop = asyncio.get_running_loop()
            self._file = Stream()

        def write(self, text: str) -> None:
            said.append(text)

        def start_application_mode(self) -> None:
            self.write("begin")

        def stop_application_mode(self) -> None:
            self.write("end")

    driver, gallery = enduring(PlainDriver)(Application()), Application.gallery
    assert gallery.refusal
    driver.start_application_mode()
    assert not gallery.refusal
    number = gallery.hang(b"png", 3, 2)
    driver.stop_application_mode()
    assert said[0] == "begin"
    assert said[2:] == [deletion(number), "end"]
    assert gallery.refusal
    driver.start_application_mode()
    assert not gallery.refusal
