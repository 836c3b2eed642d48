"""The calculator: each input is found again from the price and from the delta it gives, by known tables, or refused in a sentence."""

import asyncio
from math import erf, exp, inf, isnan, log, nan, sqrt
from statistics import NormalDist

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.errors import BadInput
from engine.domain.instruments import Right, Style
from engine.kernel.offload import Offload
from engine.messages.valuation import CashDividend, GetValuation, GetValuationMatrix, SolvedFrom, SoughtInput, ValuationTerms
from engine.quant.batch import contract_numbers
from engine.services.analytics.valuation import Calculator, gridded, valued
from engine.services.analytics.valuation_search import prices_of
from engine.services.analytics.valuation_terms import FIELDS, contracts_of

CALL = ValuationTerms(underlying=100.0, strike=105.0, days=90.0, rate=0.04, dividend_yield=0.015, volatility=0.22)
PUT = replace(CALL, right=Right.PUT, strike=97.0)
SOON = (CashDividend(days=30.0, amount=1.25),)
KINDS = {
    "European call": CALL,
    "European put": PUT,
    "American call": replace(CALL, style=Style.AMERICAN, dividend_yield=0.06),
    "American put": replace(PUT, style=Style.AMERICAN),
    "call on a forward": replace(CALL, on_forward=True),
    "American put on a future": replace(PUT, on_forward=True, style=Style.AMERICAN),
    "European put with a cash dividend": replace(PUT, dividends=SOON),
    "American call with a cash dividend": replace(CALL, style=Style.AMERICAN, dividends=SOON),
}
SLOW = {"American call with a cash dividend"}
"""Deltas take trees: one of its searches from a delta is enough."""


def solve(terms, unknown=SoughtInput.PRICE, solved_from=SolvedFrom.PRICE):
    return valued(GetValuation(terms=terms, unknown=unknown, solved_from=solved_from))


def why_not(terms, unknown=SoughtInput.PRICE, solved_from=SolvedFrom.PRICE):
    with pytest.raises(BadInput) as raised:
        solve(terms, unknown, solved_from)
    return str(raised.value)


# -- the price against known values -----------------------------------------------------------------------------------------


def test_the_price_of_a_european_option_is_that_of_the_textbook():
    """J. Hull, Options, Futures, and Other Derivatives, example 15.6: 4.76 and 0.81."""
    hull = ValuationTerms(underlying=42.0, strike=40.0, days=182.5, rate=0.1, volatility=0.2)
    assert solve(hull).terms.price == pytest.approx(4.7594, abs=1e-4)
    assert solve(replace(hull, right=Right.PUT)).terms.price == pytest.approx(0.8086, abs=1e-4)


def test_the_price_on_a_future_is_that_of_the_textbook():
    """E. G. Haug, The Complete Guide to Option Pricing Formulas (2007), p. 5: 1.7011."""
    haug = ValuationTerms(on_forward=True, underlying=19.0, strike=19.0, days=273.75, rate=0.1, volatility=0.28)
    assert solve(haug).terms.price == pytest.approx(1.7011, abs=1e-4)


@pytest.mark.parametrize(("spot", "price"), [(80.0, 0.2194), (90.0, 1.3864), (100.0, 4.7825), (110.0, 11.0978), (120.0, 20.0004)])
def test_the_price_of_an_american_call_is_that_of_the_table(spot, price):
    """M. Broadie and J. Detemple, Review of Financial Studies 9 (1996), p. 1211: half a year, r 3 %, yield 7 %, volatility 20 %."""
    terms = ValuationTerms(style=Style.AMERICAN, underlying=spot, strike=100.0, days=182.5, rate=0.03, dividend_yield=0.07, volatility=0.2)
    found = solve(terms)
    assert found.terms.price == pytest.approx(price, abs=1e-3)
    assert found.terms.price >= found.european


