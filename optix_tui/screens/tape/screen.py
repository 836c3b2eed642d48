"""TAS as a tile: the tape runs, is filtered, and can be held still."""

from typing import Any

from msgspec.structs import replace

from engine.domain.ids import UtcNanos
from engine.messages.base import Event, Query, Topic, topic
from engine.messages.events import TradesChanged
from engine.messages.queries import GetTrades, TradeTable
from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.function import Context
from optix_tui.screens.listing import Listing
from optix_tui.screens.table import Cursor
from optix_tui.screens.tape.paint import paint_tape
from optix_tui.screens.tape.prints import Print, with_newest
from optix_tui.screens.tape.view import PREMIUMS, Filter, TapePreferences, TapeView, present
from optix_tui.theme import Palette

FIRST_PRINTS = 500


class Tape(Listing):
    """The tape of a name and its options."""

    code = "TAS"
    is_fast = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.preferences = TapePreferences()
        self._forget()

    def _forget(self) -> None:
        self.prints: tuple[Print, ...] | None = None
        self.held: tuple[Print, ...] = ()
        """What is shown while the tape is held still."""
        self.total = 0
        self._told: int | None = None
        """Prints of options and underlying when the tape last spoke; None while only an answer about one of the two is known."""
        self.passing = 0
        """How many prints pass the filters."""
        self.cursor = Cursor()

    def reset(self) -> None:
        self._forget()
        self.preferences = replace(self.preferences, is_paused=False)

    def topics(self, context: Context) -> tuple[Topic, ...]:
        return (topic(TradesChanged, context.symbol),) if context.symbol else ()

    def queries(self, context: Context) -> tuple[Query[Any], ...]:
        return (self._question(),) if context.symbol else ()

    def _question(self) -> GetTrades:
        return GetTrades(symbol=self.context.symbol, limit=FIRST_PRINTS, options_only=self.preferences.options_only)

    def answered(self, query: Query[Any], answer: Any) -> bool:  # noqa: ARG002 (one question, one answer)
        if not isinstance(answer, TradeTable) or answer.symbol != self.context.symbol:
            return False
        self.prints = with_newest((), answer)
        self.total = answer.total
        self._told = None if self.preferences.options_only else answer.total
        return True

    def received(self, event: Event) -> bool:
        if not isinstance(event, TradesChanged) or event.trades.symbol != self.context.symbol:
            return False
        before = self.prints or ()
        self.prints = with_newest(before, event.trades, self._told)
        self.total = self._told = event.trades.total
        self._keep_place(len(self.prints) - len(before))
        return True

    def _keep_place(self, fresh: int) -> None:
        """Further down the tape, new prints do not push away what is being read."""
        if self.cursor.row > 0 and fresh > 0 and not self.preferences.is_paused:
            self.cursor = self.cursor._replace(row=self.cursor.row + fresh, top=self.cursor.top + fresh)

    def count(self) -> int:
        return self.passing

    def title(self) -> str:
        return f"{self.context.symbol} {self.entry.title}" if self.context.symbol else self.entry.title

    def subtitle(self) -> str:
        chosen = self.preferences
        parts = [f"{chosen.which} ▾", "options" if chosen.options_only else "options and underlying"]
        if chosen.least_premium:
            parts.append(f"≥ {written.compact(chosen.least_premium)}")
        if chosen.is_paused:
            parts.insert(0, f"PAUSED +{self._waiting()}")
        return "  ".join(parts)

    def _waiting(self) -> int:
        if not self.held or self.prints is None:
            return len(self.prints or ())
        newest = self.held[0].at
        return sum(one.missed or 1 for one in self.prints if one.at > newest)

    def present(self) -> TapeView | None:
        shown = self.held if self.preferences.is_paused else self.prints
        now: UtcNanos = self.desk.market_time()
        return present(self.context.symbol, shown, self.preferences, now=now, total=self.total, waiting=self._waiting())

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        self.passing = len(view.rows)
        paint_tape(canvas, view, palette, self.settle)

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def _choose(self, **changes: Any) -> None:
        self.preferences = replace(self.preferences, **changes)
        self.touch()

    def action_filter(self) -> None:
        every = tuple(Filter)
        self._choose(which=every[(every.index(self.preferences.which) + 1) % len(every)])

    def action_premium(self) -> None:
        place = PREMIUMS.index(self.preferences.least_premium) if self.preferences.least_premium in PREMIUMS else 0
        self._choose(least_premium=PREMIUMS[(place + 1) % len(PREMIUMS)])

    def action_kinds(self) -> None:
        self._choose(options_only=not self.preferences.options_only)
        self.ask_again()

    def action_pause(self) -> None:
        self.held = self.prints or ()
        self._choose(is_paused=not self.preferences.is_paused)
