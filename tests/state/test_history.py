import numpy as np

from engine.domain.ids import Symbol
from engine.domain.instants import DAY_NS
from engine.state.history import History
from tests.kit.market import OPEN, volatility


def test_sessions_are_kept_by_day_and_the_newer_word_on_a_day_wins() -> None:
    history = History()
    history.merge(volatility("SPY", [0.1, 0.2, 0.3]))
    history.merge(volatility("SPY", [0.9], last_day=OPEN))
    history.merge(volatility("SPY", [0.05], last_day=OPEN - 3 * DAY_NS))
    kept = history.volatility(Symbol("SPY"))
    assert kept.atm_iv.tolist() == [0.05, 0.1, 0.2, 0.9]
    assert (np.diff(kept.day) == DAY_NS).all()


def test_a_name_nothing_was_told_of_has_no_sessions() -> None:
    assert History().volatility(Symbol("SPY")).day.size == 0
