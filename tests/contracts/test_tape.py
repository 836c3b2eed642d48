import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.event_codec import encode_event
from engine.contracts.feed import FeedTraits
from engine.contracts.tape import END_OF_TAPE, MAGIC, TapeHeader, TapeReader, TapeWriter, event_frame, tape_digest
from engine.domain.errors import BadInput, OptixError, Refused, UpstreamFailed
from engine.domain.ids import SourceId, UtcNanos
from engine.domain.market import FeedCondition, FeedState, Pulse
from tests.kit.feeds import MONDAY_TEN, one_of_each, quotes

HEADER = TapeHeader(
    traits=FeedTraits(source=SourceId("synthetic"), store="sim", simulated=True, own_clock=True, has_trades=True),
    created_at=UtcNanos(MONDAY_TEN),
    version="0.1.0",
    parameters={"seed": 7, "start": "2026-06-29"},
)


def written(path: Path, events=None) -> Path:
    with TapeWriter(path, HEADER) as tape:
        for event in one_of_each() if events is None else events:
            tape.write(event)
    return path


def read(path: Path) -> tuple[list[bytes], str]:
    with TapeReader(path) as tape:
        return [encode_event(event) for event in tape], tape.trouble


def test_what_went_onto_the_tape_comes_off_it(tmp_path):
    events, trouble = read(written(tmp_path / "a.tape"))
    assert events[:-1] == [encode_event(event) for event in one_of_each()]
    assert trouble == ""


def test_the_header_tells_what_was_recorded(tmp_path):
    with TapeReader(written(tmp_path / "a.tape")) as tape:
        assert tape.header == HEADER


def test_a_closed_tape_ends_with_the_market_standing_still(tmp_path):
    path = written(tmp_path / "a.tape")
    with TapeReader(path) as tape:
        last = list(tape)[-1]
    assert last == FeedCondition(at=one_of_each()[-1].at, state=FeedState.FROZEN, reason=END_OF_TAPE)


def test_a_market_that_stands_still_already_gets_no_second_end(tmp_path):
    frozen = FeedCondition(at=UtcNanos(MONDAY_TEN), state=FeedState.FROZEN, reason="a file")
    assert len(read(written(tmp_path / "a.tape", [*one_of_each(), frozen]))[0]) == len(one_of_each()) + 1


def test_the_recording_of_a_replay_is_the_tape_byte_for_byte(tmp_path):
    first = written(tmp_path / "a.tape")
    with TapeReader(first) as tape:
        second = written(tmp_path / "b.tape", tape)
    assert second.read_bytes() == first.read_bytes()
    assert tape_digest(first) == tape_digest(second)


def test_two_different_tapes_have_different_digests(tmp_path):
    other = written(tmp_path / "b.tape", [*one_of_each(), Pulse(at=UtcNanos(MONDAY_TEN + 10**10))])
    assert tape_digest(written(tmp_path / "a.tape")) != tape_digest(other)


def test_a_tape_is_never_written_over_unless_told_so(tmp_path):
    path = written(tmp_path / "a.tape")
    with pytest.raises(Refused, match="there already"):
        TapeWriter(path, HEADER)
    with TapeWriter(path, HEADER, overwrite=True):
        pass
    assert read(path) == ([], "")


def test_a_tape_in_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadInput, match="cannot be written"):
        TapeWriter(tmp_path / "nowhere" / "a.tape", HEADER)


def test_a_closed_tape_takes_no_more(tmp_path):
    tape = TapeWriter(tmp_path / "a.tape", HEADER)
    tape.close()
    tape.close()
    with pytest.raises(Refused, match="closed"):
        tape.write(Pulse(at=UtcNanos(1)))


