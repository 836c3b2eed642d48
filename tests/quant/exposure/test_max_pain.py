"""Max pain against the definition, strike by strike."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.chain.segments import of_sizes
from engine.quant.exposure.max_pain import max_pain, max_pains


def by_definition(strikes: np.ndarray, calls: np.ndarray, puts: np.ndarray) -> float:
    paid = [
        float((calls * np.maximum(settlement - strikes, 0)).sum() + (puts * np.maximum(strikes - settlement, 0)).sum())
        for settlement in strikes
    ]
    return float(strikes[int(np.argmin(paid))])


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 5000)), min_size=1, max_size=40).filter(lambda rows: sum(map(sum, rows)) > 0)
)
@settings(max_examples=100, deadline=None)
def test_it_is_where_the_holders_get_least(interest: list[tuple[int, int]]):
    strikes = 5.0 * np.arange(1, len(interest) + 1)
    calls, puts = (np.array(column, dtype=float) for column in zip(*interest, strict=True))
    assert max_pain(strikes=strikes, call_open_interest=calls, put_open_interest=puts) == by_definition(strikes, calls, puts)


def test_without_open_interest_there_is_none():
    strikes = np.array([90.0, 100.0])
    assert math.isnan(max_pain(strikes=strikes, call_open_interest=np.zeros(2), put_open_interest=np.zeros(2)))
    assert math.isnan(max_pain(strikes=strikes, call_open_interest=np.full(2, np.nan), put_open_interest=np.full(2, np.nan)))


def test_unknown_interest_counts_as_none_and_series_do_not_mix():
    strikes = np.array([90.0, 100.0, 110.0, 50.0, 60.0])
    calls = np.array([5.0, np.nan, 30.0, 1.0, 1.0])
    puts = np.array([20.0, 10.0, np.nan, 1.0, 50.0])
    found = max_pains(strikes=strikes, call_open_interest=calls, put_open_interest=puts, segments=of_sizes(np.array([3, 0, 2])))
    filled = [np.nan_to_num(column) for column in (calls, puts)]
    assert found[0] == by_definition(strikes[:3], filled[0][:3], filled[1][:3])
    assert math.isnan(found[1])
    assert found[2] == by_definition(strikes[3:], filled[0][3:], filled[1][3:])
    assert found[2] == pytest.approx(60.0)
