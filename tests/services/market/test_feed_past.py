"""Older bars and older volatility of a feed that tells them when it is asked."""

from pathlib import Path

import numpy as np
import pytest

from engine.domain.columns import floats, longs
from engine.domain.errors import UpstreamFailed
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.instants import DAY_NS
from engine.domain.market import BarBatch, VolatilityHistory
from engine.domain.marks import MeasureSeries
from engine.messages.measures import GetMeasures
from engine.messages.queries import GetVolatilityHistory
from engine.services.market import history, measures
from engine.services.market.feed_past import FeedPast, OlderBars
from engine.services.market.history import StoreDesk
from engine.services.market.measures import Measures
from engine.state.bars import BarColumns, columns_of
from engine.state.history import VolatilityColumns
from tests.kit.market import OPEN, bars, listing, series_of, volatility
from tests.kit.market_room import MarketRoom
from tests.kit.storage import opened

SPY = Symbol("SPY")
MIDNIGHT = OPEN - OPEN % DAY_NS


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "FIRST_HISTORY_SECONDS", 0.0)
    monkeypatch.setattr(measures, "FIRST_HISTORY_SECONDS", 0.0)


class Vendor:
    """A feed with a past: a bar and a volatility for each of 300 days, closing at the day's number."""

    def __init__(self, trouble: bool = False) -> None:
        self.trouble = trouble
        self.days = MIDNIGHT - DAY_NS * np.arange(300, 0, -1)
        self.asked: list[tuple[int, int]] = []

    async def bars_before(self, symbol: Symbol, seconds: int, before: UtcNanos, limit: int) -> BarBatch:
        self._ask(before, limit)
        chosen = np.flatnonzero(self.days < before)[-limit:]
        return bars(str(symbol), self.days[chosen], 100.0 + chosen, seconds=seconds)

    async def volatility_before(self, symbol: Symbol, before: UtcNanos, limit: int) -> VolatilityHistory | None:
        self._ask(before, limit)
        chosen = np.flatnonzero(self.days < before)[-limit:]
        if not chosen.size:
            return None
        level = 0.1 + chosen / 1_000.0
        return VolatilityHistory(
            at=before, symbol=symbol, day=self.days[chosen], atm_iv=level, risk_reversal_25=-level, butterfly_25=0.1 * level
        )

    async def measures_before(self, symbol: Symbol, measures: tuple[str, ...], before: UtcNanos, limit: int) -> tuple[MeasureSeries, ...]:
        self._ask(before, limit)
        chosen = np.flatnonzero(self.days < before)[-limit:]
        return tuple(
            MeasureSeries(symbol=symbol, measure=measure, at=longs(self.days[chosen]), value=floats(0.3 + chosen / 1_000.0))
            for measure in measures
            if measure == "index:30"
        )

    def _ask(self, before: int, limit: int) -> None:
        self.asked.append((before, limit))
        if self.trouble:
            raise UpstreamFailed("the vendor's archive does not answer")


class Store:
    def __init__(self, kept: BarColumns) -> None:
        self.kept = kept

    async def bars_before(self, symbol: Symbol, seconds: int, before: UtcNanos | None, limit: int) -> BarColumns:
        return self.kept.take(np.flatnonzero(self.kept.start < (before or 2**62))).take(slice(-limit, None))


async def test_older_bars_are_the_feeds_and_the_recorded_one_counts_where_both_know_it() -> None:
    vendor = Vendor()
    recorded = columns_of(bars("SPY", vendor.days[-2:], 1.0, seconds=86_400))
    older = OlderBars(Store(recorded), FeedPast(lambda: vendor))
    found = await older.bars_before(SPY, 86_400, UtcNanos(MIDNIGHT), 5)
    assert found.close.tolist() == [395.0, 396.0, 397.0, 1.0, 1.0]
    alone = await OlderBars(None, FeedPast(lambda: vendor)).bars_before(SPY, 86_400, UtcNanos(MIDNIGHT), 2)
    assert alone.close.tolist() == [398.0, 399.0]


