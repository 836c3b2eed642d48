"""The base of every tile: one widget that watches, asks, presents, paints, and says honestly how fresh it is."""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, cast

from msgspec import Struct
from textual.binding import Binding
from textual.events import Click
from textual.geometry import Size

from engine.domain.errors import OptixError
from engine.domain.ids import SeriesId, Symbol, UtcNanos
from engine.messages.base import topic
from optix_tui.canvas import Canvas
from optix_tui.freshness import Condition, Freshness, judge
from optix_tui.functions.entry import Entry
from optix_tui.registry import find
from optix_tui.theme import Palette
from optix_tui.title_band import paint_title
from optix_tui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from engine.api import Engine, Subscription
    from engine.messages.base import Command, Event, Query, Topic
    from engine.messages.queries import LastLook
    from optix_tui.desk import Desk

SMALLEST_WIDTH, SMALLEST_HEIGHT = 24, 5
WATCH_AGAIN_SECONDS = 1.0
"""A tile that was cut off, because it was too slow or its engine ended, watches again after so long."""
QUESTIONS = frozenset({"queries", "question"})
"""Groups of workers that ask."""
FADE = 0.5
"""How far stale colours go into the ground."""


def later(function: Callable[..., Awaitable[None]], *given: Any) -> Any:
    """Work for a worker: made when it starts, so that one cancelled before leaves nothing unawaited."""
    return partial(function, *given)


class Context(Struct, frozen=True, kw_only=True):
    """What a tile is about."""

    symbol: Symbol = Symbol("")
    group: int | None = 0
    """Its link group: typing a security in one tile of a group moves all. None is pinned."""
    args: tuple[str, ...] = ()


