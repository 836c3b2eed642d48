"""The pictures of a surface as numbers."""

import math

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats
from engine.domain.instants import DAY_NS
from engine.domain.volatility import Grade, SliceModel
from optix_tui.canvas import Canvas
from optix_tui.colour import contrast
from optix_tui.screens.surface.coordinates import Coordinate, axis_marks, axis_of, moneyness, text_of
from optix_tui.screens.surface.grades import LETTERS, fit_blocks, flag_text, slice_rows
from optix_tui.screens.surface.heat import heat_view, span_of
from optix_tui.screens.surface.layers import Layer, layer_rows
from optix_tui.screens.surface.mesh import Camera, Cloud, held, mesh_view, net, project
from optix_tui.screens.surface.numbers import numbers_view
from optix_tui.screens.surface.paint_heat import colours_of
from optix_tui.screens.surface.paint_smile import paint_smile
from optix_tui.screens.surface.reading import LEAST_DAYS, Past, length_words, past_days, read
from optix_tui.screens.surface.smile import smile_view
from optix_tui.screens.surface.term import term_view
from optix_tui.screens.surface.view import Picture, SurfaceFacts, SurfacePreferences, present, rooms, tenor_name, warning_of
from optix_tui.theme import load_palette
from tests.kit import facts, surface_facts

SURFACE = read(surface_facts.surface("SPX"))
GOOD = read(surface_facts.surface("SPX", only_good=True))
NOW = SURFACE.surface.as_of
AXIS = axis_of(Coordinate.MONEYNESS, SURFACE)


def heat(layer=Layer.LEVEL, past=None, reading=SURFACE):
    return heat_view(reading=reading, axis=AXIS, layer=layer, past=past or Past(), now=NOW, pixels=60, columns=81)


def full_past(days=40):
    times = surface_facts.times("SPX", days=days)
    wanted = past_days(times, NOW)
    stored = tuple(read(surface_facts.stored("SPX", (facts.NOW - at) / DAY_NS)) for at in wanted)
    return Past(times=times, day_ago=read(surface_facts.stored("SPX", 1.0)), days=stored, wanted=len(wanted))


def smile(place, reading=SURFACE, **changes):
    wanted = {
        "coordinate": Coordinate.STRIKE,
        "zoom": 1.0,
        "cursor": None,
        "risk": None,
        "past": Past(),
        "shows_yesterday": False,
        "yesterday_reason": "",
    } | changes
    return smile_view(reading=reading, place=place, **wanted)


def test_on_an_expiry_the_heat_map_is_its_fit():
    view = heat(reading=GOOD)
    for place, pixel in enumerate(view.pixel_of.astype(int)):
        assert view.values[pixel] == pytest.approx(view.at_slices[place], abs=1.5)
    assert view.at_slices[12][np.argmin(np.abs(AXIS.values(81) - 1))] == pytest.approx(GOOD.slices[12].atm_iv * 100, abs=0.15)


def test_an_expiry_without_a_fit_is_left_empty_and_never_filled_from_its_neighbours():
    view = heat()
    assert SURFACE.slices[1].model is SliceModel.NONE
    assert np.isnan(view.values[view.row_of == 1]).all()
    assert np.isnan(view.at_slices[1]).all()


def test_a_spline_is_not_carried_on_beyond_its_strikes():
    view = heat()
    beyond = view.k[2] < SURFACE.lows[2] - 0.05
    assert beyond.any()
    assert np.isnan(view.at_slices[2][beyond]).all()


def test_what_lies_beyond_the_quotes_is_known_to_and_counts_for_no_colours():
    view = heat(reading=GOOD)
    short = view.beyond[view.pixel_of.astype(int)[3]]
    inside = (view.k[3] >= GOOD.lows[3]) & (view.k[3] <= GOOD.highs[3])
    assert (short[inside] < 0.6).all()
    assert (short[~inside] > 0).mean() > 0.9
    quoted = view.values[view.beyond == 0]
    assert view.span.high <= np.nanmax(quoted) + 1.5


def test_a_change_needs_a_surface_of_a_day_ago_and_says_how_much_there_is():
    young = Past(times=surface_facts.times("SPX", days=1, per_day=1))
    assert heat(Layer.CHANGE, young).span is None
    assert "no surface of a day ago: 1 surface over 14 min is stored" in heat(Layer.CHANGE, young).reason
    assert "nothing is stored yet" in heat(Layer.CHANGE, Past(times=replace(young.times, at=young.times.at[:0]))).reason
    assert "the disk is full" in heat(Layer.CHANGE, Past(trouble="the disk is full")).reason


