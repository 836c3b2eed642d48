from pathlib import Path

import pytest

from engine.contracts.tape import TapeReader
from engine.domain.errors import BadInput, Refused
from engine.domain.instants import MINUTE_NS, SECOND_NS
from engine.domain.market import FeedCondition, FeedEvent, FeedState, Listing, QuoteBatch
from engine.kernel.offload import Offload
from engine.kernel.tasks import Tasks
from engine.messages.commands import StartRecording, StopRecording
from engine.services.market.recording import Recording
from tests.kit.market import NOON, OPEN, bars, listing, quotes, series_of, summaries, volatility
from tests.kit.market_room import MarketRoom


def recording(room: MarketRoom) -> Recording:
    return Recording(
        state=room.state, ingest=room.ingest, bus=room.bus, clock=room.clock, offload=Offload(1), tasks=Tasks(), version="test"
    )


def read(path: Path) -> list[FeedEvent]:
    with TapeReader(path) as tape:
        return list(tape)


async def test_a_tape_begun_before_the_feed_holds_what_the_feed_said(tmp_path: Path) -> None:
    room = MarketRoom()
    tape = recording(room)
    await tape.start(StartRecording(path=str(tmp_path / "a.tape")))
    said = [listing(series_of("SPY")), quotes([0, 3], 2.0, 2.1)]
    room.emit(*said)
    receipt = await tape.stop(StopRecording())
    events = read(tmp_path / "a.tape")
    assert [type(event) for event in events] == [Listing, QuoteBatch, FeedCondition]
    assert isinstance(events[1], QuoteBatch)
    assert events[1].bid.tolist() == [2.0, 2.0]
    assert receipt.detail["events"] == 3
    assert tape.path == ""


async def test_a_tape_begun_in_mid_session_replays_to_the_same_market(tmp_path: Path) -> None:
    room = MarketRoom()
    room.emit(
        listing(series_of("SPY"), first=40),
        bars("SPY", [OPEN], [100.0]),
        volatility("SPY", [0.2]),
        quotes([40, 43], [99.9, 2.0], [100.1, 2.1]),
        summaries([43], open_interest=500.0, last=2.05),
        FeedCondition(at=NOON, state=FeedState.LIVE, expected_gap=7.0),
    )
    tape = recording(room)
    await tape.start(StartRecording(path=str(tmp_path / "a.tape")))
    room.emit(quotes([43, 44], [2.2, 1.0], [2.3, 1.1], at=NOON + SECOND_NS))
    await tape.stop(StopRecording())

    replayed = MarketRoom()
    events = read(tmp_path / "a.tape")
    replayed.emit(*events)
    assert [event.expected_gap for event in events if isinstance(event, FeedCondition)] == [7.0, 5.0]
    first, second = room.state, replayed.state
    rows = first.instruments.size
    assert second.instruments.names == first.instruments.names
    for column in ("bid", "ask", "last", "open_interest", "quoted_at", "verdict"):
        ours, theirs = getattr(first.market, column)[:rows], getattr(second.market, column)[:rows]
        assert ours.tobytes() == theirs.tobytes(), column
    assert (second.health.told, second.health.told_reason) == (FeedState.FROZEN, "end of the tape")
    assert second.history.volatility(first.instruments.symbols[0]).atm_iv.tolist() == [0.2]
    assert second.bars.minutes(first.instruments.symbols[0]).columns().close[0] == 100.0


async def test_one_tape_at_a_time_and_none_over_an_existing_file(tmp_path: Path) -> None:
    room = MarketRoom()
    tape = recording(room)
    path = str(tmp_path / "a.tape")
    await tape.start(StartRecording(path=path))
    with pytest.raises(Refused, match="stop it first"):
        await tape.start(StartRecording(path=str(tmp_path / "b.tape")))
    await tape.stop(StopRecording())
    with pytest.raises(Refused, match="there already"):
        await tape.start(StartRecording(path=path))
    with pytest.raises(Refused, match="nothing is being recorded"):
        await tape.stop(StopRecording())


async def test_a_path_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    tape = recording(MarketRoom())
    with pytest.raises(BadInput, match="cannot be written"):
        await tape.start(StartRecording(path=str(tmp_path / "absent" / "a.tape")))
    assert tape.path == ""


async def test_a_full_disk_ends_the_tape_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = MarketRoom()
    tape = recording(room)
    await tape.start(StartRecording(path=str(tmp_path / "a.tape")))
    under_way = tape._tape
    assert under_way is not None

    def full(event: FeedEvent) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(under_way.writer, "write", full)
    room.emit(listing(series_of("SPY")))
    with pytest.raises(Refused, match="No space left"):
        await tape.stop(StopRecording())
    assert [getattr(event, "title", "") for event in room.notices.drain()] == ["The recording ended"]
    room.emit(quotes([0], 99.0, 99.1, at=NOON + MINUTE_NS))
    assert tape.path == ""
