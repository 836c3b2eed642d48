"""What REPL makes of what is stored: days with their gaps, the day's line on days of 23 and 25 hours, figures as they stood then."""

from datetime import date, time

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats, longs
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.instants import HOUR_NS, MINUTE_NS, new_york_instant, parse_instant
from engine.messages.exposure import GetExposureMarks
from engine.messages.flow import GetFlow
from engine.messages.surface import GetSurfaceTimes, StoredHours
from optix_tui.screens.replay.arguments import arguments_of, next_coordinate, read_arguments
from optix_tui.screens.replay.facts import flow_at, gamma_at, levels_of, no_gamma
from optix_tui.screens.replay.paint_timeline import broken, shown_days
from optix_tui.screens.replay.timeline import DayFacts, StoredDay, days_of, density, hour_marks, newest_before, place_of, span_of
from optix_tui.screens.replay.view import ReplayFacts, ReplayPreferences, Show, present
from optix_tui.screens.surface.coordinates import Coordinate
from optix_tui.screens.surface.heat import HeatView
from optix_tui.screens.surface.reading import read
from optix_tui.screens.surface.smile import SmileView
from tests.kit import facts, past_facts, surface_facts

SPX = Symbol("SPX")


def day_facts(day: date = date(2026, 11, 18)) -> DayFacts:
    one = next(one for one in days_of(past_facts.hours(SPX)) if one.day == day)
    bounds = {"symbol": SPX, "since": one.begins, "until": one.ends, "limit": 10_000}
    return DayFacts(
        day=one,
        times=past_facts.times(GetSurfaceTimes(**bounds)),
        exposures=past_facts.exposures(GetExposureMarks(**bounds)),
        flow=past_facts.flow(GetFlow(recorded=True, **bounds)),
    )


def view_of(at: str, *, mark: str = "", width: int = 160, height: int = 40, **changes):
    day = day_facts(date.fromisoformat(at[:10]))
    instant = parse_instant(at)
    preferences = ReplayPreferences(at=instant, mark=parse_instant(mark) if mark else None, **changes)
    known = ReplayFacts(
        days=days_of(past_facts.hours(SPX)),
        day=day,
        reading=read(surface_facts.stored("SPX", 1.1)),
        mark=read(surface_facts.stored("SPX", 3.2)) if mark else None,
    )
    return present(known, preferences, width=width, height=height, now=facts.NOW)


def test_hours_are_gathered_to_days_of_new_york_and_a_day_without_anything_is_a_gap():
    days = days_of(past_facts.hours(SPX))
    assert tuple(one.day for one in days) == past_facts.DAYS
    assert days[0].exposures == 0
    assert days[0].surfaces > 70
    view = view_of("2026-11-18T13:10")
    shown = shown_days(view, 40)
    assert [day.day for day, one in shown if one is None] == [17], "weekends hold nothing here and are no gap"
    assert shown_days(view, 2) == tuple(shown[-3:-1]) or len(shown_days(view, 2)) == 2


def test_an_evening_hour_counts_to_its_date_in_new_york():
    late = new_york_instant(date(2026, 11, 18), time(20, 0))
    one = longs([1])
    (day,) = days_of(StoredHours(symbol=SPX, source=SourceId(""), hour=longs([late]), surfaces=one, exposures=one, prints=one))
    assert day == StoredDay(date(2026, 11, 18), 1, 1, 1)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 11, 1), 25), (date(2027, 3, 14), 23), (date(2026, 11, 18), 24)])
def test_a_day_is_as_long_as_the_clocks_make_it(day, hours):
    one = StoredDay(day, 0, 0, 0)
    assert one.ends - one.begins == hours * HOUR_NS


def test_on_the_day_the_clocks_go_back_one_o_clock_stands_twice_on_the_line():
    one = StoredDay(date(2026, 11, 1), 0, 0, 0)
    marks = hour_marks((one.begins, one.ends - 1), 30)
    texts = [text for _, text in marks]
    assert texts.count("01:00") == 2
    assert [share for share, _ in marks] == sorted(share for share, _ in marks)


def test_between_two_instants_the_one_before_holds_and_before_the_first_there_is_none():
    at = day_facts().times.at
    assert newest_before(at, int(at[3]) + MINUTE_NS) == 3
    assert newest_before(at, int(at[3])) == 3
    assert newest_before(at, int(at[0]) - 1) is None
    assert newest_before(longs([]), 5) is None
    days = days_of(past_facts.hours(SPX))
    assert place_of(days, parse_instant("2026-11-17T12:00")) == 2, "a day that is missing is the last before it"
    assert place_of(days, parse_instant("2020-01-01T12:00")) == 0


def test_the_line_is_broken_where_nothing_was_stored():
    day = day_facts()
    places, values = broken(day.times.at, day.times.atm_iv_30, span_of(day))
    assert np.isnan(places).sum() == 1
    gap = int(np.flatnonzero(np.isnan(values))[0])
    assert past_facts.SILENT[0] >= int(day.times.at[gap - 1])
    counts = density(day.times.at, span_of(day), 100)
    assert counts.sum() == day.times.at.size
    assert (counts == 0).any()