def test_call_and_put_with_a_cash_dividend_differ_by_the_forward_that_has_paid_it():
    call = solve(replace(CALL, dividends=SOON, dividend_yield=0.0))
    put = solve(replace(CALL, dividends=SOON, dividend_yield=0.0, right=Right.PUT))
    forward = 100.0 * exp(0.04 * 90 / 365) - 1.25 * exp(0.04 * 60 / 365)
    assert call.forward == pytest.approx(forward, abs=1e-12)
    assert call.terms.price - put.terms.price == pytest.approx(exp(-0.04 * 90 / 365) * (forward - 105.0), abs=1e-5)
    assert call.probability_itm + put.probability_itm == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_prices_alone_are_those_that_come_with_all_greeks(kind):
    contracts, vols = contracts_of(KINDS[kind], underlying=np.array([80.0, 100.0, 120.0]))
    assert prices_of(contracts, vols) == pytest.approx(contract_numbers(contracts=contracts, vols=vols).prices, abs=2e-4)


# -- every solve ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("unknown", FIELDS)
def test_each_input_is_found_again_from_the_price_it_gives(kind, unknown):
    terms = solve(KINDS[kind]).terms
    field = FIELDS[unknown]
    true = getattr(terms, field)
    asked = replace(terms, **{field: None})
    if terms.on_forward and unknown is SoughtInput.YIELD:
        assert "no yield can be found beside a forward" in why_not(asked, unknown)
        return
    found = solve(asked, unknown)
    answers = [getattr(found.terms, field), *found.also]
    assert min(abs(answer - true) for answer in answers) <= 2e-5 * max(abs(true), 1.0)
    for answer in answers:
        assert solve(replace(terms, **{field: answer})).terms.price == pytest.approx(terms.price, abs=2e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("unknown", FIELDS)
def test_each_input_is_found_again_from_the_delta_it_gives(kind, unknown):
    terms = solve(KINDS[kind]).terms
    if (terms.on_forward and unknown is SoughtInput.YIELD) or (kind in SLOW and unknown is not SoughtInput.STRIKE):
        return
    field = FIELDS[unknown]
    true = getattr(terms, field)
    found = solve(replace(terms, price=None), unknown, SolvedFrom.DELTA)
    assert getattr(found.terms, field) == pytest.approx(true, rel=1e-4, abs=1e-6)
    assert found.terms.delta == pytest.approx(terms.delta, abs=1e-5)
    assert found.terms.price == pytest.approx(terms.price, rel=1e-3)


def test_the_strike_of_a_quarter_delta_is_that_of_the_formula():
    """K = F e^(½σ²T - σ√T N⁻¹(Δ e^(qT)))."""
    years = 90 / 365
    deviation = 0.22 * sqrt(years)
    forward = 100.0 * exp(0.025 * years)
    strike = forward * exp(deviation**2 / 2 - deviation * NormalDist().inv_cdf(0.25 * exp(0.015 * years)))
    found = solve(replace(CALL, strike=None, delta=0.25), SoughtInput.STRIKE, SolvedFrom.DELTA)
    assert found.terms.strike == pytest.approx(strike, rel=1e-9)
    assert found.note == ""


# -- several, and none ------------------------------------------------------------------------------------------------------


def test_two_volatilities_of_one_delta_are_both_told_in_words():
    terms = ValuationTerms(underlying=100.0, strike=100.0, days=90.0, rate=0.04, dividend_yield=0.01, volatility=0.2)
    delta = solve(terms).terms.delta
    found = solve(replace(terms, delta=delta), SoughtInput.VOLATILITY, SolvedFrom.DELTA)
    assert found.terms.volatility == pytest.approx(0.2, abs=1e-9)
    assert found.also == (pytest.approx(0.3, abs=1e-3),)
    assert found.note == "30 % fits as well"
    nearer = solve(replace(terms, delta=delta, volatility=0.31), SoughtInput.VOLATILITY, SolvedFrom.DELTA)
    assert nearer.terms.volatility == pytest.approx(0.3, abs=1e-3)


def test_a_price_that_time_gives_three_times_has_all_three_stretches_of_time():
    """Deep in the money a European put loses to the interest on its strike, gains by its volatility, and loses again."""
    put = ValuationTerms(right=Right.PUT, underlying=60.0, strike=100.0, days=None, rate=0.05, volatility=0.6, price=39.5)
    found = solve(put, SoughtInput.DAYS)
    assert len(found.also) == 1
    assert found.note.endswith("days fits as well")
    for days in (found.terms.days, *found.also):
        assert solve(replace(put, days=days)).terms.price == pytest.approx(39.5, abs=1e-7)
    assert len(solve(replace(put, price=39.99), SoughtInput.DAYS).also) == 2


def test_an_answer_at_a_summit_between_two_looks_is_not_missed():
    put = ValuationTerms(right=Right.PUT, underlying=60.0, strike=100.0, rate=0.05, volatility=0.2)
    days = np.linspace(1.0, 3650.0, 20_001)
    least = float(prices_of(*contracts_of(replace(put, underlying=100.0), days=days)).max())
    found = solve(replace(put, underlying=100.0, price=least - 1e-7), SoughtInput.DAYS)
    assert len(found.also) == 1
    assert "lies between" in why_not(replace(put, underlying=100.0, price=least + 1e-3), SoughtInput.DAYS)


def test_a_jump_at_an_ex_date_is_no_answer():
    terms = replace(PUT, dividends=(CashDividend(days=30.0, amount=5.0),), strike=100.0)
    before, after = (solve(replace(terms, days=days)).terms.price for days in (29.99, 30.01))
    assert after - before > 2.0
    said = why_not(replace(terms, days=None, price=(before + after) / 2), SoughtInput.DAYS)
    assert said.startswith("no time left gives a price of")
    assert said.endswith("it jumps over it at 30 days")


def test_a_price_that_nothing_gives_is_refused_with_what_can_be_reached():
    assert why_not(replace(CALL, price=120.0), SoughtInput.VOLATILITY) == (
        "no volatility gives a price of 120: a call is never worth more than the underlying, discounted"
    )
    deep = replace(CALL, strike=50.0, price=10.0)
    assert why_not(deep, SoughtInput.VOLATILITY).startswith("no volatility gives a price of 10: without any it is worth 50.1")
    said = why_not(replace(CALL, strike=None, price=130.0), SoughtInput.STRIKE)
    assert said.startswith("no strike from 0.1 to 5000 gives a price of 130: it lies between")
    assert "no rate from -50 % to 100 % gives a price of 99: it lies between" in why_not(replace(CALL, price=99.0), SoughtInput.RATE)
    assert "no time left" in why_not(replace(CALL, days=0.0, price=1.0), SoughtInput.VOLATILITY)


def test_a_volatility_that_the_price_hardly_says_is_marked():
    wing = replace(CALL, strike=60.0, days=20.0, volatility=0.3)
    found = solve(replace(wing, price=solve(wing).terms.price), SoughtInput.VOLATILITY)
    assert "ill-conditioned" in found.note


# -- bad input --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "unknown", "said"),
    [
        ({"strike": None}, SoughtInput.PRICE, "the strike is not known: give it, or solve for it"),
        ({"underlying": nan}, SoughtInput.PRICE, "the price of the underlying is not known"),
        ({"strike": -1.0}, SoughtInput.PRICE, "the strike must be above 0, not -1"),
        ({"days": -2.0}, SoughtInput.PRICE, "it expired 2 days ago"),
        ({"days": 20_000.0}, SoughtInput.PRICE, "no option lives 20,000 days"),
        ({"volatility": 22.0}, SoughtInput.PRICE, "a volatility lies between 0 % and 1,000 %, not at 2200 %"),
        ({"rate": inf}, SoughtInput.PRICE, "the rate is not known"),
        ({"rate": 4.0}, SoughtInput.PRICE, "a rate of 400 % cannot be meant"),
        ({"multiplier": 0.0}, SoughtInput.PRICE, "the multiplier must be above 0"),
        ({"dividends": (CashDividend(days=3.0, amount=-1.0),)}, SoughtInput.PRICE, "a dividend is an amount from 0 up"),
        ({"dividends": SOON, "on_forward": True}, SoughtInput.PRICE, "cash dividends are in a forward already"),
        ({}, SoughtInput.STRIKE, "to find the strike, a price is needed: type one"),
        ({"price": 0.0}, SoughtInput.STRIKE, "the strike follows from a price above 0, not 0"),
    ],
)
def test_input_that_cannot_be_meant_is_refused_in_a_sentence(changes, unknown, said):
    assert said in why_not(replace(CALL, **changes), unknown)


