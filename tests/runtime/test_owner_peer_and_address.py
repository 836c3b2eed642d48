"""Who owns a data folder, where it is reached, and whose process knocks."""

import errno
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys

import pytest

from engine.domain.errors import BadInput, NotConfigured, Refused
from engine.domain.ids import RunId
from engine.runtime import address as address_module
from engine.runtime.address import Address, new_address, socket_path
from engine.runtime.feed_name import FeedName
from engine.runtime.owner import LOCK_FILE, OwnerNote, Ownership, owner_note
from engine.runtime.peer import check_peer, peer_user

unix = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")
NOTE = OwnerNote(pid=os.getpid(), version="1", run=RunId("r"), feed="synthetic", options={"seed": 7}, address=Address(socket="x"))
HOLD = """
import sys, time
from pathlib import Path
from engine.runtime.owner import Ownership, OwnerNote
held = Ownership.take(Path(sys.argv[1]))
held.note(OwnerNote(pid=__import__('os').getpid(), version='1', run='r', feed='synthetic'))
print('held', flush=True)
time.sleep(600)
"""


def test_one_owner_at_a_time_and_the_next_when_it_lets_go(tmp_path):
    first = Ownership.take(tmp_path)
    assert first is not None
    assert Ownership.take(tmp_path) is None
    first.note(NOTE)
    assert owner_note(tmp_path) == NOTE
    first.release()
    first.release()
    assert owner_note(tmp_path) is None
    second = Ownership.take(tmp_path)
    assert second is not None
    second.release()


def test_an_owner_that_has_said_nothing_yet_is_no_note_but_holds_the_lock(tmp_path):
    owner = Ownership.take(tmp_path)
    assert owner is not None
    assert owner_note(tmp_path) is None
    assert Ownership.take(tmp_path) is None
    owner.release()


def test_a_shorter_note_leaves_nothing_of_a_longer_one(tmp_path):
    owner = Ownership.take(tmp_path)
    assert owner is not None
    owner.note(NOTE)
    short = OwnerNote(pid=1, version="1", run=RunId(""), feed="x")
    owner.note(short)
    assert owner_note(tmp_path) == short
    owner.release()


