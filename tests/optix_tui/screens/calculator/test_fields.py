import pytest

from engine.domain.errors import BadInput
from engine.domain.instants import DAY_NS
from engine.domain.instruments import Right
from engine.messages.valuation import CashDividend, SoughtInput, ValuationTerms
from optix_tui.screens.calculator.fields import FIELDS, SOUGHT, Field, field_of, read, unit_text, value_text
from tests.kit import facts

TERMS = ValuationTerms(underlying=6715.42, strike=6700.0, days=29.06, rate=0.0392, dividend_yield=0.0121, volatility=0.1342, price=98.7)


def typed(field, text, **settles):
    return read(field, text, facts.NOW, settles)


def test_numbers_are_typed_in_the_units_of_a_trader():
    assert typed(Field.VOLATILITY, "13.42") == pytest.approx(0.1342)
    assert typed(Field.VOLATILITY, " 13.42% ") == pytest.approx(0.1342)
    assert typed(Field.RATE, "-0.5") == pytest.approx(-0.005)
    assert typed(Field.UNDERLYING, "6,715.42") == pytest.approx(6715.42)
    assert typed(Field.DELTA, ".25") == typed(Field.DELTA, "25") == typed(Field.DELTA, "25d") == 0.25


@pytest.mark.parametrize(("text", "days"), [("30", 30.0), ("30d", 30.0), ("2h", 1 / 12), ("6w", 42.0), ("1y", 365.0), ("0", 0.0)])
def test_time_is_typed_in_days_or_in_other_spans(text, days):
    assert typed(Field.DAYS, text) == pytest.approx(days)


def test_a_date_runs_to_new_yorks_close_or_to_the_settlement_that_is_listed():
    close = facts.at(16, 0, day=facts.TODAY.replace(month=12, day=18))
    assert typed(Field.DAYS, "dec18") == pytest.approx((close - facts.NOW) / DAY_NS)
    morning = facts.at(9, 30, day=facts.TODAY.replace(month=12, day=18))
    assert read(Field.DAYS, "18dec26", facts.NOW, {"2026-12-18": morning}) == pytest.approx((morning - facts.NOW) / DAY_NS)


def test_dividends_are_days_and_amounts():
    assert typed(Field.DIVIDENDS, "30:0.5; 121:0.55") == (CashDividend(days=30.0, amount=0.5), CashDividend(days=121.0, amount=0.55))
    assert typed(Field.DIVIDENDS, "") == ()


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        (Field.STRIKE, "67oo", "'67OO' is no number"),
        (Field.STRIKE, "", "type a strike, or = to solve for it"),
        (Field.MULTIPLIER, "", "type a multiplier"),
        (Field.VOLATILITY, "nan", "'NAN' is no number"),
        (Field.VOLATILITY, "-", "'-' is no number"),
        (Field.DAYS, "soon", "'soon' is no time: type days, 2h, 3m, or a date as dec18"),
        (Field.DIVIDENDS, "0.5", "type dividends as day:amount"),
        (Field.DIVIDENDS, "30:x", "each dividend is day:amount"),
    ],
)
def test_what_cannot_be_read_says_what_to_type(field, text, said):
    with pytest.raises(BadInput, match=said.replace("(", r"\(")):
        typed(field, text)


@pytest.mark.parametrize("field", [field for field in FIELDS if field in SOUGHT])
def test_what_is_shown_can_be_typed_again(field):
    shown = value_text(field, TERMS)
    again = typed(field, shown)
    name = {"Time left": "days", "Yield": "dividend_yield"}.get(field.value, field.value.lower())
    assert again == pytest.approx(getattr(TERMS, name), rel=1e-4)


def test_what_is_unknown_is_a_dash():
    assert value_text(Field.DELTA, TERMS) == "—"
    assert value_text(Field.PRICE, ValuationTerms(price=float("nan"))) == "—"
    assert value_text(Field.DIVIDENDS, TERMS) == "none"
    assert value_text(Field.PRICE, ValuationTerms(price=0.00042)) == "0.00042"


def test_units_say_what_they_are_and_doubt_what_is_unlikely():
    assert unit_text(Field.VOLATILITY, TERMS, facts.NOW, "SPX") == "% a year"
    assert "is that meant" in unit_text(Field.VOLATILITY, ValuationTerms(volatility=0.002), facts.NOW, "SPX")
    assert unit_text(Field.DAYS, TERMS, facts.NOW, "SPX") == "d 18-Dec-26"
    assert unit_text(Field.STRIKE, TERMS, facts.NOW, "SPX") == "-0.2% spot"
    assert unit_text(Field.YIELD, ValuationTerms(on_forward=True), facts.NOW, "SPX") == "in forward"


def test_every_input_of_the_model_has_a_row():
    assert {field_of(sought) for sought in SoughtInput} == set(SOUGHT)
    assert value_text(Field.RIGHT, ValuationTerms(right=Right.PUT)) == "Put"
