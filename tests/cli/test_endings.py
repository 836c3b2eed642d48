"""How a command ends: one meaning for each exit code, one sentence on stderr, nothing for a reader that went away."""

import errno
import json
import os
import select
import subprocess
import sys
from contextlib import redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from engine.cli import output
from engine.cli.endings import ended
from engine.domain.errors import BadInput, NotConfigured, Refused, UnknownSymbol, UpstreamFailed, unreadable
from engine.kernel.log import Log
from engine.runtime.owner import Ownership


def raising(error: BaseException):
    def run() -> int:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code"),
    [(UnknownSymbol("a"), 1), (BadInput("a"), 2), (NotConfigured("a"), 3), (UpstreamFailed("a"), 4), (Refused("a"), 5)],
)
def test_each_error_has_its_exit_code_and_one_sentence(error, code, capsys):
    assert ended(raising(error)) == code
    assert capsys.readouterr().err == "optix: a\n"


def test_a_reader_that_went_away_is_no_error_whoever_noticed_it(capsys, tmp_path):
    def as_a_library_leaves() -> int:
        try:
            raise BrokenPipeError
        except BrokenPipeError:
            sys.exit(1)

    with (tmp_path / "out").open("w") as stream, redirect_stdout(stream):
        assert ended(raising(BrokenPipeError())) == 0
        assert ended(as_a_library_leaves) == 0
    assert capsys.readouterr().err == ""


def test_a_library_that_leaves_for_its_own_reason_keeps_its_code():
    assert ended(raising(SystemExit(1))) == 1
    assert ended(raising(SystemExit(0))) == 0
    assert ended(raising(SystemExit())) == 0


def test_a_full_disk_is_said_in_words(capsys, tmp_path):
    with (tmp_path / "out").open("w") as stream, redirect_stdout(stream):
        assert ended(raising(OSError(errno.ENOSPC, "No space left on device"))) == 1
    assert capsys.readouterr().err == "optix: the output cannot be written or read: No space left on device\n"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_stream_that_lacks_a_letter_gets_a_question_mark_and_a_document_its_escape(encoding):
    def told() -> None:
        output.plain_line("ΔIV")
        output.document({"name": "ΔIV"})

    stream = TextIOWrapper(BytesIO(), encoding=encoding, newline="\n")
    with redirect_stdout(stream):
        assert ended(told) == 0
    line, document = stream.buffer.getvalue().decode("ascii").splitlines()
    assert line == "?IV"
    assert json.loads(document) == {"name": "ΔIV"}


@pytest.mark.skipif(sys.platform == "win32", reason="the pipeline is written for a POSIX shell")
@pytest.mark.parametrize("command", ["functions --json", "--help", "replay morning.tape --speed 1000 --json"])
def test_a_command_into_a_closed_pipe_ends_quietly_with_0(command):
    line = f"{sys.executable} -m optix_tui {command} | head -c 20 > /dev/null; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == ("0\n", "")


@pytest.mark.skipif(not hasattr(select, "poll"), reason="this system has no select.poll to ask whether a reader has gone")
def test_a_reader_who_goes_away_while_there_is_nothing_to_tell_ends_the_following(tmp_path):
    command = [sys.executable, "-m", "optix_tui", "breaches", "NVDA", "--follow", "--seed", "7", "--start", "2026-11-20T10:00"]
    environment = os.environ | {"OPTIX_HOME": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline().startswith("At (UTC)")
        running.stdout.close()
        assert running.wait(timeout=120) == 0
        assert "Traceback" not in running.stderr.read()


@pytest.mark.skipif(sys.platform == "win32", reason="the pipeline is written for a POSIX shell")
def test_a_command_started_without_streams_has_no_traceback():
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m optix_tui functions --json >&-; echo $? >&2"], stderr=subprocess.PIPE, text=True, check=False
    )
    assert done.stderr == "0\n"


def test_a_file_that_cannot_be_read_is_a_slip_or_a_missing_permission():
    assert unreadable("file a", FileNotFoundError()).args == ("there is no file a: check its name",)
    assert isinstance(unreadable("file a", FileNotFoundError()), BadInput)
    assert isinstance(unreadable("file a", IsADirectoryError()), BadInput)
    assert isinstance(unreadable("file a", PermissionError()), NotConfigured)
    assert "Input/output" in str(unreadable("file a", OSError(errno.EIO, "Input/output error")))


def test_a_home_that_cannot_be_made_is_a_missing_permission_not_a_traceback(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotConfigured, match="OPTIX_HOME"):
        Ownership.take(tmp_path / "file" / "data")
    with pytest.raises(NotConfigured, match="OPTIX_HOME"):
        Log(tmp_path / "file" / "state")
