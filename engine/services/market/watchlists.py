"""Named lists of underlyings, kept as one document; the shipped ones stand until the user saves his own."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.domain.errors import BadInput, OptixError, Refused, UnknownSymbol
from engine.domain.ids import Symbol
from engine.messages.base import Receipt
from engine.messages.commands import DeleteWatchlist, SaveWatchlist
from engine.messages.queries import GetWatchlists, Watchlist, WatchlistSet
from engine.services.market.lookup import spelled
from engine.services.market.names import Names
from engine.storage.documents import Documents

DOCUMENT = "watchlists"
MOST_NAMES = 500
LONGEST_NAME = 40
MOST_NAMED = 12
"""So many names that are not listed are told one by one."""


class _Shipped(Struct, frozen=True):
    list: tuple[Watchlist, ...]


def shipped_lists(path: Path) -> WatchlistSet:
    """The lists of ``config/watchlists.toml``."""
    document = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _Shipped)
    return WatchlistSet(lists=document.list)


class Watchlists:
    """Answers, keeps and forgets lists."""

    def __init__(self, *, documents: Documents, shipped: Callable[[], WatchlistSet], names: Names) -> None:
        self._documents = documents
        self._shipped = shipped
        self._names = names

    async def lists(self, _: GetWatchlists) -> WatchlistSet:
        """All lists in the user's order."""
        return self._kept()

    async def save(self, command: SaveWatchlist) -> Receipt:
        """Keeps a list, replacing one of the same name in its place.

        Of new names for a list that is there those that are listed are taken, and the others named; a new list is made whole or not.
        """
        name = checked_name(command.name)
        symbols = tuple(dict.fromkeys(spelled(symbol) for symbol in command.symbols if symbol.strip()))
        if len(symbols) > MOST_NAMES:
            raise BadInput(f"a watchlist holds at most {MOST_NAMES} names, not {len(symbols)}")
        kept = self._kept().lists
        before = next((entry for entry in kept if entry.name == name), None)
        known = frozenset(before.symbols) if before is not None else frozenset[Symbol]()
        wrong = await self._wrong(symbols, known)
        if wrong and (before is None or not set(symbols) - known - set(wrong)):
            raise UnknownSymbol(f"{_refusal(wrong)}; the list stays as it was")
        symbols = tuple(symbol for symbol in symbols if symbol not in wrong)
        new = Watchlist(name=name, symbols=symbols, columns=command.columns)
        lists = tuple(new if entry.name == name else entry for entry in kept) if before is not None else (*kept, new)
        self._documents.save(DOCUMENT, WatchlistSet(lists=lists))
        return Receipt(text=f"{name}: {len(symbols)} names kept" + (f"; without what is not listed: {_refusal(wrong)}" if wrong else ""))

    async def delete(self, command: DeleteWatchlist) -> Receipt:
        """Forgets a list; the last one stays."""
        kept = self._kept().lists
        left = tuple(entry for entry in kept if entry.name != command.name.strip())
        if len(left) == len(kept):
            raise BadInput(f"there is no watchlist {command.name!r}: there are {', '.join(entry.name for entry in kept)}")
        if not left:
            raise Refused(f"{command.name} is the last watchlist: save another one first")
        self._documents.save(DOCUMENT, WatchlistSet(lists=left))
        return Receipt(text=f"{command.name} is forgotten")

    def _kept(self) -> WatchlistSet:
        kept = self._documents.load(DOCUMENT, WatchlistSet, WatchlistSet(lists=()))
        return kept if kept.lists else self._shipped()

    async def _wrong(self, symbols: tuple[Symbol, ...], known: frozenset[Symbol]) -> dict[Symbol, OptixError]:
        """New names that are not listed, and why; those already in the list may belong to another feed."""
        wrong: dict[Symbol, OptixError] = {}
        for symbol in symbols:
            if symbol in known:
                continue
            try:
                await self._names.security(symbol)
            except UnknownSymbol as error:
                wrong[symbol] = error
        return wrong


def _refusal(wrong: dict[Symbol, OptixError]) -> str:
    """Why the first is not taken, and which the others are."""
    first, *others = wrong
    named = ", ".join(others[:MOST_NAMED])
    more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    also = f"; neither {'is' if len(others) == 1 else 'are'} {named}{more}" if others else ""
    return f"{wrong[first]}{also}"


def checked_name(name: str) -> str:
    """A list's name: something printable of at most 40 characters."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadInput(f"{name!r} is no name for a watchlist: use 1 to {LONGEST_NAME} printable characters")
    return name