@unix
def test_the_lock_of_a_killed_owner_is_free_and_its_note_believed_by_nobody(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    note = owner_note(tmp_path)
    assert note is not None
    assert note.pid == holder.pid
    assert Ownership.take(tmp_path) is None
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    assert (tmp_path / LOCK_FILE).read_bytes()
    assert owner_note(tmp_path) is None
    owner = Ownership.take(tmp_path)
    assert owner is not None
    owner.release()


def test_a_copy_of_a_data_folder_belongs_to_nobody_though_the_note_was_copied_too(tmp_path):
    original, copy = tmp_path / "original", tmp_path / "copy"
    owner = Ownership.take(original)
    assert owner is not None
    owner.note(NOTE)
    shutil.copytree(original, copy)
    assert (copy / LOCK_FILE).read_bytes() == (original / LOCK_FILE).read_bytes()
    assert owner_note(copy) is None
    other = Ownership.take(copy)
    assert other is not None
    assert owner_note(original) == NOTE
    if sys.platform != "win32":
        assert socket_path(copy) != socket_path(original)
    other.release()
    owner.release()


@pytest.mark.parametrize("content", [b"", b"{", b"null", b'{"pid": "x"}', bytes(20_000), b"\xff" * 100])
def test_a_note_that_cannot_be_read_is_as_none(tmp_path, content):
    owner = Ownership.take(tmp_path)
    assert owner is not None
    (tmp_path / LOCK_FILE).write_bytes(content)
    assert owner_note(tmp_path) is None
    owner.release()


def test_a_folder_that_was_never_owned_has_no_note(tmp_path):
    assert owner_note(tmp_path / "nothing here") is None


@unix
def test_the_lock_file_is_the_owners_alone_and_a_folder_in_the_way_is_named(tmp_path):
    owner = Ownership.take(tmp_path)
    assert owner is not None
    assert (tmp_path / LOCK_FILE).stat().st_mode & 0o777 == 0o600
    owner.release()
    (tmp_path / LOCK_FILE).unlink()
    (tmp_path / LOCK_FILE).mkdir()
    with pytest.raises(NotConfigured, match=r"engine\.lock"):
        Ownership.take(tmp_path)


@unix
def test_both_ends_of_a_socket_pair_are_this_user():
    one, other = socket.socketpair()
    assert peer_user(one) == os.getuid()
    check_peer(other)
    one.close()
    other.close()


class Connected:
    """A socket of a system that this is not."""

    def __init__(self, answer: bytes | OSError) -> None:
        self.answer = answer
        self.asked: list[tuple[int, int]] = []

    def getsockopt(self, level: int, optname: int, _: int, /) -> bytes:
        self.asked.append((level, optname))
        if isinstance(self.answer, OSError):
            raise self.answer
        return self.answer


@unix
def test_another_user_is_refused_on_every_system_and_so_is_one_that_is_not_known():
    stranger = os.getuid() + 1
    linux = Connected(struct.pack("3i", 77, stranger, 0))
    mac = Connected(struct.pack("=IIh2x16I", 0, stranger, 1, *[0] * 16))
    for connected, platform in ((linux, "linux"), (mac, "darwin")):
        with pytest.raises(Refused, match=f"user {stranger} may not talk"):
            check_peer(connected, platform)
    assert mac.asked == [(0, 1)]
    check_peer(Connected(struct.pack("=IIh2x16I", 0, os.getuid(), 1, *[0] * 16)), "darwin")
    with pytest.raises(Refused, match="does not say whose"):
        check_peer(Connected(OSError(errno.ENOPROTOOPT, "not supported")), "darwin")


@unix
def test_the_socket_lies_in_the_runtime_folder_where_there_is_one(tmp_path, monkeypatch):
    runtime = tmp_path / "run"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    if len(os.fsencode(runtime)) < 70:
        assert socket_path(tmp_path).parent == runtime / "optix"
        assert (runtime / "optix").stat().st_mode & 0o777 == 0o700


@unix
def test_a_path_too_long_for_a_socket_is_passed_over(tmp_path, monkeypatch):
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    found = socket_path(tmp_path)
    assert deep not in found.parents
    assert len(os.fsencode(found)) <= 100


@unix
def test_a_folder_for_sockets_that_is_not_certainly_ours_is_not_used(tmp_path, monkeypatch):
    places = {name: tmp_path / name for name in ("link", "file", "open")}
    for place in places.values():
        place.mkdir()
    (places["link"] / "optix").symlink_to(tmp_path)
    (places["file"] / "optix").write_text("")
    monkeypatch.setattr(address_module, "LONGEST_SOCKET_PATH", 10_000)
    monkeypatch.setattr(address_module, "_candidates", lambda: [(place, place / "optix") for place in (places["link"], places["file"])])
    with pytest.raises(Refused, match=r"is no folder.*XDG_RUNTIME_DIR"):
        socket_path(tmp_path)
    (places["open"] / "optix").mkdir(mode=0o777)
    (places["open"] / "optix").chmod(0o777)
    monkeypatch.setattr(address_module, "_candidates", lambda: [(places["open"], places["open"] / "optix")])
    assert socket_path(tmp_path).parent.stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr(address_module.os, "getuid", lambda: 4_294_000)
    with pytest.raises(Refused, match="belongs to user"):
        socket_path(tmp_path)


def test_on_windows_the_address_is_a_port_and_a_token_that_nobody_guesses(tmp_path):
    one, other = new_address(tmp_path, platform="win32"), new_address(tmp_path, platform="win32")
    assert one.socket == ""
    assert len(one.token) == 64
    assert one.token != other.token
    assert one.token not in one.text


def test_a_feeds_name_is_read_with_its_argument_and_a_path_made_whole(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert FeedName.parse("cboe") == FeedName(name="cboe")
    assert FeedName.parse(" tape:monday.tape ").text == f"tape:{tmp_path / 'monday.tape'}"
    assert FeedName.parse("acme:host:90").argument == "host:90"
    for text in ("", ":x", "  "):
        with pytest.raises(BadInput, match="names no feed"):
            FeedName.parse(text)
