"""REPL as a tile: the cursor through instants and days, the mark, running, and what it says where something is missing."""

from datetime import date, time

import pytest

from engine.domain.errors import StoreUnavailable
from engine.domain.ids import Symbol
from engine.domain.instants import parse_instant
from engine.domain.volatility import SurfaceModel
from engine.messages.exposure import GetExposureMarks
from engine.messages.flow import GetFlow
from engine.messages.surface import GetStoredHours, GetStoredSurfaces, GetSurface, StoredHours, StoredSurfaces
from optix_tui.function import Context
from optix_tui.screens.replay.view import SPEEDS, Show
from tests.kit import facts, past_facts
from tests.kit.stage import DISCONNECTED, STALE, Stage, told_engine

NEWEST = past_facts.at(past_facts.DAYS[-1], time(14, 32))
THEN = "@2026-11-18T13:10"


async def settled(stage, pilot):
    await stage.settle(pilot, turns=4)


def cursor(stage):
    return stage.tile.preferences.at


async def test_it_begins_at_the_newest_stored_instant_and_says_that_it_is_recorded_and_how_old():
    stage = Stage("REPL", symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await settled(stage, pilot)
        assert cursor(stage) == NEWEST
        first = stage.rows()[1]
        assert "RECORDED" in first
        assert "Thu 19-Nov-26 14:30:00 NY" in first
        assert "2m ago" in first
        assert not stage.engine.subscriptions, "nothing of the present is watched"
        for feed in (STALE, DISCONNECTED):
            await stage.become(pilot, feed)
            assert "RECORDED" in stage.rows()[1]


async def test_arrows_go_from_instant_to_instant_and_over_the_ends_of_days():
    stage = Stage("REPL", "@2026-11-18T09:40", symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await settled(stage, pilot)
        assert cursor(stage) == parse_instant("2026-11-18T09:40")
        await pilot.press("left")
        await settled(stage, pilot)
        assert cursor(stage) == parse_instant("2026-11-18T09:35")
        await pilot.press("left")
        await settled(stage, pilot)
        assert cursor(stage) == parse_instant("2026-11-16T15:55"), "the 17th holds nothing"
        await pilot.press("right")
        await settled(stage, pilot)
        assert cursor(stage) == parse_instant("2026-11-18T09:35")
        assert stage.tile.facts.reading.surface.as_of == cursor(stage)


async def test_a_leap_is_half_an_hour_and_passes_a_gap_in_one():
    stage = Stage("REPL", "@2026-11-18T11:30", symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await settled(stage, pilot)
        await pilot.press("pagedown")
        await settled(stage, pilot)
        assert cursor(stage) == past_facts.SILENT[1]
        await pilot.press("pageup")
        await settled(stage, pilot)
        assert cursor(stage) == past_facts.SILENT[0]
        await pilot.press("pageup")
        await settled(stage, pilot)
        assert cursor(stage) == parse_instant("2026-11-18T11:00")


async def test_brackets_keep_the_time_of_day_and_home_and_end_go_to_the_ends():
    stage = Stage("REPL", THEN, symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await settled(stage, pilot)
        await pilot.press("left_square_bracket")
        await settled(stage, pilot)
        assert cursor(stage) == parse_instant("2026-11-16T13:10")
        await pilot.press("home")
        await settled(stage, pilot)
        assert cursor(stage) == parse_instant("2026-11-12T09:35")
        await pilot.press("left", "left_square_bracket")
        await settled(stage, pilot)
        assert cursor(stage) == parse_instant("2026-11-12T09:35"), "before the first there is nothing"
        await pilot.press("end")
        await settled(stage, pilot)
        assert cursor(stage) == NEWEST
        await pilot.press("right")
        await settled(stage, pilot)
        assert cursor(stage) == NEWEST


async def test_the_time_of_day_first_wanted_is_kept_over_days_that_have_nothing_then():
    stage = Stage("REPL", "@2026-11-19T12:00", symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await settled(stage, pilot)
        await pilot.press("left_square_bracket")
        await settled(stage, pilot)
        assert cursor(stage) == past_facts.SILENT[0], "nothing was stored from 11:30 to 12:40"
        await pilot.press("left_square_bracket")
        await settled(stage, pilot)
        assert cursor(stage) == parse_instant("2026-11-16T12:00")
        await pilot.press("left", "right_square_bracket", "right_square_bracket")
        await settled(stage, pilot)
        assert cursor(stage) == parse_instant("2026-11-19T11:55"), "moved by hand, another time is kept"


async def test_days_asked_for_faster_than_they_are_read_are_all_counted():
    stage = Stage("REPL", "@2026-11-19T10:00", symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await settled(stage, pilot)
        for _ in range(3):
            stage.tile.action_day(-1)
        await settled(stage, pilot)
        assert cursor(stage) == parse_instant("2026-11-13T10:00")


async def test_a_mark_shows_the_difference_changes_places_and_goes_away():
    stage = Stage("REPL", THEN, symbol="SPX")
    async with stage.run_test(size=(160, 40)) as pilot:
        await settled(stage, pilot)
        marked = cursor(stage)
        await pilot.press("x")
        assert "m marks an instant first" in stage.told
        await pilot.press("m", "left_square_bracket")
        await settled(stage, pilot)
        assert stage.tile.preferences.mark == marked
        assert "M 18-Nov-26 13:10:00" in stage.text()
        assert "vol points less the mark, same expiry and delta" in stage.text()
        assert "Constant maturity and Δ to the mark" in stage.text()
        earlier = cursor(stage)
        await pilot.press("f")
        await settled(stage, pilot)
        assert "vol points less the mark" not in stage.text()
        await pilot.press("f", "x")
        await settled(stage, pilot)
        assert (cursor(stage), stage.tile.preferences.mark) == (marked, earlier)
        assert stage.tile.facts.mark.surface.as_of == earlier
        await pilot.press("left_square_bracket", "m")
        await settled(stage, pilot)
        assert stage.tile.preferences.mark is None


async def test_space_runs_through_instants_faster_and_slower_and_stops_at_the_newest():
    stage = Stage("REPL", "@2026-11-19T14:10", symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await settled(stage, pilot)
        await pilot.press("space")
        assert stage.tile.preferences.plays
        tile = stage.tile
        tile._timer.pause()
        before = cursor(stage)
        tile._beat()
        await settled(stage, pilot)
        assert cursor(stage) > before
        await pilot.press(*["plus"] * 9)
        assert SPEEDS[tile.preferences.speed] == SPEEDS[-1]
        tile._timer.pause()
        for _ in range(5):
            tile._beat()
            await settled(stage, pilot)
        assert cursor(stage) == NEWEST
        assert not tile.preferences.plays
        assert tile._timer is None
        await pilot.press(*["minus"] * 9)
        assert tile.preferences.speed == 0
        await pilot.press("space", "left")
        assert not tile.preferences.plays, "a key of the cursor takes over"


async def test_enter_opens_the_surface_of_that_instant():
    stage = Stage("REPL", "SMILE", THEN, symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await settled(stage, pilot)
        await pilot.press("enter")
        assert stage.commands == ["SPX OVDV SMILE 18DEC26SPXW @2026-11-18T13:10"]


async def test_pictures_coordinates_and_expiries_are_chosen_by_key():
    stage = Stage("REPL", THEN, symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await settled(stage, pilot)
        seen = []
        for _ in Show:
            seen.append(stage.tile.preferences.show)
            await pilot.press("v")
            await settled(stage, pilot)
            assert not stage.tile.trouble
        assert seen == list(Show)
        before = stage.tile.lasting_args()
        await pilot.press("o", "down", "comma")
        assert stage.tile.lasting_args() != before
        await pilot.press("4", "up")
        assert stage.tile.preferences.show is Show.FACTS


async def test_another_name_of_the_link_group_is_shown_at_the_same_instant():
    stage = Stage("REPL", symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await settled(stage, pilot)
        await pilot.press("left_square_bracket")
        await settled(stage, pilot)
        at = cursor(stage)
        stage.tile.load(Context(symbol=Symbol("SPY")))
        await settled(stage, pilot)
        assert cursor(stage) == at
        assert stage.tile.facts.reading.surface.symbol == "SPY"
        assert "SPY Replay" in stage.text()


async def test_a_click_goes_to_a_day_and_to_a_place_on_its_line():
    stage = Stage("REPL", THEN, symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await settled(stage, pilot)
        stage.tile.clicked(7, 1, 1)
        await settled(stage, pilot)
        assert cursor(stage) == parse_instant("2026-11-12T13:10")
        stage.tile.clicked(7, 4, 1)
        await settled(stage, pilot)
        assert stage.tile.facts.day.day.day == date(2026, 11, 12)
        assert cursor(stage) <= parse_instant("2026-11-12T09:35")


async def test_what_is_stored_meanwhile_is_seen_and_only_the_newest_day_is_asked_for_again():
    engine = told_engine()
    until = parse_instant("2026-11-18T11:00")
    engine.answers[GetStoredHours] = lambda query: past_facts.hours(query.symbol, query.since, until)
    stage = Stage("REPL", symbol="SPX", engine=engine)
    async with stage.run_test(size=(140, 40)) as pilot:
        await settled(stage, pilot)
        assert [one.day for one in stage.tile.facts.days] == list(past_facts.DAYS[:-1])
        until = parse_instant("2026-11-19T14:30")
        stage.tile.ask_again()
        await settled(stage, pilot)
        assert [one.day for one in stage.tile.facts.days] == list(past_facts.DAYS)
        first, again = (one for one in engine.asked if isinstance(one, GetStoredHours))
        assert (first.since, again.since) == (None, parse_instant("2026-11-18T00:00"))
        await pilot.press("end")
        await settled(stage, pilot)
        assert cursor(stage) == NEWEST


async def test_where_nothing_is_stored_that_is_said_with_what_would_be():
    engine = told_engine()
    none = past_facts.hours(Symbol("SPX"), since=facts.NOW)
    engine.answers[GetStoredHours] = lambda _query: StoredHours(
        symbol=none.symbol, source=none.source, hour=none.hour, surfaces=none.surfaces, exposures=none.exposures, prints=none.prints
    )
    stage = Stage("REPL", symbol="SPX", engine=engine)
    async with stage.run_test(size=(100, 30)) as pilot:
        await settled(stage, pilot)
        assert "nothing is stored of SPX yet" in " ".join(stage.text().split())


async def test_a_store_that_cannot_be_read_is_said_in_its_own_words():
    engine = told_engine()

    def refuse(_query):
        raise StoreUnavailable("nothing of the past is kept here: set store.record to keep it")

    engine.answers[GetStoredHours] = refuse
    stage = Stage("REPL", symbol="SPX", engine=engine)
    async with stage.run_test(size=(100, 30)) as pilot:
        await settled(stage, pilot)
        assert "set store.record to keep it" in " ".join(stage.text().split())


@pytest.mark.parametrize("kind", [GetExposureMarks, GetFlow])
async def test_what_of_a_day_cannot_be_read_leaves_the_rest(kind):
    engine = told_engine()

    def refuse(_query):
        raise StoreUnavailable("the archive of that day is damaged")

    engine.answers[kind] = refuse
    stage = Stage("REPL", THEN, symbol="SPX", engine=engine)
    async with stage.run_test(size=(160, 40)) as pilot:
        await settled(stage, pilot)
        assert stage.tile.facts.reading is not None
        assert "the archive of that day is damaged" in stage.text()
        assert not stage.tile.trouble


async def test_an_instant_without_a_surface_shows_why_and_what_else_there_is():
    engine = told_engine()

    def refuse(_query):
        raise StoreUnavailable("No svi surface of SPX is stored up to then")

    engine.answers[GetStoredSurfaces] = refuse
    stage = Stage("REPL", THEN, symbol="SPX", engine=engine)
    async with stage.run_test(size=(160, 40)) as pilot:
        await settled(stage, pilot)
        assert "No svi surface of SPX is stored up to then" in stage.text()
        assert "Dealers' gamma" in stage.text()
        assert "flip" in stage.text()


def asked(stage, query):
    return [one for one in stage.engine.asked if isinstance(one, query)]


async def test_surfaces_once_read_are_not_asked_for_again_and_those_ahead_are_read_in_one_go():
    stage = Stage("REPL", THEN, symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await settled(stage, pilot)
        assert [one.until - one.since for one in asked(stage, GetStoredSurfaces)] == [1], "nothing is read ahead of a cursor that rests"
        await pilot.press("left")
        await settled(stage, pilot)
        count = len(asked(stage, GetStoredSurfaces))
        for _ in range(6):
            await pilot.press("left")
            await settled(stage, pilot)
        assert len(asked(stage, GetStoredSurfaces)) == count, "these were read ahead, before anybody stood there"
        assert stage.tile.facts.reading.surface.as_of == cursor(stage) == parse_instant("2026-11-18T11:30")
        assert not asked(stage, GetSurface), "a heat map needs no quotes"


async def test_the_quotes_of_a_smile_and_of_a_table_come_once_the_fit_is_shown():
    stage = Stage("REPL", "SMILE", THEN, symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await settled(stage, pilot)
        assert [one.at for one in asked(stage, GetSurface)] == [cursor(stage)]
        assert any(one.strikes.size for one in stage.tile.facts.reading.slices)
        await pilot.press("1", "left")
        await settled(stage, pilot)
        assert len(asked(stage, GetSurface)) == 1
        await pilot.press("5")
        await settled(stage, pilot)
        assert len(asked(stage, GetSurface)) == 2


async def test_quotes_that_cannot_be_read_leave_the_fit_and_are_not_asked_for_without_end():
    engine = told_engine()

    def refuse(_query):
        raise StoreUnavailable("the day is damaged")

    engine.answers[GetSurface] = refuse
    stage = Stage("REPL", "SMILE", THEN, symbol="SPX", engine=engine)
    async with stage.run_test(size=(140, 40)) as pilot:
        await settled(stage, pilot)
        await settled(stage, pilot)
        assert len(asked(stage, GetSurface)) == 1
        assert stage.tile.facts.reading is not None


async def test_a_stretch_without_a_surface_is_asked_for_once_and_the_instant_says_why():
    engine = told_engine()
    engine.answers[GetStoredSurfaces] = lambda query: StoredSurfaces(symbol=query.symbol, model=query.model, surfaces=())
    stage = Stage("REPL", THEN, symbol="SPX", engine=engine)
    async with stage.run_test(size=(160, 40)) as pilot:
        await settled(stage, pilot)
        assert "No svi surface of SPX is stored up to" in stage.text()
        await pilot.press("left")
        await settled(stage, pilot)
        assert len(asked(stage, GetStoredSurfaces)) == 2


async def test_e_changes_to_the_surface_that_risk_uses_and_back():
    stage = Stage("REPL", THEN, symbol="SPX")
    async with stage.run_test(size=(160, 40)) as pilot:
        await settled(stage, pilot)
        assert "eSSVI" not in stage.rows()[1]
        await pilot.press("e")
        await settled(stage, pilot)
        assert stage.tile.facts.reading.surface.model is SurfaceModel.ESSVI
        assert "eSSVI (risk)" in stage.rows()[1]
        assert "ESSVI" in stage.tile.lasting_args()
        await pilot.press("e")
        await settled(stage, pilot)
        assert stage.tile.facts.reading.surface.model is SurfaceModel.SVI


async def test_the_table_tells_the_difference_to_the_mark_in_every_coordinate():
    stage = Stage("REPL", "TABLE", THEN, "@2026-11-16T13:10", symbol="SPX")
    async with stage.run_test(size=(160, 40)) as pilot:
        await settled(stage, pilot)
        for name in ("delta", "strike", "moneyness", "SD"):
            assert f"vol points less the mark, same expiry and {name}" in stage.text()
            await pilot.press("o")
            await settled(stage, pilot)
        await pilot.press("f")
        await settled(stage, pilot)
        assert "less the mark" not in stage.text()
