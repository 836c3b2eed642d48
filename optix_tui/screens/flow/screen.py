"""FLOW as a tile: the prints that pass a filter run, are held still, and lead to their chain."""

from typing import Any

from msgspec.structs import replace
from textual.events import Key

from engine.domain.errors import BadInput
from engine.domain.flow import PRESETS, FlowFilter, FlowSide, parse_filter
from engine.domain.ids import Symbol, UtcNanos
from engine.messages.base import Event, Query, Topic, topic
from engine.messages.flow import FlowChanged, FlowTape, GetFlow, flow_key
from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.function import Context
from optix_tui.screens.flow.arguments import arguments_of, read_arguments
from optix_tui.screens.flow.paint import paint_flow
from optix_tui.screens.flow.rows import FlowRow, joined, numbered_anew, of_an_engine_before, rows_of
from optix_tui.screens.flow.view import FlowView, present
from optix_tui.screens.listing import Listing
from optix_tui.screens.table import Cursor
from optix_tui.screens.typing_line import TypedLine
from optix_tui.theme import Palette

FIRST_PRINTS = 500


class FlowPanel(Listing):
    """The flow of a name, or of the whole market."""

    code = "FLOW"
    is_fast = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.preferences, self._misread = read_arguments(self.context.args)
        self._forget()

    def _forget(self) -> None:
        self.tape: FlowTape | None = None
        self._empty()

    def _empty(self) -> None:
        """Without prints; what the day adds up to stays."""
        self.is_looking = self.tape is not None
        """Prints that pass a new filter have been asked for, and are not told yet."""
        self.rows: tuple[FlowRow, ...] = ()
        self.held: tuple[FlowRow, ...] = ()
        """What is shown while the tape is held still."""
        self.cursor = Cursor()

    def load(self, context: Context) -> None:
        if context.args != self.context.args:
            self.preferences, self._misread = read_arguments(context.args)
        super().load(context)

    def reset(self) -> None:
        self._forget()
        self.preferences = replace(self.preferences, is_paused=False)

    def misread(self) -> str:
        return self._misread

    def lasting_args(self) -> tuple[str, ...]:
        return arguments_of(self.preferences)

    # -- facts --------------------------------------------------------------------------------------------------------------

    def _symbol(self, context: Context) -> Symbol:
        return Symbol("") if self.preferences.whole_market else context.symbol

    def _has_subject(self, context: Context) -> bool:
        return self.preferences.whole_market or bool(context.symbol)

    def topics(self, context: Context) -> tuple[Topic, ...]:
        if not self._has_subject(context) or self.preferences.recorded:
            return ()
        return (topic(FlowChanged, flow_key(self._symbol(context), self.preferences.filtered)),)

    def queries(self, context: Context) -> tuple[Query[Any], ...]:
        if not self._has_subject(context):
            return ()
        wanted = self.preferences
        return (GetFlow(symbol=self._symbol(context), filtered=wanted.filtered, limit=FIRST_PRINTS, recorded=wanted.recorded),)

    def _is_mine(self, tape: FlowTape) -> bool:
        wanted = self.preferences
        return (tape.symbol, tape.filtered, tape.recorded) == (self._symbol(self.context), wanted.filtered, wanted.recorded)

    def answered(self, query: Query[Any], answer: Any) -> bool:  # noqa: ARG002 (one question, one answer)
        if not isinstance(answer, FlowTape) or not self._is_mine(answer):
            return False
        self._meet(answer)
        self.tape, self.rows, self.is_looking = answer, rows_of(answer), False
        return True

    def received(self, event: Event) -> bool:
        if not isinstance(event, FlowChanged) or not self._is_mine(event.flow):
            return False
        self._meet(event.flow)
        before = len(self.rows)
        newest = self.rows[0].sequence if self.rows else 0
        self.tape, self.rows, self.is_looking = event.flow, joined(self.rows, event.flow), False
        self._keep_place(sum(1 for row in self.rows if row.sequence > newest) if before else 0)
        return True

    def _meet(self, tape: FlowTape) -> None:
        """Where another engine took over, what was told before stands before all that it will tell."""
        if numbered_anew((*self.held, *self.rows), tape):
            self.rows, self.held = of_an_engine_before(self.rows), of_an_engine_before(self.held)

    def _keep_place(self, fresh: int) -> None:
        """Further down the tape, new prints do not push away what is being read."""
        if self.cursor.row > 0 and fresh > 0 and not self.preferences.is_paused:
            self.cursor = self.cursor._replace(row=self.cursor.row + fresh, top=self.cursor.top + fresh)

    def fact_time(self) -> UtcNanos:
        """Prints have no age: a quiet market is not a stale one."""
        return UtcNanos(0)

    # -- what is shown ------------------------------------------------------------------------------------------------------

    @property
    def shown(self) -> tuple[FlowRow, ...]:
        """The prints on the screen."""
        return self.held if self.preferences.is_paused else self.rows

    def count(self) -> int:
        return len(self.shown)

    def _waiting(self) -> int:
        newest = self.held[0].sequence if self.held else 0
        return sum(1 for row in self.rows if row.sequence > newest and not row.is_gap) if self.preferences.is_paused else 0

    def title(self) -> str:
        name = "All names" if self.preferences.whole_market else self.context.symbol
        return f"{name} {self.entry.title}" if name else self.entry.title

    def subtitle(self) -> str:
        wanted = self.preferences
        parts = [f"PAUSED +{self._waiting()}"] if wanted.is_paused else []
        if wanted.recorded:
            parts.append("recorded: what stood out")
        if wanted.filtered.text:
            parts.append(wanted.filtered.text)
        if self.tape is not None:
            parts.append(str(self.tape.source))
        return "  ".join(parts)

    def present(self) -> FlowView | None:
        has_prints = self.tape is None or self.tape.has_prints
        return present(self.tape, self.shown, self.preferences, has_prints=has_prints, waiting=self._waiting(), is_looking=self.is_looking)

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        paint_flow(canvas, view, palette, self.settle)

    def help_notes(self) -> tuple[str, ...]:
        if not self.preferences.filtered.text:
            return ()
        return (f"The filter in force is: {self.preferences.filtered.text}.",)

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def _choose(self, **changes: Any) -> None:
        self.preferences = replace(self.preferences, **changes)
        self.touch()

    def _change_subject(self, **changes: Any) -> None:
        """Another filter or another name: the tape begins anew."""
        if changes.keys() <= {"filtered", "prompt"}:
            self._empty()
        else:
            self._forget()
        self._choose(**changes, is_paused=False)
        self.connect()

    def action_preset(self, step: int) -> None:
        texts = [text for _, text in PRESETS]
        now = self.preferences.filtered.text
        place = texts.index(now) if now in texts else -1 if step > 0 else 0
        self._change_subject(filtered=parse_filter(texts[(place + step) % len(texts)]))

    def action_side(self) -> None:
        order = tuple(FlowSide)
        filtered = self.preferences.filtered
        self._change_subject(filtered=replace(filtered, side=order[(order.index(filtered.side) + 1) % len(order)]))

    def action_everything(self) -> None:
        if self.preferences.recorded and not self.preferences.whole_market:
            self.desk.tell("recorded flow is read name by name")
            return
        self._change_subject(whole_market=not self.preferences.whole_market)

    def action_recorded(self) -> None:
        self._change_subject(recorded=not self.preferences.recorded, whole_market=False)

    def action_pause(self) -> None:
        self.held = self.rows
        self._choose(is_paused=not self.preferences.is_paused)

    def action_filter(self) -> None:
        self._choose(prompt=self.preferences.filtered.text)

    def action_drill(self) -> None:
        if self.cursor.row < len(self.shown):
            row = self.shown[self.cursor.row]
            self.desk.go(f"{row.symbol} OMON {written.day(row.expiry).replace('-', '').upper()}", self)

    def on_key(self, event: Key) -> None:
        """While a filter is being typed, keys type."""
        typed = self.preferences.prompt
        if typed is None:
            return
        if event.key == "escape":
            self._choose(prompt=None)
        elif event.key == "enter":
            self._take_typed(typed)
        else:
            line = TypedLine(typed).after(event.key, event.character)
            if line is None:
                return
            self._choose(prompt=line.text)
        event.stop()
        event.prevent_default()

    def _take_typed(self, typed: str) -> None:
        try:
            filtered: FlowFilter = parse_filter(typed)
        except BadInput as error:
            self.desk.tell(str(error), level="warning")
            return
        self._change_subject(filtered=filtered, prompt=None)
