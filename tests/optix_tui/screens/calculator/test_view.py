from math import nan

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.ids import Symbol
from engine.domain.instruments import Right, Style
from engine.messages.valuation import CashDividend, GetValuation, SoughtInput, ValuationTerms
from engine.services.analytics.valuation import gridded, valued
from optix_tui.canvas import Canvas
from optix_tui.screens.calculator.fields import Field
from optix_tui.screens.calculator.matrix import LAYERS, Layer, matrix_question, matrix_view
from optix_tui.screens.calculator.paint import paint_calculator
from optix_tui.screens.calculator.sheet import Sheet
from optix_tui.screens.calculator.view import PICTURES, CalculatorFacts, Picture, present
from optix_tui.theme import load_palette
from tests.kit import facts

TERMS = ValuationTerms(
    right=Right.PUT, style=Style.AMERICAN, underlying=670.0, strike=680.0, days=30.0, rate=0.04, dividend_yield=0.01, volatility=0.13
)


def told(terms=TERMS, **changes):
    sheet = Sheet(symbol=Symbol("SPY"), terms=terms, now=facts.NOW, origin="SPY")
    found = valued(sheet.question())
    return CalculatorFacts(sheet=sheet.answered(found), found=found, **changes)


def values(view):
    return {fact.label: "".join(cell.text for cell in fact.values) for fact in view.values}


def painted(view, width=160, height=40):
    palette = load_palette()
    canvas = Canvas(width, height, palette.ground, palette.text)
    paint_calculator(canvas, view, palette)
    return "\n".join(canvas.lines_of_text())


def test_nothing_is_shown_before_the_sheet_is_filled():
    assert present(CalculatorFacts()) is None


def test_the_answer_stands_in_trader_units_each_and_a_contract():
    view = present(told())
    found = told().found
    said = values(view)
    assert said["Price"].endswith("a contract")
    assert f"{found.terms.price:.2f}" in said["Price"]
    assert "early exercise" in said["European"]
    assert said["P(ITM)"].startswith(f"{found.probability_itm * 100:.1f}%")
    delta = view.greeks[0]
    assert delta.contract == pytest.approx(delta.each * 100)
    assert [row.name for row in view.greeks[:5]] == ["Delta", "Gamma", "Theta", "Vega", "Rho"]


def test_the_exercise_region_is_told_in_words():
    assert "down  not now" in values(present(told()))["Exercise"]
    assert "◄ NOW" in values(present(told(replace(TERMS, strike=800.0))))["Exercise"]
    call = replace(TERMS, right=Right.CALL, dividend_yield=0.2, strike=600.0)
    assert "up  ◄ NOW" in values(present(told(call)))["Exercise"]
    assert values(present(told(replace(TERMS, style=Style.EUROPEAN))))["Exercise"] == "only at expiry"
    paying = replace(TERMS, dividends=(CashDividend(days=9.0, amount=1.0),))
    assert values(present(told(paying)))["Exercise"] == "not before the ex-date in 9 d"
    short, long = present(told(paying)), present(told())
    assert "worth more than the interest on the strike until then" in short.untold[0]
    assert "Ultima not told" in short.untold[1]
    assert "not told" in painted(short)
    assert "worth more than" in " ".join(painted(short, 80, 40).split())
    assert long.untold == ()
    assert "not told" not in painted(long)
    deep = replace(TERMS, strike=1_340.0, dividends=(CashDividend(days=20.0, amount=0.1),))
    assert values(present(told(deep)))["Exercise"] == "◄ NOW"
    assert "no early exercise" in values(present(told(replace(TERMS, style=Style.EUROPEAN))))["European"]


def test_a_quote_stands_beside_the_price_where_there_is_one():
    ready = told()
    quoted = replace(ready, sheet=replace(ready.sheet, bid=14.0, ask=14.4))
    assert values(present(quoted))["Market"].startswith("14.00 × 14.40")
    assert "—" in values(present(replace(ready, sheet=replace(ready.sheet, bid=nan, ask=14.4))))["Market"]
    assert "Market" not in values(present(ready))
    other = replace(quoted, sheet=quoted.sheet.typed(Field.STRIKE, "690"))
    assert "Market" not in values(present(other))
    assert "Market" in values(present(replace(quoted, sheet=quoted.sheet.typed(Field.VOLATILITY, "20"))))


