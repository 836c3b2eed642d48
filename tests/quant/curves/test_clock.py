"""The variance clock: weekends, holidays and events, and what is left when the events are taken out."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.curves.clock import (
    CALENDAR,
    TRADING,
    DayWeights,
    event_variance,
    forward_variances,
    on_clock,
    variance_clock,
    without_events,
)

EPOCH = date(1970, 1, 1).toordinal()


def at(year: int, month: int, day: int, hour: float = 0.0) -> float:
    return date(year, month, day).toordinal() - EPOCH + hour / 24


THANKSGIVING = int(at(2026, 11, 26))


def test_with_every_day_alike_it_is_act_365():
    clock = variance_clock(weights=CALENDAR, holidays=[THANKSGIVING])
    start = at(2026, 11, 20, 16)
    ends = start + np.array([0.0, 0.3, 1.0, 7.25, 365.0, 1000.5])
    assert clock.years(start=start, ends=ends) == pytest.approx((ends - start) / 365, rel=1e-12)


def test_in_trading_time_a_weekend_and_a_holiday_are_nothing():
    clock = variance_clock(weights=TRADING, holidays=[THANKSGIVING])
    friday = at(2026, 11, 20, 16)
    days = 252 * clock.years(start=friday, ends=[friday + 8 / 24, at(2026, 11, 23), at(2026, 11, 24), at(2026, 11, 27, 12)])
    assert days == pytest.approx([1 / 3, 1 / 3, 1 + 1 / 3, 3 + 1 / 3 + 0.5])


def test_a_weekend_may_weigh_a_part_of_a_day():
    clock = variance_clock(weights=DayWeights(weekend=0.25, holiday=0.5), holidays=[THANKSGIVING])
    week = float(clock.years(start=at(2026, 11, 23), ends=at(2026, 11, 30)))
    assert week == pytest.approx((4 + 0.5 + 2 * 0.25) / (252 + 104 * 0.25 + 9 * 0.5))


def test_a_common_year_is_about_a_year_by_any_weights():
    closed = [at(2026, *day) for day in ((1, 1), (1, 19), (2, 16), (4, 3), (5, 25), (6, 19), (7, 3), (9, 7), (11, 26), (12, 25))]
    for weights in (TRADING, DayWeights(0.3, 0.3), CALENDAR):
        clock = variance_clock(weights=weights, holidays=closed)
        assert float(clock.years(start=at(2026, 1, 1), ends=at(2027, 1, 1))) == pytest.approx(1.0, abs=0.005)


def test_an_event_counts_from_its_instant_on_and_by_its_days():
    clock = variance_clock(
        event_times=[at(2026, 12, 9, 14), at(2026, 11, 24, 17)], event_days=[1.5, 4.0], event_names=("rates", "earnings")
    )
    assert clock.event_names == ("earnings", "rates")
    start = at(2026, 11, 23)
    ends = [at(2026, 11, 24, 16.9), at(2026, 11, 24, 17), at(2026, 12, 31)]
    assert 252 * clock.event_years(start=start, ends=ends) == pytest.approx([0.0, 4.0, 5.5])
    assert 252 * float(clock.event_years(start=at(2026, 11, 25), ends=at(2026, 12, 31))) == pytest.approx(1.5)


def test_before_the_start_and_for_the_unknown_there_is_no_time():
    clock = variance_clock()
    found = clock.years(start=100.0, ends=[99.0, math.nan, 100.0, 1e9])
    assert np.isnan(found).tolist() == [True, True, False, True]
    assert found[2] == 0.0
    assert clock.years(start=100.0, ends=[]).size == 0


@given(
    start=st.floats(0.0, 30_000.0),
    first=st.floats(0.0, 400.0),
    second=st.floats(0.0, 400.0),
    weekend=st.floats(0.0, 1.0),
    event=st.floats(0.0, 400.0),
)
@settings(max_examples=80, deadline=None)
def test_time_never_runs_back_and_adds_up(start: float, first: float, second: float, weekend: float, event: float):
    clock = variance_clock(weights=DayWeights(weekend, weekend), event_times=[start + event], event_days=[2.0])
    middle, end = start + first, start + first + second
    whole, part = (float(clock.years(start=start, ends=one)) for one in (end, middle))
    assert whole >= part - 1e-12
    assert whole == pytest.approx(part + float(clock.years(start=middle, ends=end)), abs=1e-9)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"weights": DayWeights(5.0, 0.0)}, "between 0 and 2"),
        ({"weights": DayWeights(math.nan, 0.0)}, "between 0 and 2"),
        ({"event_times": [1.0], "event_days": []}, "every event needs"),
        ({"event_times": [1.0], "event_days": [-1.0]}, "no weight below zero"),
        ({"event_times": [math.nan], "event_days": [1.0]}, "must be known"),
    ],
)
def test_weights_and_events_that_cannot_be_meant_are_refused(wrong: dict[str, object], said: str):
    with pytest.raises(ValueError, match=said):
        variance_clock(**wrong)


def test_a_volatility_told_by_the_clock_has_the_same_total_variance():
    found = on_clock(vols=[0.2, 0.3], years=[3 / 365, 0.5], clock_years=[1 / 252, 0.49])
    assert found**2 * [1 / 252, 0.49] == pytest.approx([0.2**2 * 3 / 365, 0.3**2 * 0.5])


def test_a_term_structure_with_an_event_gives_the_event_and_the_ordinary_days_back():
    years, event, ordinary = np.array([5, 30, 60]) / 252, 0.06, 0.22
    events = np.array([0.0, event**2, event**2])
    vols = np.sqrt((ordinary**2 * years + events) / years)
    found = event_variance(before=(vols[0], years[0]), after=(vols[1], years[1]), ordinary_vol=ordinary)
    assert found.move == pytest.approx(event)
    assert event_variance(before=(0.0, 0.0), after=(vols[1], years[1]), ordinary_vol=ordinary).move == pytest.approx(event)
    plain = without_events(vols=vols, years=years, event_variances=events)
    assert plain == pytest.approx([ordinary] * 3)
    assert forward_variances(vols=plain, years=years) == pytest.approx([ordinary**2] * 3)


def test_an_event_that_the_prices_do_not_hold_is_unknown_and_calendar_arbitrage_is_seen():
    found = event_variance(before=(0.3, 0.1), after=(0.2, 0.2), ordinary_vol=0.25)
    assert found.variance < 0.0
    assert math.isnan(found.move)
    assert math.isnan(event_variance(before=(0.2, 0.2), after=(0.2, 0.1), ordinary_vol=0.2).move)
    assert np.isnan(without_events(vols=[0.1], years=[0.1], event_variances=[0.5])).all()
    assert forward_variances(vols=[0.4, 0.2], years=[0.5, 1.0])[1] < 0.0
