from datetime import UTC, date, datetime
from itertools import pairwise
from math import isnan, nan

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats, longs
from engine.domain.instants import MINUTE_NS, to_nanos
from optix_tui.screens.chart.view import (
    ChartFacts,
    ChartKind,
    ChartPreferences,
    bars_that_fit,
    interval_of,
    present,
    session_vwap,
)
from tests.kit import facts

TWO_MINUTES = facts.bars("SPY", 120, 390)
SPY = facts.quote("SPY")


def view(width: int = 90, height: int = 30, bars=TWO_MINUTES, quote=SPY, **preferences):
    return present(ChartFacts(bars=bars, quote=quote), ChartPreferences(**preferences), width, height)


def test_the_newest_bars_stand_at_the_right_and_as_many_as_fit():
    shown = view()
    assert shown.close.size == bars_that_fit(ChartPreferences(), shown.room.columns)
    assert shown.close[-1] == TWO_MINUTES.close[-1]
    assert shown.in_sight
    assert view(back=50).close[-1] == TWO_MINUTES.close[-51]


def test_scrolling_stops_at_the_oldest_bar():
    shown = view(back=10_000)
    assert shown.close[0] == TWO_MINUTES.close[0]
    assert not shown.in_sight


def test_nothing_is_shown_without_bars_and_nothing_breaks_on_unknown_ones():
    assert present(ChartFacts(), ChartPreferences(), 80, 20) is None
    empty = replace(TWO_MINUTES, **{name: floats([]) for name in ("open", "high", "low", "close", "volume", "vwap")}, start=longs([]))
    assert view(bars=empty) is None
    unknown = replace(TWO_MINUTES, **{name: floats(np.full(390, nan)) for name in ("open", "high", "low", "close", "volume", "vwap")})
    assert view(bars=unknown) is None
    holes = replace(TWO_MINUTES, close=floats(np.where(np.arange(390) % 7, TWO_MINUTES.close, nan)))
    assert view(bars=holes) is not None


def test_the_price_scale_holds_every_bar_in_sight():
    shown = view()
    assert shown.scale.low < shown.low.min() <= shown.high.max() < shown.scale.high
    assert all(shown.scale.low <= price <= shown.scale.high for price, _ in shown.price_marks)


def test_vwap_starts_anew_at_each_session_and_is_unknown_where_the_open_is_missing():
    shown = view(width=400, zoom=0)
    first_of_today = int(np.argmax(shown.sessions == shown.sessions[-1]))
    assert isnan(shown.vwap[0])
    assert shown.vwap[first_of_today] == pytest.approx(TWO_MINUTES.vwap[-152])


def test_vwap_is_the_weighted_mean_from_the_open_on():
    today = TWO_MINUTES.start >= TWO_MINUTES.session_open
    expected = np.sum(TWO_MINUTES.vwap[today] * TWO_MINUTES.volume[today]) / np.sum(TWO_MINUTES.volume[today])
    assert view().vwap[-1] == pytest.approx(expected)


def test_a_first_session_that_begins_with_its_open_has_a_vwap():
    one_day = facts.bars("SPY", 120, 152)
    assert one_day.start[0] == one_day.session_open
    assert not isnan(session_vwap(one_day, one_day.start)[0])


def test_an_index_without_volume_has_neither_volume_nor_vwap_and_says_so():
    bars = facts.bars("SPX", 120, 200, volume=floats(np.full(200, nan)))
    shown = view(bars=bars, quote=facts.quote("SPX"))
    assert isnan(shown.volume_top)
    assert shown.room.volume_rows == 0
    assert "no volume" in shown.notes
    assert np.isnan(shown.vwap).all()


def test_the_expected_move_stands_around_the_last_close_and_widens_the_scale():
    bands = view(expected_move=True).bands
    assert [band.text for band in bands] == ["+1σ 1d", "last close", "-1σ 1d"]
    assert bands[0].price == pytest.approx(SPY.previous_close + SPY.expected_move_day)
    assert view(expected_move=True).scale.high > bands[0].price
    assert view(expected_move=True, quote=facts.unknown_quote("SPY")).bands == ()
    assert view(expected_move=True, bars=facts.bars("SPY", 86_400, 100)).bands == ()


