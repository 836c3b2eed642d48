"""Which short options may be assigned early."""

import math

import pytest

from engine.quant.american import prices
from engine.quant.american.assignment import AssignmentRisk, assignment_risks
from engine.quant.american.dividends import DividendSchedule
from engine.quant.american.dividends import prices as cash_prices

CALL = {"spots": 110.0, "strikes": 100.0, "years": 0.1, "rights": 1.0, "rates": 0.04, "next_dividends": 0.8, "dividend_years": 0.01}
PUT = {"spots": 70.0, "strikes": 100.0, "years": 0.5, "rights": -1.0, "rates": 0.05}


def risk(**terms: float) -> AssignmentRisk:
    return AssignmentRisk(int(assignment_risks(**terms).risks))


def test_a_call_whose_time_value_is_below_the_dividend_may_be_assigned():
    assert risk(**CALL, prices=10.2) is AssignmentRisk.DIVIDEND
    assert risk(**CALL, prices=11.0) is AssignmentRisk.NONE
    found = assignment_risks(**CALL, prices=10.2)
    assert float(found.time_values) == pytest.approx(0.2)
    assert float(found.gains) == pytest.approx(0.8 * math.exp(-0.0004) - 0.2)


@pytest.mark.parametrize("change", [{"next_dividends": 0.0}, {"dividend_years": 0.1}, {"dividend_years": 0.2}, {"dividend_years": -0.01}])
def test_without_an_ex_date_before_the_end_a_call_is_safe(change: dict[str, float]):
    assert risk(**{**CALL, **change}, prices=10.01) is AssignmentRisk.NONE


def test_an_option_out_of_the_money_is_safe():
    assert risk(**{**CALL, "spots": 99.0}, prices=0.1) is AssignmentRisk.NONE
    assert risk(**{**PUT, "spots": 101.0}, prices=0.1) is AssignmentRisk.NONE


def test_a_put_whose_time_value_is_below_the_interest_may_be_assigned():
    interest = 100.0 * (1.0 - math.exp(-0.025))
    assert risk(**PUT, prices=30.1) is AssignmentRisk.INTEREST
    assert risk(**PUT, prices=30.0 + interest + 0.01) is AssignmentRisk.NONE
    assert risk(**{**PUT, "rates": 0.0}, prices=30.0) is AssignmentRisk.NONE
    assert risk(**PUT, next_dividends=3.0, dividend_years=0.2, prices=30.1) is AssignmentRisk.NONE


@pytest.mark.parametrize(
    "wrong", [{"prices": math.nan}, {"prices": -1.0}, {"spots": math.nan}, {"rights": 0.0}, {"next_dividends": math.nan}]
)
def test_what_is_not_known_is_said_to_be_unknown(wrong: dict[str, float]):
    found = assignment_risks(**{**CALL, "prices": 10.2, **wrong})
    assert AssignmentRisk(int(found.risks)) is AssignmentRisk.UNKNOWN
    assert math.isnan(float(found.time_values))


def test_the_flag_agrees_with_the_models_own_decision():
    terms = {"spots": 120.0, "strikes": 100.0, "years": 0.25, "vols": 0.2, "rights": 1.0, "rates": 0.04}
    paying = {"next_dividends": 2.0, "dividend_years": 0.002}
    model = float(cash_prices(**terms, dividends=DividendSchedule(0.002, 2.0)))
    assert model == pytest.approx(20.0, abs=0.02)
    bare = {name: value for name, value in terms.items() if name != "vols"}
    assert risk(**bare, **paying, prices=model) is AssignmentRisk.DIVIDEND
    put = {"spots": 75.0, "strikes": 100.0, "years": 0.25, "rights": -1.0, "rates": 0.06}
    assert risk(**put, prices=float(prices(**put, vols=0.2))) is AssignmentRisk.INTEREST
