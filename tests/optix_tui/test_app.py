"""The workstation as a person uses it: commands, tiles, workspaces, keys, themes, notices."""

from time import monotonic

import pytest
from msgspec.structs import replace

from engine.domain.errors import NotConfigured, UpstreamFailed
from engine.domain.ids import UtcNanos
from engine.domain.market import FeedState
from engine.messages.events import EngineChanged, NoticeLevel, NoticePosted, QuoteChanged, StatusChanged
from optix_tui.app import OptixApp
from optix_tui.notices import SHOWING_SECONDS
from optix_tui.options import gather
from optix_tui.pump import FRESHNESS_EVERY
from tests.kit import engine_facts, facts
from tests.kit.terminal import row_widths, screen_text
from tests.kit.workstation import workstation


async def test_the_main_workspace_opens_with_the_chain_of_the_default_name():
    async with workstation() as station:
        assert station.codes == ["OMON", "OPX", "GIP", "W"]
        assert station.rows[0].startswith(" OPTIX  SIM    1 MAIN ")
        assert "14:32:07 ET" in station.rows[0]
        assert station.rows[1].startswith(" >  SPY US Equity OMON  GO ")
        assert station.rows[2].startswith(" SPY US Equity   670.12  ▲ +2.53")
        assert "670.12" in station.text
        assert row_widths(station.app) == {160}


async def test_a_function_alone_keeps_the_tiles_security():
    async with workstation() as station:
        await station.type("opx")
        assert station.code_of("chain") == "OPX"
        assert station.tile.context.symbol == "SPY"


@pytest.mark.parametrize("command", ["qqq gip", "gip qqq", "QQQ US Equity GIP"])
async def test_security_and_function_in_either_order(command):
    async with workstation() as station:
        await station.type(command)
        assert (station.code_of("chain"), station.tile.context.symbol) == ("GIP", "QQQ")


@pytest.mark.parametrize("contract", ["SPX 6700P NOV24", "SPXW261124P06700000 DES"])
async def test_another_security_after_a_contract_is_described_itself(contract):
    async with workstation() as station:
        await station.type(contract)
        assert (station.code_of("chain"), station.tile.context.symbol) == ("DES", "SPX")
        assert station.tile.context.args
        await station.type("qqq")
        assert (station.code_of("chain"), station.tile.context.symbol, station.tile.context.args) == ("DES", "QQQ", ())


async def test_what_cannot_be_read_is_said_with_what_may_be_meant_and_stays_typed():
    async with workstation() as station:
        await station.press("slash", *"omno", "enter")
        assert station.app.bench.command.has_focus
        assert station.app.bench.command.typed == "OMNO"
        assert station.app.notices.last.text == "OMNO is not listed by this feed: did you mean XOM, AMZN, or the function OMON?"
        await station.press("escape")
        assert station.tile.has_focus


async def test_after_a_refusal_what_is_typed_next_replaces_it():
    async with workstation() as station:
        line = station.app.bench.command
        await station.press("slash", *"omno", "enter")
        assert line.is_marked
        await station.press("slash", *"qqq")
        assert line.typed == "QQQ"
        await station.press("enter")
        assert station.tile.context.symbol == "QQQ"


@pytest.mark.parametrize(("keys", "typed"), [(("backspace",), ""), (("left", "backspace"), "OMO"), (("x",), "X")])
async def test_a_refused_command_can_be_corrected_or_removed(keys, typed):
    async with workstation() as station:
        await station.press("slash", *"omno", "enter")
        await station.press(*keys)
        assert not station.app.bench.command.is_marked
        assert station.app.bench.command.typed == typed


async def test_a_notice_leaves_the_last_row_to_the_keys_after_a_while(monkeypatch):
    async with workstation() as station:
        station.app.tell("the feed is late", level="warning")
        await station.settle()
        assert "the feed is late" in station.rows[-1]
        later = monotonic() + SHOWING_SECONDS
        monkeypatch.setattr("optix_tui.app.monotonic", lambda: later)
        await station.settle()
        assert "the feed is late" not in station.rows[-1]
        assert station.app.notices.last.text == "the feed is late"