def test_a_delta_of_the_other_sign_is_refused():
    assert "the delta of a put lies between -1 and 0, not at 0.3" in why_not(replace(PUT, delta=0.3), SoughtInput.STRIKE, SolvedFrom.DELTA)
    assert "the delta is needed" in why_not(PUT, SoughtInput.STRIKE, SolvedFrom.DELTA)


# -- what comes with it -----------------------------------------------------------------------------------------------------


def test_greeks_are_in_trader_units_and_agree_with_prices_moved_a_little():
    found = solve(CALL)
    greeks = found.greeks

    def price(**changes):
        return solve(replace(CALL, **changes)).terms.price

    assert greeks.delta == pytest.approx((price(underlying=100.01) - price(underlying=99.99)) / 0.02, abs=1e-7)
    assert greeks.vega == pytest.approx(price(volatility=0.225) - price(volatility=0.215), rel=1e-4)
    assert greeks.theta == pytest.approx((price(days=89.5) - price(days=90.5)), rel=1e-4)
    assert greeks.rho == pytest.approx(price(rate=0.045) - price(rate=0.035), rel=1e-4)
    assert greeks.dividend_rho == pytest.approx(price(dividend_yield=0.02) - price(dividend_yield=0.01), rel=1e-4)
    vegas = [solve(replace(CALL, volatility=vol)).greeks for vol in (0.215, 0.225)]
    assert greeks.volga == pytest.approx(vegas[1].vega - vegas[0].vega, rel=1e-3)
    assert greeks.vanna == pytest.approx(vegas[1].delta - vegas[0].delta, rel=1e-3)
    assert greeks.ultima == pytest.approx(vegas[1].volga - vegas[0].volga, rel=1e-2)


