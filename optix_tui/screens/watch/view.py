"""What a watchlist shows: its rows in their order, and the columns chosen for it."""

from collections.abc import Mapping
from math import nan

from msgspec import Struct

from engine.domain.ids import Symbol, UtcNanos
from engine.domain.market import FeedState, Verdict
from engine.messages.queries import Quote, Watchlist
from optix_tui.format import seconds_between
from optix_tui.screens.columns import COLUMNS, QuoteRow, chosen
from optix_tui.screens.table import Column, ordered

PRESETS: dict[str, tuple[str, ...]] = {
    "Main": ("last", "arrow", "change", "percent", "bid", "ask", "volume", "iv30", "rank", "reversal", "move", "put_call", "spark", "note"),
    "Vol": (
        "last",
        "arrow",
        "percent",
        "iv30",
        "iv_change",
        "rank",
        "percentile",
        "sessions",
        "realized",
        "premium",
        "reversal",
        "move",
        "put_call",
        "spark",
    ),
    "Quote": ("last", "arrow", "change", "percent", "bid", "ask", "volume", "place", "spark", "note"),
}
"""Sets of columns the ``o`` key goes through; a list's own columns stand before them."""
OWN = "List"
OLD = 120.0
"""Seconds without a word after which a name of a live feed is paled."""


class WatchFacts(Struct, frozen=True, kw_only=True):
    """What is known."""

    lists: tuple[Watchlist, ...] = ()
    quotes: Mapping[Symbol, Quote] = {}
    closes: Mapping[Symbol, float] = {}
    """IV30 at the last stored close."""
    unknown: frozenset[str] = frozenset()
    glow: Mapping[Symbol, float] = {}
    """How strongly the last prices flash, by name."""
    now: UtcNanos = UtcNanos(0)


class WatchPreferences(Struct, frozen=True, kw_only=True):
    """What the user chose."""

    name: str = ""
    """The list; "" is the first."""
    preset: str = ""
    """"" is the first that applies."""
    sort: str = ""
    """A column's key; "" keeps the list's own order."""
    descending: bool = True
    prompt: str | None = None
    """What is being typed to add; None while nothing is."""


class WatchView(Struct, frozen=True, kw_only=True):
    """A list to paint."""

    name: str
    place: int
    count: int
    preset: str
    rows: tuple[QuoteRow, ...]
    columns: tuple[Column[QuoteRow], ...]
    sort: str
    descending: bool
    prompt: str | None


def current(facts: WatchFacts, preferences: WatchPreferences) -> int:
    """Which of the lists is shown; names are found however they are spelled."""
    wanted = preferences.name.upper()
    return next((place for place, one in enumerate(facts.lists) if one.name.upper() == wanted), 0)


def presets_of(watchlist: Watchlist) -> tuple[str, ...]:
    """The sets of columns a list can be shown with."""
    return ((OWN,) if any(key in COLUMNS for key in watchlist.columns) else ()) + tuple(PRESETS)


def present(facts: WatchFacts, preferences: WatchPreferences) -> WatchView | None:
    """The rows, sorted; None until the lists are known."""
    if not facts.lists:
        return None
    place = current(facts, preferences)
    shown = facts.lists[place]
    presets = presets_of(shown)
    preset = preferences.preset if preferences.preset in presets else presets[0]
    columns = chosen(shown.columns if preset == OWN else PRESETS[preset])
    rows = tuple(_row(symbol, facts) for symbol in shown.symbols)
    sort = COLUMNS.get(preferences.sort)
    return WatchView(
        name=shown.name,
        place=place + 1,
        count=len(facts.lists),
        preset=preset,
        rows=ordered(rows, sort.order if sort else None, descending=preferences.descending),
        columns=columns,
        sort=preferences.sort,
        descending=preferences.descending,
        prompt=preferences.prompt,
    )


def _row(symbol: Symbol, facts: WatchFacts) -> QuoteRow:
    quote = facts.quotes.get(symbol)
    before = facts.closes.get(symbol, nan)
    return QuoteRow(
        symbol=symbol,
        quote=quote,
        is_unknown=symbol in facts.unknown,
        iv_change=quote.iv30 - before if quote is not None else nan,
        is_pale=quote is not None and is_old(quote, facts.now),
        glow=facts.glow.get(symbol, 0.0),
    )


def is_old(quote: Quote, now: UtcNanos) -> bool:
    """Its feed is down, its quote judged stale, or nothing was heard of it for long although the market is open."""
    if quote.verdict & Verdict.STALE or quote.state in {FeedState.DISCONNECTED, FeedState.DEGRADED, FeedState.CONNECTING}:
        return True
    return quote.state is FeedState.LIVE and seconds_between(quote.as_of, now) > OLD


def sortable(view: WatchView) -> tuple[str, ...]:
    """What the ``v`` key goes through: the list's own order, then each column that has one."""
    return ("", *(column.key for column in view.columns if column.order is not None))