async def test_a_notice_says_what_it_says_whatever_was_typed_or_told():
    async with workstation(toasts=True) as station:
        await station.type("spy omon [/x]")
        assert station.app.notices.last.text.startswith("OMON knows no [/X]")
        station.app.tell("see [bold]1m[/] \x1b]52;c;cm0=\x07\x9b2J and", level="error")
        await station.settle()
        assert station.text.count("[/X]") > 1, "in the last row, and in the toast"
        assert "see [bold]1m[/] ·]52;c;cm0=··2J" in station.text
        assert not {"\x1b", "\x07", "\x9b"} & {*station.text}


async def test_a_name_the_market_does_not_list_is_refused_in_words():
    async with workstation() as station:
        await station.type("zzzz omon")
        assert station.app.notices.last.text.startswith("ZZZZ is not listed by this feed: it has SPX, SPY")
        assert station.tile.context.symbol == "SPY"


async def test_the_drop_down_offers_numbered_hits_and_a_digit_takes_one():
    async with workstation() as station:
        await station.press("slash", "o")
        assert "1) OMON" in station.text
        assert "2) OPX" in station.text
        await station.press("2")
        assert station.app.bench.command.typed == "OPX"
        await station.press("enter")
        await station.settle()
        assert station.code_of("chain") == "OPX"


async def test_the_ghost_is_completed_by_tab_and_escape_leaves_everything_as_it_was():
    async with workstation() as station:
        await station.press("slash", "a", "a")
        assert "AAPL US Equity" in station.rows[1]
        await station.press("tab")
        assert station.app.bench.command.typed == "AAPL US Equity "
        await station.press("escape")
        assert station.rows[1].startswith(" >  SPY US Equity OMON")
        assert "FUNCTIONS" not in station.text


async def test_arrows_choose_in_the_list_and_recall_what_was_run():
    async with workstation() as station:
        await station.press("slash", "g", "down", "enter")
        await station.settle()
        first = station.code_of("chain")
        assert first != "OMON"
        await station.type("des")
        await station.press("slash", "up")
        assert station.app.bench.command.typed == "DES"
        await station.press("up")
        assert station.app.bench.command.typed == first


async def test_editing_the_line():
    async with workstation() as station:
        await station.press("slash", *"SPY OMON", "ctrl+w")
        assert station.app.bench.command.typed == "SPY "
        await station.press("home", "delete", "x", "end", "backspace")
        assert station.app.bench.command.typed == "XPY"
        await station.press("ctrl+u")
        assert station.app.bench.command.typed == ""


async def test_back_and_forward_walk_through_what_a_tile_has_shown():
    async with workstation() as station:
        await station.type("des")
        await station.type("aapl opx")
        await station.press("ctrl+pageup")
        assert (station.code_of("chain"), station.tile.context.symbol) == ("DES", "SPY")
        await station.press("ctrl+pageup")
        assert station.code_of("chain") == "OMON"
        await station.press("ctrl+pagedown", "ctrl+pagedown")
        assert (station.code_of("chain"), station.tile.context.symbol) == ("OPX", "AAPL")
        await station.type("last")
        assert station.code_of("chain") == "DES"


async def test_f6_and_tab_go_round_the_tiles():
    async with workstation() as station:
        order = []
        for key in ("f6", "tab", "f6", "tab"):
            await station.press(key)
            order.append(station.app.bench.current)
        assert order == ["expiries", "chart", "watch", "chain"]
        await station.press("shift+f6")
        assert station.app.bench.current == "watch"


async def test_zoom_shows_one_tile_and_back():
    async with workstation() as station:
        await station.press("z")
        assert station.tile.size.width == 160
        assert "GIP" not in station.text
        await station.press("escape")
        assert station.tile.size.width == 98
        assert "GIP" in station.text


async def test_g_and_a_digit_go_to_a_workspace_and_hidden_tiles_stop_watching():
    async with workstation() as station:
        chain = station.tile
        await station.press("g")
        assert "MARKET" in station.rows[-1]
        await station.press("2")
        assert station.codes[0] == "HOME"
        assert "2 MARKET" in station.rows[0]
        assert chain._subscription is None
        await station.press("g", "1")
        assert station.tile is chain
        assert chain._subscription is not None


async def test_themes_follow_one_another_and_everything_is_repainted():
    async with workstation() as station:
        seen = []
        for _ in range(4):
            await station.press("t")
            seen.append(station.app.palette.name)
            ground = station.app.palette.head
            strip = station.app.screen._compositor.render_strips()[0]
            triplet = list(strip)[-1].style.bgcolor.triplet
            assert triplet.red << 16 | triplet.green << 8 | triplet.blue == station.app.palette.text
            assert ground != station.app.palette.text
        assert seen == ["graphite", "paper", "cvd", "amber"]


