import pytest

from engine.domain.errors import BadInput
from engine.messages.base import topic
from engine.messages.events import ChainChanged
from engine.messages.queries import GetChain, GetContract
from optix_tui.contract_words import contract_text
from tests.kit import facts
from tests.kit.stage import Stage, told_engine


async def test_a_contract_is_asked_for_as_it_was_typed_and_its_chain_is_watched():
    stage = Stage("DES", "6700P", "NOV24", symbol="SPX")
    async with stage.run_test(size=(120, 30)) as pilot:
        await stage.settle(pilot)
        assert GetContract(text="SPX 6700P NOV24") in stage.engine.asked
        series = facts.series().id
        assert GetChain(symbol="SPX", series=(series,)) in stage.engine.asked
        assert topic(ChainChanged, series) in stage.engine.subscriptions[-1].topics
        assert len(stage.engine.subscriptions) == 1
        stage.engine.say(ChainChanged(slice=facts.slice_of(bid=facts.floats(facts.slice_of().bid * 0 + 12.34))))
        await stage.settle(pilot)
        assert "12.34" in stage.text()


@pytest.mark.parametrize(
    ("args", "asked"),
    [
        (("SPXW261124C06700000",), "SPXW261124C06700000"),
        (("SPXW", "6700P", "NOV24"), "SPXW 6700P NOV24"),
        (("6700P", "DEC"), "SPX 6700P DEC"),
        (("DEC18", "6700P"), "SPX DEC18 6700P"),
    ],
)
def test_a_contract_that_names_its_own_root_is_asked_for_by_that(args, asked):
    assert contract_text("SPX", args) == asked


async def test_what_is_no_contract_says_how_to_type_one():
    engine = told_engine()

    def refuse(_query):
        raise BadInput("'SPX 12': a strike is missing; type it as: spx 3875p nov17")

    engine.answers[GetContract] = refuse
    stage = Stage("DES", "12", symbol="SPX", engine=engine)
    async with stage.run_test(size=(100, 20)) as pilot:
        await stage.settle(pilot)
        assert "type it as: spx 3875p nov17" in stage.text()


async def test_a_long_description_scrolls_and_stops_at_its_end():
    stage = Stage("DES", "6700P", "NOV24", symbol="SPX")
    async with stage.run_test(size=(60, 16)) as pilot:
        await stage.settle(pilot)
        assert "CONTRACT" in stage.text()
        await pilot.press("end")
        await stage.settle(pilot)
        assert "UNDERLYING SPX" in stage.text()
        bottom = stage.tile.top
        await pilot.press("pagedown", "down")
        assert stage.tile.top == bottom
        await pilot.press("home")
        assert stage.tile.top == 0