def test_a_day_with_prints_alone_has_the_prints_as_its_instants():
    day = day_facts()
    bare = replace(
        day,
        times=replace(day.times, at=longs([]), spot=floats([]), atm_iv_30=floats([])),
        exposures=past_facts.exposures(GetExposureMarks(symbol=SPX, since=day.day.begins, until=day.day.begins)),
    )
    assert bare.instants.tolist() == sorted(day.flow.at.tolist())
    assert replace(bare, flow=None).instants.size == 0


def test_gamma_and_flow_are_those_known_at_the_cursor_and_none_from_after_it():
    day = day_facts()
    at = UtcNanos(int(day.times.at[20]))
    gamma = gamma_at(day.exposures, at)
    assert gamma.at <= at
    assert gamma_at(day.exposures, int(day.exposures.at[0]) - 1) is None
    assert "stored later" in no_gamma(day, int(day.exposures.at[0]) - 1)
    assert "no exposure is stored" in no_gamma(day_facts(past_facts.DAYS[0]), at)
    flow = flow_at(day.flow, at)
    assert all(one.at <= at for one in flow.largest)
    premiums = [one.premium for one in flow.largest]
    assert premiums == sorted(premiums, reverse=True)
    assert flow.prints == int((day.flow.at <= at).sum())
    assert flow_at(day.flow, 0).prints == 0
    assert flow_at(None, at) is None


def test_a_print_without_a_premium_is_no_largest_one():
    tape = day_facts().flow
    premium = tape.premium.copy()
    premium[0] = np.nan
    found = flow_at(replace(tape, premium=floats(premium)), facts.NOW)
    assert np.isnan(found.largest[-1].premium)
    assert np.isfinite(found.call_premium + found.put_premium)


def test_levels_carry_their_change_to_the_mark_and_none_without_one():
    now, then = read(surface_facts.stored("SPX", 1.0)), read(surface_facts.stored("SPX", 3.0))
    row = levels_of(now, then)[2]
    assert row.atm_change == pytest.approx(float(now.surface.maturities.atm_iv[2] - then.surface.maturities.atm_iv[2]))
    assert np.isnan(levels_of(now, None)[2].atm_change)
    assert levels_of(None, then) == ()


def test_a_mark_turns_the_picture_into_a_difference_until_the_level_is_wanted():
    assert not view_of("2026-11-18T13:10").surface.body.span.diverges
    view = view_of("2026-11-18T13:10", mark="2026-11-16T10:00")
    assert isinstance(view.surface.body, HeatView)
    assert view.surface.body.span.diverges
    assert "same expiry and delta" in view.surface.body.told
    assert not view_of("2026-11-18T13:10", mark="2026-11-16T10:00", shows_difference=False).surface.body.span.diverges
    smile = view_of("2026-11-18T13:10", mark="2026-11-16T10:00", show=Show.SMILE).surface.body
    assert isinstance(smile, SmileView)
    assert smile.yesterday.name.startswith("mark 16-Nov-26")
    term = view_of("2026-11-18T13:10", mark="2026-11-16T10:00", show=Show.TERM).surface.body
    assert term.then_atm.size > 5


def test_nothing_is_shown_before_anything_stored_is_known():
    assert present(ReplayFacts(), ReplayPreferences(), width=100, height=30, now=facts.NOW) is None
    assert present(ReplayFacts(days=()), ReplayPreferences(at=facts.NOW), width=100, height=30, now=facts.NOW) is None


def test_words_choose_picture_coordinate_cursor_and_mark_and_bring_a_tile_back():
    words = ("SMILE", "STRIKE", "@2026-11-18T13:10", "@2026-11-16T10:00")
    found, wrong = read_arguments(words, ReplayPreferences())
    assert not wrong
    assert (found.show, found.look.coordinate) == (Show.SMILE, Coordinate.STRIKE)
    assert (found.at, found.mark) == (parse_instant("2026-11-18T13:10"), parse_instant("2026-11-16T10:00"))
    assert arguments_of(found) == words
    assert arguments_of(ReplayPreferences()) == ()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("MESH",), "REPL knows no MESH"),
        (("@NOON",), "is no time"),
        (("18DEC26",), "takes an instant behind @"),
        (("@10:00", "@11:00", "@12:00"), "two instants at most"),
    ],
)
def test_what_is_none_of_it_is_said(words, said):
    assert said in read_arguments(words, ReplayPreferences(), facts.NOW)[1]


def test_coordinates_go_around():
    assert [next_coordinate(one) for one in (Coordinate.DELTA, Coordinate.STRIKE, Coordinate.MONEYNESS, Coordinate.DEVIATIONS)] == [
        Coordinate.STRIKE,
        Coordinate.MONEYNESS,
        Coordinate.DEVIATIONS,
        Coordinate.DELTA,
    ]
