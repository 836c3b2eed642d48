import pytest

from engine.messages.queries import SettingTable, SettingValue
from optix_tui.canvas import Canvas
from optix_tui.screens.settings.paint import paint_settings
from optix_tui.screens.settings.view import COLUMNS, SettingsFacts, is_changed, parts, present, value_text
from optix_tui.screens.table import Cursor, fit
from optix_tui.theme import load_palette
from tests.kit import engine_facts

TABLE = engine_facts.settings()
BY_KEY = {row.key: row for row in TABLE.settings}
CELLS = {column.key: column.cell for column in COLUMNS}


def test_settings_stand_by_their_keys_and_those_that_were_set_stand_out():
    view = present(SettingsFacts(table=TABLE))
    assert [row.key for row in view.rows] == sorted(BY_KEY)
    assert view.changed == 2
    assert is_changed(BY_KEY["storage.budget_gb"])
    assert CELLS["value"](BY_KEY["storage.budget_gb"]).bold
    assert not CELLS["value"](BY_KEY["terminal.theme"]).bold


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (4.0, "4"), (0.25, "0.25"), ((), ""), (("a", "b"), "a, b"), ("paper", "paper"), (7, "7")],
)
def test_values_are_written_as_they_are_typed(value, text):
    assert value_text(value) == text


def test_bounds_and_origin_have_places_of_their_own():
    row = BY_KEY["terminal.chain_hertz"]
    assert parts(row) == ("repaints of the chain a second", "a number from 1 to 20 (Hz)")
    assert CELLS["origin"](row).text == "environment"
    assert CELLS["bounds"](row).text == "a number from 1 to 20"
    assert CELLS["unit"](row).text == "Hz"
    bare = SettingValue(key="x", value="", default="", origin="default", unit="", what="a plugin's own setting")
    assert parts(bare) == ("a plugin's own setting", "")
    assert CELLS["value"](bare).text == "(empty)"


@pytest.mark.parametrize("width", range(40, 220, 6))
def test_where_bounds_stand_their_unit_stands_too(width):
    keys = {placed.column.key for placed in fit(COLUMNS, width)}
    assert "unit" in keys or "bounds" not in keys


@pytest.mark.parametrize("width", [60, 80, 160])
def test_what_a_setting_is_for_is_told_in_whole_with_its_bounds_and_default_apart(width):
    what = "how much of its time the engine spends at most on what somebody looks at; each is made anew once a second at most"
    row = SettingValue(key="a.b", value=0.06, default=0.05, origin="default", unit="s", what=f"{what}; a number from 0 to 1 (s)")
    view = present(SettingsFacts(table=SettingTable(settings=(row,), path="config.toml")))
    canvas = Canvas(width, 24, 0)
    paint_settings(canvas, view, load_palette("amber"), lambda _line, _rows: Cursor())
    text = " ".join(" ".join(canvas.lines_of_text()).split())
    assert what in text
    assert "bounds a number from 0 to 1 (s) default 0.05" in text


def test_nothing_is_shown_before_the_settings_are_known():
    assert present(SettingsFacts()) is None
    assert present(SettingsFacts(table=SettingTable(settings=(), path=""))).rows == ()


def test_bytes_are_read_as_a_size_and_typed_as_a_number():
    row = SettingValue(key="store.budget", value=5_000_000_000, default=1_000_000_000, origin="default", unit="bytes", what="")
    assert CELLS["value"](row).text == "5.0 GB"
    assert CELLS["default"](row).text == "1.0 GB"
    assert value_text(row.value) == "5000000000"
