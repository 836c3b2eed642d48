import pytest
from msgspec.structs import replace

from engine.domain.flow import PRESETS, FlowSide, parse_filter
from engine.domain.ids import Symbol
from engine.messages.flow import GetFlow
from optix_tui.function import Context
from tests.kit import flow_facts
from tests.kit.stage import Stage, told_engine


def last_question(stage):
    return [one for one in stage.engine.asked if isinstance(one, GetFlow)][-1]


async def test_new_prints_come_on_top_and_further_down_the_place_is_kept():
    stage = Stage("FLOW", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        stage.engine.say(flow_facts.changed("SPX", count=2, first=500))
        await stage.settle(pilot)
        assert stage.tile.rows[0].sequence == 501
        assert stage.tile.cursor.row == 0
        await pilot.press("down", "down", "down")
        reading = stage.tile.shown[stage.tile.cursor.row].sequence
        stage.engine.say(flow_facts.changed("SPX", count=3, first=502))
        await stage.settle(pilot)
        assert stage.tile.shown[stage.tile.cursor.row].sequence == reading


async def test_prints_of_other_names_and_filters_are_not_taken():
    stage = Stage("FLOW", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert not stage.tile.received(flow_facts.changed("SPY"))
        other = flow_facts.tape("SPX", 3, first=900, filtered=parse_filter("puts"))
        assert not stage.tile.received(type(flow_facts.changed("SPX"))(flow=other))


async def test_space_holds_the_tape_still_and_counts_what_waits():
    stage = Stage("FLOW", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        before = stage.tile.shown
        await pilot.press("space")
        stage.engine.say(flow_facts.changed("SPX", count=4, first=500))
        await stage.settle(pilot)
        assert stage.tile.shown == before
        assert "PAUSED +4" in stage.rows()[0]
        await pilot.press("space")
        await stage.settle(pilot)
        assert stage.tile.shown[0].sequence == 503
        assert "PAUSED" not in stage.rows()[0]


async def test_o_goes_through_the_presets_both_ways():
    stage = Stage("FLOW", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("o")
        await stage.settle(pilot)
        assert last_question(stage).filtered == parse_filter(PRESETS[1][1])
        await pilot.press("O", "O")
        await stage.settle(pilot)
        assert last_question(stage).filtered == parse_filter(PRESETS[-1][1])


async def test_from_a_filter_of_ones_own_o_begins_at_the_first_preset():
    stage = Stage("FLOW", "PUTS", "DTE<=7", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("o")
        assert stage.tile.preferences.filtered.text == ""
        stage.tile.load(Context(symbol=Symbol("SPX"), args=("CALLS", "DTE<=7")))
        await pilot.press("O")
        assert stage.tile.preferences.filtered.text == PRESETS[-1][1]


async def test_v_goes_round_the_sides():
    stage = Stage("FLOW", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        seen = []
        for _ in FlowSide:
            seen.append(stage.tile.preferences.filtered.side)
            await pilot.press("v")
        assert seen == list(FlowSide)
        assert stage.tile.preferences.filtered.side is FlowSide.ANY


async def test_a_filter_is_typed_and_taken_with_enter():
    stage = Stage("FLOW", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("f", *"puts", "space", "greater_than_sign", "equals_sign", *"50k")
        await stage.settle(pilot)
        assert "filter puts >=50k" in stage.rows()[-1]
        await pilot.press("enter")
        await stage.settle(pilot)
        assert last_question(stage).filtered == parse_filter("puts >=50k")
        assert stage.tile.preferences.prompt is None


async def test_a_wrong_filter_is_refused_in_words_and_escape_forgets_it():
    stage = Stage("FLOW", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("f", *"nonsense", "enter")
        assert "nonsense" in stage.told[-1].lower()
        assert stage.tile.preferences.prompt == "nonsense"
        await pilot.press("backspace", "escape")
        assert stage.tile.preferences.prompt is None
        assert stage.tile.preferences.filtered.text == ""
        assert stage.tile.preferences.is_paused is False


async def test_a_shows_all_names_and_this_one_again():
    stage = Stage("FLOW", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("a")
        await stage.settle(pilot)
        assert last_question(stage).symbol == ""
        assert "All names" in stage.rows()[0]
        assert "NVDA" in stage.text()
        await pilot.press("a")
        await stage.settle(pilot)
        assert last_question(stage).symbol == "SPX"


async def test_y_reads_what_is_recorded_name_by_name():
    stage = Stage("FLOW", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("y")
        await stage.settle(pilot)
        assert last_question(stage).recorded
        assert "recorded: what stood out" in stage.rows()[0]
        assert stage.tile.topics(stage.tile.context) == ()
        await pilot.press("a")
        assert stage.told == ["recorded flow is read name by name"]


async def test_enter_opens_the_chain_of_the_print():
    stage = Stage("FLOW", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("enter")
        row = stage.tile.shown[0]
        assert stage.commands == [f"SPX OMON {row.expiry:%d%b%y}".upper()]


async def test_words_say_how_it_is_set_up_and_are_kept():
    stage = Stage("FLOW", "ALL", "OTM", ">=50K", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.lasting_args() == ("ALL", "OTM", ">=50K")
        stage.tile.load(Context(symbol=Symbol("SPX"), args=("SIDEWAYS",)))
        assert "sideways" in stage.tile.misread().lower()


async def test_the_filter_in_force_is_in_the_help():
    stage = Stage("FLOW", "UNUSUAL", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.help_notes() == (f"The filter in force is: {stage.tile.preferences.filtered.text}.",)


@pytest.mark.parametrize("size", [(160, 41), (80, 21), (30, 8)])
async def test_a_market_that_has_not_printed_says_so_in_every_form(size):
    engine = told_engine()
    engine.answers[GetFlow] = lambda query: flow_facts.tape(query.symbol, 0, totals=flow_facts.totals(since=0, prints=0))
    stage = Stage("FLOW", symbol="SPX", engine=engine)
    async with stage.run_test(size=size) as pilot:
        await stage.settle(pilot)
        assert "no option has" in stage.text()
        assert "nan" not in stage.text()
        await pilot.press("enter", "down")
        assert not stage.commands


async def test_a_name_without_a_subject_asks_for_nothing():
    stage = Stage("FLOW", symbol="")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert not [one for one in stage.engine.asked if isinstance(one, GetFlow)]


async def test_where_no_print_was_seen_premiums_are_unknown_and_not_nought():
    nothing = dict.fromkeys(("call_premium", "put_premium", "call_bought", "call_sold", "put_bought", "put_sold"), float("nan"))
    engine = told_engine()
    engine.answers[GetFlow] = lambda query: flow_facts.tape(
        query.symbol, 0, totals=flow_facts.totals(since=0, prints=0, **nothing), has_prints=False, seen=0
    )
    stage = Stage("FLOW", symbol="SPX", engine=engine)
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        calls, puts = stage.rows()[2], stage.rows()[3]
        assert "prem      —" in calls
        assert "~net" in puts
        assert not {"0", "+0"} & set((calls + puts).split())
        assert "flow needs a feed with trades" in stage.text()
        assert not stage.tile.trouble


async def test_another_filter_keeps_what_the_day_adds_up_to_while_its_prints_are_looked_for():
    stage = Stage("FLOW", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        tile = stage.tile
        tile._empty()
        tile.preferences = replace(tile.preferences, filtered=parse_filter("sweep"))
        view = tile.present()
        assert (view.rows, view.note) == ((), "looking for prints that pass …")
        assert view.totals == flow_facts.totals()
        assert tile.answered(last_question(stage), flow_facts.tape("SPX", 0, filtered=parse_filter("sweep"), seen=1))
        assert tile.present().note == "the one print there is does not pass sweep: o takes the next filter"
        await pilot.press("o")
        await stage.settle(pilot)
        assert tile.present().note == ""
        await pilot.press("a")
        assert tile.rows == () or tile.tape.symbol == ""


async def test_an_engine_that_takes_over_numbers_anew_and_what_waits_behind_a_held_tape_is_counted_all_the_same():
    stage = Stage("FLOW", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        before = stage.tile.rows
        await pilot.press("space")
        young = flow_facts.tape("SPX", 3, first=1, seen=3)
        stage.engine.say(type(flow_facts.changed("SPX"))(flow=young))
        await stage.settle(pilot)
        assert [row.sequence for row in stage.tile.rows[:3]] == [3, 2, 1]
        assert [row.name for row in stage.tile.rows[3:]] == [row.name for row in before]
        assert "PAUSED +3" in stage.rows()[0]


async def test_a_filter_on_what_is_not_recorded_says_why_nothing_passes():
    stage = Stage("FLOW", "RECORDED", "ask>=50%", symbol="SPX")
    stage.engine.answers[GetFlow] = lambda query: flow_facts.tape(query.symbol, 0, filtered=query.filtered, recorded=True, seen=9)
    async with stage.run_test(size=(120, 30)) as pilot:
        await stage.settle(pilot)
        assert any("the share that met the ask is not known" in row for row in stage.rows())
