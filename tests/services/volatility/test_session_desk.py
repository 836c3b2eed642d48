"""The past of a name as it is read: five-minute bars of years, a reading at a time."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats
from engine.domain.instants import DAY_NS
from engine.kernel.clock import FrozenClock
from engine.kernel.dispatch import Dispatch
from engine.messages.queries import BarTable, GetBars
from engine.services.volatility import desk as session_desk
from engine.services.volatility.desk import KEPT_SECONDS, SessionDesk
from engine.services.volatility.intraday import intraday_variances
from engine.services.volatility.sessions import DailySessions, sessions_of
from tests.kit import facts

SPX = facts.security("SPX")


class Here:
    """Work that is done at once."""

    async def run(self, work, *given):
        return work(*given)


class Archive:
    """Five-minute bars that answer a bounded question each."""

    def __init__(self, bars: BarTable) -> None:
        self.bars = bars
        self.asked: list[int | None] = []

    async def newest(self, query: GetBars) -> BarTable:
        self.asked.append(query.until)
        chosen = np.flatnonzero(self.bars.start < (query.until or 2**62))[-query.limit :]
        columns = ("start", "open", "high", "low", "close", "volume", "vwap")
        return replace(self.bars, **{column: getattr(self.bars, column)[chosen] for column in columns})


def desk_over(bars: BarTable) -> tuple[SessionDesk, Archive, FrozenClock, DailySessions]:
    archive, dispatch, clock = Archive(bars), Dispatch(), FrozenClock(facts.NOW)
    dispatch.answers(GetBars, archive.newest)
    days = sessions_of(SPX, facts.bars("SPX", 86_400, 30), facts.NOW)
    return SessionDesk(dispatch=dispatch, clock=clock, offload=Here()), archive, clock, days


async def test_years_of_bars_are_read_in_pieces_and_no_session_is_measured_by_a_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_desk, "MOST_BARS", 200)
    bars = facts.bars("SPX", 300, 78 * 12)
    desk, archive, _, days = desk_over(bars)
    found = await desk.intraday(days)
    at_once = intraday_variances(days, bars)
    assert at_once.known >= 8
    assert len(archive.asked) > 3
    np.testing.assert_allclose(found.variances, at_once.variances)
    np.testing.assert_allclose(found.quarticities, at_once.quarticities)


async def test_a_past_with_a_session_short_is_read_again_after_a_while_and_not_before() -> None:
    desk, archive, clock, days = desk_over(facts.bars("SPX", 300, 78 * 3))
    await desk.intraday(days)
    await desk.intraday(days)
    assert len(archive.asked) == 1
    clock.pass_time(KEPT_SECONDS + 1.0)
    await desk.intraday(days)
    assert len(archive.asked) == 2


async def test_a_past_that_is_whole_is_read_once_a_session() -> None:
    desk, archive, clock, days = desk_over(facts.bars("SPX", 300, 78 * 12))
    whole = days.newest(5)
    await desk.intraday(whole)
    clock.pass_time(10 * KEPT_SECONDS)
    await desk.intraday(whole)
    assert len(archive.asked) == 1
    await desk.intraday(the_next_day(whole))
    assert len(archive.asked) == 2


async def test_bars_of_one_session_alone_that_fill_a_reading_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_desk, "MOST_BARS", 20)
    desk, archive, _, days = desk_over(facts.bars("SPX", 300, 78 * 4))
    await desk.intraday(days)
    assert len(archive.asked) <= 2


async def test_windows_of_different_lengths_share_one_reading_and_are_what_each_would_have_read() -> None:
    bars = facts.bars("SPX", 300, 78 * 12)
    desk, archive, _, days = desk_over(bars)
    for count in (8, 5, 8, 5):
        found, alone = await desk.intraday(days.newest(count)), await desk_over(bars)[0].intraday(days.newest(count))
        np.testing.assert_array_equal(found.variances, alone.variances)
        np.testing.assert_array_equal(found.quarticities[1:], alone.quarticities[1:])
        assert np.isfinite(found.variances[1:]).all()
    assert len(archive.asked) == 1


async def test_a_longer_window_reads_what_is_older_alone() -> None:
    bars = facts.bars("SPX", 300, 78 * 12)
    desk, archive, _, days = desk_over(bars)
    await desk.intraday(days.newest(4))
    found = await desk.intraday(days.newest(8))
    assert archive.asked == [None, int(days.newest(4).day[0]) + DAY_NS]
    at_once = intraday_variances(days.newest(8), bars)
    np.testing.assert_allclose(found.variances, at_once.variances)
    np.testing.assert_allclose(found.quarticities, at_once.quarticities)
    await desk.intraday(days.newest(4))
    assert len(archive.asked) == 2


async def test_a_name_without_sessions_has_no_variances_and_asks_as_before() -> None:
    desk, _, _, days = desk_over(facts.bars("SPX", 300, 78))
    assert (await desk.intraday(days.newest(0))).variances.size == 0
    assert (await desk.intraday(days.newest(3))).variances.size == 3


def the_next_day(days: DailySessions) -> DailySessions:
    return days._replace(day=days.day + DAY_NS, close=floats(days.close * 1.01))
