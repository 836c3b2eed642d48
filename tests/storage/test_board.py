import numpy as np
import pytest

from engine.domain.ids import Symbol
from engine.domain.instants import SECOND_NS
from engine.storage.board import Board
from engine.storage.intake import Taken
from engine.storage.recorder import Recorder
from engine.storage.roster import Roster
from tests.kit.market import MONDAY, NAN, NOON, TODAY, listing, quotes, series_of, summaries, trades
from tests.kit.storage import settings


def _recorder(**changed: float) -> Recorder:
    recorder = Recorder(settings(**changed))
    recorder.absorb([Taken(1, listing(series_of("SPY")), 0)], 1)
    return recorder


def _say(recorder: Recorder, *events: object) -> None:
    for event in events:
        number = recorder._through + 1
        recorder.absorb([Taken(number, event, 0)], number)


def _rows(recorder: Recorder) -> list[tuple[int, int, float]]:
    return [
        (int(handle), int(ts - NOON), float(bid))
        for chunk in recorder.pending.quotes
        for handle, ts, bid in zip(chunk["handle"], chunk["ts"], chunk["bid"], strict=True)
    ]


def test_of_each_contract_the_last_quote_of_a_slot_is_kept() -> None:
    recorder = _recorder()
    _say(
        recorder,
        quotes([1, 2], [1.0, 2.0], 3.0),
        quotes([1], [1.1], 3.0, at=NOON + SECOND_NS // 2),
        quotes([1], [1.2], 3.0, at=NOON + SECOND_NS),
        quotes([2], [2.2], 3.0, at=NOON + 2 * SECOND_NS),
    )
    assert _rows(recorder) == [(1, SECOND_NS // 2, 1.1), (2, 0, 2.0), (1, SECOND_NS, 1.2)]


def test_within_one_batch_the_later_row_wins() -> None:
    recorder = _recorder()
    _say(recorder, quotes([1, 1, 1], [1.0, 1.1, 1.2], 3.0), quotes([2], 1.0, 1.1, at=NOON + SECOND_NS))
    assert _rows(recorder) == [(1, 0, 1.2)]


def test_without_conflation_every_batch_is_kept() -> None:
    recorder = _recorder(quote_seconds=0.0)
    _say(recorder, *(quotes([1], 1.0 + step, 9.0, at=NOON + step) for step in range(4)))
    recorder.rest()
    assert [bid for _, _, bid in _rows(recorder)] == [1.0, 2.0, 3.0, 4.0]


def test_a_slot_written_early_is_marked_to_be_replaced() -> None:
    recorder = _recorder()
    _say(recorder, quotes([1, 2], 1.0, 1.5))
    recorder.rest()
    assert not recorder.pending.quotes_replace
    _say(recorder, quotes([1], 1.1, 1.5, at=NOON + 5), quotes([3], 1.0, 1.5, at=NOON + SECOND_NS))
    assert recorder.pending.quotes_replace


def test_nothing_is_acknowledged_before_its_slot_is_over() -> None:
    recorder = _recorder()
    _say(recorder, quotes([1], 1.0, 1.5), trades([1], 1.2))
    sealed = recorder.seal()
    assert sealed is not None
    assert sealed.sequence == 1
    _say(recorder, quotes([2], 1.0, 1.5, at=NOON + SECOND_NS))
    sealed = recorder.seal()
    assert sealed is not None
    assert sealed.sequence == 3


def test_rows_of_handles_never_listed_are_dropped_and_counted() -> None:
    recorder = _recorder()
    _say(recorder, quotes([1, 900, -1], 1.0, 1.5), trades([900], 1.0), quotes([1], 1.0, 1.1, at=NOON + SECOND_NS))
    assert _rows(recorder) == [(1, 0, 1.0)]
    assert recorder.board.unknown_rows == 3
    assert recorder.pending.trades == []


def test_a_print_carries_the_quote_and_the_spot_in_force() -> None:
    recorder = _recorder()
    _say(recorder, quotes([0, 1], [100.0, 2.0], [100.2, 2.4]), trades([1], 2.3))
    row = recorder.pending.trades[0]
    assert (row["bid"][0], row["ask"][0]) == (2.0, 2.4)
    assert row["spot"][0] == pytest.approx(100.1)


@pytest.mark.parametrize(("bid", "ask", "last", "spot"), [(NAN, NAN, 99.0, 99.0), (101.0, 100.0, 99.0, 99.0), (NAN, NAN, NAN, NAN)])
def test_without_a_sound_quote_spot_is_the_last_price_or_unknown(bid: float, ask: float, last: float, spot: float) -> None:
    recorder = _recorder()
    _say(recorder, quotes([0], bid, ask), summaries([0], last=last), trades([1], 2.3))
    np.testing.assert_equal(recorder.pending.trades[0]["spot"][0], spot)


def test_a_figure_that_is_not_said_stays_as_known() -> None:
    recorder = _recorder()
    _say(recorder, summaries([1], open_interest=50.0, volume=5.0), summaries([1], volume=6.0))
    latest = recorder.board.take_latest()
    assert latest["open_interest"].tolist() == [50.0]
    assert latest["volume"].tolist() == [6.0]


def test_a_market_that_runs_a_thousand_times_faster_gives_no_more_rows_a_slot() -> None:
    recorder = _recorder()
    _say(recorder, *(quotes([1, 2], 1.0 + step, 9999.0, at=NOON + step * SECOND_NS // 4) for step in range(4000)))
    slots = [ts // SECOND_NS for handle, ts, _ in _rows(recorder) if handle == 1]
    assert len(slots) == len(set(slots)) == 999


def test_a_board_without_instruments_is_empty() -> None:
    board = Board(Roster(), SECOND_NS)
    rows, again = board.sweep()
    assert rows["handle"].shape == (0,)
    assert not again
    assert board.first_waiting() == 0


def test_a_chain_shows_a_settled_series_on_its_own_day_and_no_more_on_the_next() -> None:
    recorder = Recorder(settings())
    friday, monday = series_of("SPXW", TODAY), series_of("SPXW", MONDAY)
    recorder.absorb([Taken(1, listing(friday, monday), 0)], 1)
    _say(recorder, quotes(np.arange(1, 13), 1.0, 1.2))
    board, symbol = recorder.board, recorder.roster.symbol_row(Symbol("SPX"))

    def shown(at: int | None) -> set[str]:
        return {recorder.roster.name[handle][6:12] for handle in board.chain(symbol, at)["handle"].tolist()}

    assert shown(NOON) == {"261120", "261123"}
    assert shown(friday.settles_at + 15 * 60 * SECOND_NS) == {"261120", "261123"}, "how it ended"
    assert shown(monday.settles_at) == {"261123"}
    assert shown(None) == {"261120", "261123"}, "of a market that stands still all is kept"
