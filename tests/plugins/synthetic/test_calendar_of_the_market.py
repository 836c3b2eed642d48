"""What is listed, when it settles, when it stops trading, and what the clock does at a close."""

from datetime import date, time

import numpy as np
import pytest

from engine.domain.instants import SECOND_NS, new_york, new_york_instant
from engine.domain.instruments import Settlement
from engine.domain.market import BarBatch, FeedCondition, FeedState, Listing, QuoteBatch, VolatilityHistory
from engine.domain.osi import parse_deribit, parse_osi
from plugins.synthetic.corporate import payments, reports
from plugins.synthetic.expiries import listed
from plugins.synthetic.names import BY_SYMBOL, NAMES
from plugins.synthetic.strikes import ladder
from tests.kit.synthetic import FRIDAY, FRIDAY_TEN, desk, names_of, night, opened, played, wanting

THURSDAY = date(2026, 11, 19)


def expiries(symbol: str, day: date) -> list:
    return [entry.series for entry in listed(BY_SYMBOL[symbol], day)]


def test_a_third_friday_has_an_am_and_a_pm_series_that_settle_apart():
    both = [series for series in expiries("SPX", THURSDAY) if series.expiry == FRIDAY]
    assert {(series.root, series.settlement) for series in both} == {("SPX", Settlement.AM), ("SPXW", Settlement.PM)}
    am, pm = sorted(both, key=lambda series: series.root)
    assert new_york(am.settles_at).time() == time(9, 30)
    assert new_york(pm.settles_at).time() == time(16, 0)
    assert am.last_trade_at < pm.last_trade_at
    assert new_york(am.last_trade_at).date() == THURSDAY


def test_on_the_third_friday_itself_the_am_series_is_gone_and_the_pm_one_is_the_zero_day():
    same_day = [series for series in expiries("SPX", FRIDAY) if series.expiry == FRIDAY]
    assert [series.root for series in same_day] == ["SPXW"]


@pytest.mark.parametrize("symbol", ["SPX", "SPY", "QQQ", "IWM"])
def test_every_session_day_has_a_zero_day_expiry(symbol):
    for day in (date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18), THURSDAY, FRIDAY, date(2026, 11, 27)):
        assert any(series.expiry == day for series in expiries(symbol, day))


def test_a_friday_that_is_a_holiday_expires_on_the_thursday_before():
    assert date(2026, 12, 24) in {series.expiry for series in expiries("AAPL", FRIDAY)}
    assert date(2026, 12, 25) not in {series.expiry for series in expiries("AAPL", FRIDAY)}


def test_vix_expires_on_wednesdays_thirty_days_before_a_third_friday():
    standard = [series.expiry for series in expiries("VIX", FRIDAY) if series.root == "VIX"]
    assert standard[0] == date(2026, 12, 16)
    assert all(series.settlement is Settlement.AM for series in expiries("VIX", FRIDAY))


def test_coins_settle_at_eight_utc_and_bear_the_venue_s_names():
    _, market, told = opened("BTC")
    names = list(names_of(told).values())
    assert names[0] == "BTC"
    parts = [parse_deribit(name) for name in names[1:]]
    assert {part.root for part in parts} == {"BTC"}
    settles = {line.series.settles_at for line in desk(market, "BTC").chain.lines}
    assert all(int(at) % (86_400 * SECOND_NS) == 8 * 3_600 * SECOND_NS for at in settles)


def test_contract_names_are_osi_and_say_what_the_columns_say():
    _, _, told = opened("SPX")
    for event in (event for event in told if isinstance(event, Listing)):
        rows = zip(event.name, event.series_index.tolist(), event.strike.tolist(), event.right.tolist(), strict=True)
        for name, place, strike, right in list(rows)[1::97]:
            parts = parse_osi(name)
            assert (parts.root, parts.expiry, parts.strike) == (event.series[place].root, event.series[place].expiry, strike)
            assert parts.right.value == ("C" if right > 0 else "P")


def test_handles_are_dense_and_given_once():
    _, _, told = opened("SPY", "XOM", "ETH")
    names = names_of(told)
    assert sorted(names) == list(range(len(names)))
    assert len(set(names.values())) == len(names)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name.symbol)
