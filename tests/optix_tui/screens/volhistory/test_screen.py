import pytest
from msgspec.structs import replace

from engine.domain.errors import OptixError
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS
from engine.messages.breaches import GetBreaches
from engine.messages.measures import GetMeasures
from optix_tui.function import Context
from optix_tui.screens.volhistory.view import COORDINATES, INTRADAY
from tests.kit import compass_facts
from tests.kit.stage import Stage, told_engine


def questions(stage):
    return [one for one in stage.engine.asked if isinstance(one, GetMeasures)]


@pytest.mark.parametrize(("key", "place"), [("o", 1), ("down", 1), ("j", 1), ("up", -1), ("k", -1)])
async def test_keys_go_through_the_coordinates(key, place):
    stage = Stage("HIVG", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press(key)
        await stage.settle(pilot)
        assert stage.tile.preferences.measure == COORDINATES[place]
        assert stage.tile.cursor.row == place % len(COORDINATES)


async def test_v_asks_for_what_was_recorded_within_sessions_and_back():
    stage = Stage("HIVG", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("v")
        await stage.settle(pilot)
        assert questions(stage)[-1] == GetMeasures(symbol=Symbol("SPX"), measures=("atm:30",), daily=False, limit=INTRADAY)
        assert "within sessions" in stage.rows()[0]
        assert "12:15" in stage.rows()[-3]
        await pilot.press("v")
        await stage.settle(pilot)
        assert "252 sessions" in stage.rows()[0]


async def test_plus_and_minus_look_back_as_far_as_is_kept():
    stage = Stage("HIVG", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("plus", "plus")
        await stage.settle(pilot)
        assert (questions(stage)[-1].window, stage.tile.preferences.length) == (756, 756)
        await pilot.press("minus", "minus", "minus", "minus")
        await stage.settle(pilot)
        assert stage.tile.preferences.length == 63
        assert "63 sessions" in stage.rows()[0]


async def test_the_crosshair_walks_and_goes():
    stage = Stage("HIVG", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("h")
        await stage.settle(pilot)
        assert "19-Nov-26  13.42" in stage.rows()[1]
        await pilot.press("pageup", "l", "left")
        assert stage.tile.preferences.crosshair == 20
        await pilot.press("pagedown", "pagedown")
        assert stage.tile.preferences.crosshair == 0
        await pilot.press("end")
        await stage.settle(pilot)
        assert stage.tile.preferences.crosshair is None
        assert "now 13.42" in stage.rows()[1]


async def test_e_puts_the_breaches_away():
    stage = Stage("HIVG", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert "Breaches in sight" in stage.text()
        await pilot.press("e")
        await stage.settle(pilot)
        assert "Breaches in sight" not in stage.text()
        assert "▲▼ breach" not in stage.text()


async def test_a_click_on_a_row_of_the_standings_shows_it():
    stage = Stage("HIVG", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        row = next(y for y, text in enumerate(stage.rows()) if "RR25 1M" in text)
        await pilot.click(offset=(130, row))
        assert stage.tile.preferences.measure == "rr25:30"
        await pilot.click(offset=(30, row))
        assert stage.tile.preferences.measure == "rr25:30"


async def test_a_breach_of_this_name_asks_for_them_again():
    stage = Stage("HIVG", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        before = sum(isinstance(one, GetBreaches) for one in stage.engine.asked)
        stage.engine.say(compass_facts.happened())
        stage.engine.say(compass_facts.happened(symbol="TSLA"))
        await stage.settle(pilot)
        assert sum(isinstance(one, GetBreaches) for one in stage.engine.asked) == before + 1


async def test_another_name_forgets_the_line_and_keeps_the_set_up():
    stage = Stage("HIVG", "RR", "6M", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("h")
        stage.tile.load(Context(symbol=Symbol("XOM"), args=stage.tile.context.args))
        await stage.settle(pilot)
        assert stage.tile.preferences.crosshair is None
        assert stage.tile.preferences.measure == "rr25:30"
        assert "optix import series" in " ".join(stage.text().split())


async def test_words_say_how_it_is_set_up_and_are_kept():
    stage = Stage("HIVG", "RR", "2Y", "INTRADAY", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.lasting_args() == ("rr25:30", "2Y", "INTRADAY")
        stage.tile.load(Context(symbol=Symbol("SPX"), args=("term:7:30",)))
        assert stage.tile.preferences.measure == "term:7:30"
        assert stage.tile.coordinates[0] == "term:7:30"
        assert not stage.tile.preferences.intraday
        stage.tile.load(Context(symbol=Symbol("SPX"), args=("term:30:7", "SIDEWAYS")))
        assert stage.tile.misread().startswith("HIVG knows no term:30:7 SIDEWAYS: there are IV, ATM")


@pytest.mark.parametrize("size", [(160, 41), (80, 21)])
async def test_a_rank_that_is_refused_says_why_in_every_form(size):
    stage = Stage("HIVG", symbol="META")
    async with stage.run_test(size=size) as pilot:
        await stage.settle(pilot)
        assert "no rank: 38 sessions are known in the window" in stage.rows()[1]
        assert stage.text().count("38 sessions are known") <= 2


async def test_breaches_that_cannot_be_read_leave_the_line():
    def refuse(_query):
        raise OptixError("the history cannot be read")

    engine = told_engine()
    engine.answers[GetBreaches] = refuse
    stage = Stage("HIVG", symbol="SPX", engine=engine)
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert "now 13.42" in stage.text()
        assert "breach" not in stage.text()


@pytest.mark.parametrize("measure", ["gex", "flip", "pcr:volume", "level"])
async def test_measures_in_other_units_are_written_within_their_columns(measure):
    stage = Stage("HIVG", measure, symbol="SPX")
    async with stage.run_test(size=(120, 30)) as pilot:
        await stage.settle(pilot)
        assert measure in stage.rows()[1]
        assert "vol points" not in stage.rows()[1]
        assert not stage.tile.trouble


async def test_the_picture_is_made_once_for_one_set_of_facts():
    stage = Stage("HIVG", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.present() is stage.tile.present()


def index_alone(*measures, years_ago=0.0):
    """An engine that knows these of a name and none of its other measures."""
    engine = told_engine()

    def answer(query):
        table = compass_facts.measures(query)
        kept = [one for one in table.histories if one.measure in measures]
        if not query.measures:
            return replace(table, histories=tuple(compass_facts.history("VIX", one, limit=query.limit) for one in measures))
        empty = [compass_facts.history("VIX", one, count=0) for one in query.measures if one not in measures]
        old = [replace(one, now_at=UtcNanos(int(one.now_at - years_ago * 365 * DAY_NS))) for one in kept]
        return replace(table, histories=tuple(sorted([*old, *empty], key=lambda one: query.measures.index(one.measure))))

    engine.answers[GetMeasures] = answer
    return engine


async def test_an_index_that_was_imported_is_shown_by_what_is_known_of_it_and_by_its_date():
    stage = Stage("HIVG", symbol="VIX", engine=index_alone("index:30", years_ago=1.0))
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.preferences.measure == "index:30"
        head = stage.rows()[1]
        assert "VIX30" in head
        assert "19-Nov-25" in head, "the newest value is a year old"
        assert "sessions" in head
        await pilot.press("k")
        await stage.settle(pilot)
        assert stage.tile.preferences.measure == "term:30:90", "what is chosen by hand stays"


async def test_a_measure_that_is_none_of_the_usual_ones_is_found_where_nothing_else_is_known():
    stage = Stage("HIVG", symbol="VIX", engine=index_alone("index:93"))
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot, turns=4)
        assert stage.tile.preferences.measure == "index:93"
        assert "index:93" in stage.rows()[0]
        assert "rank" in stage.rows()[1]


async def test_a_coordinate_that_was_named_stays_though_nothing_is_known_of_it():
    stage = Stage("HIVG", "IV", symbol="VIX", engine=index_alone("index:30"))
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.preferences.measure == "atm:30"
        assert "fewer than two sessions" in stage.text()
