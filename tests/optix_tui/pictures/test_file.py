"""Where a picture goes: refused in words before anything is drawn, and whole or not at all."""

import os
import stat
import sys

import pytest

from engine.domain.errors import BadInput, NotConfigured, OptixError
from optix_tui.pictures import file
from optix_tui.pictures.file import check_target, write_picture


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("smile.jpg", "does not end in .png.*name it smile.png"),
        ("smile", "does not end in .png"),
        ("nowhere/smile.png", "there is no folder .*nowhere"),
        (".", "is a folder: name a file in it"),
    ],
)
def test_what_cannot_become_a_picture_is_refused(tmp_path, name, said):
    with pytest.raises(BadInput, match=said):
        check_target(str(tmp_path / name))


def test_a_folder_that_may_not_be_written_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(file.os, "access", lambda path, _mode: path != tmp_path)
    with pytest.raises(NotConfigured, match=r"nothing may be written in .*: mend its permissions"):
        check_target(str(tmp_path / "smile.png"))


def test_a_file_that_may_not_be_written_is_refused_and_stays(tmp_path, monkeypatch):
    kept = tmp_path / "smile.png"
    kept.write_bytes(b"kept")
    monkeypatch.setattr(file.os, "access", lambda path, _mode: path != kept)
    with pytest.raises(NotConfigured, match=r"smile.png may not be written"):
        check_target(str(kept))
    assert kept.read_bytes() == b"kept"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_no_place_for_a_file_that_is_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(BadInput, match="is no ordinary file"):
        check_target(str(tmp_path / "pipe.png"))


def test_a_terminal_is_not_flooded_with_bytes(monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    with pytest.raises(BadInput, match="a terminal shows no PNG"):
        check_target("-")


def test_a_picture_replaces_the_one_before_and_leaves_nothing_beside_it(tmp_path):
    target = tmp_path / "SMILE.PNG"
    target.write_bytes(b"before")
    check_target(str(target))
    write_picture(str(target), b"after")
    assert target.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(os.name == "nt", reason="permissions as a mask are not known there")
def test_a_picture_can_be_read_by_whom_the_user_lets(tmp_path):
    before = os.umask(0o022)
    try:
        write_picture(str(tmp_path / "a.png"), b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.png").stat().st_mode) == 0o644


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own there")
def test_a_link_stays_and_what_it_points_to_is_replaced(tmp_path):
    (tmp_path / "real.png").write_bytes(b"before")
    (tmp_path / "link.png").symlink_to("real.png")
    write_picture(str(tmp_path / "link.png"), b"after")
    assert (tmp_path / "link.png").is_symlink()
    assert (tmp_path / "real.png").read_bytes() == b"after"


@pytest.mark.parametrize(("error", "kind", "said"), [(13, NotConfigured, "mend the permissions"), (28, OptixError, "No space left")])
def test_a_disk_that_fails_leaves_the_picture_before_and_nothing_half_written(tmp_path, monkeypatch, error, kind, said):
    target = tmp_path / "a.png"
    target.write_bytes(b"before")

    def fail(_descriptor):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(file.os, "fsync", fail)
    with pytest.raises(kind, match=said):
        write_picture(str(target), b"after")
    assert target.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [target]


def test_stdout_gets_the_bytes_alone(capfdbinary):
    write_picture("-", b"\x89PNG")
    assert capfdbinary.readouterr().out == b"\x89PNG"
