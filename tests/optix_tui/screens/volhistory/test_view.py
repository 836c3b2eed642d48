from math import isfinite, nan

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats, longs
from engine.messages.measures import GetMeasures
from optix_tui.screens.volhistory.view import COLUMNS, COORDINATES, HistoryFacts, HistoryPreferences, figure, present, sessions_before
from tests.kit import compass_facts, facts

BY_KEY = {column.key: column for column in COLUMNS}


def table(symbol: str = "SPX", *measures: str, limit: int = 252):
    return compass_facts.measures(GetMeasures(symbol=symbol, measures=measures or COORDINATES, limit=limit))


def shown(symbol: str = "SPX", *, width: int = 160, height: int = 40, told=None, **preferences: object):
    known = told or HistoryFacts(daily=table(symbol), breaches=compass_facts.breaches(*compass_facts.MARKS))
    view = present(known, HistoryPreferences(**preferences), width=width, height=height)
    assert view is not None
    return view


def of_values(*values: float, measure: str = "atm:30"):
    whole = compass_facts.history("SPX", measure, count=len(values), gap=False)
    return HistoryFacts(daily=replace(table(), histories=(replace(whole, value=floats(values)),)))


def test_nothing_is_shown_before_the_sessions_are_told():
    assert present(HistoryFacts(), HistoryPreferences(), width=160, height=40) is None


def test_a_year_is_in_points_with_its_least_and_greatest():
    view = shown()
    assert view.value.size == 252
    assert view.unit == "vol points"
    assert view.value[-1] == pytest.approx(13.42)
    assert (view.low, view.high) == (np.nanmin(view.value), np.nanmax(view.value))
    assert view.scale is not None
    assert view.scale.low < view.low < view.high < view.scale.high


def test_a_session_without_a_value_stays_a_gap():
    view = shown()
    assert np.isnan(view.value).sum() == 1
    assert isfinite(view.mean)
    assert view.trouble == ""


def test_a_shorter_look_back_shows_fewer_sessions():
    assert shown(length=63).value.size == 63


def test_realised_volatility_stands_beside_a_level_and_not_beside_a_difference():
    assert shown().companion.size == 252
    assert shown(measure="rr25:30").companion.size == 0
    assert shown(measure="atm:30", intraday=True).companion.size == 0


def test_a_breach_stands_at_the_session_it_happened_in():
    view = shown()
    assert [mark.place for mark in view.breaches] == [251, 243, 243]
    assert [(mark.entered, mark.rises) for mark in view.breaches] == [(True, True), (False, True), (True, False)]
    assert shown(breaches=False).breaches == ()
    assert shown(measure="rv:30").breaches == ()


def test_a_breach_older_than_what_is_in_sight_is_not_put_at_its_edge():
    old = compass_facts.breach(100.0)
    told = HistoryFacts(daily=table(), breaches=compass_facts.breaches(old))
    assert shown(told=told, length=63).breaches == ()
    assert len(shown(told=told).breaches) == 1


def test_a_name_without_a_history_says_how_it_gets_one():
    view = shown("XOM")
    assert view.scale is None
    assert view.histogram is None
    assert "fewer than two sessions of the volatility at the forward, 30 days are known" in view.trouble
    assert "optix import series" in view.trouble


def test_a_single_session_is_no_line():
    view = shown(told=of_values(0.2))
    assert "fewer than two sessions" in view.trouble
    assert isfinite(view.low)


def test_a_rank_under_120_sessions_is_refused_while_the_line_is_drawn():
    view = shown("META")
    assert view.trouble == ""
    assert view.history is not None
    assert "need 120" in view.history.refusal
    assert {BY_KEY["rank"].cell(row).text for row in view.standings} == {"—"}


def test_a_measure_that_was_not_told_yet_is_no_other_ones_line():
    view = shown(measure="atm:60")
    assert view.history is None
    assert view.value.size == 0
    assert "atm:60" in view.trouble


def test_values_that_never_moved_have_a_scale_and_no_histogram():
    view = shown(told=of_values(*[0.2] * 30))
    assert view.scale is not None
    assert view.histogram is None


def test_the_histogram_counts_every_known_value_once_and_marks_now():
    bins = shown().histogram
    assert bins is not None
    assert sum(bins.counts) == 251
    assert bins.edges[bins.now] >= 13.42 >= bins.edges[bins.now + 1]
    lost = shown(told=of_values(*np.linspace(0.1, 0.3, 40), nan)).histogram
    assert lost is not None
    assert lost.now == -1


def test_within_the_session_it_is_one_value_a_minute():
    told = HistoryFacts(daily=table(), intraday=compass_facts.samples(), breaches=compass_facts.breaches(*compass_facts.MARKS))
    view = shown(told=told, intraday=True)
    assert view.value.size == 180
    assert [mark.place for mark in view.breaches] == [150]
    assert [text for _, text in view.marks][:2] == ["11:45", "12:00"]


def test_samples_of_another_measure_are_not_drawn_as_this_one():
    told = HistoryFacts(daily=table(), intraday=compass_facts.samples("SPX", "rr25:30"))
    view = shown(told=told, intraday=True)
    assert view.value.size == 0
    assert "fewer than two samples of atm:30 are recorded yet" in view.trouble


def test_why_there_are_no_samples_is_said_in_the_engines_words():
    told = HistoryFacts(daily=table(), intraday_trouble="this engine keeps no history")
    assert shown(told=told, intraday=True).trouble == "this engine keeps no history"


def test_the_crosshair_reads_a_value_and_says_where_there_is_none():
    assert shown(crosshair=0).readout == "19-Nov-26  13.42"
    view = shown()
    gap = view.value.size - 1 - int(np.flatnonzero(np.isnan(view.value))[0])
    assert shown(crosshair=gap).readout.endswith("—")
    assert shown(crosshair=10_000).crosshair == 0


def test_months_are_marked_where_they_begin():
    days = [facts.TODAY.fromordinal(facts.TODAY.toordinal() - ago) for ago in (40, 20, 19, 0)]
    told = of_values(0.1, 0.2, 0.3, 0.2)
    (history,) = told.daily.histories
    instants = longs([facts.at(0, day=day) for day in days])
    view = shown(told=replace(told, daily=replace(told.daily, histories=(replace(history, at=instants),))))
    assert view.marks == ((3, "Nov-26"),)


def test_exposures_are_written_short():
    assert figure(-53_900_000_000.0) == "-53.90B"
    assert figure(nan) == "—"
    assert figure(12.344) == "12.34"
    view = shown(told=of_values(-2e9, -1.5e9, 3e9, measure="gex"), measure="gex")
    row = view.standings[0]
    assert max(len(BY_KEY[key].cell(row).text) for key in ("now", "change")) <= 6


def test_a_value_of_an_earlier_session_is_starred_and_its_session_told():
    newest, *others = table().histories
    late = replace(newest, now_at=longs([newest.now_at + 86_400_000_000_000]).item())
    mixed = shown(told=HistoryFacts(daily=replace(table(), histories=(late, *others))))
    texts = [BY_KEY["now"].cell(row).text for row in mixed.standings]
    assert [text.endswith("*") for text in texts] == [False, *[True] * len(others)]
    assert sessions_before(mixed.standings).startswith("* of ")
    assert sessions_before(shown().standings) == ""


def test_the_side_is_folded_away_where_it_has_no_room():
    assert shown(width=95).side == 0
    assert shown(height=11).side == 0
    assert shown().side > 0
