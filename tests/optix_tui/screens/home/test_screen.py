from engine.domain.errors import UnknownSymbol
from engine.messages.events import QuoteChanged, StatusChanged
from engine.messages.queries import GetExpirations, GetVolatilityHistory
from tests.kit import engine_facts, facts
from tests.kit.stage import Stage, told_engine


async def test_the_cursor_walks_over_names_and_never_stands_on_a_title():
    stage = Stage("HOME")
    async with stage.run_test(size=(80, 24)) as pilot:
        await stage.settle(pilot)
        await pilot.press("down", "down", "enter")
        assert stage.linked == [(0, "SPY")]
        await pilot.press("up", "up", "enter")
        assert stage.linked[-1] == (0, "SPX")
        await pilot.press("home", "enter")
        assert stage.linked[-1] == (0, "SPX")


async def test_the_clock_of_the_session_runs_with_each_status():
    stage = Stage("HOME")
    async with stage.run_test(size=(80, 24)) as pilot:
        await stage.settle(pilot)
        assert "closes in 1:27:53" in stage.text()
        stage.market_time = lambda: facts.NOW + 10**9
        stage.engine.say(StatusChanged(status=engine_facts.status()))
        await stage.settle(pilot)
        assert "closes in 1:27:52" in stage.text()


async def test_a_market_without_a_volatility_index_is_shown_without_its_term():
    engine = told_engine(("SPY", "AAPL"))

    def unlisted(_query):
        raise UnknownSymbol("VIX is not listed by this feed")

    engine.answers[GetExpirations] = unlisted
    stage = Stage("HOME", engine=engine)
    async with stage.run_test(size=(160, 40)) as pilot:
        await stage.settle(pilot)
        assert "VIX TERM" not in stage.text()
        assert "AAPL" in stage.text()


async def test_yesterdays_volatility_is_asked_for_once_a_name():
    stage = Stage("HOME")
    async with stage.run_test(size=(160, 40)) as pilot:
        await stage.settle(pilot)
        await stage.settle(pilot)
        asked = [query.symbol for query in stage.engine.asked if isinstance(query, GetVolatilityHistory)]
        assert sorted(asked) == sorted(facts.SYMBOLS)


async def test_a_name_listed_later_appears():
    stage = Stage("HOME", engine=told_engine(("SPY",)))
    async with stage.run_test(size=(80, 24)) as pilot:
        await stage.settle(pilot)
        stage.engine.say(QuoteChanged(quote=facts.quote("NVDA")))
        await stage.settle(pilot)
        assert "NVDA" in stage.text()


async def test_a_narrow_and_high_tile_shows_what_moves_below_its_boards():
    stage = Stage("HOME")
    async with stage.run_test(size=(82, 41)) as pilot:
        await stage.settle(pilot)
        text = stage.text()
        assert "VIX TERM" in text
        assert "MOVERS" in text
        assert "RICH AND POOR" in text
    narrow = Stage("HOME")
    async with narrow.run_test(size=(60, 41)) as pilot:
        await narrow.settle(pilot)
        assert "MOVERS" in narrow.text()
