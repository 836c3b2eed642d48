"""CORR as a tile: the pair under the cursor is drawn through time; Enter gives it the screen."""

from typing import Any

from msgspec.structs import replace

from engine.domain.ids import Symbol, UtcNanos
from engine.messages.base import Query
from engine.messages.queries import GetWatchlists, Watchlist, WatchlistSet
from engine.messages.realized import CorrelationTable, GetCorrelation
from optix_tui.canvas import Canvas
from optix_tui.function import Context, Function
from optix_tui.remembered import Remembered
from optix_tui.screens.correlation.paint import paint_correlation
from optix_tui.screens.correlation.view import MOST_LAG, NAME_ROOM, WINDOWS, CorrelationPreferences, CorrelationView, present
from optix_tui.theme import Palette

LAG = "LAG"
LEAST_WINDOW, MOST_WINDOW = 20, 2_520
MOST_NAMES = 24
SESSIONS = 504


class CorrelationPanel(Function):
    """Correlations of any names."""

    code = "CORR"
    ask_every = 60.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.preferences = CorrelationPreferences()
        self._misread = ""
        self._words: tuple[str, ...] = ()
        """Names, or the name of a list, as they were typed."""
        self._take_arguments(self.context)
        self.lists: tuple[Watchlist, ...] | None = None
        self._chosen_list = 0
        self.table: CorrelationTable | None = None
        self._made: Remembered[CorrelationView] = Remembered()

    # -- facts --------------------------------------------------------------------------------------------------------------

    def queries(self, context: Context) -> tuple[Query[Any], ...]:  # noqa: ARG002 (its names are its own)
        lists: tuple[Query[Any], ...] = (GetWatchlists(),)
        return lists if self.lists is None or not self.names else (*lists, self._question())

    @property
    def names(self) -> tuple[Symbol, ...]:
        """What is compared: the names typed, those of the list typed, else those of the chosen list."""
        lists = self.lists or ()
        if len(self._words) == 1:
            named = next((one for one in lists if one.name.upper() == self._words[0]), None)
            if named is not None:
                return named.symbols[:MOST_NAMES]
        if self._words:
            return tuple(Symbol(word) for word in self._words[:MOST_NAMES])
        return lists[self._chosen_list % len(lists)].symbols[:MOST_NAMES] if lists else ()

    def _question(self) -> GetCorrelation:
        chosen = self.preferences
        back = max(SESSIONS, 2 * chosen.window + abs(chosen.lag))
        return GetCorrelation(symbols=self.names, window=chosen.window, lag=chosen.lag, pair=self._pair(), sessions=back)

    def _pair(self) -> tuple[Symbol, Symbol] | None:
        """The names under the cursor; where it stands on one with itself, those of before."""
        listed = self.table.symbols if self.table is not None and set(self.table.symbols) <= set(self.names) else self.names
        if len(listed) < 2:
            return None
        one, other = (listed[min(place, len(listed) - 1)] for place in (self.preferences.row, self.preferences.column))
        if one != other:
            return one, other
        told = self.table.pair if self.table is not None else None
        return (told.one, told.other) if told is not None and {told.one, told.other} <= set(listed) else None

    def load(self, context: Context) -> None:
        if context != self.context:
            self._take_arguments(context)
        super().load(context)

    def _take_arguments(self, context: Context) -> None:
        words = [one.upper() for one in context.args]
        names: list[str] = []
        wrong = ""
        place = 0
        while place < len(words):
            word = words[place]
            if word == LAG:
                lag = _whole(words[place + 1]) if place + 1 < len(words) else None
                if lag is None or abs(lag) > MOST_LAG:
                    wrong = f"LAG is followed by sessions from -{MOST_LAG} to {MOST_LAG}"
                else:
                    self.preferences = replace(self.preferences, lag=lag)
                place += 1
            elif word.isdecimal():
                if LEAST_WINDOW <= int(word) <= MOST_WINDOW:
                    self.preferences = replace(self.preferences, window=int(word))
                else:
                    wrong = f"a window has {LEAST_WINDOW} to {MOST_WINDOW} common sessions, not {word}"
            elif word not in names:
                names.append(word)
            place += 1
        if len(names) > MOST_NAMES:
            wrong = f"{len(names)} names are too many for one table: {MOST_NAMES} at most"
        self._words, self._misread = tuple(names), wrong

    def misread(self) -> str:
        return self._misread

    def lasting_args(self) -> tuple[str, ...]:
        usual, chosen = CorrelationPreferences(), self.preferences
        window = (str(chosen.window),) if chosen.window != usual.window else ()
        lag = (LAG, str(chosen.lag)) if chosen.lag else ()
        return (*self._words, *window, *lag)

    def reset(self) -> None:
        self.table = None
        self.preferences = replace(self.preferences, row=0, column=1)

    def answered(self, query: Query[Any], answer: Any) -> bool:
        if isinstance(answer, WatchlistSet):
            first = self.lists is None
            self.lists = answer.lists
            if first and self.names:
                self.ask(self._question())
            elif not self.names:
                self.trouble = "there is no watchlist with names: type them behind CORR, such as CORR SPY QQQ"
            return not self.names
        if not isinstance(answer, CorrelationTable) or not isinstance(query, GetCorrelation) or query != self._question():
            return False
        self.table = answer
        if self._question() != query:
            self.ask(self._question())
        return True

    def fact_time(self) -> UtcNanos:
        """Sessions that are over have no age."""
        return UtcNanos(0)

    def subtitle(self) -> str:
        return f"daily log returns  {self.table.source}" if self.table else ""

    def present(self) -> CorrelationView | None:
        width, height = self.outer_size
        parts = (self.table, self.preferences)
        return self._made.of(*parts, width, height, make=lambda: present(*parts, width=width, height=max(height - 1, 0)))

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        paint_correlation(canvas, view, palette)

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def _choose(self, **changes: Any) -> None:
        self.preferences = replace(self.preferences, **changes)
        self.touch()

    def _ask(self) -> None:
        if self.names:
            self.ask(self._question())

    def action_step(self, down: int, across: int) -> None:
        last = max(len(self.table.symbols) - 1, 0) if self.table else 0
        row, column = (min(max(place, 0), last) for place in (self.preferences.row + down, self.preferences.column + across))
        self._stand(row, column)

    def _stand(self, row: int, column: int) -> None:
        """The cursor stands there now; the pair is asked for."""
        if (row, column) != (self.preferences.row, self.preferences.column):
            self._choose(row=row, column=column)
            self._ask()

    def action_alone(self) -> None:
        view = self.present()
        if not self.preferences.alone and (view is None or view.row == view.column):
            self.desk.tell("choose two names: the cursor stands on one with itself")
            return
        self._choose(alone=not self.preferences.alone)

    def action_window(self, step: int) -> None:
        now = self.preferences.window
        found = [one for one in WINDOWS if one > now] if step > 0 else [one for one in reversed(WINDOWS) if one < now]
        if found:
            self._choose(window=found[0])
            self._ask()

    def action_lag(self, step: int) -> None:
        lag = min(max(self.preferences.lag + step, -MOST_LAG), MOST_LAG)
        if lag != self.preferences.lag:
            self._choose(lag=lag)
            self._ask()

    def action_list(self, step: int) -> None:
        if not self.lists:
            self.desk.tell("there is no watchlist: W NEW makes one")
            return
        if self._words:
            self._words = ()
        else:
            self._chosen_list = (self._chosen_list + step) % len(self.lists)
        self._choose(row=0, column=1)
        self.desk.tell(f"{self.lists[self._chosen_list].name}: {len(self.names)} names")
        self._ask()

    def clicked(self, x: int, y: int, times: int) -> None:
        view = self.present()
        if view is None or y < 2 or x < NAME_ROOM:
            return
        line, across = (y - 2) // view.form, (x - NAME_ROOM) // view.pitch
        if line < view.lines and across < view.columns:
            self._stand(view.top + line, view.left + across)
            if times == 2:
                self.action_alone()


def _whole(text: str) -> int | None:
    digits = text.removeprefix("-").removeprefix("+")
    return int(text) if digits.isdecimal() else None
