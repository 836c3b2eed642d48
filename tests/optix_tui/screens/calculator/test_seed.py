from datetime import date
from math import nan

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats
from engine.domain.instruments import Right, Style
from engine.messages.valuation import GetValuation
from engine.services.analytics.valuation import valued
from optix_tui.screens.calculator import seed
from tests.kit import facts


def page(**changes):
    return facts.slice_of("SPXW", date(2026, 12, 18), **changes)


def test_a_contract_of_the_chain_is_worth_its_quote_on_the_sheet():
    """The yield leads from the spot to the parity forward, so the sheet's price is the chain's own."""
    sheet = seed.of_contract(page(), 6700.0, Right.PUT, facts.NOW)
    found = valued(GetValuation(terms=sheet.terms))
    assert found.forward == pytest.approx(page().summary.forward)
    assert sheet.bid <= found.terms.price <= sheet.ask
    assert sheet.origin == "SPXW 6700P 18-Dec-26 PM, synthetic 14:32:06"
    assert sheet.remark == ""
    assert sheet.terms.style is Style.EUROPEAN


def test_a_quote_without_a_volatility_takes_the_next_best_and_says_which():
    whole = page()
    iv = whole.iv.copy()
    column = int(np.flatnonzero(whole.strikes == 6700.0)[0])
    iv[1, column] = nan
    assert "of the other right" in seed.of_contract(replace(whole, iv=floats(iv)), 6700.0, Right.PUT, facts.NOW).remark
    iv[:] = nan
    assert "of the fitted smile" in seed.of_contract(replace(whole, iv=floats(iv)), 6700.0, Right.PUT, facts.NOW).remark
    whole = replace(whole, fit_iv=floats([]))
    sheet = seed.of_contract(replace(whole, iv=floats(iv)), 6700.0, Right.PUT, facts.NOW)
    assert "at the money" in sheet.remark
    assert sheet.terms.volatility == whole.summary.atm_iv
    unknown = replace(whole, iv=floats(iv), summary=replace(whole.summary, atm_iv=nan))
    assert "20 % is a guess" in seed.of_contract(unknown, 6700.0, Right.PUT, facts.NOW).remark


def test_a_strike_that_is_not_listed_has_no_quote():
    sheet = seed.of_contract(page(), 6701.5, Right.CALL, facts.NOW)
    assert sheet.terms.strike == 6701.5
    assert np.isnan(sheet.bid)
    assert "the strike is not listed" in sheet.remark


def test_a_name_alone_is_the_call_at_the_money_a_month_out():
    table = facts.expirations("SPX")
    assert seed.nearest_month(table) == "SPXW/2026-12-18/PM"
    sheet = seed.at_the_money(page(), facts.NOW)
    assert (sheet.terms.right, sheet.terms.strike) == (Right.CALL, 6715.0)
    assert seed.nearest_month(replace(table, expiries=())) is None


def test_a_coin_and_what_is_far_from_its_spot_are_priced_on_the_forward():
    coin = seed.at_the_money(facts.slice_of("BTC", date(2026, 12, 25)), facts.NOW)
    assert coin.terms.on_forward
    assert "quoted in coin" in coin.remark
    assert coin.bid > 100.0
    far = replace(page(), summary=replace(page().summary, forward=7100.0))
    terms = seed.at_the_money(far, facts.NOW).terms
    assert (terms.on_forward, terms.underlying, terms.strike) == (True, 7100.0, float(page().strikes[-1]))
    nothing = replace(page(), summary=replace(page().summary, forward=nan))
    assert not seed.at_the_money(nothing, facts.NOW).terms.on_forward


def test_without_options_the_sheet_is_the_names_price_and_says_what_is_assumed():
    sheet = seed.without_options("AAPL", facts.quote("AAPL"), "no options are listed on AAPL", facts.NOW)
    assert (sheet.terms.underlying, sheet.terms.strike, sheet.terms.style) == (272.18, 272.0, Style.AMERICAN)
    assert sheet.terms.volatility == 0.2234
    assert sheet.remark == "no options are listed on AAPL; assumed: 30 days, no rate"
    blank = seed.without_options("XXX", facts.unknown_quote("SPY"), "why", facts.NOW)
    assert "a price of 100, a volatility of 20 %" in blank.remark
    assert seed.without_options("XXX", None, "why", facts.NOW).origin == "a blank sheet"


def test_a_typed_date_is_the_later_settlement_of_that_day():
    sheet = seed.listed_dates(seed.at_the_money(page(), facts.NOW), facts.expirations("SPX"))
    assert sheet.settles["2026-12-18"] == facts.at(16, 0, day=date(2026, 12, 18))
    assert seed.settlements(None) == {}
