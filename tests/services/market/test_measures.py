"""Measures of a name through time, and where the newest stands."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from engine.domain.calendar import session_date
from engine.domain.errors import BadInput, StoreUnavailable, UnknownSymbol
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.instants import DAY_NS
from engine.domain.instruments import SessionName
from engine.messages.measures import GetMeasures, MeasureHistory
from engine.services.market.measures import Measures
from engine.state.priced import ThirtyDays
from engine.storage.store import Store
from tests.kit.market import NOON, OPEN, bars, listing, series_of, volatility
from tests.kit.market_room import MarketRoom
from tests.kit.marks import exposure, measure
from tests.kit.storage import opened

SPY = Symbol("SPY")
TODAY = session_date(SessionName.NYSE, NOON)


@contextmanager
def asked(tmp_path: Path) -> Iterator[tuple[Measures, Store, MarketRoom]]:
    room = MarketRoom()
    room.emit(listing(series_of("SPY")))
    with opened(tmp_path) as store:
        yield Measures(state=room.state, names=room.names(), store=store), store, room


async def _one(measures: Measures, text: str, **said: object) -> MeasureHistory:
    (found,) = (await measures.table(GetMeasures(symbol=SPY, measures=(text,), **said))).histories  # type: ignore[arg-type]
    return found


def _days(store: Store, values: list[float]) -> None:
    """Recorded sessions, the last of them today's."""
    for back, value in enumerate(reversed(values)):
        store.record(measure(at=NOON - back * DAY_NS, index_30=value))


async def test_a_measure_has_its_sessions_and_stands_against_those_before(tmp_path: Path) -> None:
    with asked(tmp_path) as (measures, store, _):
        _days(store, [*np.linspace(0.1, 0.3, 149), 0.15])
        await store.flush()
        found = await _one(measures, "Index:30", limit=3)
        assert (found.measure, found.words, found.in_percent) == ("index:30", "VIX-style volatility, 30 days", True)
        assert found.at.tolist() == [TODAY - 2 * DAY_NS, TODAY - DAY_NS, TODAY]
        assert found.origins == ("venue",) * 3
        assert (found.now, found.now_at) == (0.15, TODAY)
        assert (found.rank, found.sessions, found.window) == (pytest.approx(0.25), 149, 252)
        assert found.percentile == pytest.approx(0.25, abs=0.01)
        assert found.refusal == ""
        assert (await _one(measures, "index:30", window=130)).sessions == 130


async def test_too_short_a_past_is_refused_with_the_reason_and_nothing_known_is_said_so(tmp_path: Path) -> None:
    with asked(tmp_path) as (measures, store, _):
        _days(store, [0.1] * 5)
        await store.flush()
        short = await _one(measures, "index:30")
        assert np.isnan(short.rank)
        assert "4 sessions are known" in short.refusal
        none = await _one(measures, "index:60")
        assert (none.at.tolist(), none.now_at, none.sessions) == ([], 0, 0)
        assert np.isnan(none.now)
        assert none.refusal


async def test_what_the_feed_tells_and_what_is_known_now_come_before_what_was_stored(tmp_path: Path) -> None:
    with asked(tmp_path) as (measures, store, room):
        store.record(volatility("SPY", [0.11, 0.12, 0.13]))
        store.record(measure(at=NOON, atm_30=0.5))
        await store.flush()
        room.emit(volatility("SPY", [0.2, 0.21]))
        room.state.priced.thirty[SPY] = ThirtyDays(as_of=UtcNanos(NOON), iv=0.25, risk_reversal_25=-0.05, butterfly_25=0.01)
        found = await _one(measures, "atm:30")
        assert found.value.tolist() == [0.11, 0.2, 0.21, 0.25]
        assert found.now_at == TODAY
        assert (await _one(measures, "rr25:30")).now == -0.05


