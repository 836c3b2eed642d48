"""HIVG as a tile: any coordinate of a name by session or as it was recorded within them, a crosshair, and its breaches."""

from typing import Any

from msgspec.structs import replace

from engine.domain.errors import BadInput
from engine.domain.ids import UtcNanos
from engine.domain.instants import DAY_NS
from engine.domain.marks import BreachTable
from engine.domain.measures import parse_measure
from engine.messages.base import Event, Query, Topic, topic
from engine.messages.breaches import BreachHappened, GetBreaches
from engine.messages.measures import GetMeasures, MeasureTable
from optix_tui.canvas import Canvas
from optix_tui.function import Context
from optix_tui.remembered import Remembered
from optix_tui.screens.listing import Listing
from optix_tui.screens.table import Cursor
from optix_tui.screens.volhistory.paint import paint_history
from optix_tui.screens.volhistory.view import (
    COORDINATES,
    INTRADAY,
    LENGTHS,
    HistoryFacts,
    HistoryPreferences,
    HistoryView,
    first_known,
    present,
)
from optix_tui.theme import Palette

LENGTH_WORDS = {"3M": 63, "6M": 126, "1Y": 252, "2Y": 504, "3Y": 756}
SHORT = {"IV": "atm:30", "ATM": "atm:30", "RR": "rr25:30", "BF": "bf25:30", "TERM": "term:30:90", "VIX": "index:30", "RV": "rv:30"}
SHORT |= {"VRP": "vrp:30"}
MOST_OTHERS = 8