class Function(Sheet, can_focus=True):
    """One function in one tile. Row 0 is its title band; the rest is what :meth:`paint` draws.

    A subclass says what it is about: :meth:`topics` and :meth:`queries` (what to watch and ask for the tile's context),
    :meth:`received` and :meth:`answered` (keep the fact; True when the tile looks different now), :meth:`present` (the frozen
    view of a pure ``view.py``; None while there is nothing to show), :meth:`paint` (draw that view) and :meth:`reset`
    (forget the facts of the context before).
    """

    code: ClassVar[str] = ""
    """Its mnemonic in the registry; its keys are declared there."""
    stale_after: ClassVar[float | None] = None
    """Seconds of market time after which unchanged facts of a live feed are stale; None where they have no age."""
    ask_every: ClassVar[float] = 0.0
    """Seconds after which the queries are asked again; 0 is once."""
    needs_all_names: ClassVar[bool] = False
    """About every name of the market: printed once it lists no more of them."""
    is_fast: ClassVar[bool] = False
    """Painted at every beat; other tiles take turns."""

    DEFAULT_CSS = "Function { width: 1fr; height: 1fr; }"

    def __init_subclass__(cls, **options: Any) -> None:
        entry = find(cls.__dict__.get("code", ""))
        if entry is not None and "BINDINGS" not in cls.__dict__:
            cls.BINDINGS = [Binding(",".join(key.keys), key.action, key.text, show=False, id=key.id) for key in entry.keys]
        super().__init_subclass__(**options)

    def __init__(self, entry: Entry, context: Context, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self.entry = entry
        self.context = context
        self.trouble = ""
        """Why there is nothing to show, in words."""
        self.is_last_look = False
        """What is shown was read from an earlier session's last look."""
        self.look_age = float("nan")
        """How old that was at the start, in seconds."""
        self.freshness = Freshness(condition=Condition.LOADING)
        self._subscription: Subscription | None = None
        self.failed_questions = 0
        """Questions the engine had no answer to, so far."""
        self._unheard: set[Topic] = set()
        self._only_moved = False
        """All that changed since the last painting is what the market said."""
        self._awake = True
        self._asked_at = self._watched_at = 0.0

    # -- what a subclass says -----------------------------------------------------------------------------------------------

    def topics(self, context: Context) -> tuple[Topic, ...]:  # noqa: ARG002
        """What to watch."""
        return ()

    def queries(self, context: Context) -> tuple[Query[Any], ...]:  # noqa: ARG002
        """What to ask on loading."""
        return ()

    def received(self, event: Event) -> bool:  # noqa: ARG002
        """Keeps a fact; True when the tile looks different now."""
        return False

    def answered(self, query: Query[Any], answer: Any) -> bool:  # noqa: ARG002
        """Keeps an answer; True when the tile looks different now."""
        return False

    def reset(self) -> None:
        """Forgets the facts of the context before."""

    def take_expiry(self, series: SeriesId) -> None:
        """Another tile of its link group chose this expiry of the same security; a tile about one expiry shows it."""

    def offer_expiry(self, series: SeriesId) -> None:
        """The same, from outside: a tile that cannot use it says so, and stops neither the one that chose nor the others."""
        try:
            self.take_expiry(series)
        except Exception as error:  # noqa: BLE001 (a tile may not take the workstation down)
            self._failed("cannot show the expiry its link group chose", error)

    def recall(self, look: LastLook) -> bool:  # noqa: ARG002
        """Takes what an earlier session saw last, until the engine speaks; True when the tile shows it."""
        return False

    def fact_time(self) -> UtcNanos:
        """Market time of the newest fact shown; 0 where its facts have none."""
        return UtcNanos(0)

    def is_recorded(self) -> bool:
        """It was asked for an instant of the past: what it shows is never the present."""
        return False

    def present(self) -> Any:
        """The frozen view to paint; None while there is nothing to show."""
        return None

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        """Draws the view below the title band."""

    def help_notes(self) -> tuple[str, ...]:
        """Paragraphs the help adds about what the tile shows just now."""
        return ()

    def misread(self) -> str:
        """What is wrong with the words behind the function, in a sentence; "" where it takes them all."""
        return ""

    def refusal(self) -> str:
        """Why the engine will not tell what was asked for, in a sentence that stands in place of the picture; "" where it does."""
        return ""

    def lasting_args(self) -> tuple[str, ...]:
        """The arguments that bring the tile back as it is set up now: what a saved workspace keeps."""
        return self.context.args

    def passing_args(self) -> tuple[str, ...]:
        """The arguments that bring it back as it stands at this moment: what back and forward keep."""
        return self.lasting_args()

    def title(self) -> str:
        """Beside the code in the title band."""
        return self.entry.title

    def subtitle(self) -> str:
        """Right-aligned in the title band."""
        return ""

    # -- life ---------------------------------------------------------------------------------------------------------------

    @property
    def desk(self) -> Desk:
        """The application, as far as a tile may know it."""
        return cast("Desk", self.app)

    def on_mount(self) -> None:
        self.desk.enlist(self)
        self.load(self.context)

    def on_unmount(self) -> None:
        self.desk.dismiss_tile(self)
        self._close_subscription()

    def load(self, context: Context) -> None:
        """Takes a context: forgets what was shown when it is another one, watches and asks."""
        if context != self.context:
            self.context = context
            self.is_last_look = False
            self.reset()
        self.trouble = ""
        self.connect()

    def connect(self) -> None:
        """Watches and asks (again), where there is an engine and the tile is awake."""
        self.watch_again()
        if self._awake:
            self.ask_again()
        self.touch()

    def watch_again(self) -> None:
        """Watches what :meth:`topics` names now."""
        self._close_subscription()
        engine = self.desk.engine
        wanted = self.topics(self.context) if self._awake else ()
        self._unheard = set(wanted)
        if engine is not None and wanted:
            self._watched_at = monotonic()
            self._subscription = engine.watch(*wanted)

    def sleep(self) -> None:
        """Its workspace is hidden: stop watching."""
        self._awake = False
        self._close_subscription()

    def wake(self) -> None:
        """Its workspace is shown again."""
        self._awake = True
        self.connect()

    @property
    def is_shown(self) -> bool:
        return self._awake and super().is_shown

    def _close_subscription(self) -> None:
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None

    def show_last_look(self, look: LastLook, age: float) -> None:
        """The first paint of a start: old, and said to be so."""
        if look.symbol == self.context.symbol and self.recall(look):
            self.is_last_look, self.look_age = True, age
            self.look_at_freshness()
            self.touch()

    # -- questions and commands ---------------------------------------------------------------------------------------------

    def ask_again(self) -> None:
        """Asks the tile's queries now, without holding up the screen."""
        questions = self.queries(self.context)
        if questions and self.desk.engine is not None:
            self._asked_at = monotonic()
            self.run_worker(later(self._ask_all, self.desk.engine, self.context, questions), group="queries", exclusive=True)

    async def _ask_all(self, engine: Engine, context: Context, questions: tuple[Query[Any], ...]) -> None:
        for question in questions:
            try:
                answer = await engine.ask(question)
            except OptixError as error:
                self.failed_questions += 1
                self.trouble = str(error)
                self.touch()
                continue
            if context == self.context:
                self.trouble = ""
                self.is_last_look = False
                if self.answered(question, answer):
                    self.touch()

    def ask(self, question: Query[Any]) -> None:
        """Asks one more question; the answer comes by :meth:`answered`."""
        if self.desk.engine is not None:
            self.run_worker(later(self._ask_all, self.desk.engine, self.context, (question,)), group="question")

    def perform(self, command: Command) -> None:
        """Gives the engine a command and says how it went."""
        engine = self.desk.engine
        if engine is None:
            self.desk.tell("there is no engine yet", level="warning")
            return
        self.run_worker(later(self._perform, engine, command), group="commands")

    async def _perform(self, engine: Engine, command: Command) -> None:
        try:
            receipt = await engine.do(command)
        except OptixError as error:
            self.desk.tell(str(error), level="error")
            return
        if receipt.text:
            self.desk.tell(receipt.text)
        self.ask_again()

    # -- the beat -----------------------------------------------------------------------------------------------------------

    def drain(self) -> None:
        """Takes what the engine said since the last beat."""
        if self._subscription is not None:
            events = self._subscription.drain()
            if self._unheard and events:
                for event in events:
                    self._unheard -= {topic(type(event), event.key), topic(type(event))}
            self.deliver(events)
            if self._subscription.closed and monotonic() - self._watched_at > WATCH_AGAIN_SECONDS:
                self.connect()
        if self.ask_every and self._awake and monotonic() - self._asked_at >= self.ask_every:
            self.ask_again()

    def deliver(self, events: Iterable[Event]) -> None:
        """Hands facts to the tile; one of them that cannot be used never stops the others."""
        for event in events:
            try:
                if self.received(event):
                    self.is_last_look = False
                    self.trouble = ""
                    self.touch_as_moved()
            except Exception as error:  # noqa: BLE001 (a tile may not take the workstation down)
                self._failed("cannot use what the engine said", error)

    @property
    def is_patient(self) -> bool:
        """It may rest between two paintings: nothing but the market moved, and the user is elsewhere."""
        return self._only_moved and not self.has_focus

    def touch(self) -> None:
        self._only_moved = False
        super().touch()

    def touch_as_moved(self) -> None:
        """Paint because the market moved, which can wait a beat or two."""
        moved = self._only_moved or not self.needs_paint
        self.touch()
        self._only_moved = moved

    def look_at_freshness(self) -> None:
        """Notices that time has passed: what was live may be stale now."""
        found = judge(
            feed=self.desk.feed_view(),
            fact_at=self.fact_time(),
            stale_after=self.stale_after,
            look_age=self.look_age if self.is_last_look else None,
            recorded=self.is_recorded(),
        )
        before = self.freshness
        if (found.condition, found.label, found.reason) != (before.condition, before.label, before.reason):
            self.touch()
        self.freshness = found

    def has_something(self) -> bool:
        """There is something to show, or a reason why not."""
        return bool(self.trouble) or self.present() is not None

    @property
    def is_asking(self) -> bool:
        """A question of its own is under way."""
        return any(worker.node is self and worker.group in QUESTIONS and not worker.is_finished for worker in self.workers)

    @property
    def has_heard(self) -> bool:
        """Each topic it watches has spoken."""
        return not self._unheard

    def is_whole(self) -> bool:
        """Every name it is about has told something; a screen with many names says more."""
        return True

    # -- painting -----------------------------------------------------------------------------------------------------------

    def draw(self, size: Size) -> Canvas:
        palette = self.desk.palette
        canvas = Canvas(size.width, size.height, palette.ground, palette.text)
        body = canvas.window(0, 1, size.width, size.height - 1)
        if size.width < SMALLEST_WIDTH or size.height < SMALLEST_HEIGHT:
            body.text(0, 0, "…", palette.mute)
        else:
            self._draw_body(body, palette)
        paint_title(canvas, self, palette, focused=self.has_focus)
        return canvas

    def _draw_body(self, body: Canvas, palette: Palette) -> None:
        try:
            view = self.present()
            if view is None:
                self._draw_waiting(body, palette)
            else:
                self.paint(body, view, palette)
                if self.freshness.is_dimmed:
                    body.fade(palette.ground, FADE)
        except Exception as error:  # noqa: BLE001 (a painter may not take the workstation down)
            body.clear(palette.text)
            self._failed("cannot be painted", error)
            body.paragraph(1, 1, f"{self.entry.code} {self.trouble}", palette.down)

    def _draw_waiting(self, body: Canvas, palette: Palette) -> None:
        if self.trouble:
            body.paragraph(1, 1, self.trouble, palette.alert)
        elif self.freshness.condition is Condition.DISCONNECTED:
            body.text(1, 1, "disconnected: waiting for the engine", palette.alert)
        elif self.freshness.condition is Condition.LOADING and self.freshness.reason:
            body.paragraph(1, 1, f"there is no engine: {self.freshness.reason}", palette.alert)
        else:
            name = f" {self.context.symbol}" if self.entry.needs_security and self.context.symbol else ""
            body.text(1, 1, f"waiting for{name or ' the engine'} …", palette.dim)

    def _failed(self, what: str, error: Exception) -> None:
        self.trouble = f"{what}: {type(error).__name__}: {error}"
        self.log.error(self.trouble)
        self.touch()

    # -- events -------------------------------------------------------------------------------------------------------------

    def on_click(self, event: Click) -> None:
        if event.y >= 1:
            self.clicked(event.x, event.y - 1, event.chain)

    def clicked(self, x: int, y: int, times: int) -> None:
        """A click on the body, in its own cells; ``times`` is 2 for a double one."""
