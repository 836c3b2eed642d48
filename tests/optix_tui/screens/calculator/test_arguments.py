import pytest

from engine.domain.ids import Symbol
from engine.domain.instruments import Right, Style
from engine.messages.valuation import SolvedFrom, SoughtInput, ValuationTerms
from engine.services.analytics.valuation import valued
from optix_tui.screens.calculator.arguments import applied, contract_words, trouble_with, words_of
from optix_tui.screens.calculator.fields import Field
from optix_tui.screens.calculator.sheet import Sheet
from tests.kit import facts

TERMS = ValuationTerms(underlying=670.0, strike=670.0, days=30.0, rate=0.04, dividend_yield=0.01, volatility=0.13)
SHEET = Sheet(symbol=Symbol("SPY"), terms=TERMS, now=facts.NOW)


def test_words_are_a_contract_a_view_and_rows():
    assert contract_words(("6700P", "DEC18", "MATRIX", "V=15")) == ("6700P", "DEC18")


def test_rows_are_typed_as_by_hand():
    sheet = applied(SHEET, ("RIGHT=PUT", "STYLE=A", "V=15", "T=2W", "DIV=5:0.5;9:0.1", "D=25"))
    assert (sheet.terms.right, sheet.terms.style) == (Right.PUT, Style.AMERICAN)
    assert (sheet.terms.volatility, sheet.terms.days, sheet.terms.delta) == (0.15, 14.0, -0.25)
    assert len(sheet.terms.dividends) == 2
    assert (sheet.unknown, sheet.solved_from) == (SoughtInput.STRIKE, SolvedFrom.DELTA)
    assert applied(SHEET, ("P=12", "FIND=U")).unknown is SoughtInput.UNDERLYING
    assert applied(SHEET, ("FIND=X", "RIGHT=CALL", "ON=SPOT")) == SHEET


@pytest.mark.parametrize(
    ("word", "said"), [("Z=1", "OVME has no row Z"), ("FIND=Z", "FIND names a row, as FIND=K"), ("V=x", ""), ("SPY", "")]
)
def test_words_that_are_no_row_are_named(word, said):
    assert trouble_with((word,)).startswith(said)
    assert bool(trouble_with((word,))) == bool(said)


def test_what_was_changed_by_hand_is_brought_back_by_its_words_and_nothing_else_is_named():
    assert words_of(SHEET) == ()
    sheet = SHEET.typed(Field.VOLATILITY, "15.5").stepped(Field.RIGHT, 1).typed(Field.PRICE, "12").solving(Field.STRIKE)
    assert words_of(sheet) == ("RIGHT=PUT", "V=15.50", "P=12", "FIND=K")
    again = applied(SHEET, words_of(sheet))
    assert again.question() == sheet.question()


def test_a_row_typed_wrong_comes_back_wrong():
    sheet = SHEET.typed(Field.STRIKE, "67o")
    assert words_of(sheet) == ("K=67O", "FIND=P")
    assert applied(SHEET, words_of(sheet)).wrong[Field.STRIKE].text == "67O"


def test_what_was_found_is_not_taken_for_typed():
    sheet = SHEET.typed(Field.PRICE, "12")
    found = sheet.answered(valued(sheet.question())).typed(Field.VOLATILITY, "20")
    assert words_of(found) == ("V=20", "FIND=P")


def test_what_was_found_is_kept_once_something_else_is_looked_for():
    sheet = SHEET.typed(Field.DELTA, "25")
    strike = sheet.answered(valued(sheet.question())).typed(Field.PRICE, "5.5")
    assert words_of(strike) == (f"K={strike.terms.strike:.4f}", "P=5.50", "FIND=V")
