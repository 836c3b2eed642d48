"""Each kind of bad quote is recognised for what it is."""

import numpy as np
import pytest

from engine.quant.chain.quotes import WIDE_SHARE, WIDE_TICKS, judge
from engine.quant.codes import QuoteVerdict

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("bid", "ask", "verdict", "mid"),
    [
        (4.9, 5.1, QuoteVerdict.FINE, 5.0),
        (0.0, 0.05, QuoteVerdict.NO_BID, NAN),
        (NAN, 0.05, QuoteVerdict.NO_BID, NAN),
        (1.0, NAN, QuoteVerdict.NO_ASK, NAN),
        (1.0, 0.0, QuoteVerdict.NO_ASK, NAN),
        (NAN, NAN, QuoteVerdict.NO_BID | QuoteVerdict.NO_ASK, NAN),
        (2.0, 2.0, QuoteVerdict.LOCKED, 2.0),
        (2.1, 2.0, QuoteVerdict.CROSSED, NAN),
        (3.0, 5.0, QuoteVerdict.WIDE, 4.0),
        (0.05, 0.20, QuoteVerdict.FINE, 0.125),
        (-1.0, 2.0, QuoteVerdict.NO_BID | QuoteVerdict.MALFORMED, NAN),
        (1.0, INF, QuoteVerdict.NO_ASK | QuoteVerdict.MALFORMED, NAN),
        (-INF, -2.0, QuoteVerdict.NO_BID | QuoteVerdict.NO_ASK | QuoteVerdict.MALFORMED, NAN),
    ],
)
def test_a_quote_is_judged(bid: float, ask: float, verdict: QuoteVerdict, mid: float):
    found = judge(bids=np.array([bid]), asks=np.array([ask]), ticks=np.array([0.05]))
    assert QuoteVerdict(int(found.verdicts[0])) == verdict
    assert found.mids[0] == pytest.approx(mid, nan_ok=True)
    assert found.spreads[0] == pytest.approx(ask - bid if mid == mid else NAN, nan_ok=True)


@pytest.mark.parametrize("tick", [1e308, INF, 5e-324, 0.0, NAN, -1.0])
@pytest.mark.parametrize(("bid", "ask"), [(1e308, 1.7e308), (5e-324, 1e308), (5e-324, 5e-324), (1.0, 2.0), (NAN, INF)])
def test_no_price_and_no_tick_is_too_great_or_too_small_to_be_judged(bid: float, ask: float, tick: float):
    with np.errstate(all="raise", under="ignore"):
        found = judge(bids=np.array([bid]), asks=np.array([ask]), ticks=np.array([tick]))
    two_sided = bid <= ask < INF
    assert bool(np.isfinite(found.mids[0])) is two_sided
    if two_sided:
        assert found.mids[0] == pytest.approx(0.5 * bid + 0.5 * ask)
        wide = ask - bid > WIDE_SHARE * found.mids[0] and ask - bid > WIDE_TICKS * tick
        assert bool(found.verdicts[0] & QuoteVerdict.WIDE) is bool(wide)