def test_the_change_is_that_of_the_same_expiry_at_the_same_moneyness():
    then = read(surface_facts.surface("SPX", lift=0.01, only_good=True))
    view = heat(Layer.CHANGE, Past(times=surface_facts.times("SPX"), day_ago=then), GOOD)
    column = np.argmin(np.abs(AXIS.values(81) - 1))
    for place in (6, 12, 18):
        wanted = (GOOD.slices[place].atm_iv - then.slices[place].atm_iv) * 100
        assert view.at_slices[place, column] == pytest.approx(wanted, abs=0.05)
    assert view.span.diverges
    assert view.span.low == -view.span.high


def test_an_expiry_that_was_not_there_a_day_ago_has_no_change():
    then = surface_facts.surface("SPX", only_good=True)
    gone = read(replace(then, slices=then.slices[:5] + then.slices[6:]))
    found = layer_rows(Layer.CHANGE, GOOD, moneyness(AXIS, AXIS.values(9), GOOD), Past(times=surface_facts.times(), day_ago=gone), NOW)
    assert np.isnan(found.values[5]).all()
    assert np.isfinite(found.values[12]).all()


def test_a_z_score_is_refused_under_twenty_days_with_how_many_there_are():
    view = heat(Layer.UNUSUAL, full_past(days=7))
    assert view.span is None
    assert f"needs {LEAST_DAYS} stored days: there are 6 stored days" in view.reason


def test_a_z_score_measures_from_the_mean_of_the_days_by_their_spread():
    past = full_past()
    k = np.zeros((GOOD.years.size, 1))
    found = layer_rows(Layer.UNUSUAL, GOOD, k, past, NOW)
    at = np.array([np.interp(GOOD.years[14], day.years, day.atm**2 * day.years) / GOOD.years[14] for day in past.days]) ** 0.5
    assert found.values[14, 0] == pytest.approx((GOOD.atm[14] - at.mean()) / at.std(ddof=1), abs=0.05)


def test_days_without_a_stored_surface_are_not_counted_twice():
    times = surface_facts.times("SPX", days=40)
    gap = replace(times, at=times.at[(times.at < NOW - 20 * DAY_NS) | (times.at > NOW - 3 * DAY_NS)])
    assert len(past_days(gap, NOW)) < len(past_days(times, NOW)) - 15
    assert len(set(past_days(gap, NOW))) == len(past_days(gap, NOW))


def test_rich_is_above_the_fit_and_nothing_is_said_beyond_the_measured_strikes():
    one = GOOD.slices[12]
    lifted = replace(one, residual=floats(np.where(np.isfinite(one.residual), -0.8, np.nan)))
    reading = read(replace(GOOD.surface, slices=(*GOOD.slices[:12], lifted, *GOOD.slices[13:])))
    found = layer_rows(Layer.RICH, reading, moneyness(AXIS, AXIS.values(41), reading), Past(), NOW).values[12]
    assert np.nanmin(found) == pytest.approx(0.8)
    assert np.isnan(layer_rows(Layer.RICH, reading, np.full((reading.years.size, 1), -0.9), Past(), NOW).values).all()


@pytest.mark.parametrize("coordinate", list(Coordinate))
def test_every_coordinate_rises_across_and_has_labels(coordinate):
    axis = axis_of(coordinate, GOOD)
    k = moneyness(axis, axis.values(33), GOOD)
    assert (np.diff(k, axis=1) > 0).all()
    marks = axis_marks(axis, 8)
    assert len(marks) >= 3
    assert all(axis.low - 1e-9 <= value <= axis.high + 1e-9 for value, _ in marks)


def test_a_coordinate_is_written_as_its_market_writes_it():
    assert text_of(Coordinate.DELTA, 0.25) == "25P"
    assert text_of(Coordinate.DELTA, 0.9) == "10C"
    assert text_of(Coordinate.DELTA, 0.5) == "50Δ"
    assert text_of(Coordinate.MONEYNESS, 0.95) == "95%"
    assert text_of(Coordinate.STRIKE, math.nan) == "—"


def test_a_poor_or_failed_fit_is_warned_of_in_words():
    rows = slice_rows(SURFACE.slices)
    assert warning_of(rows[4]).startswith("P POOR FIT: the median quote is 1.6 bid-ask widths off")
    assert warning_of(rows[1]).startswith("X NO FIT: two strikes")
    assert warning_of(rows[2]) == "F fair fit: spline, no SVI goes through the quotes"
    assert warning_of(rows[12]) == ""
    assert [flag_text(rows[place].one) for place in (1, 4, 7, 12)] == ["—", "B", "C", "·"]
    assert len(set(LETTERS.values())) == len(Grade)