def test_the_unknown_is_marked_and_a_refusal_stands_at_its_row():
    ready = told()
    sought = replace(
        ready, sheet=replace(ready.sheet, unknown=SoughtInput.STRIKE), refusal="no strike from 1 to 2 gives it", is_current=False
    )
    rows = {row.field: row for row in present(sought).rows}
    assert rows[Field.STRIKE].is_unknown
    assert rows[Field.STRIKE].text == "—"
    assert rows[Field.STRIKE].why == "no strike from 1 to 2 gives it"
    refused = {row.field: row for row in present(replace(sought, refusal="a volatility lies between 0 % and 1,000 %")).rows}
    assert refused[Field.VOLATILITY].why
    assert "see the row marked !" in painted(present(sought))


def test_what_was_typed_wrong_is_shown_as_it_was_typed():
    ready = told()
    sheet = ready.sheet.typed(Field.VOLATILITY, "1x")
    rows = {row.field: row for row in present(replace(ready, sheet=sheet)).rows}
    assert (rows[Field.VOLATILITY].text, rows[Field.VOLATILITY].why) == ("1x", "'1X' is no number")
    assert "'1X' is no number" in painted(present(replace(ready, sheet=sheet)))


def test_the_payoff_is_the_profit_of_one_contract_with_its_marks():
    payoff = present(told()).payoff
    price = told().found.terms.price
    assert float(np.interp(670.0, payoff.spots, payoff.today)) == pytest.approx(0.0, abs=0.1)
    assert float(np.interp(680.0, payoff.spots, payoff.at_expiry)) == pytest.approx(-100 * price)
    assert float(np.interp(payoff.breakeven, payoff.spots, payoff.at_expiry)) == pytest.approx(0.0, abs=1e-6)
    assert [name for name, _ in payoff.deviations] == ["-2σ", "-1σ", "+1σ", "+2σ"]


@pytest.mark.parametrize("layer", LAYERS)
def test_the_matrix_holds_the_sheets_own_price_at_its_own_place(layer):
    found = valued(GetValuation(terms=TERMS))
    view = matrix_view(gridded(matrix_question(found.terms, layer)), layer)
    own = view.cells[view.base_row, view.base_column]
    assert own == pytest.approx(0.0 if layer.is_profit else found.terms.price, abs=1e-2)
    assert (np.diff(view.underlyings) < 0).all()
    assert view.underlyings[view.base_row] == 670.0
    if layer.by_days:
        assert view.columns[-1] == 0.0


@pytest.mark.parametrize(
    "terms",
    [replace(TERMS, volatility=0.0), replace(TERMS, days=0.0), replace(TERMS, volatility=4.0), replace(TERMS, underlying=0.4, strike=0.5)],
)
def test_the_matrix_has_no_axis_below_zero(terms):
    for layer in LAYERS:
        question = matrix_question(terms, layer)
        assert min(question.underlyings) > 0
        assert min(question.volatilities or question.days) >= 0
        assert np.isfinite(gridded(question).prices).all()
    assert matrix_question(replace(terms, underlying=None), Layer.PRICE_BY_VOL) is None


def test_model_source_and_assumptions_are_named_on_every_size():
    ready = told(replace(TERMS, dividends=(CashDividend(days=90.0, amount=1.0),)))
    wide, small = painted(present(ready)), painted(present(ready), 80, 20)
    for text in (wide, small):
        assert "American, exercise boundary by" in text
        assert "1 of 1 dividends fall outside its" in text
    assert "Probabilities: risk-neutral, lognormal" in wide


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("width", [24, 60, 80, 120, 200])
def test_every_picture_can_be_painted_without_an_answer(picture, width):
    sheet = Sheet(symbol=Symbol("SPY"), terms=TERMS, now=facts.NOW)
    text = painted(present(CalculatorFacts(sheet=sheet, picture=picture)), width, 22)
    assert "680" in text


def test_a_small_tile_keeps_the_sheet_in_a_ribbon_above_the_matrix():
    found = told(picture=Picture.MATRIX)
    matrix = gridded(matrix_question(found.found.terms, found.layer))
    text = painted(present(replace(found, matrix=matrix)), 80, 21)
    assert "K 680" in text
    assert "?price" in text
    assert "▸" in text
    assert "nan" not in text


@pytest.mark.parametrize("theme", ["amber", "paper", "cvd"])
def test_the_matrix_is_numbers_and_not_colour_alone(theme):
    found = told(picture=Picture.MATRIX, layer=Layer.PROFIT_BY_DAYS)
    matrix = gridded(matrix_question(found.found.terms, found.layer))
    palette = load_palette(theme)
    canvas = Canvas(120, 40, palette.ground, palette.text)
    paint_calculator(canvas, present(replace(found, matrix=matrix)), palette)
    text = "\n".join(canvas.lines_of_text())
    assert "+1," in text
    assert "30d" in text
