"""`optix watchlist`: the named lists of underlyings."""

from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli import output
from engine.cli.nouns import noun
from engine.cli.session import Json, with_engine

if TYPE_CHECKING:
    from engine.api import Engine, Receipt, Watchlist, WatchlistSet

app = noun("Named lists of underlyings.")

Name = Annotated[str, typer.Argument(help="The list's name.")]
Symbols = Annotated[list[str], typer.Argument(help="Tickers.")]


async def _lists(engine: "Engine") -> "WatchlistSet":
    from engine.api import GetWatchlists

    return await engine.ask(GetWatchlists())


async def _named(engine: "Engine", name: str) -> "Watchlist":
    from engine.api import BadInput

    known = (await _lists(engine)).lists
    for found in known:
        if found.name.lower() == name.lower():
            return found
    raise BadInput(f"there is no watchlist {name!r}; there are {', '.join(found.name for found in known)}")


@app.command("show")
def show(name: Annotated[str | None, typer.Argument(help="One list; none: all.")] = None, as_json: Json = False) -> None:
    """The lists and what is in them."""

    async def ask(engine: "Engine") -> "tuple[Watchlist, ...]":
        return (await _named(engine, name),) if name else (await _lists(engine)).lists

    lists = with_engine(ask, of_market=False)
    if as_json:
        output.document(
            {
                "schema": output.schema("watchlists"),
                "lists": [{"name": one.name, "symbols": one.symbols, "columns": one.columns} for one in lists],
            }
        )
    else:
        output.pairs((one.name, " ".join(one.symbols)) for one in lists)


def _save(name: str, change: "list[str] | None", remove: "list[str] | None", *, replace: bool, as_json: bool) -> None:
    async def act(engine: "Engine") -> "Receipt":
        from engine.api import SaveWatchlist, Symbol

        if replace:
            return await engine.do(SaveWatchlist(name=name, symbols=tuple(Symbol(s.upper()) for s in change or ())))
        found = await _named(engine, name)
        gone = {symbol.upper() for symbol in remove or ()}
        kept = [symbol for symbol in found.symbols if symbol not in gone]
        kept += [Symbol(s.upper()) for s in change or () if s.upper() not in kept]
        return await engine.do(SaveWatchlist(name=found.name, symbols=tuple(kept), columns=found.columns))

    output.receipt("watchlist", with_engine(act, of_market=False), as_json=as_json)


@app.command("set")
def set_(name: Name, symbols: Symbols, as_json: Json = False) -> None:
    """Makes or replaces a list."""
    _save(name, symbols, None, replace=True, as_json=as_json)


@app.command("add")
def add(name: Name, symbols: Symbols, as_json: Json = False) -> None:
    """Adds names to a list."""
    _save(name, symbols, None, replace=False, as_json=as_json)


@app.command("remove")
def remove(name: Name, symbols: Symbols, as_json: Json = False) -> None:
    """Takes names out of a list."""
    _save(name, None, symbols, replace=False, as_json=as_json)


@app.command("delete")
def delete(name: Name, as_json: Json = False) -> None:
    """Forgets a whole list."""

    async def act(engine: "Engine") -> "Receipt":
        from engine.api import DeleteWatchlist

        return await engine.do(DeleteWatchlist(name=(await _named(engine, name)).name))

    output.receipt("watchlist", with_engine(act, of_market=False), as_json=as_json)
