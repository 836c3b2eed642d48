"""GEX, VEX and CEX under the hand: every key, the words behind the code, what comes late or of another name."""

import pytest
from msgspec.structs import replace

from engine.domain.ids import Symbol
from engine.messages.exposure import (
    ExposureChanged,
    ExposureConvention,
    ExposureCount,
    ExposureGreek,
    ExposureSigns,
    ExposureUnit,
    GetExposure,
)
from optix_tui.function import Context
from optix_tui.screens.exposure.preferences import REACHES, USUAL_ZOOM, Picture
from tests.kit import exposure_facts
from tests.kit.stage import Stage, told_engine


async def test_the_tabs_change_greek_title_and_figures():
    stage = Stage("GEX", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        for key, code, word, unit in (("2", "VEX", "Dealer Vanna", "$ per vol point"), ("3", "CEX", "Dealer Charm", "$ per calendar day")):
            await pilot.press(key)
            await stage.settle(pilot)
            assert word in stage.rows()[0]
            assert f"{unit} by strike" in stage.text()
            assert stage.tile.entry.code == code
        await pilot.press("1")
        await stage.settle(pilot)
        assert stage.tile.facts.shown.convention == ExposureConvention()


@pytest.mark.parametrize(
    ("key", "field", "order"),
    [
        ("u", "unit", tuple(ExposureUnit)),
        ("s", "signs", tuple(ExposureSigns)),
        ("n", "counted", tuple(ExposureCount)),
        ("d", "half", (False, True)),
        ("x", "without_boxes", (True, False)),
    ],
)
async def test_every_part_of_the_convention_has_a_key_that_goes_round_and_words_that_say_it(key, field, order):
    stage = Stage("GEX", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        seen, words = [], set()
        for _ in order:
            shown = stage.tile.facts.shown
            seen.append(getattr(shown.convention, field))
            words.add(shown.in_words)
            assert shown.in_words[:60] in stage.text()
            await pilot.press(key)
            await stage.settle(pilot)
        assert tuple(seen) == order
        assert len(words) == len(order)
        assert stage.tile.facts.shown.convention == ExposureConvention()


async def test_brackets_choose_one_expiry_alone_and_come_back_to_all():
    stage = Stage("GEX", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        count = len(stage.tile.facts.whole.expiries)
        assert f"all {count} expiries" in stage.rows()[1]
        await pilot.press("right_square_bracket")
        await stage.settle(pilot)
        first = stage.tile.facts.whole.expiries[0]
        assert stage.tile.facts.part.expiries == (first,)
        assert "only 19-Nov-26 SPXW" in stage.rows()[1]
        await pilot.press("enter")
        assert stage.commands[-1].startswith("SPX OMON 19NOV26")
        await pilot.press("left_square_bracket")
        await stage.settle(pilot)
        assert stage.tile.facts.part is None
        await pilot.press("left_square_bracket")
        await stage.settle(pilot)
        assert stage.tile.preferences.series == stage.tile.facts.whole.expiries[-1]


async def test_a_click_on_an_expiry_counts_it_alone_and_tells_the_link_group_and_another_click_counts_all():
    stage = Stage("GEX", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        view = stage.tile.present()
        here = (view.by_expiry.x + 2, view.by_expiry.y + 2)
        stage.tile.clicked(*here, 1)
        await stage.settle(pilot)
        second = view.expiries[1].series
        assert stage.tile.preferences.series == second
        assert [series for _, series in stage.expiries] == [second]
        stage.tile.clicked(*here, 1)
        await stage.settle(pilot)
        assert stage.tile.preferences.series is None
        assert len(stage.expiries) == 1


async def test_the_cursor_moves_over_strikes_stops_at_the_ends_and_comes_back_to_the_spot():
    stage = Stage("GEX", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        start = stage.tile.present().cursor
        await pilot.press("down", "j")
        assert stage.tile.present().cursor == start + 2
        await pilot.press("pagedown", "pagedown", "pagedown", "pagedown")
        assert stage.tile.present().cursor == len(stage.tile.present().bars) - 1
        await pilot.press("home")
        assert stage.tile.present().cursor == start
        await pilot.press("k", "up", "pageup", "pageup", "pageup", "pageup")
        assert stage.tile.present().cursor == 0
        await pilot.press("full_stop", "enter")
        assert stage.commands == ["SPX OMON"]


async def test_v_goes_round_the_pictures_and_o_leaves_the_net_alone():
    stage = Stage("GEX", symbol="SPX")
    async with stage.run_test(size=(80, 21)) as pilot:
        await stage.settle(pilot)
        seen = []
        for words in ("by strike", "repriced by spot", "by expiry"):
            seen.append(stage.tile.preferences.picture)
            assert words in stage.text()
            await pilot.press("v")
            await stage.settle(pilot)
        assert tuple(seen) == tuple(Picture)
        assert "calls" in stage.rows()[4]
        await pilot.press("o")
        await stage.settle(pilot)
        assert "calls" not in stage.rows()[4]


async def test_plus_and_minus_change_how_far_the_strikes_go_and_stop_at_the_ends():
    stage = Stage("GEX", symbol="NVDA")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.preferences.zoom == USUAL_ZOOM
        many = len(stage.tile.present().bars)
        for _ in REACHES:
            await pilot.press("plus")
        await stage.settle(pilot)
        assert stage.tile.preferences.zoom == len(REACHES) - 1
        assert len(stage.tile.present().bars) < many
        assert stage.tile.present().thickness > 1
        for _ in range(2 * len(REACHES)):
            await pilot.press("minus")
        assert stage.tile.preferences.zoom == 0
        await stage.settle(pilot)
        assert not stage.tile.trouble


async def test_a_click_on_a_thick_bar_chooses_it_wherever_it_is_hit():
    stage = Stage("GEX", symbol="NVDA")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        for _ in REACHES:
            await pilot.press("plus")
        view = stage.tile.present()
        for line in range(len(view.bars) * view.thickness):
            stage.tile.clicked(20, view.ladder.y + 1 + line, 1)
            assert stage.tile.present().cursor == line // view.thickness


async def test_words_say_how_it_is_set_up_and_are_kept():
    stage = Stage("GEX", "SHARES", "REVERSED", "VOLUME", "HALF", "BOXES", "PROFILE", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert set(stage.tile.lasting_args()) == {"SHARES", "REVERSED", "VOLUME", "HALF", "BOXES", "PROFILE"}
        assert "½ gamma × volume × multiplier, shares per point; calls -, puts +" in stage.text()


async def test_an_expiry_named_is_found_and_one_that_is_not_there_is_told():
    stage = Stage("GEX", "24NOV26", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert "only 24-Nov-26 SPXW" in stage.rows()[1]
        assert stage.tile.lasting_args() == ("20261124SPXW",)
    stage = Stage("GEX", "25DEC26", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.preferences.series is None
        assert any("no open expiry 25DEC26" in said for said in map(str, stage.told))


async def test_a_word_that_is_none_is_refused_with_those_there_are():
    stage = Stage("VEX", "SIDEWAYS", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert "VEX knows no SIDEWAYS" in stage.tile.misread()
        assert "REVERSED" in stage.tile.misread()


async def test_an_event_in_the_default_convention_never_replaces_figures_of_another():
    stage = Stage("GEX", "UNSIGNED", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        before = stage.tile.facts
        assert not stage.tile.received(exposure_facts.changed("SPX"))
        assert not stage.tile.received(exposure_facts.changed("SPY"))
        assert stage.tile.facts.shown.convention == before.shown.convention
        stale = exposure_facts.exposure("SPX", ExposureConvention(greek=ExposureGreek.VANNA))
        assert not stage.tile.answered(GetExposure(symbol=Symbol("SPX"), convention=stale.convention), stale)


async def test_an_expiry_that_has_settled_gives_way_to_all_of_them():
    stage = Stage("GEX", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("right_square_bracket")
        await stage.settle(pilot)
        whole = stage.tile.facts.whole
        stage.tile.answered(GetExposure(symbol=Symbol("SPX")), replace(whole, expiries=whole.expiries[1:]))
        assert stage.tile.preferences.series is None


async def test_a_name_whose_exposure_is_refused_says_why_in_its_own_words():
    engine = told_engine()
    engine.answers[GetExposure] = lambda query: replace(
        exposure_facts.exposure("SPX", query.convention),
        symbol=query.symbol,
        trouble="the feed tells no open interest: unknown is not zero",
    )
    stage = Stage("GEX", symbol="SPX", engine=engine)
    async with stage.run_test(size=(80, 21)) as pilot:
        await stage.settle(pilot)
        assert "unknown is not zero" in " ".join(stage.text().split())
        assert "Net" not in stage.text()
        await pilot.press("down", "plus", "v", "o", "right_square_bracket", "enter")
        await stage.settle(pilot)
        assert not stage.tile.trouble.startswith("could not")


async def test_another_name_begins_anew():
    stage = Stage("GEX", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("right_square_bracket", "down")
        stage.tile.load(Context(symbol=Symbol("SPY"), args=()))
        await stage.settle(pilot)
        assert stage.tile.facts.shown.symbol == "SPY"
        assert (stage.tile.preferences.series, stage.tile.preferences.strike) == (None, None)
        assert isinstance(exposure_facts.changed("SPY"), ExposureChanged)
        assert stage.tile.received(exposure_facts.changed("SPY"))


async def test_no_press_of_the_unit_key_leaves_vanna_as_it_was():
    stage = Stage("VEX", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        seen = []
        for _ in range(3):
            seen.append(stage.tile.present().unit)
            await pilot.press("u")
            await stage.settle(pilot)
        assert seen == ["$ per vol point", "shares per vol point", "$ per vol point"]
