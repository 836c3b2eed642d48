"""W as a tile: lists kept by the engine, names added and removed, the chosen one handed to the linked tiles."""

from math import isfinite
from typing import Any

from msgspec.structs import replace
from textual.events import Key

from engine.domain.ids import Symbol, UtcNanos
from engine.messages.base import Event, Query, Topic, topic
from engine.messages.commands import DeleteWatchlist, SaveWatchlist
from engine.messages.events import QuoteChanged
from engine.messages.queries import (
    GetQuotes,
    GetVolatilityHistory,
    GetWatchlists,
    QuoteBoard,
    VolatilityTable,
    Watchlist,
    WatchlistSet,
)
from optix_tui.canvas import Canvas
from optix_tui.function import Context
from optix_tui.screens.closes import Closes
from optix_tui.screens.listing import Listing
from optix_tui.screens.typing_line import TypedLine
from optix_tui.screens.watch.flashes import Flashes
from optix_tui.screens.watch.paint import paint_watch
from optix_tui.screens.watch.view import WatchFacts, WatchPreferences, WatchView, current, present, presets_of, sortable
from optix_tui.theme import Palette

VERBS = frozenset({"ADD", "REMOVE", "NEW", "DELETE"})


class Watch(Listing):
    """The watchlists."""

    code = "W"
    stale_after = 60.0
    ask_every = 30.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.flashes = Flashes()
        self.facts = WatchFacts()
        self.preferences = WatchPreferences()
        self.closes = Closes()
        self._wanted: tuple[str, ...] = ()
        """A command given with the code, kept until the lists are known."""
        self._on_row = Symbol("")
        self._watched: frozenset[Symbol] = frozenset()
        self._take_arguments(self.context)

    # -- which list ---------------------------------------------------------------------------------------------------------

    def load(self, context: Context) -> None:
        super().load(self._take_arguments(context))
        if self.facts.lists:
            self._obey()

    def _take_arguments(self, context: Context) -> Context:
        """A verb is done once and is no part of what the tile is; a name is the list to show."""
        if context.args and context.args[0].upper() in VERBS:
            self._wanted = context.args
            context = replace(context, args=())
        elif context.args and (context.args != self.context.args or not self.preferences.name):
            self.preferences = replace(self.preferences, name=" ".join(context.args))
        self.context = context
        return context

    def lasting_args(self) -> tuple[str, ...]:
        return tuple(self.preferences.name.split())

    def _obey(self) -> None:
        verb, names = (self._wanted[0].upper(), self._wanted[1:]) if self._wanted else ("", ())
        self._wanted = ()
        if verb == "ADD":
            self.add_names(names)
        elif verb == "REMOVE":
            self.drop_names(names)
        elif verb == "NEW" and names:
            name = " ".join(names)
            self.preferences = replace(self.preferences, name=name)
            self.perform(SaveWatchlist(name=name, symbols=()))
        elif verb == "DELETE":
            self.perform(DeleteWatchlist(name=self._named(" ".join(names))))

    def _named(self, text: str) -> str:
        return next((one.name for one in self.facts.lists if one.name.upper() == text.upper()), text)

    @property
    def shown(self) -> Watchlist | None:
        """The list on the screen."""
        return self.facts.lists[current(self.facts, self.preferences)] if self.facts.lists else None

    def count(self) -> int:
        return len(self.shown.symbols) if self.shown else 0

    # -- facts --------------------------------------------------------------------------------------------------------------

    def topics(self, context: Context) -> tuple[Topic, ...]:  # noqa: ARG002 (a list is about its own names)
        self._watched = frozenset(self.shown.symbols if self.shown else ())
        return tuple(topic(QuoteChanged, symbol) for symbol in sorted(self._watched))

    def queries(self, context: Context) -> tuple[Query[Any], ...]:  # noqa: ARG002
        if self.shown is None or not self.shown.symbols:
            return (GetWatchlists(),)
        return (GetWatchlists(), GetQuotes(symbols=self.shown.symbols))

    def answered(self, query: Query[Any], answer: Any) -> bool:
        if isinstance(answer, WatchlistSet):
            return self._take_lists(answer)
        if isinstance(answer, QuoteBoard):
            quotes = {**self.facts.quotes, **{quote.security.symbol: quote for quote in answer.quotes}}
            unknown = (self.facts.unknown - {str(symbol) for symbol in quotes}) | frozenset(answer.unknown)
            self.facts = replace(self.facts, quotes=quotes, unknown=unknown)
            self._ask_closes()
            return True
        if isinstance(answer, VolatilityTable) and isinstance(query, GetVolatilityHistory):
            self.closes = self.closes.with_table(answer, self.desk.market_time())
            self.facts = replace(self.facts, closes=self.closes.known)
            return True
        return False

    def _take_lists(self, answer: WatchlistSet) -> bool:
        changed = answer.lists != self.facts.lists
        self.facts = replace(self.facts, lists=answer.lists)
        if self._wanted:
            self._obey()
        self._watch_what_is_shown()
        return changed

    def _watch_what_is_shown(self) -> None:
        if self.shown is not None and frozenset(self.shown.symbols) != self._watched:
            self.connect()

    def _ask_closes(self) -> None:
        """Yesterday's volatility of each name that is not known yet; the names are asked for again from time to time."""
        for symbol in self.closes.missing(self.facts.quotes, self.desk.market_time()):
            self.ask(GetVolatilityHistory(symbol=symbol, sessions=2))

    def received(self, event: Event) -> bool:
        if not isinstance(event, QuoteChanged) or event.quote.security.symbol not in self._watched:
            return False
        symbol = event.quote.security.symbol
        self.flashes.see(self.facts.quotes.get(symbol), event.quote)
        self.facts = replace(self.facts, quotes={**self.facts.quotes, symbol: event.quote})
        return True

    def drain(self) -> None:
        if self.flashes.fade():
            self.touch_as_moved()
        super().drain()

    def is_whole(self) -> bool:
        """Each name of the list has a price, or is none of this market."""
        quotes = self.facts.quotes
        return self.shown is not None and all(
            name in self.facts.unknown or (name in quotes and isfinite(quotes[name].last)) for name in self.shown.symbols
        )

    def fact_time(self) -> UtcNanos:
        return max((quote.as_of for quote in self.facts.quotes.values()), default=UtcNanos(0))

    # -- the picture --------------------------------------------------------------------------------------------------------

    def title(self) -> str:
        return f"Watchlist {self.shown.name}" if self.shown else self.entry.title

    def subtitle(self) -> str:
        view = self.present()
        if view is None:
            return ""
        order = f"by {view.sort} " if view.sort else ""
        return f"{len(view.rows)} names  {order}{view.preset} ▾  list {view.place}/{view.count}"

    def present(self) -> WatchView | None:
        return present(replace(self.facts, now=self.desk.market_time(), glow=self.flashes.shares()), self.preferences)

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        rows = [row.symbol for row in view.rows]
        if self._on_row in rows:
            self.cursor = self.cursor._replace(row=rows.index(self._on_row))
        paint_watch(canvas, view, palette, self.settle)
        self._on_row = rows[self.cursor.row] if rows else Symbol("")

    def chosen(self) -> None:
        view = self.present()
        self._on_row = view.rows[self.cursor.row].symbol if view and view.rows else Symbol("")

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def _choose(self, **changes: Any) -> None:
        self.preferences = replace(self.preferences, **changes)
        self.touch()

    def action_drill(self) -> None:
        if self._on_row and self.context.group is None:
            self.desk.tell("this tile is pinned: g and a letter link it to others")
        elif self._on_row:
            self.desk.link(self.context.group, self._on_row)

    def action_columns(self) -> None:
        if self.shown is not None and (view := self.present()) is not None:
            presets = presets_of(self.shown)
            self._choose(preset=presets[(presets.index(view.preset) + 1) % len(presets)])

    def action_sort(self) -> None:
        if (view := self.present()) is not None:
            keys = sortable(view)
            place = keys.index(view.sort) if view.sort in keys else 0
            self._choose(sort=keys[(place + 1) % len(keys)])

    def action_reverse(self) -> None:
        self._choose(descending=not self.preferences.descending)

    def action_list(self, step: int) -> None:
        if self.facts.lists:
            place = (current(self.facts, self.preferences) + step) % len(self.facts.lists)
            self._choose(name=self.facts.lists[place].name)
            self._on_row = Symbol("")
            self._watch_what_is_shown()

    def action_add(self) -> None:
        mine = self.shown.symbols if self.shown else ()
        offered = self.context.symbol if self.context.symbol not in mine else ""
        self._choose(prompt=str(offered))

    def action_remove(self) -> None:
        if self._on_row:
            self.drop_names((self._on_row,))

    def add_names(self, names: tuple[str, ...]) -> None:
        """Puts names at the end of the list."""
        if self.shown is not None:
            fresh = [Symbol(name.upper()) for name in dict.fromkeys(names) if name.upper() not in self.shown.symbols]
            if fresh:
                self._on_row = fresh[-1]
                self.perform(replace_symbols(self.shown, (*self.shown.symbols, *fresh)))

    def drop_names(self, names: tuple[str, ...]) -> None:
        """Takes names out of the list."""
        if self.shown is not None:
            gone = {name.upper() for name in names}
            self.perform(replace_symbols(self.shown, tuple(symbol for symbol in self.shown.symbols if symbol not in gone)))

    def on_key(self, event: Key) -> None:
        """While a name is being typed, keys type."""
        typed = self.preferences.prompt
        if typed is None:
            return
        if event.key == "escape":
            self._choose(prompt=None)
        elif event.key == "enter":
            self._choose(prompt=None)
            self.add_names(tuple(typed.replace(",", " ").split()))
        else:
            line = TypedLine(typed).after(event.key, event.character)
            if line is None:
                return
            self._choose(prompt=line.text.upper())
        event.stop()
        event.prevent_default()


def replace_symbols(watchlist: Watchlist, symbols: tuple[Symbol, ...]) -> SaveWatchlist:
    """The command that gives a list other names."""
    return SaveWatchlist(name=watchlist.name, symbols=symbols, columns=watchlist.columns)
