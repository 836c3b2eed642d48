"""What a terminal remembers of itself."""

from optix_tui.memory import FILE, Memory, recall, remember


def test_what_is_kept_comes_back(tmp_path):
    memory = Memory(symbol="SPX", place=3, theme="paper")
    remember(memory, tmp_path / "state")
    assert recall(tmp_path / "state") == memory
    assert [path.name for path in (tmp_path / "state").iterdir()] == [FILE]


def test_nothing_or_nonsense_is_an_empty_memory(tmp_path):
    assert recall(tmp_path) == Memory()
    for nonsense in (b"", b"{", b"[1]", b'{"place": "two"}', b"\xff"):
        (tmp_path / FILE).write_bytes(nonsense)
        assert recall(tmp_path) == Memory()


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    remember(Memory(symbol="SPX"), blocked / "state")