async def test_realised_volatility_and_the_premium_over_it_come_from_daily_closes(tmp_path: Path) -> None:
    with asked(tmp_path) as (measures, store, _):
        days = TODAY - np.arange(40)[::-1] * DAY_NS
        closes = 100.0 * np.exp(0.01 * (np.arange(40) % 2))
        store.record(bars("SPY", days, closes, seconds=86_400, at=NOON))
        store.record(measure(at=NOON, atm_30=0.2))
        await store.flush()
        realised = await _one(measures, "rv:30")
        assert realised.now == pytest.approx(0.01 * np.sqrt(252.0))
        assert realised.at.shape == (40 - 21,), "21 sessions fall in 30 days"
        premium = await _one(measures, "vrp:30")
        assert premium.at.tolist() == [TODAY]
        assert premium.now == pytest.approx(0.2 - 0.01 * np.sqrt(252.0))


async def test_all_measures_with_a_past_answer_where_none_is_named(tmp_path: Path) -> None:
    with asked(tmp_path) as (measures, store, room):
        assert (await measures.table(GetMeasures(symbol=SPY))).histories == ()
        store.record(exposure())
        store.record(measure(at=OPEN, index_9=0.2))
        await store.flush()
        room.emit(volatility("SPY", [0.2]))
        table = await measures.table(GetMeasures(symbol=SPY))
        assert [found.measure for found in table.histories] == [
            *("atm:30", "rr25:30", "bf25:30", "index:9", "gex", "flip", "wall:negative", "wall:positive")
        ]


async def test_within_sessions_values_are_read_as_recorded(tmp_path: Path) -> None:
    with asked(tmp_path) as (measures, store, _):
        for minute in range(3):
            store.record(measure(at=NOON + minute * 60 * 10**9, index_30=0.2 + minute / 100))
        await store.flush()
        found = await _one(measures, "index:30", daily=False, since=UtcNanos(NOON + 1))
        assert found.at.tolist() == [NOON + 60 * 10**9, NOON + 120 * 10**9]
        assert found.value == pytest.approx([0.21, 0.22])
        assert found.origins == ()
        assert found.now == pytest.approx(0.22)


async def test_a_name_that_the_feed_does_not_list_is_known_by_what_was_imported_of_it(tmp_path: Path) -> None:
    with asked(tmp_path) as (measures, store, _):
        vvix = Symbol("VVIX")
        day = np.array([TODAY - DAY_NS], np.int64)
        await store.import_series(vvix, "index:30", day, np.array([0.9]), source=SourceId("import"))
        (found,) = (await measures.table(GetMeasures(symbol=Symbol(" vvix ")))).histories
        assert found.now == 0.9
        with pytest.raises(UnknownSymbol):
            await measures.table(GetMeasures(symbol=Symbol("NOSUCH")))


async def test_senseless_questions_are_refused(tmp_path: Path) -> None:
    with asked(tmp_path) as (measures, _, room):
        for wrong in ({"measures": ("vol",)}, {"limit": 0}, {"window": -1}):
            with pytest.raises(BadInput):
                await measures.table(GetMeasures(symbol=SPY, **wrong))  # type: ignore[arg-type]
        alone = Measures(state=room.state, names=room.names(), store=None)
        with pytest.raises(StoreUnavailable, match="keeps no history"):
            await alone.table(GetMeasures(symbol=SPY, measures=("gex",), daily=False))
        room.emit(volatility("SPY", [0.2]))
        assert (await alone.table(GetMeasures(symbol=SPY, measures=("atm:30",)))).histories[0].now == 0.2


async def test_a_store_that_cannot_be_read_leaves_what_the_feed_told(tmp_path: Path) -> None:
    with asked(tmp_path) as (measures, store, room):
        await store.aclose()
        room.emit(volatility("SPY", [0.2]))
        assert (await _one(measures, "atm:30")).value.tolist() == [0.2]
        assert (await _one(measures, "rv:30")).value.tolist() == []
