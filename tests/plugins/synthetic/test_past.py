"""The years before the one that is told: drawn when they are asked for, joined to it without a seam, and the same each time."""

import asyncio
from datetime import date

import numpy as np
import pytest

from engine.contracts.feed import FeedSettings, PastFeed
from engine.domain.calendar import sessions
from engine.domain.errors import UnknownSymbol
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS, MINUTE_NS, from_nanos, utc_instant
from engine.domain.instruments import SessionName
from engine.domain.market import BarBatch, VolatilityHistory
from plugins.synthetic import past
from plugins.synthetic.feed import SyntheticFeed
from plugins.synthetic.past import FIRST_DAY, Past
from plugins.synthetic.world import World
from tests.kit.synthetic import FRIDAY, SATURDAY, feed

YEAR_TOLD = utc_instant(date(2025, 10, 24))
"""Where the bars begin that are told unasked."""


def days_before(source: SyntheticFeed, symbol: str, limit: int = 10_000) -> BarBatch:
    return asyncio.run(source.bars_before(Symbol(symbol), 86_400, UtcNanos(YEAR_TOLD), limit))


def minutes_before(source: SyntheticFeed, symbol: str, before: int, limit: int) -> BarBatch:
    return asyncio.run(source.bars_before(Symbol(symbol), 60, UtcNanos(before), limit))


def told_of(told, kind, symbol: str, seconds: int = 86_400):
    return [event for event in told if isinstance(event, kind) and event.symbol == symbol and getattr(event, "seconds", seconds) == seconds]


@pytest.mark.parametrize("symbol", ["SPX", "SPY", "VIX", "XOM", "BTC"])
def test_two_years_of_days_and_volatility_end_where_the_told_year_begins(few, symbol):
    source, _, told = few
    before = days_before(source, symbol)
    year = told_of(told, BarBatch, symbol)[0]
    if symbol != "BTC":
        days = sessions(SessionName.NYSE, date(2023, 10, 25), date(2025, 10, 23))
        assert before.start.tolist() == [utc_instant(day) for day in days]
    assert before.start.size + year.start.size > 756
    assert (before.low <= np.minimum(before.open, before.close)).all()
    assert (before.high >= np.maximum(before.open, before.close)).all()
    move = np.diff(np.log(np.concatenate([before.close, year.close])))
    seam = before.start.size - 1
    assert abs(move[seam]) < 5.0 * move.std(), "no jump where one path goes over into the other"
    told_iv = told_of(told, VolatilityHistory, symbol)[0]
    older = asyncio.run(source.volatility_before(Symbol(symbol), UtcNanos(YEAR_TOLD), 10_000))
    assert older.day.tolist() == before.start.tolist()
    assert 0.5 < np.median(older.atm_iv) / np.median(told_iv.atm_iv) < 2.0
    moves = np.diff(np.log(np.concatenate([older.atm_iv, told_iv.atm_iv])))
    assert abs(moves[seam]) < 5.0 * moves.std()


def test_the_price_of_the_past_falls_when_its_volatility_rises_and_names_move_together(few):
    source, _, _ = few
    moves = {symbol: np.diff(np.log(days_before(source, symbol).close)) for symbol in ("SPX", "NVDA", "VIX")}
    implied = asyncio.run(source.volatility_before(Symbol("SPX"), UtcNanos(YEAR_TOLD), 10_000)).atm_iv
    assert np.corrcoef(moves["SPX"], np.diff(implied))[0, 1] < -0.5
    assert np.corrcoef(moves["SPX"], moves["VIX"])[0, 1] < -0.5
    assert 0.3 < np.corrcoef(moves["SPX"], moves["NVDA"])[0, 1] < 0.95


def test_the_same_seed_tells_the_same_past_whenever_it_is_asked_and_whatever_was_asked_before():
    def told(source, *, warm):
        if warm:
            days_before(source, "NVDA"), days_before(source, "VIX", 5)
        return days_before(source, "SPX"), minutes_before(source, "SPX", YEAR_TOLD, 500)

    first, second = told(feed("SPX", "NVDA", "VIX"), warm=False), told(feed("SPX", "NVDA", "VIX"), warm=True)
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.close, other.close)
        assert np.array_equal(one.high, other.high)
    assert not np.array_equal(first[0].close, days_before(feed("SPX", seed=8), "SPX").close)


def test_minutes_of_the_past_are_those_that_were_told_and_go_on_before_them(few):
    source, _, told = few
    for symbol in ("SPY", "VIX", "BTC"):
        second = told_of(told, BarBatch, symbol, 60)[1]
        found = minutes_before(source, symbol, int(second.start[0]), 2_000)
        first = told_of(told, BarBatch, symbol, 60)[0]
        assert found.start.size == 2_000
        assert (np.diff(found.start) >= MINUTE_NS).all()
        last = found.start >= first.start[0]
        assert np.array_equal(found.close[last], first.close)
        assert np.array_equal(found.volume[last], first.volume, equal_nan=True)


