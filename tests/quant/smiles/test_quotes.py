"""Which quotes a smile is fitted to: every one left out has its reason."""

import math

import numpy as np
import pytest

from engine.quant.chain.segments import of_sizes
from engine.quant.codes import QuoteUse
from engine.quant.smiles.quotes import SmileQuotes, choose

NAN = math.nan
GOOD = {"strikes": 110.0, "rights": 1.0, "bids": 1.0, "asks": 1.2, "vols": 0.2, "bid_vols": 0.19, "ask_vols": 0.21}


def use_of(**change: float) -> QuoteUse:
    columns = {name: np.array([value]) for name, value in {**GOOD, **change}.items() if name in GOOD}
    forward, years = change.get("forward", 100.0), change.get("years", 0.5)
    found = choose(SmileQuotes(**columns, segments=of_sizes(np.array([1])), forwards=[forward], years=[years]))
    assert (found.weights[0] > 0.0) == (found.uses[0] == QuoteUse.USED)
    return QuoteUse(int(found.uses[0]))


@pytest.mark.parametrize(
    ("change", "use"),
    [
        ({}, QuoteUse.USED),
        ({"rights": -1.0}, QuoteUse.IN_THE_MONEY),
        ({"rights": -1.0, "strikes": 90.0}, QuoteUse.USED),
        ({"strikes": 90.0}, QuoteUse.IN_THE_MONEY),
        ({"bids": 0.0}, QuoteUse.NO_BID),
        ({"bids": NAN}, QuoteUse.NO_BID),
        ({"asks": NAN}, QuoteUse.NO_ASK),
        ({"asks": 0.9}, QuoteUse.CROSSED),
        ({"bid_vols": NAN}, QuoteUse.NO_VOLATILITY),
        ({"vols": NAN}, QuoteUse.NO_VOLATILITY),
        ({"ask_vols": 0.9}, QuoteUse.TOO_WIDE),
        ({"strikes": 300.0}, QuoteUse.LITTLE_VEGA),
        ({"forward": NAN}, QuoteUse.NO_TIME),
        ({"years": 0.0}, QuoteUse.NO_TIME),
        ({"asks": 1.0, "ask_vols": 0.19}, QuoteUse.USED),
    ],
)
def test_every_quote_has_its_reason(change: dict[str, float], use: QuoteUse):
    assert use_of(**change) is use


def test_reasons_are_counted_by_series():
    columns = {name: np.full(3, value) for name, value in GOOD.items()}
    columns["bids"][1] = 0.0
    found = choose(SmileQuotes(**columns, segments=of_sizes(np.array([2, 1])), forwards=[100.0, 100.0], years=[0.5, 0.5]))
    counts = found.counts()
    assert counts[0, QuoteUse.USED] == counts[0, QuoteUse.NO_BID] == counts[1, QuoteUse.USED] == 1
    assert counts.sum() == 3


def test_a_narrow_quote_weighs_more_but_a_locked_one_does_not_rule():
    columns = {name: np.full(5, value) for name, value in GOOD.items()}
    columns["bid_vols"][:] = [0.2, 0.195, 0.19, 0.18, 0.17]
    columns["ask_vols"][:] = [0.2, 0.205, 0.21, 0.22, 0.23]
    found = choose(SmileQuotes(**columns, segments=of_sizes(np.array([5])), forwards=[100.0], years=[0.5]))
    assert (np.diff(found.weights) < 0).all()
    assert found.weights[0] <= 16.0 * found.weights[2] * (1 + 1e-12)


def test_columns_that_do_not_fit_are_the_callers_mistake():
    columns = {name: np.full(2, value) for name, value in GOOD.items()}
    with pytest.raises(ValueError, match="strikes must be a flat column of 3"):
        choose(SmileQuotes(**columns, segments=of_sizes(np.array([3])), forwards=[100.0], years=[0.5]))
    with pytest.raises(ValueError, match="one number for each of 1 series"):
        choose(SmileQuotes(**columns, segments=of_sizes(np.array([2])), forwards=[100.0, 100.0], years=[0.5]))