class VolatilityHistoryPanel(Listing):
    """How the volatility of a name has moved."""

    code = "HIVG"
    ask_every = 20.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.facts = HistoryFacts()
        self.preferences = HistoryPreferences()
        self._misread = ""
        self._is_named = False
        """The coordinate was chosen by hand: it stays, whatever is known of it."""
        self._others: tuple[str, ...] | None = None
        """Measures that are kept of a name of which none of the usual ones is, such as an imported index; None: not asked for."""
        self._made: Remembered[HistoryView] = Remembered()
        self._take_arguments(self.context)

    # -- arguments ----------------------------------------------------------------------------------------------------------

    def load(self, context: Context) -> None:
        if context.args != self.context.args:
            self._take_arguments(context)
        super().load(context)

    def _take_arguments(self, context: Context) -> None:
        found, strange = HistoryPreferences(), list[str]()
        self._is_named = False
        for word in context.args:
            upper = word.upper()
            if upper in SHORT:
                found = replace(found, measure=SHORT[upper])
            elif upper in LENGTH_WORDS:
                found = replace(found, length=LENGTH_WORDS[upper])
            elif upper in {"DAILY", "INTRADAY"}:
                found = replace(found, intraday=upper == "INTRADAY")
            else:
                try:
                    found = replace(found, measure=parse_measure(word).text)
                except BadInput:
                    strange.append(word)
            self._is_named |= found.measure != HistoryPreferences().measure or SHORT.get(upper) == found.measure
        self.preferences = found
        known = ", ".join([*SHORT, *LENGTH_WORDS, "DAILY", "INTRADAY"])
        self._misread = f"HIVG knows no {' '.join(strange)}: there are {known}, and measures such as atm:60" if strange else ""

    def misread(self) -> str:
        return self._misread

    def lasting_args(self) -> tuple[str, ...]:
        usual, chosen = HistoryPreferences(), self.preferences
        length = next((word for word, sessions in LENGTH_WORDS.items() if sessions == chosen.length), "1Y")
        return tuple(
            word
            for word, differs in (
                (chosen.measure, chosen.measure != usual.measure),
                (length, chosen.length != usual.length),
                ("INTRADAY", chosen.intraday),
            )
            if differs
        )

    # -- facts --------------------------------------------------------------------------------------------------------------

    @property
    def coordinates(self) -> tuple[str, ...]:
        """The usual ones, and the one that was named."""
        known = (*(self._others or ()), *COORDINATES)
        mine = self.preferences.measure
        return known if mine in known else (mine, *known)

    def topics(self, context: Context) -> tuple[Topic, ...]:
        return (topic(BreachHappened, context.symbol),) if context.symbol else ()

    def queries(self, context: Context) -> tuple[Query[Any], ...]:
        if not context.symbol:
            return ()
        length = self.preferences.length
        daily = GetMeasures(symbol=context.symbol, measures=self.coordinates, limit=length, window=length)
        breaches = GetBreaches(symbol=context.symbol)
        if not self.preferences.intraday:
            return (breaches, daily)  # the refusal of the last one stays on the screen
        return (breaches, daily, self._samples(context))

    def _samples(self, context: Context) -> GetMeasures:
        return GetMeasures(symbol=context.symbol, measures=(self.preferences.measure,), daily=False, limit=INTRADAY)

    def reset(self) -> None:
        self.facts = HistoryFacts()
        self.cursor = Cursor()
        self._others = None
        usual = HistoryPreferences().measure
        self.preferences = replace(self.preferences, crosshair=None, measure=self.preferences.measure if self._is_named else usual)

    def answered(self, query: Query[Any], answer: Any) -> bool:
        if isinstance(answer, MeasureTable) and isinstance(query, GetMeasures):
            if query.daily and not query.measures:
                self._others = tuple(one.measure for one in answer.histories if one.at.size)[:MOST_OTHERS]
                if self._others:
                    self.ask_again()
            elif query.daily:
                self.facts = replace(self.facts, daily=answer)
                self._choose_what_is_known(answer)
            else:
                self.facts = replace(self.facts, intraday=answer.histories[0] if answer.histories else None)
            return True
        if isinstance(answer, BreachTable):
            self.facts = replace(self.facts, breaches=answer)
            return True
        return False

    def _choose_what_is_known(self, table: MeasureTable) -> None:
        """Where nobody has chosen a coordinate, and the usual one has no past: the first that has one."""
        known = first_known(table)
        if not known and self._others is None and self.context.symbol:
            self._others = ()
            self.ask(GetMeasures(symbol=self.context.symbol, limit=1))
        chosen = next((one for one in table.histories if one.measure == self.preferences.measure), None)
        if known and not self._is_named and (chosen is None or chosen.value.size < 2):
            self.preferences = replace(self.preferences, measure=known)

    def received(self, event: Event) -> bool:
        if isinstance(event, BreachHappened):
            self.ask(GetBreaches(symbol=self.context.symbol))
        return False

    @property
    def has_heard(self) -> bool:
        return self.facts.daily is not None

    def count(self) -> int:
        return len(self.facts.daily.histories) if self.facts.daily is not None else 0

    # -- the picture --------------------------------------------------------------------------------------------------------

    def title(self) -> str:
        return f"{self.context.symbol} {self.entry.title}" if self.context.symbol else self.entry.title

    def subtitle(self) -> str:
        if self.facts.daily is None:
            return ""
        span = "within sessions" if self.preferences.intraday else f"{self.preferences.length} sessions"
        return f"{self.preferences.measure}  {span}  {self.facts.daily.source}"

    def present(self) -> HistoryView | None:
        width, height = self.outer_size
        today = self._today()

        def made() -> HistoryView | None:
            facts = replace(self.facts, intraday_trouble=self.trouble if self.facts.intraday is None else "")
            return present(facts, self.preferences, width=width, height=max(height - 1, 0), now=today)

        return self._made.of(self.facts, self.trouble, self.preferences, width, height, today, make=made)

    def _today(self) -> int:
        return self.desk.market_time() // DAY_NS * DAY_NS

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        shown = next((place for place, row in enumerate(view.standings) if row.is_shown), 0)
        self.cursor = self.cursor._replace(row=shown)
        paint_history(canvas, view, palette, self.settle)

    def fact_time(self) -> UtcNanos:
        return UtcNanos(0)

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def _choose(self, *, ask: bool = False, **changes: Any) -> None:
        self.preferences = replace(self.preferences, **changes)
        if ask:
            self.ask_again()
        self.touch()

    def _show(self, measure: str) -> None:
        self._is_named = True
        if measure != self.preferences.measure:
            self.facts = replace(self.facts, intraday=None)
            self._choose(ask=self.preferences.intraday, measure=measure, crosshair=None)

    def chosen(self) -> None:
        if self.facts.daily is not None and 0 <= self.cursor.row < len(self.facts.daily.histories):
            self._show(self.facts.daily.histories[self.cursor.row].measure)

    def action_coordinate(self, step: int) -> None:
        order = self.coordinates
        self._show(order[(order.index(self.preferences.measure) + step) % len(order)])

    def action_span(self) -> None:
        self._choose(ask=True, intraday=not self.preferences.intraday, crosshair=None)

    def action_length(self, step: int) -> None:
        place = LENGTHS.index(self.preferences.length) + step
        if 0 <= place < len(LENGTHS):
            self._choose(ask=True, length=LENGTHS[place], crosshair=None)

    def action_crosshair(self, step: int) -> None:
        view = self.present()
        if view is None or not view.value.size:
            return
        back = self.preferences.crosshair
        moved = 0 if back is None else back - step
        self._choose(crosshair=min(max(moved, 0), view.value.size - 1))

    def action_latest(self) -> None:
        self._choose(crosshair=None)

    def action_marks(self) -> None:
        self._choose(breaches=not self.preferences.breaches)

    def clicked(self, x: int, y: int, times: int) -> None:
        view = self.present()
        if view is not None and view.side and x >= self.outer_size.width - view.side:
            super().clicked(x, y, times)