def test_a_day_of_the_past_spans_its_own_minutes(few):
    source, _, _ = few
    days = days_before(source, "XOM", 30)
    minutes = minutes_before(source, "XOM", YEAR_TOLD, 30 * 390)
    day = minutes.start // DAY_NS * DAY_NS
    for start, opened, close in zip(days.start[1:], days.open[1:], days.close[1:], strict=True):
        own = np.flatnonzero(day == start)
        assert minutes.open[own[0]] == pytest.approx(opened, abs=0.011)
        assert minutes.close[own[-1]] == pytest.approx(close, abs=0.011)


def test_minutes_of_the_day_in_force_are_not_told_of_before_they_were_played():
    source = feed("SPX")
    found = minutes_before(source, "SPX", SATURDAY, 400)
    assert from_nanos(int(found.start[-1])).date() < FRIDAY


def test_the_past_is_drawn_for_nobody_who_does_not_ask(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Past, "__init__", lambda *_: pytest.fail("nobody asked"))
    source = feed("XOM")
    assert isinstance(source, PastFeed)
    for _ in source.market.opened(Symbol("XOM")):
        pass


def test_a_market_that_starts_as_early_as_can_be_has_the_past_that_the_calendar_has():
    source = SyntheticFeed(FeedSettings(options={"start": "2003-01-06", "symbols": ["SPY"]}))
    found = asyncio.run(source.bars_before(Symbol("SPY"), 86_400, UtcNanos(source.market.at), 10_000))
    assert found.start[0] == utc_instant(FIRST_DAY)


def test_nothing_is_told_of_another_name_or_of_less_than_one_bar():
    source = feed("SPX")
    with pytest.raises(UnknownSymbol, match="no NVDA"):
        days_before(source, "NVDA")
    assert days_before(source, "SPX", 0).start.size == 0
    assert asyncio.run(source.volatility_before(Symbol("SPX"), UtcNanos(0), 10)) is None


def test_a_path_that_must_arrive_does_so_at_the_very_state():
    world = World(7, FRIDAY)
    played = world.bones(Symbol("XOM"))[Symbol("XOM")]
    past = Past(7, world.first)
    whole = past._motion(world.motion(Symbol("XOM")).name, {Symbol("XOM"): played}).skeleton
    place = int(np.searchsorted(whole.at, played.at[0]))
    for column in ("log_price", "fast", "slow", "lean", "bend"):
        assert np.array_equal(getattr(whole, column)[place:], getattr(played, column))
        steps = np.abs(np.diff(getattr(whole, column)))
        assert steps[place - 1] < 8.0 * steps.std()


def measured(source: SyntheticFeed, symbol: str, *measures: str, before: int, limit: int = 10_000):
    return asyncio.run(source.measures_before(Symbol(symbol), measures, UtcNanos(before), limit))


@pytest.mark.parametrize("symbol", ["SPX", "VIX", "NVDA", "BTC"])
def test_measures_of_the_surface_reach_from_the_first_year_to_yesterday_and_say_what_was_told(few, symbol):
    source, market, told = few
    year = told_of(told, VolatilityHistory, symbol)[0]
    found = {
        one.measure: one
        for one in measured(source, symbol, "atm:30", "rr25:30", "bf25:30", "term:30:90", "index:30", "gex", before=market.at)
    }
    assert set(found) == {"atm:30", "rr25:30", "bf25:30", "term:30:90", "index:30"}, "what it cannot tell is left out"
    for measure, column in (("atm:30", year.atm_iv), ("rr25:30", year.risk_reversal_25), ("bf25:30", year.butterfly_25)):
        assert np.allclose(found[measure].value[-year.day.size :], column, atol=2e-6)
    assert found["index:30"].at[-1] == year.day[-1]
    assert found["index:30"].at.size > 756
    ratio = found["index:30"].value / found["atm:30"].value
    assert (ratio > 1.0).all(), "wings are dearer than the money"
    (ninety,) = measured(source, symbol, "atm:90", before=market.at)
    assert np.allclose(ninety.value - found["atm:30"].value, found["term:30:90"].value, atol=2e-6)


def test_the_newest_so_many_measures_before_an_instant_are_told_and_for_none_nothing(few):
    source, _, _ = few
    (series,) = measured(source, "SPX", "index:30", before=YEAR_TOLD, limit=5)
    assert series.at.size == 5
    assert series.at[-1] == utc_instant(date(2025, 10, 23))
    assert measured(source, "SPX", before=YEAR_TOLD) == measured(source, "SPX", "index:30", before=YEAR_TOLD, limit=0) == ()


def test_a_measure_told_long_ago_is_told_again_beside_one_that_is_new(few, monkeypatch: pytest.MonkeyPatch):
    source, _, _ = few
    monkeypatch.setattr(past, "MOST_TOLD", 2)
    first = measured(source, "SPX", "atm:30", before=YEAR_TOLD)[0]
    measured(source, "SPX", "atm:61", before=YEAR_TOLD)
    again = measured(source, "SPX", "atm:30", "atm:91", "rr25:30", before=YEAR_TOLD)
    assert [one.measure for one in again] == ["atm:30", "atm:91", "rr25:30"]
    assert again[0].value.tolist() == first.value.tolist()
