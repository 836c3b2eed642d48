import asyncio

from engine.domain.ids import RunId
from engine.domain.market import FeedCondition, FeedState
from engine.messages.base import topic
from engine.messages.events import StatusChanged
from engine.messages.queries import EngineRole, GetStatus
from engine.services.market.process import LoopLag, cpu_seconds, resident_bytes
from engine.services.market.status import NO_STORE, Identity, StatusBoard
from tests.kit.engine import until
from tests.kit.market import NOON, listing, quotes, series_of
from tests.kit.market_room import MarketRoom


def board(room: MarketRoom, lag: LoopLag | None = None) -> StatusBoard:
    return StatusBoard(
        state=room.state,
        bus=room.bus,
        clock=room.clock,
        identity=Identity(version="1.2.3", run=RunId("run"), role=EngineRole.PRIVATE, started_at=room.clock.wall()),
        store=lambda: NO_STORE,
        tier=lambda: "numpy",
        recording_to=lambda: "a.tape",
        lag=lag or LoopLag(),
    )


async def test_the_status_tells_clock_state_and_counts() -> None:
    room = MarketRoom()
    room.emit(
        listing(series_of("SPY")), FeedCondition(at=NOON, state=FeedState.DELAYED, reason="15 minutes late"), quotes([0, 3], 1.0, 1.1)
    )
    status = await board(room).report(GetStatus())
    assert (status.feed_state, status.feed_reason) == (FeedState.DELAYED, "15 minutes late")
    assert (status.market_time, status.instruments, status.updates) == (NOON, 7, 2)
    assert (status.version, status.role, status.recording_to, status.numeric_tier) == ("1.2.3", EngineRole.PRIVATE, "a.tape", "numpy")
    assert status.watchers == 1
    assert status.resident_bytes > 1_000_000


def test_updates_a_second_are_counted_over_the_second_that_passed() -> None:
    room = MarketRoom()
    room.emit(listing(series_of("SPY")))
    service = board(room)
    mailbox = room.bus.subscribe(topic(StatusChanged))
    room.emit(*(quotes([1, 2, 3], 1.0, 1.1) for _ in range(100)))
    room.clock.pass_time(1.5)
    service.publish()
    room.clock.pass_time(1.0)
    service.publish()
    first, *_ = (event for event in mailbox.drain() if isinstance(event, StatusChanged))
    assert first.status.updates_per_second == 0.0
    assert room.state.health.updates_per_second == 0.0
    room.emit(*(quotes([1, 2, 3], 1.0, 1.1) for _ in range(100)))
    room.clock.pass_time(1.5)
    service.publish()
    assert room.state.health.updates_per_second == 200.0


async def test_a_loop_that_is_held_up_shows_as_lag() -> None:
    lag = LoopLag()
    assert lag.p99_ms() == 0.0
    for late in (0.001, 0.002, 0.5, -0.1):
        lag.add(late)
    assert 480.0 < lag.p99_ms() <= 500.0
    measured = LoopLag()
    running = asyncio.ensure_future(measured.measure())
    await until(lambda: bool(measured._late))
    running.cancel()
    assert measured.p99_ms() >= 0.0
    assert len(measured._late) >= 1


def test_the_process_knows_what_it_costs() -> None:
    before = cpu_seconds()
    sum(range(200_000))
    assert cpu_seconds() > before
    assert resident_bytes() > 0
