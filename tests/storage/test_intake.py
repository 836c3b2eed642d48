import numpy as np

from engine.domain.ids import UtcNanos
from engine.domain.market import Pulse, QuoteBatch
from engine.storage.intake import Intake
from tests.kit.market import NOON, bars, listing, quotes, series_of, trades


def test_events_come_out_in_the_order_they_went_in() -> None:
    intake = Intake(quote_rows=100, fact_rows=100)
    events = [listing(series_of("SPY")), quotes(1, 1.0, 1.1), trades(1, 1.0), quotes(2, 1.0, 1.1), Pulse(at=UtcNanos(NOON))]
    for event in events:
        intake.put(event)
    taken, through = intake.take()
    assert [entry.event for entry in taken] == events
    assert [entry.sequence for entry in taken] == [1, 2, 3, 4, 5]
    assert through == 5
    assert intake.waiting_rows == 0


def test_when_the_writer_is_too_slow_the_oldest_quotes_go_and_are_counted() -> None:
    intake = Intake(quote_rows=25, fact_rows=100)
    for price in range(5):
        intake.put(quotes(np.arange(10), float(price), price + 0.1))
    taken, _ = intake.take()
    assert intake.shed_rows == 30
    assert [batch.event.bid[0] for batch in taken if isinstance(batch.event, QuoteBatch)] == [3.0, 4.0]


def test_one_batch_larger_than_the_room_is_still_taken() -> None:
    intake = Intake(quote_rows=5, fact_rows=5)
    intake.put(quotes(np.arange(50), 1.0, 1.1))
    assert len(intake.take()[0]) == 1
    assert intake.shed_rows == 0


def test_quotes_never_push_out_prints_or_bars() -> None:
    intake = Intake(quote_rows=10, fact_rows=100)
    intake.put(trades([1, 2], 1.0))
    intake.put(bars("SPY", [NOON], 500.0))
    for _ in range(20):
        intake.put(quotes(np.arange(10), 1.0, 1.1))
    kinds = [type(entry.event).__name__ for entry in intake.take()[0]]
    assert kinds == ["TradeBatch", "BarBatch", "QuoteBatch"]
    assert intake.lost_rows == 0


def test_prints_beyond_all_room_are_counted_as_lost_never_silent() -> None:
    intake = Intake(quote_rows=10, fact_rows=10)
    for _ in range(4):
        intake.put(trades(np.arange(4), 1.0))
    assert intake.lost_rows == 8
    assert len(intake.take()[0]) == 2


def test_a_listing_is_taken_however_full_it_is() -> None:
    intake = Intake(quote_rows=1, fact_rows=1)
    intake.put(trades([1], 1.0))
    intake.put(listing(series_of("SPY")))
    assert [type(entry.event).__name__ for entry in intake.take()[0]] == ["TradeBatch", "Listing"]


def test_pulses_of_an_idle_market_do_not_pile_up() -> None:
    intake = Intake(quote_rows=10, fact_rows=10)
    for second in range(1000):
        intake.put(Pulse(at=UtcNanos(NOON + second)))
    taken, through = intake.take()
    assert len(taken) == 1
    assert taken[0].event.at == NOON + 999
    assert through == 1000