async def test_the_feed_is_not_asked_where_the_store_has_all_or_no_bound_is_known() -> None:
    vendor = Vendor()
    recorded = columns_of(bars("SPY", vendor.days[-2:], 1.0, seconds=86_400))
    older = OlderBars(Store(recorded), FeedPast(lambda: vendor))
    assert (await older.bars_before(SPY, 86_400, UtcNanos(MIDNIGHT), 2)).close.tolist() == [1.0, 1.0]
    assert (await older.bars_before(SPY, 86_400, None, 10)).close.tolist() == [1.0, 1.0]
    assert vendor.asked == []


@pytest.mark.parametrize("feed", [None, object(), Vendor(trouble=True)])
async def test_no_feed_one_without_a_past_and_one_in_trouble_tell_nothing(feed: object) -> None:
    past = FeedPast(lambda: feed)
    assert (await past.bars_before(SPY, 60, UtcNanos(MIDNIGHT), 5)).start.size == 0
    told = VolatilityColumns(np.array([MIDNIGHT]), np.array([0.2]), np.array([-0.02]), np.array([0.01]))
    assert (await past.volatility_before(SPY, told, 10)).atm_iv.tolist() == [0.2]
    assert await past.measures(SPY, ("index:30",), UtcNanos(MIDNIGHT), 5) == ()


async def test_volatility_of_more_sessions_than_were_told_is_asked_of_the_feed() -> None:
    vendor, room = Vendor(), MarketRoom()
    past = FeedPast(lambda: vendor)
    room.emit(listing(series_of("SPY")), volatility("SPY", [0.5]))
    first = int(room.state.history.volatility(SPY).day[0])
    desk = StoreDesk(store=None, state=room.state, names=room.names(), past=past)
    assert (await desk.volatility(GetVolatilityHistory(symbol=SPY, sessions=1))).atm_iv.tolist() == [0.5]
    assert vendor.asked == []
    table = await desk.volatility(GetVolatilityHistory(symbol=SPY, sessions=4))
    assert table.day.size == 4
    assert table.day[-1] == first
    assert table.atm_iv[-1] == 0.5
    assert vendor.asked == [(first, 3)]


async def test_a_rank_over_two_years_stands_on_what_the_feed_tells_when_it_is_asked() -> None:
    vendor, room = Vendor(), MarketRoom()
    room.emit(listing(series_of("SPY")), volatility("SPY", [0.5]), bars("SPY", [MIDNIGHT], 100.0, seconds=86_400))
    service = Measures(state=room.state, names=room.names(), store=None, past=FeedPast(lambda: vendor))
    table = await service.table(GetMeasures(symbol=SPY, measures=("atm:30", "rv:30"), window=200, limit=200))
    level, realised = table.histories
    assert level.sessions == 200
    assert level.percentile == 1.0
    assert realised.sessions >= 150


async def test_what_the_feed_tells_of_other_measures_stands_before_what_was_recorded_and_the_rest_is_unknown(tmp_path: Path) -> None:
    vendor, room = Vendor(), MarketRoom()
    room.emit(listing(series_of("SPY")), volatility("SPY", [0.5]))
    with opened(tmp_path) as store:
        newest = int(vendor.days[-1])
        await store.import_series(SPY, "index:30", longs([newest]), floats([0.9]), source=SourceId("import"))
        service = Measures(state=room.state, names=room.names(), store=store, past=FeedPast(lambda: vendor))
        table = await service.table(GetMeasures(symbol=SPY, measures=("index:30", "gex"), window=200, limit=200))
    index, exposure = table.histories
    assert index.at.size == 200
    assert (int(index.at[-1]), float(index.value[-1])) == (newest, 0.9)
    assert index.origins[-2:] == (str(room.state.health.traits.source), "import")
    assert index.sessions >= 199
    assert exposure.at.size == 0