async def test_help_says_what_the_tile_is_and_its_keys_and_gives_the_focus_back():
    async with workstation() as station:
        await station.press("question_mark")
        assert "HELP  Option Monitor (OMON)" in station.text
        assert "next preset of columns" in station.text
        assert "Ctrl+P" in station.text
        await station.press("escape")
        assert "HELP  Option" not in station.text
        assert station.tile.has_focus


async def test_a_rebound_key_works_and_the_help_and_the_foot_say_so(tmp_path):
    (tmp_path / "keys.toml").write_text('[keys]\n"omon.columns" = ["c"]\n"app.help" = ["F3"]\n', encoding="utf-8")
    async with workstation(folder=tmp_path) as station:
        before = station.tile.board.preset.name
        await station.press("o")
        assert station.tile.board.preset.name == before
        await station.press("c")
        assert station.tile.board.preset.name != before
        assert " F3  Help" in station.rows[-1]
        assert " C  Columns" in station.rows[-1]
        await station.press("f3")
        assert station.app.bench.overlay.is_open


async def test_conflicts_of_keys_and_broken_layouts_are_told_at_launch(tmp_path):
    (tmp_path / "keys.toml").write_text('[keys]\n"app.zoom" = ["t"]\n', encoding="utf-8")
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "bad.toml").write_text("nonsense", encoding="utf-8")
    async with workstation(folder=tmp_path) as station:
        words = " ".join(notice.text for notice in station.app.notices.newest_first())
        assert "t means two things" in words
        assert "bad.toml" in words


async def test_an_unknown_function_in_a_layout_keeps_its_place(tmp_path):
    layouts = tmp_path / "layouts"
    layouts.mkdir()
    (layouts / "mine.toml").write_text(
        'version = 1\nname = "MINE"\nplace = 1\n[layout]\nsplit = "h"\n[[layout.child]]\npanel = "a"\n[[layout.child]]\npanel = "b"\n'
        '[panel.a]\nfn = "OMON"\n[panel.b]\nfn = "WARP"\n',
        encoding="utf-8",
    )
    async with workstation(folder=tmp_path) as station:
        assert "There is no function WARP" in station.text
        await station.press("f6")
        await station.type("w")
        assert station.codes == ["OMON", "W"]


async def test_saving_a_workspace_brings_it_back(tmp_path):
    async with workstation(folder=tmp_path) as station:
        await station.type("aapl des")
        await station.press("ctrl+s")
        assert "saved" in station.app.notices.last.text
    async with workstation(folder=tmp_path) as station:
        assert (station.code_of("chain"), station.tile.context.symbol) == ("DES", "AAPL")


async def test_what_was_chosen_by_key_is_saved_too(tmp_path):
    async with workstation(folder=tmp_path) as station:
        await station.press("o")
        await station.press("f6", "f6", "5")
        await station.press("f6", "right_square_bracket")
        name = station.tile.shown.name
        await station.press("ctrl+s")
    async with workstation(folder=tmp_path) as station:
        chain, _, chart, watch = station.app.bench.tiles
        assert (chain.board.preset.name, chart.preferences.seconds, watch.shown.name) == ("Trade", 1800, name)


async def test_notices_of_the_engine_pop_up_and_are_listed():
    async with workstation() as station:
        station.engine.say(NoticePosted(at=facts.NOW, level=NoticeLevel.WARNING, title="Feed late", text="two minutes"))
        await station.settle()
        assert "Feed late: two minutes" in station.rows[-1]
        await station.press("exclamation_mark")
        assert "NOTICES" in station.text
        assert station.text.count("Feed late: two minutes") >= 1


async def test_the_palette_finds_functions_by_what_they_say():
    async with workstation() as station:
        await station.press("ctrl+p")
        await station.pilot.pause(0.2)
        assert "Option Monitor" in screen_text(station.app)
        await station.press("escape")


