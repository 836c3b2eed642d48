"""The base of a tile: what every function does the same way."""

import pytest

from engine.domain.errors import UpstreamFailed
from engine.domain.ids import UtcNanos
from engine.messages.base import topic
from engine.messages.commands import StopRecording
from engine.messages.events import QuoteChanged
from engine.messages.queries import GetQuotes
from optix_tui.function import Context, Function
from optix_tui.functions.entry import Entry
from optix_tui.theme import load_palette
from optix_tui.title_band import shortened
from tests.kit import facts
from tests.kit.stage import LIVE, STATES, Stage, told_engine
from tests.kit.terminal import row_widths


class Price(Function):
    """The smallest function that is one."""

    stale_after = 15.0
    fails = False

    def __init__(self, entry, context):
        super().__init__(entry, context)
        self.quote = None
        self.boards = 0
        self.clicks = []

    def topics(self, context):
        return (topic(QuoteChanged, context.symbol),)

    def queries(self, context):
        return (GetQuotes(symbols=(context.symbol,)),)

    def received(self, event):
        self.quote = event.quote
        return True

    def answered(self, query, answer):
        self.boards += 1
        return False

    def reset(self):
        self.quote = None

    def fact_time(self):
        return self.quote.as_of if self.quote else UtcNanos(0)

    def present(self):
        return self.quote

    def subtitle(self):
        return "a rather long subtitle that has to give way"

    def paint(self, canvas, view, palette):
        if self.fails:
            raise RuntimeError("the pen broke")
        canvas.text(1, 1, f"{view.security.symbol} {view.last:.2f}", palette.text)

    def clicked(self, x, y, times):
        self.clicks.append((x, y, times))


class PriceStage(Stage):
    def __init__(self, **changes):
        super().__init__("DES", **changes)
        entry = Entry(code="PX", title="Price", summary="a price", help="A price.", path="")
        self.tile = Price(entry, Context(symbol=self.context.symbol, group=1))


class Opened:
    def __init__(self, size=(60, 10), **changes):
        self.stage, self.size = PriceStage(**changes), size

    async def __aenter__(self):
        self.running = self.stage.run_test(size=self.size)
        self.pilot = await self.running.__aenter__()
        await self.stage.settle(self.pilot)
        return self.stage, self.pilot

    async def __aexit__(self, *given):
        await self.running.__aexit__(*given)


async def test_it_watches_asks_and_paints_what_it_hears():
    async with Opened() as (stage, _pilot):
        assert "SPY 670.12" in stage.text()
        assert stage.tile.boards == 1
        assert stage.rows()[0].startswith(" ■C PX Price")


async def test_another_context_forgets_what_was_shown_and_watches_the_new_name():
    async with Opened() as (stage, pilot):
        stage.tile.load(Context(symbol="QQQ"))
        assert stage.tile.quote is None
        await stage.settle(pilot)
        assert "QQQ 601.37" in stage.text()
        assert [one.topics[0].key for one in stage.engine.subscriptions] == ["QQQ"]


async def test_an_answer_for_a_name_that_was_left_is_not_kept():
    async with Opened() as (stage, _pilot):
        boards = stage.tile.boards
        await stage.tile._ask_all(stage.engine, Context(symbol="OLD"), (GetQuotes(symbols=("SPY",)),))
        assert stage.tile.boards == boards


async def test_the_three_states_are_honest():
    async with Opened() as (stage, pilot):
        for state, words in (("live", ""), ("stale", "STALE"), ("disconnected", "DISCONNECTED 12s")):
            await stage.become(pilot, STATES[state])
            assert (words in stage.rows()[0]) if words else not stage.tile.freshness.label
        await stage.become(pilot, LIVE)
        assert not stage.tile.freshness.is_dimmed


async def test_a_painter_that_fails_is_words_in_its_tile_and_recovers():
    async with Opened() as (stage, pilot):
        stage.tile.fails = True
        await stage.become(pilot, LIVE)
        assert "RuntimeError: the pen broke" in stage.text()
        stage.tile.fails = False
        await stage.become(pilot, LIVE)
        assert "SPY 670.12" in stage.text()


