"""Volatility and delta of contracts of which no price was computed: from the middle of their quotes, on the forward of their series."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.calendar import years_to
from engine.domain.columns import longs
from engine.services.market.flow.numbers import numbers_now
from tests.kit import facts
from tests.kit.market import NOON
from tests.kit.priced_market import RATE, SPOT, STRIKES, PricedRoom, forward_of, smile


@pytest.fixture
def room():
    """Quoted from one smile; of the first series the forward is known."""
    made = PricedRoom()
    made.quote(spread=0.02)
    series = made.series[0]
    known = replace(
        facts.summary(), series=series, spot=SPOT, forward=forward_of(series), rate=RATE, years=years_to(series.settles_at, NOON)
    )
    made.state.priced.summaries[series.id] = known
    return made


def told(room, *, series: int = 0, bid=None, ask=None):
    """Of the contracts of a series from 5,900 to 6,100."""
    instruments, market = room.state.instruments, room.state.market
    near = np.abs(instruments.strike[: instruments.size] - SPOT) <= 100
    row = longs(np.flatnonzero((instruments.series_of[: instruments.size] == series) & near))
    at, spot = np.full(row.size, NOON, dtype=np.int64), np.full(row.size, SPOT)
    bids, asks = (market.bid[row] if bid is None else np.full(row.size, bid)), (market.ask[row] if ask is None else np.full(row.size, ask))
    iv, delta = numbers_now(room.state, row=row, at=at, bid=bids, ask=asks, spot=spot)
    return instruments.strike[row], instruments.right[row], iv, delta


def test_the_volatility_of_a_quote_is_found_again_and_the_delta_has_its_sign(room):
    strike, right, iv, delta = told(room)
    assert strike.size == 2 * sum(abs(one - SPOT) <= 100 for one in STRIKES)
    forward = forward_of(room.series[0])
    assert iv == pytest.approx([smile(one, forward) for one in strike], abs=2e-3)
    assert (np.sign(delta) == right).all()


@pytest.mark.parametrize(("bid", "ask"), [(0.0, 5.0), (6.0, 5.0), (np.nan, 5.0), (5.0, np.nan), (np.nan, np.nan)])
def test_a_quote_of_one_side_or_a_crossed_one_has_no_volatility(room, bid, ask):
    _, _, iv, delta = told(room, bid=bid, ask=ask)
    assert np.isnan(iv).all()
    assert np.isnan(delta).all()


def test_a_series_whose_forward_is_not_known_has_none_either(room):
    _, _, iv, _ = told(room, series=1)
    assert iv.size
    assert np.isnan(iv).all()
