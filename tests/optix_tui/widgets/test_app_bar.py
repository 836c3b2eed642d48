"""The first row: which market, which workspace, how it reaches us."""

import pytest

from engine.domain.ids import UtcNanos
from engine.domain.market import FeedState
from optix_tui.canvas import Canvas
from optix_tui.theme import load_palette
from optix_tui.widgets.app_bar import AppBarView, badge, connection, paint_app_bar, readable
from tests.kit import engine_facts, facts

PALETTE = load_palette("amber")
PLACES = ((1, "MAIN"), (2, "MARKET"), (3, "TAPE"))


def view(state=FeedState.LIVE, **changes) -> AppBarView:
    own = {
        "workspaces": PLACES,
        "active": 1,
        "connected": True,
        "was_connected": True,
        "market_time": facts.NOW,
        "lag_ms": 12.4,
        "silent": float("nan"),
    }
    own |= {key: changes.pop(key) for key in tuple(changes) if key in {*own, "profile", "trouble"}}
    status = changes.pop("status") if "status" in changes else engine_facts.status(state, **changes)
    return AppBarView(status=status, **own)


def row(shown: AppBarView, width: int = 160) -> str:
    canvas = Canvas(width, 1, PALETTE.head, PALETTE.text)
    paint_app_bar(canvas, shown, PALETTE)
    strip = canvas.strips()[0]
    assert strip.cell_length == width
    return strip.text


@pytest.mark.parametrize(
    ("shown", "word"),
    [
        (view(simulated=True), "SIM"),
        (view(simulated=False, own_clock=False), "LIVE"),
        (view(simulated=False, own_clock=True), "TAPE"),
        (view(FeedState.FROZEN, simulated=False), "FROZEN"),
        (view(FeedState.DELAYED, simulated=False, delayed_minutes=15.0), "DELAYED 15m"),
        (view(status=None, connected=False, was_connected=False), "STARTING"),
        (view(status=None, connected=True), "STARTING"),
        (view(status=None, connected=False, was_connected=False, trouble="the feed could not be loaded"), "NO ENGINE"),
        (view(status=None, connected=False), "OFFLINE"),
    ],
)
def test_the_badge_names_the_kind_of_market(shown, word):
    assert badge(shown)[0] == word


@pytest.mark.parametrize(
    ("shown", "dot", "words"),
    [
        (view(), "●", "12ms"),
        (view(lag_ms=float("nan")), "●", "live"),
        (view(FeedState.CLOSED), "●", "closed"),
        (view(FeedState.DEGRADED, silent=42.0), "●", "degraded 42s"),
        (view(FeedState.DISCONNECTED, silent=120.0), "○", "disconnected 2m"),
        (view(connected=False, silent=14.0), "○", "offline 14s"),
        (view(connected=False, was_connected=False), "○", "starting"),
    ],
)
def test_the_dot_is_a_shape_and_a_word_as_well_as_a_colour(shown, dot, words):
    assert (connection(shown)[0], connection(shown)[2]) == (dot, words)


def test_everything_stands_in_one_row():
    text = row(view())
    assert text.startswith(" OPTIX  SIM    1 MAIN   2 MARKET   3 TAPE")
    assert text.endswith("● 12ms   Thu 19-Nov-26  14:32:07 ET ")
    assert "updates/s" in text


def test_a_narrow_row_names_the_active_workspace_alone():
    text = row(view(active=2), 80)
    assert "2 MARKET" in text
    assert "1 MAIN" not in text
    assert text.endswith(" ET ")


@pytest.mark.parametrize("width", [10, 24, 40, 60, 98, 140, 400])
def test_no_width_breaks_it(width):
    row(view(speed=10.0, recording_to="monday.tape", profile="SSH"), width)


def test_speed_recording_and_a_far_line_are_said():
    text = row(view(speed=10.0, own_clock=True, recording_to="monday.tape", profile="SSH"))
    for word in ("×10", "REC", "SSH"):
        assert word in text


def test_an_unknown_clock_is_dashes():
    assert "--:--:-- ET" in row(view(market_time=UtcNanos(0)))


def test_each_workspace_can_be_clicked_where_it_stands():
    canvas = Canvas(160, 1, PALETTE.head, PALETTE.text)
    places = paint_app_bar(canvas, view(), PALETTE)
    text = canvas.lines_of_text()[0]
    assert [(text[first:after].split()[0], place) for first, after, place in places] == [("1", 1), ("2", 2), ("3", 3)]


def test_a_file_saved_outside_a_session_shows_both_instants():
    saved = UtcNanos(facts.NOW + 26 * 3_600 * 10**9)
    frozen = view(FeedState.FROZEN, simulated=False, saved_at=saved)
    assert "saved Fri 20-Nov-26  16:32:07 ET" in row(frozen)
    assert row(frozen).rstrip().endswith("Thu 19-Nov-26  14:32:07 ET")
    assert "saved" not in row(frozen, 90)
    assert "saved" not in row(view(FeedState.FROZEN, simulated=False))


def test_it_reads_the_same_within_a_second_also_while_numbers_are_unknown():
    still = view(lag_ms=float("nan"))
    assert readable(still) == readable(view(lag_ms=float("nan"), market_time=UtcNanos(facts.NOW + 1_000)))
    assert readable(still) != readable(view(lag_ms=float("nan"), market_time=UtcNanos(facts.NOW + 1_000_000_000)))
    assert readable(still) != readable(view(lag_ms=3.0))
    assert readable(still) != readable(view(lag_ms=float("nan"), active=2))