def test_a_tape_cut_at_any_byte_gives_every_whole_event_before_the_cut(tmp_path):
    frames = [event_frame(event) for event in one_of_each()]
    whole = written(tmp_path / "a.tape").read_bytes()
    start = whole.index(frames[0])
    ends = [start + sum(len(frame) for frame in frames[:n]) for n in range(len(frames) + 1)]
    cut = tmp_path / "cut.tape"
    for size in sorted({*range(start, ends[-1], 7), *ends, *(end - 1 for end in ends[1:])} - {ends[-1]}):
        cut.write_bytes(whole[:size])
        events, trouble = read(cut)
        assert len(events) == sum(end <= size for end in ends[1:])
        assert bool(trouble) == (size not in ends), (size, trouble)


def test_a_tape_cut_inside_its_header_says_that_nothing_was_recorded(tmp_path):
    whole = written(tmp_path / "a.tape").read_bytes()
    cut = tmp_path / "cut.tape"
    cut.write_bytes(whole[: len(MAGIC) + 20])
    with pytest.raises(UpstreamFailed, match="inside its header"):
        TapeReader(cut)


@pytest.mark.parametrize("tail", [bytes(4096), b"\xff" * 100, b"\x05\x00"], ids=["zeros after a loss of power", "noise", "two bytes"])
def test_rubbish_behind_the_last_frame_is_left_alone_and_said(tmp_path, tail):
    path = written(tmp_path / "a.tape")
    whole = read(path)[0]
    path.write_bytes(path.read_bytes() + tail)
    events, trouble = read(path)
    assert events == whole
    assert f"{len(tail):,} bytes" in trouble


def test_a_flipped_bit_ends_the_tape_before_it_and_is_said(tmp_path):
    path = written(tmp_path / "a.tape")
    data = bytearray(path.read_bytes())
    data[data.index(event_frame(one_of_each()[3])) + 20] ^= 4
    path.write_bytes(bytes(data))
    events, trouble = read(path)
    assert len(events) == 3
    assert "check sum" in trouble


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is no tape"),
        (b"PK\x03\x04", "is no tape"),
        (MAGIC, "format no"),
        (MAGIC + b"\x09", "format 9"),
        (MAGIC + b"\x01", "inside its header"),
    ],
)
def test_what_is_no_tape_is_refused_with_the_reason(tmp_path, content, says):
    path = tmp_path / "odd.tape"
    path.write_bytes(content)
    with pytest.raises(OptixError, match=says):
        TapeReader(path)


def test_a_tape_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"nothing\.tape"):
        TapeReader(tmp_path / "nothing.tape")


def test_a_frame_that_unpacks_to_more_than_any_event_is_refused(tmp_path, monkeypatch):
    path = written(tmp_path / "a.tape", [quotes(range(5000), [1.0] * 5000, [2.0] * 5000)])
    monkeypatch.setattr("engine.contracts.tape.MAX_EVENT_BYTES", 20_000)
    events, trouble = read(path)
    assert events == []
    assert "size of an event" in trouble


def test_an_event_is_in_the_file_as_soon_as_it_was_written_even_if_the_program_is_killed(tmp_path):
    path = tmp_path / "killed.tape"
    program = f"""
        from pathlib import Path
        from engine.contracts.tape import TapeWriter
        from tests.contracts.test_tape import HEADER
        from tests.kit.feeds import one_of_each
        tape = TapeWriter(Path({str(path)!r}), HEADER)
        for number in range(1000):
            for event in one_of_each():
                tape.write(event)
            print(tape.events, flush=True)
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()) as child:
        assert child.stdout is not None
        for _ in range(20):
            told = int(child.stdout.readline())
        os.kill(child.pid, signal.SIGKILL)
    events, _ = read(path)
    assert len(events) >= told


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 4000), value=st.integers(0, 255), cut=st.integers(0, 4000))
def test_any_damage_gives_a_prefix_of_the_tape_or_a_clear_error(tmp_path_factory, place, value, cut):
    folder = tmp_path_factory.mktemp("damage")
    path = written(folder / "a.tape")
    whole, _ = read(path)
    data = bytearray(path.read_bytes())
    data[place % len(data)] = value
    path.write_bytes(bytes(data[: len(data) - cut % len(data)]))
    try:
        events, _ = read(path)
    except OptixError as trouble:
        assert str(trouble)
    else:
        assert events == whole[: len(events)]
