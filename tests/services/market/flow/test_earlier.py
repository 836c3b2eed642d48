"""An engine that starts anew in mid-day goes on with the sums of the day: each print counts once, and the time between is named."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.errors import StoreUnavailable
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from engine.domain.market import FeedCondition, FeedState, PrintFlag
from engine.domain.marks import FlowFlag, FlowSums
from engine.kernel.tasks import Tasks
from engine.messages.flow import ActiveBy, GetFlow, GetMostActive, GetOpenInterestMap
from engine.services.market.flow import desk as desk_module
from engine.services.market.flow.desk import FlowDesk
from engine.services.market.flow.earlier import AGAIN_SECONDS, EarlierRuns
from engine.services.market.flow.recording import SUMS_SECONDS, FlowRecording
from engine.services.market.flow.settings import FlowSettings
from tests.kit.flow_room import FlowRoom
from tests.kit.market import NAN, OPEN, listing, quotes, series_of, summaries, trades
from tests.kit.storage import opened

C90, P90, C100, P100 = 1, 2, 3, 4
ELEVEN, NOON = OPEN + 90 * MINUTE_NS, OPEN + 150 * MINUTE_NS
AAPL = Symbol("AAPL")


class Run(FlowRoom):
    """One run of an engine: it hears a market, and may remember and be reminded."""

    def __init__(self, store=None, *, at=OPEN, root="AAPL", interest=100.0) -> None:
        super().__init__(at=at)
        if store is not None:
            self.ingest.tap(store)
        self.earlier = EarlierRuns(state=self.state, clock=self.clock, tasks=Tasks(), history=store)
        self.recording = FlowRecording(
            state=self.state,
            clock=self.clock,
            settings=FlowSettings(),
            terms=self.collector.terms,
            totals=self.totals,
            record=self.recorded.append,
            is_whole=self.earlier.is_settled,
        )
        now = UtcNanos(at)
        self.emit(FeedCondition(at=now, state=FeedState.LIVE, reason=""))
        self.emit(listing(series_of(root), at=at), quotes(0, 99.9, 100.1, at=at), quotes([C90, P90, C100, P100], 2.0, 2.2, at=at))
        self.emit(summaries([C90, P90, C100, P100], open_interest=interest, at=at))
        self.collector.turn_days()

    def prints(self, handle, size, *, at, price=2.2, **said):
        self.emit(trades(handle, price, size=size, at=at, **said))

    def day(self):
        self.settle()
        self.clock.pass_time(2.0)
        return self.totals.of(0)

    def sums(self):
        self.clock.pass_time(SUMS_SECONDS)
        before = len(self.recorded)
        for _ in self.recording.tell_sums():
            pass
        return [mark for mark in self.recorded[before:] if isinstance(mark, FlowSums)]


async def morning(folder):
    """A run from the open until eleven: a call bought, a put sold, a call between."""
    with opened(folder, run="morning") as store:
        run = Run(store)
        run.prints(C100, 30.0, at=OPEN + 4 * SECOND_NS)
        run.prints(P100, 20.0, at=OPEN + HOUR_NS, price=2.0)
        run.prints(C90, 10.0, at=OPEN + HOUR_NS, price=2.1)
        run.emit(quotes(C90, 2.0, 2.2, at=ELEVEN))
        await store.flush()
        return run.day()


async def test_after_a_restart_premium_volume_ratios_and_prints_go_on_and_the_gap_is_named(tmp_path: Path) -> None:
    before = await morning(tmp_path)
    with opened(tmp_path, run="noon") as store:
        run = Run(store, at=NOON)
        assert run.day().prints == 0
        await run.earlier.recall(0)
        told = run.day()
        for name in ("prints", "since", "call_premium", "put_premium", "call_bought", "call_sold", "put_bought", "put_sold"):
            assert getattr(told, name) == pytest.approx(getattr(before, name)), name
        assert (told.call_volume, told.put_volume) == (40.0, 20.0)
        assert told.put_call_premium == pytest.approx(before.put_call_premium)
        assert [(gap.since, gap.until) for gap in told.gaps] == [(ELEVEN, NOON)]
        run.prints([C100, P100], [5.0, 7.0], at=NOON + SECOND_NS)
        told = run.day()
        assert (told.prints, told.call_volume, told.put_volume) == (5, 45.0, 27.0)
        assert told.call_bought == pytest.approx(before.call_bought + 1_100.0)
        assert run.tape("AAPL").volume.tolist() == pytest.approx([27.0, 35.0])
        ranked = run.active.ranked(AAPL, GetMostActive(symbol=AAPL, by=ActiveBy.PREMIUM))
        assert ranked.volume.tolist() == [35.0, 27.0, 10.0]
        assert ranked.ask_share.tolist() == pytest.approx([1.0, 7 / 27, 0.0])
        assert float(np.nansum(run.maps.map_of(AAPL).call_volume)) == 45.0


async def test_prints_heard_before_the_history_was_read_count_once_and_their_volume_is_put_right(tmp_path: Path) -> None:
    await morning(tmp_path)
    with opened(tmp_path, run="noon") as store:
        run = Run(store, at=NOON, interest=34.0)
        run.prints(C100, 3.0, at=NOON + SECOND_NS)
        run.prints(C100, 4.0, at=NOON + 2 * SECOND_NS)
        run.settle()
        assert run.tape("AAPL").volume.tolist() == [7.0, 3.0]
        confirmed = run.state.flow.market.confirmed
        await run.earlier.recall(0)
        for tape in (run.tape("AAPL"), run.tape("")):
            assert tape.volume.tolist() == [37.0, 33.0]
            assert [bool(flag & FlowFlag.ABOVE_OPEN_INTEREST) for flag in tape.flags.tolist()] == [True, False]
        assert run.state.flow.market.confirmed > confirmed, "watchers are told"
        assert run.day().prints == 5


async def test_what_a_feed_tells_again_after_the_restart_is_not_counted_twice_before_or_after_the_history_is_read(tmp_path: Path) -> None:
    before = await morning(tmp_path)
    for late in (False, True):
        with opened(tmp_path, run=f"noon {late}") as store:
            run = Run(store, at=NOON)
            if late:
                await run.earlier.recall(0)
            run.prints(C100, 30.0, at=OPEN + 4 * SECOND_NS)
            run.prints(P100, 20.0, at=OPEN + HOUR_NS, price=2.0)
            run.prints(C100, 1.0, at=NOON + SECOND_NS)
            run.settle()
            await run.earlier.recall(0)
            told = run.day()
            assert (told.prints, told.call_volume, told.put_volume) == (before.prints + 1, 41.0, 20.0)
            assert told.put_premium == pytest.approx(before.put_premium)
            assert told.since == before.since


async def test_a_third_run_names_both_gaps_and_counts_all_three(tmp_path: Path) -> None:
    await morning(tmp_path)
    with opened(tmp_path, run="noon") as store:
        run = Run(store, at=NOON)
        run.prints(C100, 5.0, at=NOON + SECOND_NS)
        run.emit(quotes(C90, 2.0, 2.2, at=NOON + HOUR_NS))
        await store.flush()
    with opened(tmp_path, run="three") as store:
        run = Run(store, at=NOON + 2 * HOUR_NS)
        await run.earlier.recall(0)
        told = run.day()
        assert told.prints == 4
        assert [(gap.since, gap.until) for gap in told.gaps] == [(ELEVEN, NOON), (NOON + HOUR_NS, NOON + 2 * HOUR_NS)]


async def test_a_pause_outside_the_session_is_no_gap(tmp_path: Path) -> None:
    with opened(tmp_path, run="day") as store:
        run = Run(store)
        run.prints(C100, 5.0, at=OPEN + SECOND_NS)
        run.emit(quotes(C90, 2.0, 2.2, at=OPEN + 8 * HOUR_NS))
        await store.flush()
    with opened(tmp_path, run="evening") as store:
        run = Run(store, at=OPEN + 9 * HOUR_NS)
        await run.earlier.recall(0)
        assert (run.day().prints, run.day().gaps) == (1, ())


async def test_the_next_day_begins_at_nothing_and_without_gaps(tmp_path: Path) -> None:
    await morning(tmp_path)
    with opened(tmp_path, run="noon") as store:
        run = Run(store, at=NOON)
        await run.earlier.recall(0)
        run.clock._wall = UtcNanos(NOON + 3 * DAY_NS)
        run.collector.turn_days()
        await run.earlier.recall(0)
        told = run.day()
        assert (told.prints, told.since, told.gaps) == (0, 0, ())
        assert run.state.flow.ended[0].volume.tolist() == [10.0, 30.0, 20.0]


async def test_the_sums_of_the_day_are_kept_only_once_they_are_whole(tmp_path: Path) -> None:
    await morning(tmp_path)
    with opened(tmp_path, run="noon") as store:
        run = Run(store, at=NOON)
        run.prints(C100, 5.0, at=NOON + SECOND_NS)
        run.settle()
        assert run.sums() == []
        await run.earlier.recall(0)
        (kept,) = run.sums()
        assert (kept.call_prints, kept.put_prints, kept.call_volume) == (3, 1, 45.0)
        store.record(kept)
        await store.flush()
        days = await store.flow_days(AAPL)
        assert (days.call_prints.tolist(), days.call_volume.tolist()) == ([3], [45.0])


class Broken:
    """A history that cannot be read for a while."""

    def __init__(self) -> None:
        self.asked = 0

    def record(self, event) -> None:
        """Keeps nothing."""

    async def flow_so_far(self, *_arguments):
        self.asked += 1
        raise StoreUnavailable("locked")


async def test_a_history_that_cannot_be_read_leaves_this_runs_sums_and_is_asked_again_later() -> None:
    history = Broken()
    run = Run(at=NOON)
    run.earlier = EarlierRuns(state=run.state, clock=run.clock, tasks=Tasks(), history=history)
    run.prints(C100, 5.0, at=NOON + SECOND_NS)
    for _ in range(3):
        await run.earlier.recall(0)
    assert (run.day().prints, history.asked, run.earlier.is_settled(0)) == (1, 1, False)
    run.clock.pass_time(AGAIN_SECONDS)
    await run.earlier.recall(0)
    assert history.asked == 2


async def test_a_question_does_not_wait_for_a_slow_history_longer_than_it_may() -> None:
    gate = asyncio.Event()

    class Slow(Broken):
        async def flow_so_far(self, *_arguments):
            self.asked += 1
            await gate.wait()

    history = Slow()
    run = Run(at=NOON)
    run.earlier = EarlierRuns(state=run.state, clock=run.clock, tasks=Tasks(), history=history)
    await run.earlier.ensure((AAPL, Symbol("NONE")), 0.0)
    await run.earlier.ensure((AAPL,), 0.0)
    assert (history.asked, run.earlier.is_settled(0)) == (1, False)
    gate.set()
    await run.earlier.recall(0)
    assert run.earlier.is_settled(0)


async def test_without_a_history_the_run_stands_for_itself() -> None:
    run = Run(at=NOON)
    await run.earlier.recall(0)
    await run.earlier.ensure((AAPL,), 1.0)
    assert run.earlier.is_settled(0)


def test_a_print_of_a_day_before_that_is_told_today_is_in_no_sum_of_today() -> None:
    run = Run()
    run.prints(C100, 30.0, at=OPEN - DAY_NS)
    run.prints(C100, 2.0, at=OPEN + SECOND_NS)
    told = run.day()
    assert (told.prints, told.call_volume, told.since) == (1, 2.0, OPEN + SECOND_NS)


def test_where_the_premium_of_no_print_is_known_it_is_unknown_and_not_nought() -> None:
    run = Run()
    run.prints(C100, NAN, at=OPEN + SECOND_NS)
    run.prints(P100, 1.0, at=OPEN + SECOND_NS)
    told = run.day()
    assert told.prints == 2
    assert np.isnan(told.call_premium)
    assert np.isnan(told.net_calls)
    assert np.isnan(told.put_call_premium)
    assert told.put_premium == pytest.approx(220.0)
    run.prints(C100, 1.0, at=OPEN + 2 * SECOND_NS, flag=PrintFlag.SWEEP)
    assert run.day().call_premium == pytest.approx(220.0)


def desk_of(run: Run, store, *, remembers: bool) -> FlowDesk:
    """The flow of a run behind its questions."""
    desk = FlowDesk(
        state=run.state,
        names=run.names(),
        bus=run.bus,
        clock=run.clock,
        tasks=Tasks(),
        settings=FlowSettings(),
        history=store,
        remembers=remembers,
    )
    run.state.health.traits = replace(run.traits, has_trades=False)
    return desk


@pytest.mark.parametrize("remembers", [False, True])
async def test_every_answer_about_flow_stands_on_the_whole_day_in_an_engine_that_stays_and_in_a_passing_one(
    tmp_path: Path, monkeypatch, remembers
) -> None:
    before = await morning(tmp_path)
    monkeypatch.setattr(desk_module, "SOON_SECONDS", 30.0)
    monkeypatch.setattr(desk_module, "EARLIER_SECONDS", 30.0)
    with opened(tmp_path, run="noon") as store:
        run = Run(at=NOON)
        desk = desk_of(run, store, remembers=remembers)
        tape = await desk.flow(GetFlow(symbol=AAPL))
        active = await desk.active(GetMostActive(symbol=AAPL, by=ActiveBy.PREMIUM))
        interest = await desk.interest(GetOpenInterestMap(symbol=AAPL))
        for told in (tape.totals, active.totals, interest.totals):
            assert (told.prints, told.since) == (before.prints, before.since)
            assert told.call_premium == pytest.approx(before.call_premium)
            assert [(gap.since, gap.until) for gap in told.gaps] == [(ELEVEN, NOON)]
        assert active.volume.tolist() == [30.0, 20.0, 10.0]


async def test_a_passing_engine_asks_for_all_names_and_one_that_stays_reads_them_in_its_own_time(tmp_path: Path) -> None:
    before = await morning(tmp_path)
    with opened(tmp_path, run="noon") as store:
        passing = desk_of(Run(at=NOON), store, remembers=False)
        assert (await passing.flow(GetFlow())).totals.prints == before.prints
        staying = desk_of(Run(at=NOON), store, remembers=True)
        assert (await staying.flow(GetFlow())).totals.prints == 0


async def test_of_all_names_the_time_before_this_run_is_a_gap_until_each_has_been_read(tmp_path: Path) -> None:
    with opened(tmp_path, run="morning") as store:
        run = Run(store)
        run.emit(listing(series_of("SPY"), first=20, at=OPEN))
        run.collector.turn_days()
        run.prints([C100, 23], [30.0, 40.0], at=OPEN + 4 * SECOND_NS)
        run.emit(quotes(C90, 2.0, 2.2, at=ELEVEN))
        await store.flush()
    with opened(tmp_path, run="noon") as store:
        run = Run(store, at=NOON)
        run.emit(listing(series_of("SPY"), first=20, at=NOON))
        run.collector.turn_days()
        run.prints([C100, 23], 1.0, at=NOON + SECOND_NS)
        run.settle()
        run.earlier.note_unread()
        assert run.totals.of(0).gaps == run.totals.of(-1).gaps == (), "nobody says yet that the morning is known"
        run.state.flow.day.since[1] -= SECOND_NS + SECOND_NS // 2
        assert run.totals.of(-1).gaps == (), "half a second is none"
        await run.earlier.recall(0)
        run.earlier.note_unread()
        told = run.totals.of(-1)
        assert (told.since, told.prints) == (OPEN + 4 * SECOND_NS, 3)
        assert [(gap.since, gap.until) for gap in told.gaps] == [(OPEN + 4 * SECOND_NS, NOON)]
        assert [(gap.since, gap.until) for gap in run.totals.of(0).gaps] == [(ELEVEN, NOON)]
        await run.earlier.recall(1)
        run.earlier.note_unread()
        told = run.totals.of(-1)
        assert told.prints == 4
        assert [(gap.since, gap.until) for gap in told.gaps] == [(ELEVEN, NOON)]
