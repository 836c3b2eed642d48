"""Workspaces: read, checked, saved whole, and never a reason not to start."""

import pytest

from engine.domain.errors import BadInput
from optix_tui.registry import find
from optix_tui.workspace import Panel, load_workspaces, read_workspace, save_workspace, size_parts, with_panel

SMALL = """
version = 1
name = "main"
place = 1
[layout]
split = "h"
sizes = ["98", "1fr"]
[[layout.child]]
panel = "chain"
[[layout.child]]
split = "v"
[[layout.child.child]]
panel = "chart"
[[layout.child.child]]
panel = "watch"
[panel.chain]
fn = "omon"
group = "r"
args = ["±15"]
[panel.chart]
fn = "GIP"
symbol = "QQQ"
[panel.watch]
fn = "W"
group = "-"
"""


def test_a_layout_is_a_tree_of_splits_with_tiles_at_its_ends():
    workspace = read_workspace(SMALL)
    assert (workspace.name, workspace.place) == ("MAIN", 1)
    assert list(workspace.layout.panels()) == ["chain", "chart", "watch"]
    assert workspace.layout.sizes == ("98", "1fr")
    assert workspace.panels["chain"] == Panel(function="OMON", group=0, args=("±15",))
    assert workspace.panels["chart"].symbol == "QQQ"
    assert workspace.panels["watch"].group is None


def test_the_shipped_workspaces_show_functions_that_exist():
    workspaces, problems = load_workspaces()
    assert problems == ()
    assert [workspace.place for workspace in workspaces] == [1, 2, 3, 4, 5]
    assert [panel.function for workspace in workspaces for panel in workspace.panels.values() if find(panel.function) is None] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("version = 1", "version = 2"), "version 2"),
        (('panel = "watch"', 'panel = "nobody"'), "nobody"),
        (('panel = "watch"', 'panel = "chart"'), "two places"),
        (('group = "r"', 'group = "x"'), "link group X"),
        (('sizes = ["98", "1fr"]', 'sizes = ["98"]'), "2 children and 1 sizes"),
        (('sizes = ["98", "1fr"]', 'sizes = ["wide", "1fr"]'), r"98, 2fr, 40% or 98\+3fr"),
        (('sizes = ["98", "1fr"]', 'sizes = ["wide+1fr", "1fr"]'), r"40% or 98\+3fr"),
        (('split = "v"', 'split = "x"'), "h or v"),
        (("place = 1", "place = 12"), "place 1 to 9"),
        (('name = "main"', ""), "name"),
        (("[layout]", "[layout"), "cannot be read"),
    ],
)
def test_what_is_wrong_with_a_layout_is_said(change, words):
    with pytest.raises(BadInput, match=words):
        read_workspace(SMALL.replace(*change, 1), "mine.toml")


def test_saving_and_reading_gives_the_same_workspace(tmp_path):
    workspace = read_workspace(SMALL)
    path = save_workspace(with_panel(workspace, "chart", Panel(function="GP", group=1, symbol="SPX", args=("5M",))), tmp_path)
    again = read_workspace(path.read_text(encoding="utf-8"))
    assert again.layout == workspace.layout
    assert again.panels["chart"] == Panel(function="GP", group=1, symbol="SPX", args=("5M",))
    assert [file.name for file in tmp_path.iterdir()] == ["main.toml"]


def test_saving_keeps_a_users_comment(tmp_path):
    path = save_workspace(read_workspace(SMALL), tmp_path)
    path.write_text("# my desk\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    save_workspace(read_workspace(SMALL), tmp_path)
    assert path.read_text(encoding="utf-8").startswith("# my desk\n")


def test_a_users_workspace_takes_the_place_of_a_shipped_one(tmp_path):
    (tmp_path / "mine.toml").write_text(SMALL, encoding="utf-8")
    workspaces, problems = load_workspaces(tmp_path)
    assert problems == ()
    assert workspaces[0].source == "mine.toml"
    assert len(workspaces) == 5


def test_a_broken_layout_is_left_out_and_told(tmp_path):
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe nonsense")
    (tmp_path / "worse.toml").write_text("version = 1", encoding="utf-8")
    workspaces, problems = load_workspaces(tmp_path)
    assert len(workspaces) == 5
    assert len(problems) == 2


def test_a_share_may_have_a_least_number_of_cells():
    assert read_workspace(SMALL.replace('"98", "1fr"', '"98+3fr", "2fr"')).layout.sizes == ("98+3fr", "2fr")
    assert size_parts("98+3fr") == ("98", "3fr")
    assert size_parts("2fr") == ("", "2fr")
