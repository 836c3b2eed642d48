"""What came before: a year of days, volatility, minutes that join the live price, dividends on the way."""

from datetime import date, time

import numpy as np
import pytest

from engine.domain.calendar import sessions
from engine.domain.instants import DAY_NS, MINUTE_NS, new_york, new_york_instant, utc_instant
from engine.domain.instruments import SessionName
from engine.domain.market import BarBatch, VolatilityHistory
from plugins.synthetic.names import BY_SYMBOL
from plugins.synthetic.skeleton import Follower, Skeleton
from plugins.synthetic.world import World
from tests.kit.synthetic import (
    FRIDAY,
    desk,
)


@pytest.mark.parametrize("symbol", ["SPX", "SPY", "NVDA", "VIX", "BTC"])
def test_a_year_of_days_and_some_sessions_of_minutes_join_the_live_price_without_a_gap(few, symbol):
    _, market, told = few
    one = desk(market, symbol)
    own = [event for event in told if isinstance(event, BarBatch) and event.symbol == symbol]
    days = next(event for event in own if event.seconds == 86_400)
    assert len(days.start) >= 252
    assert (days.start % DAY_NS == 0).all()
    assert (np.diff(days.start) > 0).all()
    assert days.start[-1] < utc_instant(FRIDAY)
    if symbol != "BTC":
        assert [int(start) for start in days.start] == [
            utc_instant(day) for day in sessions(SessionName.NYSE, date(2025, 10, 24), date(2026, 11, 19))
        ]
    for bars in own:
        assert (bars.low <= np.minimum(bars.open, bars.close)).all()
        assert (bars.high >= np.maximum(bars.open, bars.close)).all()
        assert (np.nan_to_num(bars.volume, nan=1.0) > 0.0).all()
    minutes = [event for event in own if event.seconds == 60]
    starts = np.concatenate([event.start for event in minutes])
    closes = np.concatenate([event.close for event in minutes])
    opens = np.concatenate([event.open for event in minutes])
    order = np.argsort(starts, kind="stable")
    starts, closes, opens = starts[order], closes[order], opens[order]
    assert len(np.unique(starts)) == len(starts)
    assert starts[-1] >= market.at - 3 * MINUTE_NS
    inside = np.diff(starts) == MINUTE_NS
    assert np.abs(np.log(opens[1:] / closes[:-1]))[inside].max() < 0.003, "one minute opens where the one before closed"
    assert abs(np.log(closes[-1] / one.moment(market.at).price)) < 0.006
    assert one.previous_close == pytest.approx(days.close[-1], rel=1e-9)


def test_past_days_are_the_sums_of_their_minutes(few):
    _, _, told = few
    own = [event for event in told if isinstance(event, BarBatch) and event.symbol == "NVDA"]
    days = next(event for event in own if event.seconds == 86_400)
    session = next(event for event in own if event.seconds == 60)
    place = int(np.flatnonzero(days.start == session.start[0] // DAY_NS * DAY_NS)[0])
    assert (days.open[place], days.close[place]) == (session.open[0], session.close[-1])
    assert (days.high[place], days.low[place]) == (session.high.max(), session.low.min())
    assert days.volume[place] == session.volume.sum()


@pytest.mark.parametrize("symbol", ["SPX", "VIX", "NVDA", "XOM", "BTC"])
def test_a_year_of_volatility_has_something_to_say_of_today_s(few, symbol):
    source, market, told = few
    past = next(event for event in told if isinstance(event, VolatilityHistory) and event.symbol == symbol)
    assert len(past.day) >= 252
    for column in (past.atm_iv, past.risk_reversal_25, past.butterfly_25):
        assert np.isfinite(column).all()
    assert past.atm_iv.max() > 1.25 * past.atm_iv.min()
    assert np.sign(np.median(past.risk_reversal_25)) == np.sign(BY_SYMBOL[symbol].surface.rho)
    assert (past.butterfly_25 > -0.005).all()
    one = desk(market, symbol)
    truths = [source.truth(symbol, one.chain.lines[place].series.id, market.at) for place in one.chain.trading(market.at)]
    days = np.array([truth.years * 365.0 for truth in truths])
    total = np.array([truth.theta for truth in truths])
    now = np.sqrt(np.interp(30.0, days, total) / (30.0 / 365.0))
    assert now == pytest.approx(past.atm_iv[-1], rel=0.2), "today's 30-day volatility goes on from yesterday's close"


def test_index_volatility_falls_when_the_index_rises_and_names_move_together(few):
    _, _, told = few
    close, volatility = {}, {}
    for event in told:
        if isinstance(event, BarBatch) and event.seconds == 86_400:
            close[event.symbol] = dict(zip(event.start.tolist(), event.close.tolist(), strict=True))
        if isinstance(event, VolatilityHistory):
            volatility[event.symbol] = event.atm_iv
    days = sorted(close["SPX"])

    def moves(symbol):
        return np.diff(np.log([close[symbol][day] for day in days]))

    assert np.corrcoef(moves("SPX"), np.diff(volatility["SPX"]))[0, 1] < -0.5
    assert np.corrcoef(moves("SPX"), moves("VIX"))[0, 1] < -0.5
    assert np.corrcoef(moves("SPX"), moves("SPY"))[0, 1] > 0.98
    assert 0.3 < np.corrcoef(moves("SPX"), moves("NVDA"))[0, 1] < 0.95
    assert np.corrcoef(moves("SPX"), moves("XOM"))[0, 1] > 0.15


def test_variance_of_the_price_follows_a_u_over_the_day():
    world = World(7, FRIDAY)
    skeleton = world.motion("SPX").skeleton
    minute = np.array([new_york(int(at)).hour * 60 + new_york(int(at)).minute for at in skeleton.at[:-1]])
    length = np.diff(skeleton.at)
    deviation = skeleton.deviation

    def mean(clock):
        return (deviation[(minute == clock) & (length == 30 * MINUTE_NS)] ** 2).mean()

    assert mean(9 * 60 + 30) > 1.5 * mean(12 * 60 + 30)
    assert mean(15 * 60 + 30) > 1.2 * mean(12 * 60 + 30)


def test_a_share_drops_by_its_dividend_at_the_open_of_the_ex_day(monkeypatch):
    world = World(7, date(2026, 11, 18))
    motion = world.motion("XOM")
    world.extend(date(2026, 11, 19))
    skeleton: Skeleton = motion.skeleton
    payment = next(one for one in skeleton.payments() if one.day.year == 2026 and one.day.month == 11)
    assert payment.day == date(2026, 11, 16)  # the 14th is a Saturday
    monkeypatch.setattr(Skeleton, "payments", lambda _: ())
    free = World(7, date(2026, 11, 18)).motion("XOM").skeleton
    first = int(np.searchsorted(skeleton.at, payment.at))
    paid = np.exp(skeleton.log_price[first - 1]) * np.exp(free.log_price[first] - free.log_price[first - 1]) - np.exp(
        skeleton.log_price[first]
    )
    assert paid == pytest.approx(payment.amount, rel=0.03)


def test_the_fund_takes_dividends_in_and_drops_them_at_its_ex_day():
    name = BY_SYMBOL["SPY"]
    follower = Follower(name, World(7, FRIDAY).motion("SPX").skeleton)
    ex = new_york_instant(date(2026, 12, 21), time(9, 30))
    before, after = follower.ratio(np.array([ex - 1, ex]))
    assert (before - after) / after * 677.0 == pytest.approx(name.dividends.amount, rel=0.01)