def test_a_new_day_is_parted_and_named_and_round_times_stand_between():
    marks = view(width=400, zoom=0).time_marks
    parting = [mark for mark in marks if mark.parts]
    assert [mark.text for mark in parting] == ["18-Nov", "19-Nov"]
    assert any(mark.text == "12:00" for mark in marks)
    assert all(mark.text.endswith(("0", "5", "v")) for mark in marks if mark.text)


def test_labels_of_the_time_axis_leave_each_other_room():
    for zoom in range(4):
        for width in (40, 90, 200):
            shown = view(width=width, zoom=zoom)
            columns = [mark.bar * shown.pitch for mark in shown.time_marks if mark.text]
            assert all(right - left >= 8 for left, right in pairwise(columns)), (zoom, width)


def test_times_are_new_yorks_on_both_sides_of_a_clock_change():
    before = facts.at(9, 30, day=date(2026, 10, 30))
    after = facts.at(9, 30, day=date(2026, 11, 2))
    starts = [before + i * 30 * MINUTE_NS for i in range(13)] + [after + i * 30 * MINUTE_NS for i in range(13)]
    bars = facts.bars("SPY", 1800, 26, start=longs(starts))
    shown = view(bars=bars, width=160, zoom=2)
    assert any(mark.text == "02-Nov" and mark.bar == 13 for mark in shown.time_marks)
    assert shown.readout.when == "02-Nov 15:30"


def test_daily_bars_are_named_by_their_months():
    shown = view(bars=facts.bars("SPY", 86_400, 300), seconds=86_400, kind=ChartKind.LINE, width=120, zoom=0)
    names = [mark.text for mark in shown.time_marks if mark.text]
    assert "Nov" in names
    assert any(name.startswith("Jan") for name in names)


def test_a_session_named_by_its_date_keeps_that_date_in_new_york():
    dates = [to_nanos(datetime(2026, 11, day, tzinfo=UTC)) for day in (18, 19, 20)]
    bars = facts.bars("SPY", 86_400, 3, start=longs(dates))
    assert view(bars=bars, seconds=86_400).readout.when == "Fri 20-Nov-26"
    by_open = facts.bars("SPY", 86_400, 3)
    assert view(bars=by_open, seconds=86_400).readout.when == "Thu 19-Nov-26"


def test_coins_are_charted_in_utc():
    shown = present(ChartFacts(bars=facts.bars("BTC", 3600, 50), quote=facts.quote("BTC")), ChartPreferences(seconds=3600), 80, 20)
    assert shown.readout.when == "19-Nov 19:00"


def test_the_crosshair_reads_its_own_bar_and_stays_in_sight():
    shown = view(crosshair=10)
    assert shown.crosshair == shown.close.size - 11
    assert shown.readout.is_crosshair
    assert shown.readout.close == f"{TWO_MINUTES.close[-11]:,.2f}"
    assert view(crosshair=5000).crosshair == 0
    assert view().crosshair is None


def test_the_last_bar_is_said_to_be_growing():
    assert "last bar growing" in view().notes
    assert "last bar growing" not in view(bars=replace(TWO_MINUTES, complete=True)).notes


@pytest.mark.parametrize(("word", "seconds"), [("2m", 120), ("1H", 3600), ("60M", 3600), ("1d", 86_400), ("7x", None), ("", None)])
def test_bar_lengths_are_read_as_typed(word, seconds):
    assert interval_of(word) == seconds


def test_small_tiles_keep_the_prices_and_drop_the_rest():
    tiny = view(width=26, height=4)
    assert (tiny.room.axis, tiny.room.top, tiny.room.volume_rows) == (0, 0, 0)
    assert view(width=60, height=10).room.volume_rows == 0
    assert view(width=60, height=20).room.volume_rows > 0
