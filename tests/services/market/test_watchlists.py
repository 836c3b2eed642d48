from pathlib import Path

import pytest

from engine.domain.errors import BadInput, Refused, UnknownSymbol
from engine.domain.ids import Symbol
from engine.kernel.paths import shipped
from engine.messages.commands import DeleteWatchlist, SaveWatchlist
from engine.messages.queries import GetWatchlists, Watchlist, WatchlistSet
from engine.services.market.watchlists import Watchlists, shipped_lists
from engine.storage.documents import Documents
from tests.kit.market import listing, series_of
from tests.kit.market_room import MarketRoom

FIRST = WatchlistSet(lists=(Watchlist(name="Core", symbols=(Symbol("SPY"), Symbol("OTHER"))),))


def service(folder: Path) -> Watchlists:
    room = MarketRoom()
    room.emit(listing(series_of("SPY"), series_of("SPXW"), symbols=("QQQ",)))
    return Watchlists(documents=Documents(folder), shipped=lambda: FIRST, names=room.names())


async def names(lists: Watchlists) -> list[str]:
    return [entry.name for entry in (await lists.lists(GetWatchlists())).lists]


def save(name: str, *symbols: str) -> SaveWatchlist:
    return SaveWatchlist(name=name, symbols=tuple(Symbol(symbol) for symbol in symbols))


async def test_the_shipped_lists_stand_until_one_is_saved_and_a_saved_one_survives(tmp_path: Path) -> None:
    lists = service(tmp_path)
    assert await names(lists) == ["Core"]
    await lists.save(save(" Mine ", "spy", "QQQ", "SPY"))
    again = service(tmp_path)
    assert await names(again) == ["Core", "Mine"]
    assert (await again.lists(GetWatchlists())).lists[1].symbols == ("SPY", "QQQ")


async def test_a_list_of_the_same_name_is_replaced_in_its_place(tmp_path: Path) -> None:
    lists = service(tmp_path)
    await lists.save(save("Mine", "SPY"))
    await lists.save(save("Core", "QQQ"))
    assert await names(lists) == ["Core", "Mine"]


async def test_a_name_that_is_not_listed_is_refused_unless_the_list_had_it(tmp_path: Path) -> None:
    lists = service(tmp_path)
    with pytest.raises(UnknownSymbol, match="QQZ"):
        await lists.save(save("Mine", "SPY", "QQZ"))
    await lists.save(save("Core", "OTHER", "QQQ"))


async def test_of_many_names_that_are_not_listed_each_is_named_once_and_nothing_is_kept(tmp_path: Path) -> None:
    lists = service(tmp_path)
    with pytest.raises(UnknownSymbol) as refused:
        await lists.save(save("Mine", "SPY", *(f"XQ{number}" for number in range(48))))
    words = str(refused.value)
    assert words.count("is not listed by this feed") == 1
    assert "neither are XQ1, XQ2, XQ3" in words
    assert "and 35 more; the list stays as it was" in words
    assert await names(lists) == ["Core"]


async def test_of_several_names_for_a_list_those_that_are_listed_are_taken_and_the_others_named(tmp_path: Path) -> None:
    lists = service(tmp_path)
    await lists.save(save("Mine", "SPY"))
    receipt = await lists.save(save("Mine", "SPY", "NOPE", "QQQ"))
    assert receipt.text.startswith("Mine: 2 names kept; without what is not listed: ")
    assert "NOPE" in receipt.text
    kept = next(one for one in (await lists.lists(GetWatchlists())).lists if one.name == "Mine")
    assert kept.symbols == ("SPY", "QQQ")
    with pytest.raises(UnknownSymbol, match="the list stays as it was"):
        await lists.save(save("Mine", "SPY", "QQQ", "NOPE"))


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\x07b", "two\nlines"])
async def test_a_list_needs_a_printable_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no name for a watchlist"):
        await service(tmp_path).save(save(name, "SPY"))


async def test_a_list_is_forgotten_but_the_last_one_stays(tmp_path: Path) -> None:
    lists = service(tmp_path)
    await lists.save(save("Mine", "SPY"))
    await lists.delete(DeleteWatchlist(name="Core"))
    assert await names(lists) == ["Mine"]
    with pytest.raises(Refused, match="last watchlist"):
        await lists.delete(DeleteWatchlist(name="Mine"))
    with pytest.raises(BadInput, match="there are Mine"):
        await lists.delete(DeleteWatchlist(name="Core"))


async def test_too_long_a_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="at most 500"):
        await service(tmp_path).save(save("Mine", *(f"N{number}" for number in range(501))))


def test_the_shipped_lists_can_be_read() -> None:
    lists = shipped_lists(shipped("config") / "watchlists.toml").lists
    assert lists[0].name == "Core"
    assert "SPX" in lists[0].symbols
