import pytest

from engine.domain.errors import BadInput
from engine.domain.ids import Symbol
from engine.domain.instruments import Right, Style
from engine.messages.valuation import GetValuation, SolvedFrom, SoughtInput, ValuationTerms
from engine.services.analytics.valuation import valued
from optix_tui.screens.calculator.fields import Field
from optix_tui.screens.calculator.sheet import Sheet
from tests.kit import facts

TERMS = ValuationTerms(underlying=670.0, strike=670.0, days=30.0, rate=0.04, dividend_yield=0.01, volatility=0.13)
SHEET = Sheet(symbol=Symbol("SPY"), terms=TERMS, now=facts.NOW)


def solved(sheet):
    return sheet.answered(valued(sheet.question()))


def test_a_price_that_is_typed_asks_for_the_volatility():
    sheet = solved(SHEET).typed(Field.PRICE, "12")
    assert sheet.unknown is SoughtInput.VOLATILITY
    assert sheet.is_given(Field.PRICE)
    assert not sheet.is_given(Field.VOLATILITY)
    assert solved(sheet).terms.volatility > 0.13
    assert solved(sheet).terms.price == 12.0


def test_a_delta_that_is_typed_asks_for_the_strike_and_needs_no_sign_for_a_put():
    sheet = solved(solved(SHEET).turned(Field.RIGHT)).typed(Field.DELTA, "25")
    assert (sheet.unknown, sheet.solved_from) == (SoughtInput.STRIKE, SolvedFrom.DELTA)
    found = solved(sheet)
    assert found.terms.delta == pytest.approx(-0.25, abs=1e-6)
    assert found.terms.strike < 670.0


def test_price_and_delta_take_turns_and_leave_a_row_that_was_asked_for():
    sheet = solved(solved(SHEET).typed(Field.PRICE, "12"))
    strike = solved(sheet.typed(Field.DELTA, "30"))
    assert strike.unknown is SoughtInput.STRIKE
    assert strike.typed(Field.PRICE, "9").unknown is SoughtInput.VOLATILITY
    assert sheet.solving(Field.UNDERLYING).typed(Field.DELTA, "30").unknown is SoughtInput.UNDERLYING
    assert strike.solving(Field.DAYS).typed(Field.PRICE, "9").unknown is SoughtInput.DAYS


def test_an_unknown_that_is_typed_is_known_and_the_price_is_asked_for():
    sheet = solved(SHEET).typed(Field.PRICE, "12").typed(Field.VOLATILITY, "20")
    assert sheet.unknown is SoughtInput.PRICE
    assert sheet.terms.volatility == 0.2


def test_any_other_row_leaves_what_is_looked_for():
    sheet = solved(SHEET).typed(Field.PRICE, "12").typed(Field.STRIKE, "680")
    assert sheet.unknown is SoughtInput.VOLATILITY
    assert sheet.question() == GetValuation(terms=sheet.terms, unknown=SoughtInput.VOLATILITY)


def test_a_row_that_cannot_be_read_keeps_its_text_and_asks_nothing_until_it_can():
    sheet = SHEET.typed(Field.STRIKE, "67o")
    assert sheet.wrong[Field.STRIKE].text == "67o"
    assert sheet.question() is None
    assert sheet.terms.strike == 670.0
    assert sheet.typed(Field.VOLATILITY, "x").typed(Field.STRIKE, "671").wrong.keys() == {Field.VOLATILITY}


def test_equals_solves_for_the_row_from_what_the_sheet_gives():
    sheet = solved(SHEET).solving(Field.UNDERLYING)
    assert sheet.unknown is SoughtInput.UNDERLYING
    assert solved(sheet).terms.underlying == pytest.approx(670.0)
    assert SHEET.typed(Field.STRIKE, "?").solving(Field.STRIKE).wrong == {}


def test_what_cannot_be_solved_for_is_refused_with_the_reason():
    with pytest.raises(BadInput, match="multiplier is given, not solved for"):
        SHEET.solving(Field.MULTIPLIER)
    with pytest.raises(BadInput, match="the yield is in the forward already"):
        SHEET.turned(Field.BASIS).solving(Field.YIELD)


def test_choices_turn_over():
    assert SHEET.turned(Field.RIGHT).terms.right is Right.PUT
    assert SHEET.stepped(Field.STYLE, 1).terms.style is Style.AMERICAN
    on_forward = SHEET.solving(Field.YIELD).turned(Field.BASIS)
    assert on_forward.terms.on_forward
    assert on_forward.unknown is SoughtInput.PRICE
    assert not on_forward.is_given(Field.YIELD)


@pytest.mark.parametrize(
    ("field", "steps", "name", "value"),
    [
        (Field.VOLATILITY, 1, "volatility", 0.135),
        (Field.VOLATILITY, -99, "volatility", 0.0),
        (Field.DAYS, -31, "days", 0.0),
        (Field.STRIKE, 2, "strike", 672.0),
        (Field.STRIKE, -1_000, "strike", 670.0),
        (Field.RATE, -17, "rate", -0.0025),
        (Field.MULTIPLIER, -100, "multiplier", 100.0),
    ],
)
def test_a_notch_moves_a_row_and_never_out_of_its_bounds(field, steps, name, value):
    assert getattr(SHEET.stepped(field, steps).terms, name) == pytest.approx(value)


def test_a_row_without_a_number_has_no_notch():
    assert SHEET.stepped(Field.PRICE, 1) == SHEET
    assert SHEET.stepped(Field.DIVIDENDS, 1) == SHEET
    assert SHEET.typed(Field.STRIKE, "x").stepped(Field.STRIKE, 1).wrong


def test_a_delta_that_is_not_told_is_unknown_and_not_a_number():
    american = SHEET.turned(Field.STYLE).typed(Field.DAYS, "0")
    assert solved(american).terms.delta is None
    assert solved(american).question() == solved(american).question()