async def test_a_fact_that_cannot_be_used_does_not_stop_the_next(monkeypatch):
    async with Opened() as (stage, pilot):
        good = QuoteChanged(quote=facts.quote("SPY", last=700.0))
        stage.tile.deliver(["nonsense", good])
        await stage.settle(pilot)
        assert "SPY 700.00" in stage.text()


async def test_a_question_that_fails_is_said_in_the_tile():
    engine = told_engine()

    def fail(_query):
        raise UpstreamFailed("the venue does not answer: try later")

    engine.answers[GetQuotes] = fail
    engine.retained.clear()
    async with Opened(engine=engine) as (stage, _pilot):
        assert "the venue does not answer: try later" in stage.text()


async def test_before_anything_came_it_waits_and_says_for_what():
    engine = told_engine()
    engine.retained.clear()
    async with Opened(engine=engine) as (stage, _pilot):
        assert "waiting for SPY" in stage.text()


async def test_commands_are_carried_out_and_told():
    async with Opened() as (stage, pilot):
        stage.tile.perform(StopRecording())
        await stage.settle(pilot)
        assert stage.told == ["StopRecording done"]


async def test_asleep_it_watches_nothing_and_awake_again():
    async with Opened() as (stage, pilot):
        stage.tile.sleep()
        assert stage.engine.subscriptions == []
        assert not stage.tile.is_shown
        stage.tile.wake()
        await stage.settle(pilot)
        assert len(stage.engine.subscriptions) == 1


async def test_a_reader_that_was_cut_off_watches_again():
    async with Opened() as (stage, _pilot):
        old = stage.tile._subscription
        old.closed = True
        stage.tile._watched_at -= 5
        stage.tile.drain()
        assert stage.tile._subscription is not old


async def test_a_click_is_given_in_cells_of_the_body():
    async with Opened() as (stage, pilot):
        await pilot.click(offset=(7, 3))
        assert stage.tile.clicks == [(7, 2, 1)]


@pytest.mark.parametrize("size", [(23, 10), (60, 4), (10, 3), (1, 1)])
async def test_a_tile_too_small_to_read_is_three_dots(size):
    async with Opened(size=size) as (stage, _pilot):
        assert row_widths(stage) == {size[0]}
        assert "670" not in stage.text()


async def test_the_focused_band_is_solid_and_the_subtitle_gives_way():
    async with Opened(size=(30, 8)) as (stage, _pilot):
        row = stage.tile._lines[0]
        triplet = next(iter(row)).style.bgcolor.triplet
        assert triplet.red << 16 | triplet.green << 8 | triplet.blue == load_palette("amber").text
        assert row.text.endswith("… ")


def test_a_subtitle_loses_its_last_words_whole_and_only_a_single_one_is_cut():
    words = "1m [2m] 5m   VWAP ●  EM ○"
    assert shortened(words, 40) == words
    assert shortened(words, 20) == "1m [2m] 5m   VWAP ●"
    assert shortened(words, 12) == "1m [2m] 5m"
    assert shortened(words, 7) == "1m [2m…"


async def test_a_tile_is_patient_while_only_the_market_moved_and_the_keys_are_elsewhere():
    async with Opened() as (stage, pilot):
        tile = stage.tile
        stage.set_focus(None)
        await stage.settle(pilot)
        tile.deliver([QuoteChanged(quote=facts.quote("SPY", last=700.0))])
        assert tile.needs_paint
        assert tile.is_patient
        tile.touch()
        tile.deliver([QuoteChanged(quote=facts.quote("SPY", last=701.0))])
        assert not tile.is_patient, "what the user changed is to be seen at once"
        await stage.settle(pilot)
        tile.focus()
        await stage.settle(pilot)
        tile.deliver([QuoteChanged(quote=facts.quote("SPY", last=702.0))])
        assert not tile.is_patient, "the user looks at it"
