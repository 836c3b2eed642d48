from datetime import date
from math import nan

import numpy as np
from msgspec.structs import replace

from engine.domain.chain import IvStatus
from engine.domain.columns import codes, flags, floats
from engine.domain.ids import UtcNanos
from engine.domain.instruments import Right
from engine.domain.market import Verdict
from optix_tui.screens.describe.contract import place_in
from optix_tui.screens.describe.view import DescriptionFacts, present
from optix_tui.screens.describe.words import duration, tick_words, utc, verdict_words
from tests.kit import facts

PAGE = facts.slice_of()


def said(view) -> dict[str, str]:
    """Label to text of all facts."""
    return {fact.label: "".join(cell.text for cell in fact.values) for block in view.blocks for fact in block.facts if fact.label}


def contract(page=PAGE, now=facts.NOW, **changes):
    return present(DescriptionFacts(detail=facts.contract(**changes), page=page, quote=facts.quote("SPX"), now=now))


def security(symbol: str = "AAPL", **changes):
    quote = facts.quote(symbol, **changes)
    return present(DescriptionFacts(quote=quote, table=facts.expirations("AAPL"), now=facts.NOW))


def test_the_terms_of_a_contract_are_said_with_both_clocks():
    found = said(contract())
    assert found["Contract"] == "SPXW  261124P06700000"
    assert found["Settlement"] == "PM, at the closing print"
    assert found["Settles NY"] == "24-Nov-26 16:00:00"
    assert found["Settles UTC"] == "24-Nov-26 21:00:00"
    assert found["Last trade UTC"] == "24-Nov-26 21:00:00"
    assert found["Style"].startswith("European")
    assert found["Price step"] == "0.05 under 3, 0.10 from there"
    assert found["Days"].startswith("5 ")
    assert found["Years"].startswith("0.013866")


def test_an_am_series_stops_trading_the_session_before():
    found = said(contract(root="SPX", expiry=date(2026, 12, 18), page=None))
    assert found["Settlement"] == "AM, at the opening prints"
    assert found["Settles NY"] == "18-Dec-26 09:30:00"
    assert found["Last trade NY"] == "17-Dec-26 16:15:00"


def test_shares_coins_and_odd_deliverables_are_named():
    assert said(contract(root="AAPL", expiry=date(2026, 12, 18), page=None))["Deliverable"] == "100 shares of AAPL"
    coin = said(contract(root="BTC", expiry=date(2026, 11, 27), strike=90_000.0, page=None))
    assert coin["Premium in"] == "BTC, inverse"
    assert coin["Settlement"].startswith("08:00 UTC")
    assert "memo" in said(contract(root="AAPL1", expiry=date(2026, 12, 18), page=None))["Deliverable"]


def test_a_contract_whose_time_is_over_says_so():
    late = said(contract(now=UtcNanos(facts.series().settles_at + 60 * 10**9)))
    assert late["Left"] == "settled 0h 1m 0s ago"
    assert said(contract(now=UtcNanos(0)))["Years"].startswith("—")


def test_its_quote_and_numbers_are_those_of_its_own_row_and_strike():
    row, column = place_in(PAGE, facts.contract().contract)
    assert row == 1
    assert PAGE.strikes[column] == 6700
    found = said(contract())
    assert found["Bid x ask"].startswith(f"{PAGE.bid[row, column]:.2f} x {PAGE.ask[row, column]:.2f}")
    assert found["Delta"] == f"{PAGE.delta[row, column]:+.3f}"
    assert found["Verdict"] == "fine"
    assert place_in(PAGE, facts.contract(right=Right.CALL).contract)[0] == 0
    assert place_in(PAGE, facts.contract(strike=1.0).contract) is None


def test_a_contract_that_is_not_quoted_says_so():
    assert "not among the listed quotes" in str(contract(strike=1.0).blocks)
    assert "not heard of yet" in str(contract(page=None).blocks)


def test_a_bad_quote_shows_dashes_and_its_verdict_and_why_there_is_no_volatility():
    empty = floats(np.full(PAGE.bid.shape, nan))
    crossed = replace(
        PAGE,
        bid=empty,
        mid=empty,
        iv=empty,
        delta=empty,
        verdict=flags(np.full(PAGE.bid.shape, Verdict.CROSSED | Verdict.STALE)),
        iv_status=codes(np.full(PAGE.bid.shape, IvStatus.BAD_INPUT)),
    )
    found = said(contract(page=crossed))
    assert found["Verdict"] == "crossed, stale"
    assert found["Bid x ask"].startswith("— x ")
    assert found["IV of mid"] == "—  bad input"
    assert found["Delta"] == "—"
    assert "time value —" in found["Intrinsic"]


def test_a_security_is_described_with_its_dates_and_its_options():
    found = said(security())
    assert found["Earnings"].startswith("28-Jan-27  in 70d")
    assert found["Ex-dividend"] == "08-Feb-27  in 81d  0.26 USD a share"
    assert found["IV rank"] == "35 over 252 sessions"
    assert found["Roots"] == "AAPL PM american"
    assert said(security("SPX"))["Traded"] == "no: quoted only"


def test_what_is_unknown_of_a_security_is_a_dash():
    found = said(present(DescriptionFacts(quote=facts.unknown_quote("TSLA"), now=facts.NOW)))
    assert found["Last"].startswith("—")
    assert found["IV30"] == "—"
    assert found["Ex-dividend"] == "—"
    assert found["As of NY"] == "—  — old"


def test_the_year_is_drawn_where_it_is_stored():
    full = DescriptionFacts(
        quote=facts.quote("AAPL"), volatility=facts.volatility_history("AAPL"), bars=facts.bars("AAPL", 86_400, 252), now=facts.NOW
    )
    assert [year.title for year in present(full).years] == ["PRICE", "IV30"]
    assert present(replace(full, volatility=None, bars=None)).years == ()


def test_the_smile_is_of_what_is_out_of_the_money_and_needs_some_points():
    smile = contract().smile
    assert smile.strike == 6700
    assert not smile.is_call[0]
    assert smile.is_call[-1]
    unknown = floats(np.full(PAGE.iv.shape, nan))
    assert contract(page=replace(PAGE, iv=unknown)).smile is None


def test_words_for_terms():
    assert verdict_words(0) == "fine"
    assert tick_words(facts.series("SPY").tick_rule) == "0.01 at any price"
    assert utc(UtcNanos(0)) == "—"
    assert duration(90_061 * 10**9) == "1d 1h 1m"
    assert duration(-61 * 10**9) == "0h 1m 1s ago"


def test_nothing_is_shown_before_anything_is_known():
    assert present(DescriptionFacts()) is None
