"""The first row: product, kind of market, workspaces, and on the right how the market reaches us and what its clock says."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from msgspec import Struct
from textual.events import Click
from textual.geometry import Size
from textual.message import Message

from engine.domain.ids import UtcNanos
from engine.domain.instants import SECOND_NS, new_york
from engine.domain.market import FeedState
from engine.messages.queries import EngineStatus
from optix_tui.canvas import Canvas, Span
from optix_tui.format import age, compact, day
from optix_tui.theme import Palette
from optix_tui.widgets.sheet import Sheet

WIDE = 98
"""Under it only the active workspace is named."""


class AppBarView(Struct, frozen=True, kw_only=True):
    """What the app bar shows."""

    workspaces: tuple[tuple[int, str], ...]
    active: int
    status: EngineStatus | None
    connected: bool
    was_connected: bool
    market_time: UtcNanos
    lag_ms: float
    silent: float
    """Seconds since the connection or the feed was lost; NaN while it is there."""
    trouble: str = ""
    """Why there is no engine."""
    profile: str = ""
    """``SSH`` where the far profile is on."""


def badge(view: AppBarView) -> tuple[str, str]:
    """The word for the kind of market and the palette key of its ground."""
    status = view.status
    if status is None:
        if view.connected or not (view.was_connected or view.trouble):
            return "STARTING", "dim"
        return ("OFFLINE" if view.was_connected else "NO ENGINE"), "alert"
    if status.simulated:
        return "SIM", "vol"
    if status.feed_state is FeedState.FROZEN:
        return "FROZEN", "call"
    if status.delayed_minutes > 0:
        return f"DELAYED {status.delayed_minutes:.0f}m", "security"
    if status.own_clock:
        return "TAPE", "put"
    return "LIVE", "up"


def connection(view: AppBarView) -> tuple[str, str, str]:
    """The dot, its palette key, and the words behind it."""
    status = view.status
    if not view.connected:
        word = f"offline {age(view.silent)}" if isfinite(view.silent) else "offline"
        return "○", "alert", word if view.was_connected else "no engine" if view.trouble else "starting"
    if status is None:
        return "○", "dim", "waiting"
    state = status.feed_state
    if state in {FeedState.LIVE, FeedState.DELAYED}:
        return "●", "up", f"{view.lag_ms:.0f}ms" if isfinite(view.lag_ms) else state.value
    if state in {FeedState.FROZEN, FeedState.CLOSED}:
        return "●", "dim", state.value
    word = f"{state.value} {age(view.silent)}" if isfinite(view.silent) else state.value
    return ("○" if state is FeedState.DISCONNECTED else "●"), "alert", word


def readable(view: AppBarView) -> tuple[object, ...]:
    """What of it can be read: the clock by its seconds, numbers in their words, where an unknown one equals itself."""
    return (view.workspaces, view.active, view.profile, view.status, badge(view), connection(view), view.market_time // SECOND_NS)


def paint_app_bar(canvas: Canvas, view: AppBarView, palette: Palette) -> list[tuple[int, int, int]]:
    """Draws it; returns where each workspace can be clicked: first column, column after the last, place."""
    canvas.fill(0, 0, canvas.width, 1, palette.head)
    word, ground = badge(view)
    x = canvas.put(0, 0, (" OPTIX ", palette.ink, palette.text, True), (f" {word} ", palette.ink, getattr(palette, ground), True))
    x += 2
    right = _paint_right(canvas, view, palette, left=x)
    places: list[tuple[int, int, int]] = []
    for place, name in view.workspaces:
        active = place == view.active
        if canvas.width < WIDE and not active:
            continue
        text = f" {place} {name} "
        if x + len(text) > right - 1:
            break
        ink, back = (palette.ink, palette.bright) if active else (palette.dim, palette.head)
        end = canvas.text(x, 0, text, ink, back, bold=active)
        places.append((x, end, place))
        x = end + 1
    return places


def _paint_right(canvas: Canvas, view: AppBarView, palette: Palette, left: int) -> int:
    """The right part, shortened until it fits."""
    dot, key, word = connection(view)
    status = view.status
    clock: Span = (f" {_clock(view.market_time, with_day=False)} ", palette.ink, palette.text, True)
    mark: list[Span] = [(f"{dot} ", getattr(palette, key)), (f"{word}  ", palette.dim)]
    parts: list[list[Span]] = []
    if status is not None and status.recording_to:
        parts.append([("● ", palette.down), ("REC  ", palette.text)])
    if view.profile:
        parts.append([(f"{view.profile}  ", palette.alert)])
    if status is not None and status.own_clock and status.speed != 1:
        parts.append([("×", palette.dim), (f"{status.speed:g}  ", palette.white)])
    if status is not None and status.saved_at:
        parts.append([("saved ", palette.dim), (f"{_clock(status.saved_at, with_day=True)}   ", palette.white)])
    elif status is not None and view.connected:
        parts.append([("updates/s ", palette.dim), (f"{compact(status.updates_per_second)}   ", palette.white)])
    long_clock: Span = (f" {_clock(view.market_time, with_day=True)} ", palette.ink, palette.text, True)
    for spans in (
        [*[span for part in parts for span in part], *mark, long_clock],
        [*[span for part in parts[-1:] for span in part], *mark, long_clock],
        [*mark, long_clock],
        [*mark, clock],
        [clock],
    ):
        width = sum(len(span[0]) for span in spans)
        if left + 12 + width <= canvas.width or spans == [clock]:
            return canvas.put_right(canvas.width, 0, *spans)
    return canvas.width


def _clock(at: UtcNanos, *, with_day: bool) -> str:
    if at <= 0:
        return "--:--:-- ET"
    moment = new_york(at)
    clock = f"{moment:%H:%M:%S} ET"
    return f"{moment:%a} {day(moment.date())}  {clock}" if with_day else clock


class AppBar(Sheet):
    """The widget of the first row."""

    DEFAULT_CSS = "AppBar { height: 1; width: 1fr; }"

    class Chosen(Message):
        """A workspace was clicked."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self) -> None:
        super().__init__()
        self._places: Sequence[tuple[int, int, int]] = ()

    def subject(self) -> Any:
        from optix_tui.frame import frame_of

        frame = frame_of(self)
        return (readable(frame.app_bar_view()), frame.palette.name)

    def draw(self, size: Size) -> Canvas:
        from optix_tui.frame import frame_of

        frame = frame_of(self)
        canvas = Canvas(size.width, size.height, frame.palette.head, frame.palette.text)
        self._places = paint_app_bar(canvas, frame.app_bar_view(), frame.palette)
        return canvas

    def on_click(self, event: Click) -> None:
        for first, after, place in self._places:
            if first <= event.x < after:
                self.post_message(self.Chosen(place))
