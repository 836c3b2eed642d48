"""The chain's tile: keys, window, live updates, honest states."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from textual.events import MouseScrollDown

from engine.domain.columns import floats
from engine.messages.base import topic
from engine.messages.events import ChainChanged, ExpirationsChanged, FittedChainChanged
from engine.messages.queries import GetChain, LastLook
from optix_tui.screens.omon.board import Kind, Line, rows_above_spot
from optix_tui.screens.omon.window import Kind as Kinds
from optix_tui.screens.omon.window import Rule, read_rule
from tests.kit import facts
from tests.kit.golden import matches
from tests.kit.stage import STATES, Stage
from tests.kit.terminal import row_widths

GOLDENS = Path(__file__).parent / "goldens"


class Chain:
    """A stage with the chain on it."""

    def __init__(self, stage, pilot):
        self.stage, self.pilot, self.tile = stage, pilot, stage.tile

    async def press(self, *keys):
        await self.pilot.press(*keys)
        await self.stage.settle(self.pilot, turns=1)

    async def say(self, event):
        self.stage.engine.say(event)
        await self.stage.settle(self.pilot, turns=1)

    @property
    def board(self):
        return self.tile.board

    @property
    def first(self):
        return self.board.pieces[self.board.opened[0]]

    @property
    def rows(self):
        return self.stage.rows()

    def cursor_row(self):
        return self.board.place_of(self.tile.cursor) - self.tile.rows.top


class Opened:
    """``async with Opened(...) as chain``."""

    def __init__(self, *arguments, size=(98, 30), symbol="SPX", theme="amber"):
        self.stage = Stage("OMON", *arguments, symbol=symbol, theme=theme)
        self.size = size

    async def __aenter__(self):
        self.running = self.stage.run_test(size=self.size)
        pilot = await self.running.__aenter__()
        await self.stage.settle(pilot)
        return Chain(self.stage, pilot)

    async def __aexit__(self, *given):
        await self.running.__aexit__(*given)


@pytest.mark.parametrize("size", [(160, 41), (98, 26), (80, 21)])
async def test_the_chain_looks_as_it_did_in_each_of_its_states(size):
    async with Opened(size=size) as chain:
        for state, feed in STATES.items():
            await chain.stage.become(chain.pilot, feed)
            matches(GOLDENS / f"chain-{size[0]}-{state}.txt", chain.stage.text())
            assert row_widths(chain.stage) == {size[0]}


@pytest.mark.parametrize("preset", ["TRADE", "GREEKS", "VOL", "FLOW", "PROB"])
async def test_every_preset_looks_as_it_did(preset):
    async with Opened(preset) as chain:
        matches(GOLDENS / f"preset-{preset.lower()}.txt", chain.stage.text())


@pytest.mark.parametrize("theme", ["amber", "graphite", "paper", "cvd"])
async def test_a_theme_colours_the_chain_by_meaning(theme):
    async with Opened(size=(98, 12), theme=theme) as chain:
        matches(GOLDENS / f"styles-{theme}.txt", chain.stage.colours())


async def test_stale_dims_every_row_and_live_brings_the_colours_back():
    async with Opened(size=(98, 14)) as chain:
        live = chain.stage.colours(slice(3, None))
        await chain.stage.become(chain.pilot, STATES["stale"])
        assert chain.stage.colours(slice(3, None)) != live
        await chain.stage.become(chain.pilot, STATES["live"])
        assert chain.stage.colours(slice(3, None)) == live


async def test_a_new_price_repaints_its_row_and_no_other():
    async with Opened() as chain:
        before = list(chain.tile._lines)
        place = rows_above_spot(chain.first)
        bid = np.array(chain.first.bid)
        bid[0, place] += 7.0
        await chain.say(ChainChanged(slice=replace(chain.first, bid=floats(bid))))
        changed = [y for y, (old, new) in enumerate(zip(before, chain.tile._lines, strict=True)) if old is not new]
        line = chain.board.place_of(Line(Kind.STRIKE, chain.board.opened[0], place)) - chain.tile.rows.top + 2
        assert changed == [line]


async def test_arrows_move_the_cursor_over_the_rule_of_the_spot():
    async with Opened() as chain:
        await chain.press("home")
        kinds = []
        for _ in range(30):
            await chain.press("down")
            kinds.append(chain.tile.cursor.kind)
        assert Kind.SPOT not in kinds
        assert Kind.BAND in kinds


async def test_the_cursor_is_always_on_the_screen():
    async with Opened(size=(98, 12)) as chain:
        for key in ("pagedown", "pagedown", "pageup", "down", "up", "right_square_bracket", "pagedown", "home", "pageup"):
            await chain.press(key)
            assert 0 <= chain.cursor_row() < chain.tile.rows.height


async def test_left_and_right_choose_the_side():
    async with Opened() as chain:
        await chain.press("right")
        assert any("▸" in row for row in chain.rows[3:])
        await chain.press("left")
        assert any("◂" in row for row in chain.rows[3:])


async def test_brackets_go_from_expiry_to_expiry_and_open_them():
    async with Opened() as chain:
        names = list(chain.board.summaries)
        await chain.press("right_square_bracket", "right_square_bracket", "right_square_bracket")
        assert chain.tile.cursor == Line(Kind.BAND, names[3])
        assert names[3] in chain.board.opened
        assert any(isinstance(query, GetChain) and names[3] in query.series for query in chain.stage.engine.asked)
        assert chain.rows[2].lstrip().startswith("▾"), "the expiry came to the top"
        await chain.press("left_square_bracket")
        assert chain.tile.cursor == Line(Kind.BAND, names[2])


async def test_space_closes_the_expiry_under_the_cursor_and_enter_on_its_band_opens_it_again():
    async with Opened() as chain:
        name = chain.board.opened[0]
        await chain.press("space")
        assert name not in chain.board.opened
        assert "▸" in chain.rows[2]
        await chain.press("enter")
        assert name in chain.board.opened


async def test_enter_or_a_double_click_on_a_strike_describes_its_contract():
    async with Opened() as chain:
        place = chain.tile.cursor.strike
        await chain.press("enter")
        await chain.press("right", "enter")
        contract = chain.first.contract
        assert chain.stage.commands == [f"{contract[place]} DES", f"{contract[len(chain.first.strikes) + place]} DES"]
        row = chain.cursor_row()
        await chain.pilot.click(offset=(10, row + 2), times=2)
        assert chain.stage.commands[2:] == [f"{contract[place]} DES"]


async def test_c_takes_the_contract_of_the_strike_to_the_calculator():
    async with Opened() as chain:
        place = chain.tile.cursor.strike
        await chain.press("c")
        assert chain.stage.commands == [f"{chain.first.contract[place]} OVME"]
        await chain.press("space", "c")
        assert chain.stage.told[-1] == "stand on a strike to price it"
        assert len(chain.stage.commands) == 1


async def test_a_double_click_on_an_expiry_opens_or_closes_it_once():
    async with Opened() as chain:
        name = chain.board.opened[0]
        await chain.pilot.click(offset=(10, 2), times=2)
        assert name not in chain.board.opened


async def test_a_strike_without_a_contract_on_that_side_says_so():
    async with Opened() as chain:
        first = chain.first
        missing = tuple("" for _ in first.contract)
        await chain.say(ChainChanged(slice=replace(first, contract=missing)))
        await chain.press("enter")
        assert chain.stage.commands == []
        assert "no call is listed at" in chain.stage.told[-1]


async def test_what_was_chosen_in_the_chain_is_kept_with_the_workspace_and_on_the_way_back():
    async with Opened("±15") as chain:
        assert chain.tile.lasting_args() == ("±15",)
        await chain.press("o", "plus")
        assert chain.tile.lasting_args() == ("±16", "TRADE")
        assert chain.tile.passing_args() == ("±16", "TRADE")
        await chain.press("right_square_bracket")
        series = chain.board.summaries[chain.tile.cursor.series].series
        assert chain.tile.passing_args() == (f"{series.expiry:%d%b%y}".upper() + series.root, "±16", "TRADE")
        assert chain.tile.lasting_args() == ("±16", "TRADE")
        for kind in Kinds:
            rule = Rule(kind, 2.0 if kind is not Kinds.DELTA else 0.2)
            assert kind is Kinds.ALL or read_rule(rule.word) == rule
        assert read_rule(Rule(Kinds.ALL, 0.0).word) == Rule(Kinds.ALL, 0.0)


async def test_an_open_expiry_is_watched_and_a_closed_one_is_not():
    async with Opened() as chain:
        name = chain.board.opened[0]
        assert name in {topic.key for topic in chain.tile._subscription.topics}
        await chain.press("space")
        assert name not in {topic.key for topic in chain.tile._subscription.topics}


async def test_plus_and_minus_show_more_and_fewer_strikes():
    async with Opened(size=(98, 60)) as chain:

        def shown():
            return sum(line.kind is Kind.STRIKE and line.series == chain.board.opened[0] for line in chain.board.lines)

        assert shown() == 19
        await chain.press("plus")
        assert shown() == 21
        await chain.press("minus", "minus")
        assert shown() == 17
        assert "±8 strikes" in chain.rows[0]


async def test_f_goes_through_the_ways_to_count_the_window():
    async with Opened() as chain:
        seen = []
        for _ in range(6):
            await chain.press("f")
            seen.append(chain.board.rule.label)
        assert seen == ["Δ ≥ .10", "±5%", "±2 SD", "±1 EM", "all strikes", "±9 strikes"]


async def test_o_goes_through_the_presets_and_back():
    async with Opened() as chain:
        await chain.press("o")
        assert "Trade" in chain.rows[0]
        assert "Mid" in chain.rows[1]
        await chain.press("O", "O")
        assert "Prob" in chain.rows[0]


async def test_greeks_at_the_fit_are_asked_for_and_watched_only_while_they_are_shown():
    async with Opened("FIT", size=(160, 30)) as chain:
        assert "Greeks at fit" in chain.rows[0]
        assert "Δf" in chain.rows[1]
        assert chain.first.fit_delta.size
        opened = chain.board.opened
        assert set(chain.tile.topics(chain.tile.context)) >= {topic(FittedChainChanged, name) for name in opened}
        moved = facts.with_fit_greeks(replace(chain.first, delta=floats(chain.first.delta * 0.5)))
        await chain.say(FittedChainChanged(slice=moved))
        assert chain.first.fit_delta is moved.fit_delta
        await chain.press("o")
        assert set(chain.tile.topics(chain.tile.context)) >= {topic(ChainChanged, name) for name in opened}
        await chain.say(ChainChanged(slice=facts.slice_of(summary=chain.first.summary)))
        assert not chain.first.fit_delta.size
        chain.stage.engine.asked.clear()
        await chain.press("O")
        assert [query.fit_greeks for query in chain.stage.engine.asked if isinstance(query, GetChain)] == [True]
        assert chain.first.fit_delta.size


async def test_arguments_choose_expiry_window_and_preset():
    wanted = facts.expirations("SPX").expiries[5].series
    async with Opened(f"{wanted.expiry:%d%b%y}".upper(), "±4", "GREEKS") as chain:
        assert chain.board.opened[0].split("/")[1] == wanted.expiry.isoformat()
        assert "±4 strikes  Greeks" in chain.rows[0]


async def test_an_expiry_that_is_not_listed_is_told():
    async with Opened("31DEC99") as chain:
        assert any("SPX has no expiry 31DEC99" in text for text in chain.stage.told)
        assert chain.board.opened


async def test_what_is_under_the_cursor_stays_where_it_is_while_the_spot_runs():
    async with Opened() as chain:
        await chain.press("down", "down")
        marked, row = chain.tile.cursor, chain.cursor_row()
        step = float(chain.first.strikes[1] - chain.first.strikes[0])
        for n in range(1, 8):
            piece = replace(chain.first, summary=replace(chain.first.summary, spot=facts.quote("SPX").last + n * step))
            await chain.say(ChainChanged(slice=piece))
            assert chain.tile.cursor == marked
            assert abs(chain.cursor_row() - row) <= 1


async def test_the_band_of_an_expiry_stays_in_sight_while_its_strikes_are_scrolled():
    async with Opened(size=(98, 12)) as chain:
        await chain.press("pagedown")
        assert chain.tile.rows.lines[chain.tile.rows.top].kind is not Kind.BAND
        assert "ATM IV" in chain.rows[2]


async def test_the_wheel_scrolls_and_a_click_marks_a_row():
    async with Opened(size=(98, 20)) as chain:
        before = chain.tile.rows.top
        await chain.pilot._post_mouse_events([MouseScrollDown], offset=(10, 10))
        await chain.stage.settle(chain.pilot, turns=1)
        assert chain.tile.rows.top > before
        row = next(row for row, line in enumerate(chain.tile.rows.visible) if line.kind is Kind.STRIKE and line != chain.tile.cursor)
        await chain.pilot.click(offset=(80, row + 2))
        await chain.stage.settle(chain.pilot, turns=1)
        assert (chain.tile.side, chain.cursor_row()) == (1, row)


async def test_a_last_look_is_shown_old_until_the_engine_speaks():
    stage = Stage("OMON", symbol="SPX")
    chain = facts.chain("SPX", count=2)
    look = LastLook(
        symbol="SPX",
        source=facts.SOURCE,
        written_at=facts.NOW,
        market_time=facts.NOW,
        quote=facts.quote("SPX"),
        expirations=facts.expirations("SPX"),
        slices=chain.slices,
    )
    engine, stage.engine = stage.engine, None
    async with stage.run_test(size=(98, 20)) as pilot:
        stage.tile.show_last_look(look, 10_800.0)
        await stage.settle(pilot)
        assert "OLD 3h" in stage.rows()[0]
        assert f"{chain.slices[0].ask[0, 20]:.2f}" in stage.text()
        stage.engine = engine
        stage.tile.connect()
        await stage.settle(pilot)
        assert "OLD" not in stage.rows()[0]


async def test_a_name_that_is_not_listed_says_so_in_the_tile():
    async with Opened(symbol="ZZZZ") as chain:
        assert "ZZZZ is not listed by this feed" in chain.stage.text()


async def test_a_painter_that_fails_is_words_in_its_tile(monkeypatch):
    async with Opened() as chain:
        monkeypatch.setattr(chain.tile, "_paint_lines", lambda _lines: 1 / 0)
        chain.tile.rows.change_all()
        chain.tile.touch()
        chain.tile.flush()
        await chain.pilot.pause()
        assert "ZeroDivisionError" in chain.stage.text()


async def test_expiries_that_come_and_go_leave_the_cursor_on_something():
    async with Opened() as chain:
        await chain.press("down")
        table = facts.expirations("SPX")
        await chain.say(ExpirationsChanged(table=replace(table, expiries=table.expiries[2:])))
        assert chain.board.place_of(chain.tile.cursor) is not None
        await chain.press("up", "down", "enter")
