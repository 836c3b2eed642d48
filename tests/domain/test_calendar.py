from datetime import UTC, date, datetime, timedelta

import exchange_calendars
import pytest

from engine.domain import calendar
from engine.domain.errors import BadInput
from engine.domain.instants import DAY_NS, HOUR_NS, SECOND_NS, from_nanos, iso, new_york, to_nanos
from engine.domain.instruments import SessionName, Settlement

NYSE, INDEX, CRYPTO = SessionName.NYSE, SessionName.CBOE_INDEX, SessionName.CRYPTO


def at(text: str) -> int:
    return to_nanos(datetime.fromisoformat(text))


@pytest.fixture(scope="module")
def reference() -> exchange_calendars.ExchangeCalendar:
    return exchange_calendars.get_calendar("XNYS", start="2000-01-01", end="2035-12-31")


def test_every_session_from_2000_to_2035_agrees_with_the_reference(reference):
    assert calendar.sessions(NYSE, date(2000, 1, 1), date(2035, 12, 31)) == [day.date() for day in reference.sessions]


def test_every_early_close_agrees_with_the_reference(reference):
    theirs = {day.date() for day in reference.early_closes}
    ours = {day for day in calendar.sessions(NYSE, date(2000, 1, 1), date(2035, 12, 31)) if calendar.is_half_day(day)}
    assert ours == theirs


def test_opens_and_closes_agree_with_the_reference_to_the_nanosecond(reference):
    for stamp in reference.sessions[::23]:
        ours = calendar.session(NYSE, stamp.date())
        assert ours.open_at == reference.session_open(stamp).value
        assert ours.close_at == reference.session_close(stamp).value


@pytest.mark.parametrize(
    ("root", "expiry", "settlement", "instant"),
    [
        ("SPX", date(2026, 11, 20), Settlement.AM, "2026-11-20T14:30:00Z"),
        ("SPXW", date(2026, 11, 20), Settlement.PM, "2026-11-20T21:00:00Z"),
        ("SPXW", date(2026, 7, 17), Settlement.PM, "2026-07-17T20:00:00Z"),
        ("SPXW", date(2026, 11, 27), Settlement.PM, "2026-11-27T18:00:00Z"),  # the day after Thanksgiving closes at 13:00
        ("SPY", date(2025, 4, 18), Settlement.PM, "2025-04-17T20:00:00Z"),  # Good Friday: settled the day before
        ("SPX", date(2014, 1, 18), Settlement.AM, "2014-01-17T14:30:00Z"),  # monthlies were named after the Saturday
        ("BTC", date(2026, 11, 27), Settlement.UTC8, "2026-11-27T08:00:00Z"),
        ("SPXW", date(2024, 2, 29), Settlement.PM, "2024-02-29T21:00:00Z"),
    ],
)
def test_each_contract_settles_at_its_own_instant(root, expiry, settlement, instant):
    assert calendar.settlement_instant(root, expiry, settlement) == at(instant)


def test_an_am_series_last_trades_on_the_evening_before():
    assert iso(calendar.last_trade_instant("SPX", date(2026, 11, 20), Settlement.AM)) == "2026-11-19T21:15:00Z"
    assert iso(calendar.last_trade_instant("SPX", date(2027, 11, 26), Settlement.AM)) == "2027-11-24T21:15:00Z"  # over Thanksgiving
    assert iso(calendar.last_trade_instant("SPXW", date(2026, 11, 20), Settlement.PM)) == "2026-11-20T21:00:00Z"


def test_time_to_expiry_counts_down_through_the_last_second():
    settles = calendar.settlement_instant("SPXW", date(2026, 11, 20), Settlement.PM)
    assert calendar.years_to(settles, settles - SECOND_NS) == pytest.approx(1 / (365 * 86_400), rel=1e-15)
    assert calendar.years_to(settles, settles) == 0.0
    assert calendar.years_to(settles, settles + SECOND_NS) < 0.0


@pytest.mark.parametrize(
    ("friday", "hours"),
    [(date(2026, 3, 6), 71), (date(2026, 10, 30), 73), (date(2026, 7, 10), 72)],  # clocks go forward, back, not at all
)
def test_a_weekend_over_a_change_of_the_clocks_is_an_hour_shorter_or_longer(friday, hours):
    first = calendar.session(NYSE, friday)
    second = calendar.session(NYSE, calendar.next_session(NYSE, friday))
    assert second.open_at - first.open_at == hours * HOUR_NS
    assert new_york(second.open_at).hour == 9


def test_a_leap_year_has_its_day():
    span = calendar.settlement_instant("BTC", date(2028, 3, 1), Settlement.UTC8) - calendar.settlement_instant(
        "BTC", date(2028, 2, 28), Settlement.UTC8
    )
    assert span == 2 * DAY_NS


def test_index_options_trade_a_quarter_of_an_hour_longer():
    assert new_york(calendar.session(INDEX, date(2026, 11, 20)).close_at).strftime("%H:%M") == "16:15"
    assert new_york(calendar.session(INDEX, date(2026, 11, 27)).close_at).strftime("%H:%M") == "13:15"


def test_crypto_never_closes():
    saturday = at("2026-11-21T03:00:00Z")
    assert calendar.session_at(CRYPTO, saturday).day == date(2026, 11, 21)
    assert calendar.last_close(CRYPTO, saturday) == saturday
    assert calendar.next_open(CRYPTO, saturday) == saturday


def test_a_session_holds_its_open_and_not_its_close():
    found = calendar.session(NYSE, date(2026, 11, 20))
    assert calendar.session_at(NYSE, found.open_at) == found
    assert calendar.session_at(NYSE, found.close_at - 1) == found
    assert calendar.session_at(NYSE, found.close_at) is None
    assert calendar.session_at(NYSE, found.open_at - 1) is None


def test_a_saturday_counts_as_the_close_of_friday():
    assert iso(calendar.last_close(NYSE, at("2026-11-21T12:00:00Z"))) == "2026-11-20T21:00:00Z"
    assert iso(calendar.last_close(NYSE, at("2026-11-20T15:00:00Z"))) == "2026-11-19T21:00:00Z"
    assert iso(calendar.next_open(NYSE, at("2026-11-25T22:00:00Z"))) == "2026-11-27T14:30:00Z"


def test_neighbouring_sessions_leap_over_weekends_and_holidays():
    assert calendar.next_session(NYSE, date(2026, 11, 25)) == date(2026, 11, 27)
    assert calendar.previous_session(NYSE, date(2026, 11, 27)) == date(2026, 11, 25)
    assert calendar.session(NYSE, date(2026, 11, 26)) is None


def test_a_year_the_rules_do_not_cover_is_refused():
    with pytest.raises(BadInput, match="2000 to 2100"):
        calendar.holidays(1987)


def test_instants_survive_both_ways_and_naive_times_are_refused():
    moment = datetime(2026, 11, 20, 15, 0, 0, 123456, tzinfo=UTC)
    assert from_nanos(to_nanos(moment)) == moment
    assert to_nanos(moment.astimezone(tz=None)) == to_nanos(moment)
    with pytest.raises(BadInput, match="time zone"):
        to_nanos(datetime(2026, 11, 20))  # noqa: DTZ001
    assert from_nanos(to_nanos(moment) + int(timedelta(days=365) / timedelta(microseconds=1)) * 1000).year == 2027
