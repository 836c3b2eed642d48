from datetime import date

import pytest

from engine.domain.instants import iso
from engine.domain.instruments import AssetKind, Market, SessionName, SettledIn, Settlement, Style
from engine.domain.roots import PENNY, PENNY_NICKEL, make_security, make_series, root_terms


def test_spx_and_spxw_share_a_day_and_nothing_else():
    morning = make_series(root="SPX", expiry=date(2026, 12, 18))
    evening = make_series(root="SPXW", expiry=date(2026, 12, 18))
    assert (morning.settlement, evening.settlement) == (Settlement.AM, Settlement.PM)
    assert morning.underlying == evening.underlying == "SPX"
    assert morning.id != evening.id
    assert iso(morning.settles_at) == "2026-12-18T14:30:00Z"
    assert iso(evening.settles_at) == "2026-12-18T21:00:00Z"
    assert morning.last_trade_at < morning.settles_at
    assert evening.last_trade_at == evening.settles_at


def test_a_stock_option_is_american_and_delivers_shares():
    series = make_series(root="AAPL", expiry=date(2026, 12, 18))
    assert (series.style, series.settled_in, series.multiplier) == (Style.AMERICAN, SettledIn.SHARES, 100.0)
    assert series.tick_rule == PENNY_NICKEL
    assert not series.weekly
    assert make_series(root="AAPL", expiry=date(2026, 12, 24)).weekly
    assert root_terms("SPY").tick_rule == PENNY


@pytest.mark.parametrize(
    ("expiry", "weekly"),
    [
        (date(2026, 12, 18), False),
        (date(2026, 12, 17), True),  # the day before a third Friday that is a session
        (date(2025, 4, 17), False),  # the third Friday is Good Friday
        (date(2014, 1, 18), False),  # named after the Saturday
        (date(2026, 12, 24), True),
    ],
)
def test_a_standard_monthly_is_told_from_a_weekly(expiry, weekly):
    assert make_series(root="SPY", expiry=expiry).weekly is weekly


@pytest.mark.parametrize("root", ["AAPL1", "GME2"])
def test_an_adjusted_root_says_so(root):
    series = make_series(root=root, expiry=date(2026, 12, 18))
    assert series.adjusted
    assert series.underlying == root[:-1]
    assert root in series.deliverable


def test_coin_options_are_inverse_and_expire_at_eight_utc():
    series = make_series(root="BTC", expiry=date(2026, 11, 27))
    assert series.inverse
    assert series.currency == "BTC"
    assert series.multiplier == 1.0
    assert iso(series.settles_at) == "2026-11-27T08:00:00Z"


def test_securities_know_their_market_and_an_unknown_one_is_a_stock():
    assert make_security("vix").market is Market.INDEX
    assert not make_security("SPX").tradable
    assert make_security("BTC").session is SessionName.CRYPTO
    assert make_security("ZZZT").kind is AssetKind.STOCK
    assert make_security("SPY").name == "SPDR S&P 500 ETF Trust"
