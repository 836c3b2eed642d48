"""`--png`: which screen each command has drawn, and which flags contradict one another."""

import pytest
from msgspec.structs import replace

from engine.cli import output
from engine.cli.exposure import SIGN_WORDS, UNIT_WORDS, cex, convention_of, gex, screen_words, vex
from engine.cli.picture import Painter
from engine.cli.pricing import price
from engine.cli.session import Globals
from engine.cli.surface import VIEWS, smile, surface, term
from engine.domain.errors import BadInput, NotConfigured
from engine.domain.instants import parse_instant
from engine.domain.instruments import Right, Style
from engine.messages.exposure import ExposureConvention, ExposureGreek
from engine.messages.valuation import CashDividend
from optix_tui.screens.exposure.preferences import ExposurePreferences, read_arguments
from optix_tui.screens.surface.view import Picture


class Drawn:
    """Keeps what it was asked to draw."""

    def __init__(self):
        self.words, self.how = (), {}

    def __call__(self, words, **how):
        self.words, self.how = words, how
        return "drawn"


@pytest.fixture
def drawn(monkeypatch) -> Drawn:
    kept = Drawn()
    monkeypatch.setattr(Painter, "draw", kept)
    monkeypatch.setattr(Painter, "draw_payoff", kept)
    monkeypatch.setattr(Globals, "feed", None)
    return kept


def test_a_surface_is_drawn_as_a_heat_map_unless_another_view_is_said(drawn, capsys):
    surface("spx index", png="a.png", size="80x24", theme="paper", feed="cboe")
    assert drawn.words == ("OVDV", "HEAT")
    assert drawn.how["symbol"] == "SPX"
    assert (drawn.how["file"], drawn.how["size"], drawn.how["theme"], drawn.how["feed"]) == ("a.png", "80x24", "paper", "cboe")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "drawn\n"
    surface("SPX", png="a.png", view="mesh", model="ESSVI", at="2026-11-20T10:45")
    assert drawn.words == ("OVDV", "MESH")
    assert drawn.how["model"] == "essvi"
    assert drawn.how["at"] == parse_instant("2026-11-20T10:45")


def test_the_views_are_those_of_the_screen():
    assert set(VIEWS) == {one.value for one in Picture}


def test_a_smile_is_of_the_expiry_that_is_said_else_of_the_screens_own_choice(drawn):
    smile("SPX", png="-")
    assert (drawn.words, drawn.how["expiry"]) == (("OVDV", "SMILE"), None)
    smile("SPX", png="-", expiry="fri")
    assert (drawn.words, drawn.how["expiry"]) == (("OVDV", "SMILE"), "fri")
    term("SPX", png="-")
    assert drawn.words == ("OVDV", "TERM")


@pytest.mark.parametrize(("command", "code"), [(gex, "GEX"), (vex, "VEX"), (cex, "CEX")])
def test_exposures_are_drawn_on_their_own_tab(drawn, command, code):
    command("spy", png="a.png", unit="shares", signs="puts", count="volume", half=True, boxes=True, expiry="dec18")
    assert drawn.words == [code, "SHARES", "REVERSED", "VOLUME", "HALF", "BOXES"]
    assert (drawn.how["symbol"], drawn.how["expiry"]) == ("SPY", "dec18")


@pytest.mark.parametrize("signs", SIGN_WORDS)
@pytest.mark.parametrize("unit", UNIT_WORDS)
@pytest.mark.parametrize(("count", "half", "boxes"), [("oi", False, False), ("volume", True, True)])
def test_the_screen_reads_every_convention_as_the_command_means_it(unit, signs, count, half, boxes):
    meant = convention_of("vanna", unit=unit, signs=signs, count=count, half=half, boxes=boxes)
    code, *words = screen_words(meant)
    usual = ExposurePreferences(convention=replace(ExposureConvention(), greek=ExposureGreek.VANNA))
    read, wrong = read_arguments(words, usual)
    assert (code, wrong) == ("VEX", "")
    assert read.convention == meant


def test_one_contract_is_drawn_with_all_its_terms(drawn):
    price(right="p", style="american", spot="100", strike="105", days="30", rate="0.04", dividend_yield="0.01", vol="0.2", png="a.png")
    terms = drawn.words
    assert (terms.right, terms.style, terms.on_forward) == (Right.PUT, Style.AMERICAN, False)
    assert (terms.underlying, terms.strike, terms.rate, terms.dividend_yield, terms.volatility) == (100.0, 105.0, 0.04, 0.01, 0.2)
    assert terms.days == pytest.approx(30.0)
    assert terms.price is None
    price(right="C", forward="50", strike="55", expiry="2026-12-18", vol="0.3", as_of="2026-11-20T15:00:00Z", png="a.png")
    assert drawn.words.on_forward
    assert 28 < drawn.words.days < 29
    assert drawn.how["at"] == parse_instant("2026-11-20T15:00:00Z")
    price(right="C", spot="100", strike="100", days="90", vol="0.3", dividends="30:0.5;60:0.25", png="a.png")
    assert [(round(one.days, 6), one.amount) for one in drawn.words.dividends] == [(30.0, 0.5), (60.0, 0.25)]
    assert isinstance(drawn.words.dividends[0], CashDividend)


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        ({}, "say which contract"),
        ({"right": "C", "spot": "100", "days": "30", "vol": "0.2"}, "--strike is missing"),
        ({"right": "C", "spot": "100", "strike": "100", "days": "30", "vol": "20"}, "write 20 % as 0.2"),
        ({"csv": "table.csv"}, "say --png or --csv, not both"),
    ],
)
def test_a_contract_that_cannot_be_read_is_not_drawn(drawn, flags, why):
    with pytest.raises(BadInput, match=why):
        price(**flags, png="a.png")
    assert drawn.how == {}


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (lambda: surface("SPX", png="a.png", as_json=True), "say --png or --json, not both"),
        (lambda: smile("SPX", png="a.png", as_csv=True), "say --png or --csv, not both"),
        (lambda: gex("SPX", png="a.png", as_json=True), "say --png or --json, not both"),
        (lambda: term("SPX", size="80x24"), "--size is of a picture"),
        (lambda: vex("SPX", theme="paper"), "--theme is of a picture"),
        (lambda: surface("SPX", view="MESH"), "--view is of a picture"),
        (lambda: surface("SPX", view="round", png="a.png"), "there is no view round: there are HEAT, MESH"),
        (lambda: surface("SPX", model="sabr", png="a.png"), "there is no model 'sabr'"),
        (lambda: smile("SPX", at="soon", png="a.png"), "'soon' is no time"),
        (lambda: gex("SPX", unit="lots", png="a.png"), "--unit lots: there are"),
        (lambda: surface("SPX 500", png="a.png"), "is no ticker"),
    ],
)
def test_flags_that_contradict_one_another_are_refused(drawn, run, why):
    with pytest.raises(BadInput, match=why):
        run()
    assert drawn.how == {}


def test_a_program_without_screens_says_so(monkeypatch):
    monkeypatch.setattr(Painter, "draw", None)
    monkeypatch.setattr(Painter, "draw_payoff", None)
    with pytest.raises(NotConfigured, match="this installation has no terminal"):
        gex("SPX", png="a.png")
    with pytest.raises(NotConfigured, match="this installation has no terminal"):
        price(right="C", spot="100", strike="100", days="30", vol="0.2", png="a.png")


def test_quiet_says_nothing(drawn, capsys, monkeypatch):
    monkeypatch.setattr(output.Quietness, "quiet", True)
    term("SPX", png="a.png")
    assert capsys.readouterr() == ("", "")
    assert drawn.how["file"] == "a.png"
