"""Daily bars as finished sessions: what counts, what is missing, and five-minute bars beside them."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats, longs
from engine.domain.ids import UtcNanos
from engine.domain.instants import DAY_NS, from_nanos
from engine.messages.queries import VolatilityTable
from engine.services.volatility.implied import implied_by_session, implied_term
from engine.services.volatility.intraday import intraday_variances
from engine.services.volatility.sessions import sessions_of
from tests.kit import facts, surface_facts

SPX = facts.security("SPX")


def bars(count=30, **changes):
    return facts.bars("SPX", 86_400, count, **changes)


def test_a_session_that_runs_does_not_count():
    told = bars()
    days = sessions_of(SPX, told, facts.NOW)
    assert days.known == 29
    assert from_nanos(int(days.day[-1])).date() < facts.TODAY
    assert days.as_of == facts.at(16, 15, day=from_nanos(int(days.day[-1])).date())
    after = sessions_of(SPX, told, facts.at(20, 0))
    assert after.known == 30
    assert from_nanos(int(after.day[-1])).date() == facts.TODAY


@pytest.mark.parametrize("close", [np.nan, 0.0, -5.0])
def test_a_close_that_is_no_price_is_a_missing_session_and_no_return_runs_over_it(close):
    told = bars()
    spoiled = np.where(np.arange(30) == 10, close, told.close)
    days = sessions_of(SPX, replace(told, close=floats(spoiled)), facts.NOW)
    assert (days.day.size, days.known) == (29, 28)
    assert np.isnan(days.close[10])
    assert np.isnan(days.returns()[[0, 10, 11]]).all()
    assert np.isfinite(days.returns()[12:]).all()
    assert days.unbroken().day.size == 18


def test_no_bars_are_no_sessions_and_no_error():
    nothing = {name: floats([]) for name in ("open", "high", "low", "close", "volume", "vwap")}
    days = sessions_of(SPX, replace(bars(), start=longs([]), **nothing), facts.NOW)
    assert (days.known, days.day.size, days.as_of) == (0, 0, 0)
    assert days.stamp == (0, 0, 0, 0.0)
    assert days.newest(5).unbroken().returns().size == 0


def test_a_coin_has_a_year_of_every_day_and_a_share_of_252():
    assert sessions_of(facts.security("BTC"), facts.bars("BTC", 86_400, 20), facts.NOW).a_year == 365
    assert sessions_of(SPX, bars(), facts.NOW).a_year == 252


def test_a_half_day_is_told_as_part_of_a_session():
    days = sessions_of(SPX, facts.bars("SPX", 86_400, 260), facts.NOW)
    short = {from_nanos(int(day)).date().isoformat() for day in days.day[days.lengths < 1.0]}
    assert {"2025-11-28", "2025-12-24"} <= short
    assert len(short) <= 4


def test_the_variance_of_a_session_is_of_its_five_minute_returns_and_the_night():
    minutes = facts.bars("SPX", 300, 78 * 3 + 65)
    days = sessions_of(SPX, bars(), facts.NOW)
    found = intraday_variances(days, minutes)
    assert found.known == 3
    last = (minutes.start >= int(days.day[-1])) & (minutes.start < int(days.day[-1]) + DAY_NS)
    prices = np.concatenate([minutes.open[last][:1], minutes.close[last]])
    session = float((np.diff(np.log(prices)) ** 2).sum())
    assert found.variances[-1] == pytest.approx(session + float(days.nights()[-1]), rel=1e-9)
    assert np.isnan(found.variances[:-3]).all()


def test_stored_implied_volatility_stands_at_its_own_session_and_nonsense_is_left_out():
    days = sessions_of(SPX, bars(), facts.NOW)
    told = VolatilityTable(
        symbol=days.symbol,
        source=days.source,
        day=longs([int(days.day[3]) + 5 * 3_600 * 10**9, int(days.day[7]), int(days.day[8]), int(days.day[-1]) + 40 * DAY_NS]),
        atm_iv=floats([0.2, np.nan, -1.0, 0.3]),
        risk_reversal_25=floats([0.0] * 4),
        butterfly_25=floats([0.0] * 4),
    )
    found = implied_by_session(days, told)
    assert found[3] == 0.2
    assert np.isnan(np.delete(found, 3)).all()
    assert np.isnan(implied_by_session(days, None)).all()


def test_the_implied_term_is_linear_in_total_variance_and_reaches_no_further_than_the_expiries():
    surface = surface_facts.surface("SPX")
    days = surface.maturities.days.astype(float)
    inside = (days >= 30) & (days <= 60)
    assert inside.sum() >= 2
    term = implied_term(surface, np.array([21.0, 30.0, 10_000.0]), 252.0)
    assert term.reason == ""
    assert 0.03 < term.values[0] < 1.0
    assert np.isnan(term.values[2])
    levels = surface.maturities.atm_iv
    wanted = 30.0 * 365 / 252
    expected = np.sqrt(np.interp(wanted, days, levels**2 * days) / wanted)
    assert term.values[1] == pytest.approx(float(expected))


def test_a_surface_without_any_fit_has_no_term_and_says_why():
    surface = surface_facts.empty_surface()
    term = implied_term(surface, np.array([21.0]), 252.0)
    assert np.isnan(term.values).all()
    assert "no constant maturity" in term.reason
    assert term.as_of >= UtcNanos(0)
