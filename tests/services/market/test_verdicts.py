import numpy as np
import pytest

from engine.domain.market import Verdict
from engine.services.market.verdicts import Judged, judge, market_times
from tests.kit.market import NAN, NOON

INF = float("inf")


def judged(bid: float, ask: float, *, size: float = 1.0, tick: float = 0.01, option: bool = True) -> Judged:
    one = np.ones(1)
    return judge(bid=one * bid, ask=one * ask, bid_size=one * size, ask_size=one, tick=one * tick, option=np.array([option]))


@pytest.mark.parametrize(
    ("bid", "ask", "verdict"),
    [
        (1.00, 1.05, Verdict.FINE),
        (0.00, 0.05, Verdict.NO_BID),
        (NAN, 0.05, Verdict.NO_BID),
        (1.00, 0.00, Verdict.NO_ASK),
        (1.00, NAN, Verdict.NO_ASK),
        (NAN, NAN, Verdict.NO_BID | Verdict.NO_ASK),
        (1.05, 1.05, Verdict.LOCKED),
        (1.10, 1.05, Verdict.CROSSED),
        (1.00, 3.00, Verdict.WIDE),
        (0.05, 0.15, Verdict.FINE),
        (-1.0, 1.05, Verdict.NO_BID | Verdict.MALFORMED),
        (1.00, INF, Verdict.NO_ASK | Verdict.MALFORMED),
        (INF, INF, Verdict.NO_BID | Verdict.NO_ASK | Verdict.MALFORMED),
    ],
)
def test_each_fault_of_a_quote_has_its_verdict(bid: float, ask: float, verdict: Verdict) -> None:
    assert Verdict(int(judged(bid, ask).verdict[0])) == verdict


def test_a_malformed_number_is_taken_out_and_its_good_side_stays() -> None:
    look = judged(1.0, -2.0)
    assert look.bid[0] == 1.0
    assert np.isnan(look.ask[0])


def test_a_negative_size_makes_the_row_malformed_but_its_prices_stay() -> None:
    look = judged(1.0, 1.1, size=-5.0)
    assert look.verdict[0] == Verdict.MALFORMED
    assert look.bid[0] == 1.0
    assert np.isnan(look.bid_size[0])


def test_a_share_is_wide_at_a_hundredth_and_an_option_at_half_of_its_middle() -> None:
    assert judged(100.0, 102.0, option=False).verdict[0] == Verdict.WIDE
    assert judged(100.0, 102.0, option=True).verdict[0] == Verdict.FINE


def test_a_time_not_said_or_from_the_future_is_the_batchs_own() -> None:
    day = 86_400 * 10**9
    assert market_times(np.array([0, NOON - 5, NOON + day, -1]), NOON).tolist() == [NOON, NOON - 5, NOON, NOON]
