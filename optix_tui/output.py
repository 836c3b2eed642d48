"""Where the picture is written to: a terminal may vanish at any moment, and writing to it must not hold up leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.driver import Driver

    from optix_tui.graphics.gallery import Gallery


class Enduring:
    """A stream that swallows what nobody can read any more.

    Textual's thread of output ends with the first error, and then every painting waits for it for ever: neither a signal nor a
    key would be heard again.
    """

    def __init__(self, stream: Any, gone: Callable[[], object]) -> None:
        self._stream = stream
        self._gone = gone
        self.is_gone = False
        """The terminal is not there any more."""

    def write(self, text: str) -> int:
        """Writes, while somebody is there."""
        self._do(self._stream.write, text)
        return len(text)

    def flush(self) -> None:
        """Sends what is buffered, while somebody is there."""
        self._do(self._stream.flush)

    def _do(self, act: Callable[..., object], *given: str) -> None:
        if self.is_gone:
            return
        try:
            act(*given)
        except BlockingIOError:
            return  # somebody else made the terminal non-blocking and it is full: this picture is lost, the next one is whole
        except (OSError, ValueError):
            self.is_gone = True
            self._gone()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def enduring(driver: type[Driver]) -> type[Driver]:
    """The driver, writing to an :class:`Enduring` stream and leaving when the terminal is gone.

    It hands its pen to the application's gallery, and has the pictures taken down before it gives the terminal back, however that comes.
    """

    class EnduringDriver(driver):  # type: ignore[misc, valid-type]  # the platform's own driver
        def __init__(self, app: Any, *given: Any, **options: Any) -> None:
            super().__init__(app, *given, **options)
            stream = getattr(self, "_file", None)
            if stream is not None:
                self._file = Enduring(stream, lambda: self._loop.call_soon_threadsafe(app.exit))
            self._gallery: Gallery | None = getattr(app, "gallery", None) if stream is not None else None

        def start_application_mode(self) -> None:
            super().start_application_mode()
            if self._gallery is not None:
                self._gallery.connect(self.write)

        def stop_application_mode(self) -> None:
            if self._gallery is not None:
                self._gallery.close()
            super().stop_application_mode()

    return cast("type[Driver]", EnduringDriver)
