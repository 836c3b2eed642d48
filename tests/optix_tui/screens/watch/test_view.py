from msgspec.structs import replace

from engine.domain.ids import UtcNanos
from engine.domain.instants import SECOND_NS
from engine.domain.market import FeedState, Verdict
from engine.messages.queries import Watchlist
from optix_tui.screens.watch.view import OWN, WatchFacts, WatchPreferences, is_old, present, sortable
from tests.kit import engine_facts, facts

FACTS = WatchFacts(
    lists=engine_facts.watchlists().lists,
    quotes={quote.security.symbol: quote for quote in facts.board().quotes},
    now=facts.NOW,
)


def symbols(**preferences: object) -> list[str]:
    return [row.symbol for row in present(FACTS, WatchPreferences(**preferences)).rows]


def test_a_list_keeps_its_own_order_until_it_is_sorted():
    assert symbols() == list(facts.SYMBOLS)
    assert symbols(sort="percent")[0] == "NVDA"
    assert symbols(sort="percent", descending=False)[0] == "VIX"
    assert symbols(sort="symbol", descending=False)[:2] == ["AAPL", "AMZN"]


def test_what_is_unknown_is_sorted_to_the_end():
    holes = replace(FACTS, quotes={**FACTS.quotes, "SPY": facts.unknown_quote("SPY")})
    for descending in (True, False):
        view = present(holes, WatchPreferences(sort="iv30", descending=descending))
        assert view.rows[-1].symbol == "SPY"


def test_lists_are_found_by_name_however_it_is_spelled():
    assert present(FACTS, WatchPreferences(name="megacaps")).name == "Megacaps"
    assert present(FACTS, WatchPreferences(name="nonsense")).name == "Main"


def test_a_list_with_columns_of_its_own_is_shown_with_them_first():
    own = Watchlist(name="Own", symbols=FACTS.lists[0].symbols, columns=("iv30", "rank", "oddity"))
    view = present(replace(FACTS, lists=(own,)), WatchPreferences())
    assert view.preset == OWN
    assert [column.key for column in view.columns] == ["symbol", "iv30", "rank"]
    assert present(replace(FACTS, lists=(own,)), WatchPreferences(preset="Vol")).preset == "Vol"


def test_names_the_market_lacks_stay_in_the_list_and_say_so():
    odd = Watchlist(name="Odd", symbols=("SPY", "ZZZZ", "QQQQ"))
    view = present(replace(FACTS, lists=(odd,), unknown=frozenset({"ZZZZ"})), WatchPreferences())
    assert [row.is_unknown for row in view.rows] == [False, True, False]
    assert view.rows[2].quote is None


def test_old_quotes_are_paled_but_a_frozen_market_is_not_old():
    quote = facts.quote("SPY")
    assert not is_old(quote, facts.NOW)
    assert is_old(quote, UtcNanos(facts.NOW + 300 * SECOND_NS))
    assert is_old(facts.quote("SPY", verdict=int(Verdict.STALE)), facts.NOW)
    assert is_old(facts.quote("SPY", state=FeedState.DISCONNECTED), facts.NOW)
    assert not is_old(facts.quote("SPY", state=FeedState.FROZEN), UtcNanos(facts.NOW + 10**6 * SECOND_NS))


def test_volatility_change_needs_a_close_to_compare_with():
    view = present(replace(FACTS, closes={"SPY": 0.13}), WatchPreferences())
    by_name = {row.symbol: row.iv_change for row in view.rows}
    assert round(by_name["SPY"], 4) == 0.0038
    assert by_name["QQQ"] != by_name["QQQ"]


def test_an_empty_set_is_waited_for_and_an_empty_list_is_shown():
    assert present(WatchFacts(), WatchPreferences()) is None
    assert present(replace(FACTS, lists=(Watchlist(name="New", symbols=()),)), WatchPreferences()).rows == ()


def test_only_columns_with_an_order_are_sorted_by():
    keys = sortable(present(FACTS, WatchPreferences()))
    assert keys[0] == ""
    assert "spark" not in keys
    assert "percent" in keys