def test_a_fit_says_all_its_reasons_and_what_was_left_out():
    texts = [fact.values[0].text for block in fit_blocks(slice_rows(SURFACE.slices)[4]) for fact in block.facts]
    labels = [fact.label for block in fit_blocks(slice_rows(SURFACE.slices)[4]) for fact in block.facts]
    assert "the density is negative near 6,420" in texts
    assert "B  can be arbitraged" in texts
    assert {"in the money", "crossed", "too wide", "little vega"} <= set(labels)
    unfitted = [fact.values[0].text for block in fit_blocks(slice_rows(SURFACE.slices)[1]) for fact in block.facts]
    assert "not looked at: there is no fit" in unfitted
    assert not any("nan" in text for text in unfitted)


def test_the_smile_holds_quotes_fit_rules_and_range():
    view = smile(12)
    one = SURFACE.slices[12]
    middle = view.fit.values[np.argmin(np.abs(view.axis.values(view.fit.values.size) - one.forward))]
    assert middle == pytest.approx(one.atm_iv * 100, abs=0.15)
    assert 0 < view.quoted[0] < view.forward < view.quoted[1] < 1
    assert view.axis.low + view.spot * (view.axis.high - view.axis.low) == pytest.approx(SURFACE.surface.spot, rel=1e-3)
    assert np.nanmax(np.abs(view.residuals + one.residual)) == 0


@pytest.mark.parametrize("coordinate", list(Coordinate))
@pytest.mark.parametrize("place", [0, 1, 2, 4, 12])
def test_a_smile_can_be_seen_in_every_coordinate_fitted_or_not(coordinate, place):
    view = smile(place, coordinate=coordinate)
    assert view.scale.high > view.scale.low
    fitted = SURFACE.slices[place].model is not SliceModel.NONE
    assert np.isfinite(view.fit.values).any() == fitted


def test_the_crosshair_reads_a_quote_and_why_it_was_left_out():
    one = SURFACE.slices[12]
    place = int(np.flatnonzero(one.use == 4)[0])
    view = smile(12, cursor=float(one.strikes[place]))
    assert view.cursor == place
    assert view.readout[-1] == ("", "crossed")
    assert ("bid", "—") in view.readout


def test_yesterday_and_the_risk_curve_are_of_the_same_expiry_or_are_missing():
    past = full_past()
    view = smile(12, past=past, shows_yesterday=True, risk=read(surface_facts.risk_surface()))
    assert view.yesterday.name == "a day ago"
    assert view.risk.name == "eSSVI (risk)"
    without = replace(past, day_ago=read(surface_facts.surface("SPX", slices=SURFACE.slices[:3])))
    assert "not there a day ago" in smile(12, past=without, shows_yesterday=True).notes[0]


def test_the_event_shows_as_a_bump_between_its_expiries_and_weekends_do_not():
    view = term_view(reading=GOOD, place=12)
    assert [bump.text[:15] for bump in view.bumps] == ["04-Dec → 11-Dec"]
    assert view.falls == 0


def test_falling_total_variance_is_counted():
    late = GOOD.slices[-1]
    sunk = replace(late, parameters=floats(np.asarray(late.parameters) * [0.3, 0.3, 1, 1, 1]))
    assert term_view(reading=read(replace(GOOD.surface, slices=(*GOOD.slices[:-1], sunk))), place=0).falls == 1


def test_a_table_says_of_each_number_how_it_was_come_by():
    view = numbers_view(reading=SURFACE, axis=axis_of(Coordinate.MONEYNESS, SURFACE), layer=Layer.LEVEL, past=Past(), now=NOW, count=11)
    assert view.titles[view.money] == "100.0"
    assert set(view.flags[4]) == {"?"}
    assert set(view.flags[1]) == {" "}
    assert view.flags[3][0] == "E"
    assert "I" in {flag for row in view.flags for flag in row}
    assert np.isnan(view.values[1]).all()


def test_the_mesh_stands_in_its_box_and_its_points_on_it():
    view = mesh_view(reading=GOOD, axis=axis_of(Coordinate.DEVIATIONS, GOOD), camera=Camera(), before=None, spins=False)
    assert (np.abs(view.heights) <= 1.1).all()
    assert (np.diff(view.along_time) > 0).all()
    for line in view.along_time:
        on_line = np.isclose(view.points.y, line)
        if on_line.sum() > 5:
            row = view.heights[np.argmin(np.abs(view.along_time - line))]
            across = np.linspace(-1, 1, row.size)
            assert np.median(np.abs(np.interp(view.points.x[on_line], across, row) - view.points.z[on_line])) < 0.05


