import pytest

from engine.messages.queries import SettingTable, SettingValue
from optix_tui.screens.settings.view import COLUMNS, SettingsFacts, is_changed, parts, present, value_text
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
    assert CELLS["bounds"](row).text == "a number from 1 to 20 (Hz)"
    bare = SettingValue(key="x", value="", default="", origin="default", unit="", what="a plugin's own setting")
    assert parts(bare) == ("a plugin's own setting", "")
    assert CELLS["value"](bare).text == "(empty)"


def test_nothing_is_shown_before_the_settings_are_known():
    assert present(SettingsFacts()) is None
    assert present(SettingsFacts(table=SettingTable(settings=(), path=""))).rows == ()


def test_bytes_are_read_as_a_size_and_typed_as_a_number():
    row = SettingValue(key="store.budget", value=5_000_000_000, default=1_000_000_000, origin="default", unit="bytes", what="")
    assert CELLS["value"](row).text == "5.0 GB"
    assert CELLS["default"](row).text == "1.0 GB"
    assert value_text(row.value) == "5000000000"
