"""What the drop-down offers behind the words of a contract."""

from datetime import date

import pytest

from engine.domain.roots import make_security
from optix_tui.completion import HitKind, complete
from optix_tui.contract_hits import Ladder, contract_being_typed
from optix_tui.parser import Instruction, parse
from tests.kit import facts
from tests.kit.workstation import workstation

LISTED = {symbol: make_security(symbol) for symbol in ("SPY", "SPX", "BTC", "W")}
LADDER = Ladder(
    today=date(2026, 11, 20),
    expiries=(date(2026, 11, 20), date(2026, 11, 27), date(2026, 12, 18)),
    strikes=(670.0, 671.0, 669.0, 672.5),
)


def offered(text: str, ladder: Ladder | None = LADDER, here: str = "SPX") -> list[tuple[str, str]]:
    return [(hit.kind.value, hit.label) for hit in complete(text, LISTED, here=here, ladder=lambda _: ladder).hits]


def test_behind_a_whole_contract_stand_the_functions_that_take_one():
    assert offered("SPY 670C 27NOV26 ") == [("functions", "DES"), ("functions", "OVME")]
    assert offered("SPY 670C 27NOV26 D") == [("functions", "DES")]
    assert offered("SPY 670C 27NOV26 O") == [("functions", "OVME")]
    assert complete("SPY 670C 27NOV26 D", LISTED, ladder=lambda _: LADDER).ghost == "ES"


def test_behind_a_strike_stand_the_expiries_of_the_name_nearest_first():
    expiries = [("expiries", word) for word in ("20NOV26", "27NOV26", "18DEC26")]
    assert offered("SPY 670C ") == [("functions", "DES"), ("functions", "OVME"), *expiries]
    assert offered("SPY US Equity 670C 2") == expiries[:2]
    assert offered("SPY 670C NOV2") == expiries[:2], "however the date is begun"
    assert complete("SPY 670C 18", LISTED, ladder=lambda _: LADDER).ghost == "DEC26"


def test_behind_an_expiry_stand_the_strikes_next_to_the_spot_first():
    assert offered("SPY 18DEC26 ")[:4] == [("strikes", word) for word in ("670C", "670P", "671C", "671P")]
    assert offered("SPY 18DEC26 672") == [("strikes", "672.5C"), ("strikes", "672.5P")]


@pytest.mark.parametrize("text", ["SPY 67", "DES SPY 67", "67"])
def test_a_number_behind_a_name_or_alone_begins_a_strike(text):
    assert ("strikes", "670C") in offered(text)


@pytest.mark.parametrize("text", ["SPY ", "SPY O", "OMON SPY ", "SPY OMON 18DEC26 "])
def test_what_is_no_contract_is_offered_what_it_was(text):
    assert not {kind for kind, _ in offered(text)} & {"expiries", "strikes"}


def test_what_is_offered_is_understood():
    for text in ("SPY 670C ", "SPY 18DEC26 ", "670P "):
        for hit in complete(text, LISTED, here="SPX", ladder=lambda _: LADDER).hits:
            assert isinstance(parse(hit.text, LISTED), Instruction), hit.text


def test_while_nothing_is_known_of_the_name_only_what_is_missing_is_said():
    assert offered("SPY 670C ", ladder=None) == [("functions", "DES"), ("functions", "OVME")]
    assert complete("SPY 670C ", LISTED).hint == "SPY 670C: of the nearest expiry, or of the one that follows"
    assert complete("SPY 18DEC26 ", LISTED).hint == "SPY 18DEC26: strike and C or P"


def test_without_a_security_in_the_tile_a_bare_strike_is_nobodys():
    assert contract_being_typed(["670C", ""], LISTED, "") is None


async def test_the_terminal_asks_once_for_what_it_offers_and_the_list_follows():
    async with workstation() as station:
        strike = facts.chain("SPY", count=1).slices[0].strikes[0]
        await station.pilot.press("slash")
        station.app.bench.command.write(f"SPY {strike:g}C ")
        await station.settle()
        kinds = {hit.kind for hit in station.app.bench.command.completion.hits}
        assert kinds == {HitKind.FUNCTION, HitKind.EXPIRY}
        assert "EXPIRIES" in station.text
        asked = len(station.engine.asked)
        station.app.bench.command.write(f"SPY {strike:g}C 2")
        await station.settle()
        assert len(station.engine.asked) == asked
        first = next(hit.label for hit in complete_of(station) if hit.kind is HitKind.EXPIRY)
        station.app.bench.command.write(f"SPY {first} ")
        await station.settle()
        assert {hit.kind for hit in complete_of(station)} == {HitKind.STRIKE}


def complete_of(station):
    return station.app.bench.command.completion.hits


async def test_a_name_without_options_has_nothing_to_offer_and_is_not_asked_again():
    async with workstation() as station:
        station.app.session.listed["GME"] = make_security("GME")
        await station.pilot.press("slash")
        for _ in range(2):
            station.app.bench.command.write("GME 20C ")
            await station.settle()
        assert [hit.kind for hit in complete_of(station)] == [HitKind.FUNCTION, HitKind.FUNCTION]
        assert station.app.notices.last is None
