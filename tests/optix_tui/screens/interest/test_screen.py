import pytest
from msgspec.structs import replace

from engine.domain.columns import floats, longs
from engine.domain.ids import Symbol
from engine.messages.flow import GetOpenInterestMap
from optix_tui.colour import use_monochrome
from optix_tui.function import Context
from optix_tui.screens.interest.view import MIDDLE_ZOOM, ZOOMS, Layer, Rights
from tests.kit import flow_facts
from tests.kit.stage import Stage, told_engine


async def test_it_begins_at_the_spot_and_comes_back_to_it():
    stage = Stage("OMST", symbol="SPX")
    async with stage.run_test(size=(160, 25)) as pilot:
        await stage.settle(pilot)
        spot = stage.tile.present().spot_row
        assert stage.tile.cursor.row == spot
        await pilot.press("pagedown", "j", "down")
        assert stage.tile.cursor.row > spot
        await pilot.press("home")
        await stage.settle(pilot)
        assert stage.tile.cursor.row == spot
        await pilot.press("k", "pageup", "full_stop")
        await stage.settle(pilot)
        assert stage.tile.cursor.row == spot


async def test_keys_walk_over_the_expiries_and_stop_at_the_ends():
    stage = Stage("OMST", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("left", "right", "l", "right_square_bracket")
        assert stage.tile.preferences.column == 3
        await pilot.press("h", "left_square_bracket")
        assert stage.tile.preferences.column == 1
        for _ in range(9):
            await pilot.press("right")
        assert stage.tile.preferences.column == 5


async def test_a_narrow_screen_follows_the_chosen_expiry():
    stage = Stage("OMST", symbol="SPX")
    async with stage.run_test(size=(40, 20)) as pilot:
        await stage.settle(pilot)
        assert "19Nov" in stage.rows()[3]
        for _ in range(5):
            await pilot.press("right")
        await stage.settle(pilot)
        assert "25Nov" in stage.rows()[3]
        assert "19Nov" not in stage.rows()[3]


async def test_enter_opens_the_chain_of_the_chosen_series():
    stage = Stage("OMST", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press("right", "enter")
        series = stage.tile.interest.series[1]
        assert stage.commands == [f"SPX OMON {series.expiry:%d%b%y}{series.root}".upper()]


async def test_v_goes_round_the_layers_and_f_round_the_rights():
    stage = Stage("OMST", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        layers, rights = [], []
        for _ in Layer:
            layers.append(stage.tile.preferences.layer)
            await pilot.press("v")
        for _ in Rights:
            rights.append(stage.tile.preferences.rights)
            await pilot.press("f")
        assert (layers, rights) == (list(Layer), list(Rights))
        await pilot.press("V")
        assert stage.tile.preferences.layer is Layer.CHANGE


async def test_m_shows_it_finer_and_a_screen_without_colours_keeps_its_numbers():
    stage = Stage("OMST", symbol="SPX")
    try:
        async with stage.run_test(size=(160, 41)) as pilot:
            await stage.settle(pilot)
            await pilot.press("m")
            await stage.settle(pilot)
            assert "▀" in stage.text()
            use_monochrome(True)
            stage.tile.touch()
            await stage.settle(pilot)
            assert "▀" not in stage.text()
            assert not stage.tile.trouble
    finally:
        use_monochrome(False)


async def test_plus_and_minus_change_how_many_strikes_share_a_row():
    stage = Stage("OMST", symbol="SPX")
    async with stage.run_test(size=(160, 15)) as pilot:
        await stage.settle(pilot)
        step = stage.tile.present().step
        await pilot.press("plus")
        assert stage.tile.preferences.zoom == MIDDLE_ZOOM - 1
        assert stage.tile.present().step <= step
        for _ in ZOOMS:
            await pilot.press("minus")
        assert stage.tile.preferences.zoom == len(ZOOMS) - 1
        await stage.settle(pilot)
        assert not stage.tile.trouble


async def test_what_stands_under_the_cursor_is_read_exactly():
    stage = Stage("OMST", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        view = stage.tile.present()
        interest = view.interest.calls[view.spot_row, 0]
        assert f"C OI {interest:,.0f}" in stage.rows()[2]
        for _ in range(5):
            await pilot.press("right")
        await stage.settle(pilot)
        assert "C OI — vol" in stage.rows()[2]


async def test_the_map_is_made_once_for_one_set_of_facts():
    stage = Stage("OMST", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.present() is stage.tile.present()


async def test_an_answer_about_another_name_is_not_taken():
    stage = Stage("OMST", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert not stage.tile.answered(GetOpenInterestMap(symbol=Symbol("SPY")), flow_facts.interest("SPY"))
        assert stage.tile.interest.symbol == "SPX"


async def test_words_say_how_it_is_set_up_and_are_kept():
    stage = Stage("OMST", "VOLUME", "NET", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.lasting_args() == ("VOLUME", "NET")
        stage.tile.load(Context(symbol=Symbol("SPX"), args=("SIDEWAYS",)))
        assert stage.tile.misread() == "OMST knows no SIDEWAYS: there are OI, VOLUME, VOI, CHANGE, ALL, CALLS, PUTS, NET"


def one_of(symbol: str, *, strikes: int, spot: float | None = None):
    """A map of one expiry and so many strikes."""
    whole = flow_facts.interest(symbol)
    names = ("call_volume", "put_volume", "call_open_interest", "put_open_interest", "call_change", "put_change")
    cut = {name: floats(getattr(whole, name)[:strikes, :1]) for name in names}
    kept = {"strikes": floats(whole.strikes[:strikes]), "series": whole.series[:1], "days": longs(whole.days[:1])}
    return replace(whole, **cut, **kept, spot=whole.spot if spot is None else spot)


@pytest.mark.parametrize(
    ("strikes", "spot", "size"),
    [(0, None, (80, 21)), (1, None, (160, 41)), (9, float("nan"), (80, 21)), (9, 1.0, (40, 10)), (9, 1e6, (80, 21))],
)
async def test_one_expiry_few_strikes_and_an_odd_spot_take_nothing_down(strikes, spot, size):
    engine = told_engine()
    engine.answers[GetOpenInterestMap] = lambda query: one_of(query.symbol, strikes=strikes, spot=spot)
    stage = Stage("OMST", symbol="SPX", engine=engine)
    async with stage.run_test(size=size) as pilot:
        await stage.settle(pilot)
        await pilot.press("down", "right", "m", "pagedown", "v", "f", "f", "f", "enter")
        await stage.settle(pilot)
        assert not stage.tile.trouble
        assert "nan" not in stage.text().replace("nano", "")


async def test_an_unknown_spot_has_no_mark_of_its_own():
    engine = told_engine()
    engine.answers[GetOpenInterestMap] = lambda query: one_of(query.symbol, strikes=9, spot=float("nan"))
    stage = Stage("OMST", symbol="SPX", engine=engine)
    async with stage.run_test(size=(80, 21)) as pilot:
        await stage.settle(pilot)
        assert "►" not in stage.text()
        assert "spot —" in stage.rows()[0]


async def test_of_two_that_settle_on_one_day_the_one_of_the_open_is_marked():
    stage = Stage("OMST", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert stage.rows()[3].count("20NovA") == 1
        assert stage.rows()[3].count("20Nov") == 2