@pytest.mark.parametrize("kind", ["American put", "American call", "European put with a cash dividend"])
def test_ultima_is_the_change_of_volga_where_no_formula_gives_it(kind):
    terms = KINDS[kind]
    volgas = [solve(replace(terms, volatility=vol)).greeks.volga for vol in (0.2195, 0.2205)]
    assert solve(terms).greeks.ultima == pytest.approx((volgas[1] - volgas[0]) * 10.0, rel=2e-3)


def test_ultima_by_difference_is_that_of_the_formula_where_both_are_to_be_had():
    """An American call on a share that pays nothing is a European one."""
    both = [solve(replace(CALL, style=style, dividend_yield=0.0)).greeks.ultima for style in Style]
    assert both[0] == pytest.approx(both[1], rel=1e-3)


def test_ultima_is_not_told_where_trees_price():
    assert isnan(solve(KINDS["American call with a cash dividend"]).greeks.ultima)


def test_probabilities_breakeven_and_european_value_stand_beside_the_price():
    found = solve(CALL)
    deviation = 0.22 * sqrt(90 / 365)
    lower = (log(found.forward / 105.0) - deviation**2 / 2) / deviation
    assert found.probability_itm == pytest.approx((1 + erf(lower / sqrt(2))) / 2, abs=1e-12)
    assert found.probability_itm < found.probability_touch < 1.0
    assert found.breakeven == pytest.approx(105.0 + found.terms.price)
    assert found.european == pytest.approx(found.terms.price)
    assert solve(PUT).breakeven == pytest.approx(97.0 - solve(PUT).terms.price)


def test_where_exercise_pays_is_told_and_pays_there():
    put = KINDS["American put"]
    found = solve(put)
    assert found.exercise_low == 0.0
    assert found.exercise_words == "not now"
    at = solve(replace(put, underlying=found.exercise_high))
    assert at.terms.price == pytest.approx(at.intrinsic, abs=1e-3)
    assert solve(replace(put, underlying=found.exercise_high * 0.98)).exercise_words == "now"
    assert solve(CALL).exercise_words == "only at expiry"
    assert solve(replace(CALL, style=Style.AMERICAN, dividend_yield=0.0)).exercise_words == "never pays"
    assert "without volatility or time" in solve(replace(put, days=0.0)).exercise_words