def test_the_scale_of_the_mesh_is_kept_as_long_as_it_fits():
    first = span_of(np.array([10.0, 20.0, 30.0]), Layer.LEVEL)
    near = span_of(np.array([10.4, 20.0, 29.5]), Layer.LEVEL)
    assert held(first, near) is first
    assert held(first, span_of(np.array([10.0, 20.0, 48.0]), Layer.LEVEL)) is not first
    assert held(first, span_of(np.array([18.0, 20.0, 22.0]), Layer.LEVEL)) is not first
    assert held(None, near) is near


@pytest.mark.parametrize("azimuth", [0, 40, 135, 200, 322])
@pytest.mark.parametrize("elevation", [5, 27, 80])
def test_nothing_of_the_box_leaves_the_picture_however_it_is_turned(azimuth, elevation):
    corners = Cloud(*(np.array(side, float) for side in zip(*[(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], strict=True)))
    seen = project(corners, Camera(azimuth, elevation), 200, 150)
    assert (seen.x > -25).all()
    assert (seen.x < 225).all()
    assert (seen.y > -4).all()
    assert (seen.y < 154).all()


def test_the_net_knows_where_its_rows_stand():
    cloud = net(np.zeros((3, 4)), np.array([-1.0, -0.5, 1.0]))
    assert cloud.y[1].tolist() == [-0.5] * 4
    assert cloud.x[0].tolist() == pytest.approx([-1, -1 / 3, 1 / 3, 1])


@pytest.mark.parametrize("picture", list(Picture))
@pytest.mark.parametrize("kind", ["empty", "unfitted", "single", "unknown"])
def test_a_surface_with_next_to_nothing_says_so_and_draws_nothing_made_up(picture, kind):
    whole = surface_facts.surface("SPX")
    surface = {
        "empty": surface_facts.empty_surface(),
        "unfitted": replace(whole, slices=(whole.slices[1],), maturities=surface_facts.maturities((whole.slices[1],))),
        "single": replace(whole, slices=whole.slices[12:13]),
        "unknown": replace(whole, spot=math.nan, slices=(replace(whole.slices[12], forward=math.nan),)),
    }[kind]
    view = present(SurfaceFacts(reading=read(surface)), SurfacePreferences(picture=picture), width=120, height=40, now=NOW)
    assert view is not None
    if kind == "empty":
        assert view.body is None
        assert "no option of this name has a quote" in view.problem


def test_side_and_foot_go_where_there_is_no_room():
    assert rooms(160, 41).side
    assert rooms(80, 20).side
    assert rooms(60, 20) == rooms(60, 20)._replace(side=0, foot=1)
    assert rooms(80, 6).foot == 0
    assert rooms(80, 20, Picture.TABLE) == rooms(80, 20)._replace(side=0, foot=1)
    assert rooms(160, 41, Picture.TABLE) == rooms(160, 41)


@pytest.mark.parametrize(("forward", "spot", "shown"), [(0.5, 0.499, "SF"), (0.499, 0.5, "FS")])
def test_of_forward_and_spot_in_one_column_the_lower_stands_first(forward, spot, shown):
    view = present(SurfaceFacts(reading=SURFACE), SurfacePreferences(picture=Picture.SMILE), width=120, height=30, now=NOW)
    canvas = Canvas(120, 30, 0)
    paint_smile(canvas, view, replace(view.body, forward=forward, spot=spot), load_palette("amber"))
    assert any(shown in line for line in canvas.lines_of_text())


def test_maturities_are_named_as_they_are_spoken_of():
    assert [tenor_name(days) for days in (1, 7, 14, 30, 60, 91, 182, 273, 365, 547, 730)] == [
        "1D", "1W", "2W", "1M", "2M", "3M", "6M", "9M", "1Y", "18M", "2Y",
    ]  # fmt: skip


def test_the_length_of_a_history_is_said_in_its_own_unit():
    assert length_words(None, NOW) == "nothing is stored yet"
    assert "days are stored" in length_words(surface_facts.times("SPX", days=40), NOW)


@pytest.mark.parametrize("theme", ["amber", "graphite", "paper", "cvd"])
def test_the_lowest_and_the_highest_colour_of_a_level_stand_out_from_the_ground(theme):
    palette = load_palette(theme)
    span = span_of(np.linspace(10, 30, 50), Layer.LEVEL)
    low, high = (int(one) for one in colours_of(np.array([span.low, span.high]), span, palette))
    assert contrast(low, palette.ground) > 1.6
    assert contrast(high, palette.ground) > 1.6