@pytest.mark.parametrize(
    ("change", "badge", "dot"),
    [
        ({"simulated": True}, " SIM ", "●"),
        ({"simulated": False, "own_clock": False}, " LIVE ", "●"),
        ({"simulated": False, "own_clock": False, "delayed_minutes": 15.0, "feed_state": FeedState.DELAYED}, " DELAYED 15m ", "●"),
        ({"simulated": False, "feed_state": FeedState.FROZEN}, " FROZEN ", "● frozen"),
        ({"feed_state": FeedState.DISCONNECTED}, " SIM ", "○ disconnected"),
        ({"feed_state": FeedState.CLOSED}, " SIM ", "● closed"),
    ],
)
async def test_the_app_bar_says_which_market_this_is(change, badge, dot):
    async with workstation() as station:
        station.engine.say(StatusChanged(status=engine_facts.status(**change)))
        await station.settle()
        assert badge in station.rows[0]
        assert dot in station.rows[0]


async def test_a_disconnected_feed_dims_every_tile_and_says_since_when():
    async with workstation() as station:
        lost = replace(engine_facts.status(FeedState.DISCONNECTED), market_time=UtcNanos(facts.NOW + 14_000_000_000))
        station.engine.say(StatusChanged(status=lost))
        await station.settle(6)
        assert station.tile.freshness.is_dimmed
        assert "DISCONNECTED" in station.rows[4]
        station.engine.say(StatusChanged(status=engine_facts.status()))
        await station.settle(6)
        assert "DISCONNECTED" not in station.rows[4]


async def test_another_engine_is_watched_anew():
    async with workstation() as station:
        before = station.tile._subscription
        station.engine.say(EngineChanged(at=facts.NOW, text="this terminal hosts the engine now"))
        await station.settle()
        assert station.tile._subscription is not before
        assert "hosts the engine" in station.app.notices.last.text


async def test_before_an_engine_is_there_the_frame_stands_and_says_so():
    async with workstation(connected=False) as station:
        assert " STARTING " in station.rows[0]
        assert row_widths(station.app) == {160}
        await station.press("f6", "z", "question_mark", "escape")


async def test_an_engine_that_cannot_be_opened_is_said_and_the_terminal_stays():
    async def refuse():
        raise NotConfigured("the feed ibkr needs a gateway: see docs/plugins.md")

    app = OptixApp(gather(environment={}, live=False), refuse)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert "needs a gateway" in app.notices.last.text
        for _ in range(FRESHNESS_EVERY):
            app.beat()
        await pilot.pause()
        rows = screen_text(app).splitlines()
        assert " NO ENGINE " in rows[0]
        assert any("there is no engine: the feed ibkr needs a gateway" in row for row in rows[4:]), "it outlives the toast"
        assert app.is_running


async def test_an_engine_that_fails_at_first_is_tried_again(monkeypatch):
    from optix_tui import app as module
    from tests.kit.fake_engine import FakeEngine

    monkeypatch.setattr(module, "RETRY_SECONDS", 0.01)
    engines = iter([UpstreamFailed("no answer"), FakeEngine()])

    async def connect():
        found = next(engines)
        if isinstance(found, Exception):
            raise found
        return found

    app = OptixApp(gather(environment={}, live=False), connect)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        assert app.session.engine is not None


async def test_closing_closes_the_engine():
    async with workstation() as station:
        engine = station.engine
    assert engine.is_closed


async def test_a_far_terminal_beats_slower_and_says_so():
    async with workstation(environment={"SSH_CONNECTION": "10.0.0.1 22"}) as station:
        assert "SSH" in station.rows[0]
        assert station.app.options.hertz == 4.0


async def test_an_unknown_quote_is_dashes():
    async with workstation() as station:
        station.engine.say(QuoteChanged(quote=facts.unknown_quote("SPY")))
        await station.settle()
        assert "—" in station.rows[2]
        assert "nan" not in station.text.lower().replace("finan", "")


async def test_a_window_that_was_too_small_gives_the_keys_back_to_its_tile():
    async with workstation() as station:
        await station.press("f6")
        for size in ((40, 10), (59, 45), (160, 12), (160, 45)):
            await station.pilot.resize_terminal(*size)
            await station.settle()
        assert station.tile.entry.code == "OPX"
        assert station.tile.has_focus
        await station.press("j")
        assert station.tile.cursor.row == 1


async def test_a_turn_that_comes_after_the_screens_are_gone_does_nothing():
    async with workstation() as station:
        app = station.app
    assert not app.screen_stack
    turns = app.pump.beats
    app.beat()
    app.attach(station.engine)
    assert app.pump.beats == turns