def test_at_the_moment_of_expiry_it_is_worth_its_intrinsic_value():
    found = solve(replace(CALL, underlying=111.0, days=0.0))
    assert found.terms.price == pytest.approx(6.0)
    assert found.intrinsic == 6.0
    assert found.terms.delta == pytest.approx(1.0)
    assert isnan(found.greeks.gamma)
    assert "its worth is certain" in found.note
    assert isnan(found.probability_touch)
    assert np.isfinite(found.today).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_curve_holds_spot_and_strike_and_lies_above_the_payoff_where_it_may_be_exercised(kind):
    found = solve(KINDS[kind])
    assert found.terms.underlying in found.curve
    assert found.terms.strike in found.curve
    assert (np.diff(found.curve) > 0).all()
    here = int(np.flatnonzero(found.curve == found.terms.underlying)[0])
    assert found.today[here] == pytest.approx(found.terms.price, abs=2e-4)
    if found.terms.style is Style.AMERICAN:
        assert (found.today >= found.at_expiry - 1e-3).all()


@pytest.mark.parametrize("changes", [{"days": 0.0}, {"volatility": 0.0}, {"days": 0.0, "volatility": 0.0}])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_certain_has_a_price_and_no_number_that_is_not(kind, changes):
    found = solve(replace(KINDS[kind], **changes))
    assert found.terms.price >= 0.0
    assert found.intrinsic <= found.terms.price + 1e-7 or found.terms.style is Style.EUROPEAN
    assert 0.0 <= found.probability_itm <= 1.0
    assert isnan(found.greeks.gamma)


def test_dividends_outside_its_life_do_not_count_and_that_is_said():
    found = solve(replace(CALL, dividends=(CashDividend(days=200.0, amount=2.0), CashDividend(days=-3.0, amount=1.0))))
    assert found.terms.price == solve(CALL).terms.price
    assert found.note == "2 of 2 dividends fall outside its life and do not count"


@pytest.mark.parametrize("kind", KINDS)
def test_the_model_and_its_source_are_named(kind):
    found = solve(KINDS[kind])
    assert found.model
    assert "p. " in found.source


# -- matrices ---------------------------------------------------------------------------------------------------------------


def test_a_matrix_over_volatilities_holds_the_prices_of_single_calculations():
    spots, vols = (90.0, 100.0, 110.0), (0.1, 0.22)
    grid = gridded(GetValuationMatrix(terms=CALL, underlyings=spots, volatilities=vols))
    assert grid.prices.shape == (3, 2)
    assert not grid.by_days
    for row, spot in enumerate(spots):
        for column, vol in enumerate(vols):
            assert grid.prices[row, column] == pytest.approx(solve(replace(CALL, underlying=spot, volatility=vol)).terms.price)


def test_a_matrix_over_days_lets_dividends_draw_nearer():
    terms = replace(PUT, dividends=SOON)
    grid = gridded(GetValuationMatrix(terms=terms, underlyings=(95.0, 100.0), days=(90.0, 70.0, 50.0, 0.0)))
    assert grid.by_days
    assert grid.prices[1, 0] == pytest.approx(solve(terms).terms.price)
    assert grid.prices[1, 1] == pytest.approx(
        solve(replace(terms, days=70.0, dividends=(CashDividend(days=10.0, amount=1.25),))).terms.price
    )
    assert grid.prices[1, 2] == pytest.approx(solve(replace(PUT, days=50.0)).terms.price)
    assert grid.prices[:, 3] == pytest.approx([2.0, 0.0], abs=1e-7)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"underlyings": ()}, "a matrix needs underlyings"),
        ({"days": (3.0,)}, "a matrix needs underlyings and either volatilities or days"),
        ({"volatilities": (0.2,) * 2_501}, "a matrix has at most 2,500 cells"),
        ({"underlyings": (100.0, nan)}, "the axes of a matrix are known numbers"),
        ({"volatilities": (0.2, -0.1)}, "the axes of a matrix are known numbers"),
        ({"terms": replace(CALL, strike=None)}, "the strike is not known"),
    ],
)
def test_a_matrix_that_cannot_be_made_is_refused(asked, said):
    query = replace(GetValuationMatrix(terms=CALL, underlyings=(100.0,), volatilities=(0.2,)), **asked)
    with pytest.raises(BadInput, match=said):
        gridded(query)


async def test_the_calculator_works_beside_the_loop():
    calculator = Calculator(offload := Offload(1))
    try:
        one, grid = await asyncio.gather(
            calculator.value(GetValuation(terms=CALL)),
            calculator.matrix(GetValuationMatrix(terms=CALL, underlyings=(100.0,), volatilities=(0.22,))),
        )
        assert one.terms.price == pytest.approx(grid.prices[0, 0])
    finally:
        offload.close()