def test_ladders_are_dense_at_the_money_and_wide_in_the_wings(name):
    for entry in listed(name, FRIDAY):
        years = max((entry.series.settles_at - FRIDAY_TEN) / (365 * 86_400 * SECOND_NS), 1e-4)
        strikes = ladder(name, price=name.price, deviation=name.surface.near * years**0.5, years=years, cycle=entry.cycle)
        gaps = np.diff(strikes)
        middle = int(np.searchsorted(strikes, name.price))
        assert 15 <= len(strikes) <= 420
        assert strikes[0] < name.price < strikes[-1]
        assert (gaps > 0).all()
        assert gaps[min(middle, len(gaps) - 1)] <= gaps[0]
        assert gaps[min(middle, len(gaps) - 1)] <= gaps[-1]


def test_dividends_and_results_fall_on_session_days_four_times_a_year():
    for symbol in ("AAPL", "JPM", "XOM", "SPY"):
        assert len(payments(BY_SYMBOL[symbol], 2026, 2026)) == 4
    for symbol in ("TSLA", "JPM"):
        dates = reports(BY_SYMBOL[symbol], 2026, 2026)
        assert len(dates) == 4
        assert all(report.day.weekday() < 5 for report in dates)
    assert (
        new_york(reports(BY_SYMBOL["JPM"], 2026, 2026)[0].at).time()
        < time(9, 30)
        < time(16, 0)
        < new_york(reports(BY_SYMBOL["TSLA"], 2026, 2026)[0].at).time()
    )


def test_after_the_close_it_is_closed_and_then_the_next_session_is_open_with_its_new_zero_day():
    _, market, told = opened("SPY", start="2026-11-20T15:59:58")
    told += played(market, 40)
    assert not market.over()
    told += played(market, 200, step=10 * SECOND_NS)
    assert market.over()
    assert new_york(market.at).time() == time(16, 14, 59, 900_000)
    after = night(market)
    states = [event for event in after if isinstance(event, FeedCondition)]
    assert [event.state for event in states] == [FeedState.CLOSED, FeedState.LIVE]
    assert new_york(states[0].at).time() == time(16, 15)
    assert new_york(states[1].at).replace(tzinfo=None).isoformat() == "2026-11-23T09:30:00"
    fresh = {series.expiry for event in after if isinstance(event, Listing) for series in event.series}
    assert fresh
    assert FRIDAY not in {line.series.expiry for line in desk(market, "SPY").chain.lines}
    assert desk(market, "SPY").chain.lines[0].series.expiry == date(2026, 11, 23)
    days = [event for event in after if isinstance(event, VolatilityHistory)]
    assert [int(event.day[0]) % (86_400 * SECOND_NS) for event in days] == [0]
    ended = [event for event in after if isinstance(event, BarBatch) and event.seconds == 86_400]
    assert ended[0].close[0] == desk(market, "SPY").previous_close


def test_shares_stop_at_four_and_index_options_a_quarter_of_an_hour_later():
    _, market, told = opened("SPX", "XOM", start="2026-11-20T15:59")
    names = names_of(told)
    late = [
        event for event in played(market, 20, step=3 * SECOND_NS) + played(market, 60, step=10 * SECOND_NS) if isinstance(event, QuoteBatch)
    ]
    close = new_york_instant(FRIDAY, time(16, 0))
    after = {names[handle] for event in late if event.at >= close for handle in event.handle.tolist()}
    before = {names[handle] for event in late if event.at < close for handle in event.handle.tolist()}
    assert any(name.startswith("XOM") for name in before)
    assert not any(name.startswith("XOM") for name in after)
    assert any(name.startswith("SPX") for name in after)
    assert not any("261120" in name for name in after), "a series that ended at four is not quoted any more"


def test_a_half_day_ends_at_one_and_a_quarter_past_one():
    _, market, _ = opened("SPX", start="2026-11-27T12:59")
    assert new_york(market.hours[1]).time() == time(13, 0)
    assert new_york(market.closing).time() == time(13, 15)
    played(market, 20, step=60 * SECOND_NS)
    assert market.over()
    night(market)
    assert new_york(market.at).replace(tzinfo=None).isoformat() == "2026-11-30T09:30:00"


def test_a_frame_never_jumps_over_a_close():
    _, market, _ = opened("SPY", start="2026-11-20T15:59")
    stops = []
    for _ in range(4):
        market.frame(600 * SECOND_NS, wanting())
        stops.append(new_york(market.at).time().isoformat())
    assert stops[0] == "15:59:59.900000"
    assert stops[-1] == "16:14:59.900000"
