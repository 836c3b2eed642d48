"""HVG as a tile: the cursor's model is the one whose forecasts are drawn."""

from typing import Any

from msgspec.structs import replace

from engine.domain.ids import UtcNanos
from engine.messages.base import Query
from engine.messages.realized import ForecastTable, GetForecasts, GetRealized, RealizedVolatility
from optix_tui.canvas import Canvas
from optix_tui.function import Context
from optix_tui.remembered import Remembered
from optix_tui.screens.cone.estimators import WORD_OF, WORDS, after
from optix_tui.screens.listing import Listing
from optix_tui.screens.realized.paint import paint_realized
from optix_tui.screens.realized.view import (
    HORIZONS,
    SPANS,
    WINDOWS,
    GraphPreferences,
    GraphView,
    Shown,
    present,
    windows_asked,
)
from optix_tui.screens.table import Cursor
from optix_tui.theme import Palette

AHEAD = "AHEAD"
LEAST_WINDOW, MOST_WINDOW = 2, 504
MOST_AHEAD = 63


class RealizedPanel(Listing):
    """Realised volatility of a name through time."""

    code = "HVG"
    ask_every = 60.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.preferences = GraphPreferences()
        self._misread = ""
        self._take_arguments(self.context)
        self.facts: RealizedVolatility | None = None
        self.table: ForecastTable | None = None
        self._made: Remembered[GraphView] = Remembered()

    def queries(self, context: Context) -> tuple[Query[Any], ...]:
        if not context.symbol:
            return ()
        return (self._realized(), GetForecasts(symbol=context.symbol, horizon=self.preferences.horizon))

    def _realized(self) -> GetRealized:
        return GetRealized(symbol=self.context.symbol, windows=(21,), rolling=windows_asked(self.preferences))

    def load(self, context: Context) -> None:
        if context != self.context:
            self._take_arguments(context)
        super().load(context)

    def _take_arguments(self, context: Context) -> None:
        strange = []
        words = [one.upper() for one in context.args]
        place = 0
        while place < len(words):
            word, following = words[place], words[place + 1] if place + 1 < len(words) else ""
            if word in WORDS:
                self.preferences = replace(self.preferences, estimator=WORDS[word])
            elif word in Shown.__members__:
                self.preferences = replace(self.preferences, shown=Shown(word))
            elif word == AHEAD and following.isdecimal() and 1 <= int(following) <= MOST_AHEAD:
                self.preferences = replace(self.preferences, horizon=int(following))
                place += 1
            elif word.isdecimal() and LEAST_WINDOW <= int(word) <= MOST_WINDOW:
                self.preferences = replace(self.preferences, window=int(word))
            else:
                strange.append(word)
            place += 1
        known = ", ".join([*WORDS, "a window in sessions", f"{AHEAD} 1 to {MOST_AHEAD}", *Shown.__members__])
        self._misread = f"HVG knows no {' '.join(strange)}: there are {known}" if strange else ""

    def misread(self) -> str:
        return self._misread

    def lasting_args(self) -> tuple[str, ...]:
        usual, chosen = GraphPreferences(), self.preferences
        found: list[str] = []
        if chosen.estimator is not usual.estimator:
            found.append(WORD_OF[chosen.estimator])
        if chosen.window != usual.window:
            found.append(str(chosen.window))
        if chosen.horizon != usual.horizon:
            found += [AHEAD, str(chosen.horizon)]
        if chosen.shown is not usual.shown:
            found.append(chosen.shown.value)
        return tuple(found)

    def reset(self) -> None:
        self.facts, self.table = None, None
        self.cursor = Cursor()

    def answered(self, query: Query[Any], answer: Any) -> bool:
        if isinstance(answer, RealizedVolatility) and answer.symbol == self.context.symbol:
            if isinstance(query, GetRealized) and query.rolling != windows_asked(self.preferences):
                return False
            self.facts = answer
            return True
        if isinstance(answer, ForecastTable) and answer.symbol == self.context.symbol and answer.horizon == self.preferences.horizon:
            self.table = answer
            return True
        return False

    def fact_time(self) -> UtcNanos:
        """Sessions that are over have no age."""
        return UtcNanos(0)

    def count(self) -> int:
        return len(self.table.forecasts) if self.table else 0

    def title(self) -> str:
        return f"{self.context.symbol} {self.entry.title}" if self.context.symbol else self.entry.title

    def subtitle(self) -> str:
        return f"vol points a year of {self.facts.sessions_a_year:.0f} sessions  {self.facts.source}" if self.facts else ""

    def present(self) -> GraphView | None:
        width, height = self.outer_size
        parts = (self.facts, self.table, self.preferences, self.cursor.row)
        return self._made.of(*parts, width, height, make=lambda: present(*parts, width=width, height=max(height - 1, 0)))

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        paint_realized(canvas, view, palette, self.settle)

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def _choose(self, **changes: Any) -> None:
        self.preferences = replace(self.preferences, **changes)
        self.touch()

    def action_estimator(self, step: int) -> None:
        self._choose(estimator=after(self.preferences.estimator, step))

    def action_overlay(self) -> None:
        self._choose(all_estimators=not self.preferences.all_estimators)

    def action_window(self, step: int) -> None:
        self._choose(window=_next(WINDOWS, self.preferences.window, step))
        self.ask(self._realized())

    def action_span(self, step: int) -> None:
        self._choose(span=_next(SPANS, self.preferences.span, step))

    def action_horizon(self, step: int) -> None:
        self.table = None
        self._choose(horizon=_next(HORIZONS, self.preferences.horizon, step))
        self.ask(GetForecasts(symbol=self.context.symbol, horizon=self.preferences.horizon))

    def action_view(self) -> None:
        order = tuple(Shown)
        self._choose(shown=order[(order.index(self.preferences.shown) + 1) % len(order)])


def _next(values: tuple[int, ...], now: int, step: int) -> int:
    """The next value up or down, no further than the last."""
    rising = [value for value in values if value > now] if step > 0 else [value for value in reversed(values) if value < now]
    return rising[0] if rising else now
