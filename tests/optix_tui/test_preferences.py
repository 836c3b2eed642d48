"""What is changed while the terminal runs, and a terminal without colours."""

from optix_tui.memory import recall
from tests.kit.workstation import workstation


async def test_a_key_that_is_unbound_does_nothing(tmp_path):
    (tmp_path / "keys.toml").write_text('[keys]\n"omon.columns" = []\n', encoding="utf-8")
    async with workstation(folder=tmp_path) as station:
        await station.press("o")
        assert station.tile.board.preset.name == "Main"


async def test_a_key_file_that_is_written_meanwhile_is_in_force_at_once(tmp_path):
    async with workstation(folder=tmp_path) as station:
        station.app.preferences.look_at_keys()
        assert station.app.notices.last is None
        (tmp_path / "keys.toml").write_text(
            '[keys]\n"omon.columns" = ["c"]\n"app.command" = ["F4"]\n"app.zoom" = ["t"]\n', encoding="utf-8"
        )
        station.app.preferences.look_at_keys()
        await station.press("c")
        assert station.tile.board.preset.name == "Trade"
        assert " C  Columns" in station.rows[-1]
        assert any("t means two things" in notice.text for notice in station.app.notices.newest_first())
        await station.press("f4")
        assert station.app.bench.command.has_focus


async def test_settings_of_the_terminal_are_in_force_at_once():
    async with workstation() as station:
        up = station.app.palette.up
        station.app.apply_setting("terminal.up_is_red", value=True)
        assert station.app.palette.down == up
        station.app.apply_setting("terminal.theme", "paper")
        assert (station.app.palette.name, station.app.palette.dark) == ("paper", False)
        station.app.apply_setting("terminal.pictures", "off")
        assert "pictures are off" in station.app.gallery.refusal
        station.app.apply_setting("terminal.keymap", "browser")
        assert station.app.keymap_in_force.changed
        station.app.apply_setting("terminal.keymap", "nosuch")
        assert "nosuch.toml" in station.app.notices.last.text


async def test_without_colours_the_row_of_the_cursor_is_reversed_where_the_keys_are():
    async with workstation(environment={"NO_COLOR": "1"}) as station:

        def row_is_reversed() -> bool:
            watch = station.app.bench.tiles[-1]
            strips = watch.shown_rows()
            return all(segment.style is not None and segment.style.reverse for segment in strips[2])

        assert not row_is_reversed()
        await station.press("shift+f6")
        assert station.tile.entry.code == "W"
        assert row_is_reversed()


async def test_a_session_without_colours_forgets_no_theme(tmp_path):
    async with workstation(environment={"NO_COLOR": "1"}, theme="paper", state_folder=tmp_path) as station:
        assert station.app.palette.name == "amber"
        station.app.apply_setting("terminal.theme", "cvd")
        assert station.app.palette.name == "amber"
        assert "NO_COLOR" in station.app.notices.last.text
    assert recall(tmp_path).theme == "paper"


async def test_without_colours_bands_are_reversed_and_nothing_else_is():
    async with workstation(environment={"NO_COLOR": "1"}) as station:
        segments = [segment for strip in station.app.screen._compositor.render_strips() for segment in strip]
        assert all(segment.style is None or segment.style.color is None for segment in segments)
        reversed_text = {segment.text.strip() for segment in segments if segment.style is not None and segment.style.reverse}
        assert {"OPTIX", "SIM", "1 MAIN"} <= reversed_text
        await station.press("t")
        assert "NO_COLOR" in station.app.notices.last.text
