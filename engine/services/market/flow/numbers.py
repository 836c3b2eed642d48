"""Implied volatility and delta at a print, from what its series was last priced with."""

import numpy as np

from engine.domain.columns import Floats, Longs
from engine.state.whole import State

MOST_MOVED = 0.5
"""A print so far from the middle that its volatility would move by more than this part of itself has none worth telling."""
VOL_POINT = 0.01


def numbers_at(state: State, *, row: Longs, price: Floats, bid: Floats, ask: Floats) -> tuple[Floats, Floats]:
    """Volatility of each print's price and its contract's delta; NaN where the contract is not priced.

    The contract's own volatility (of its middle, with its own exercise) is moved by (price - middle) / vega: first order, which over
    the width of a quote is good to a hundredth of a point.
    """
    iv, delta, vega = columns_at(state, row)
    middle = np.where((bid > 0.0) & (ask >= bid), 0.5 * (bid + ask), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = VOL_POINT * (price - middle) / vega
        usable = (vega > 0.0) & (np.abs(moved) <= MOST_MOVED * iv)
    return np.where(usable, iv + moved, np.nan), delta


def columns_at(state: State, row: Longs) -> tuple[Floats, Floats, Floats]:
    """Volatility, delta and vega of contracts as their series were last priced."""
    found = np.full((3, row.shape[0]), np.nan)
    series = state.instruments.series_of[row]
    for index in np.unique(series[series >= 0]).tolist():
        page = state.priced.slices.get(state.instruments.ladders[index].series.id)
        if page is None or not page.strikes.size:
            continue
        chosen = np.flatnonzero(series == index)
        strike = state.instruments.strike[row[chosen]]
        column = np.minimum(np.searchsorted(page.strikes, strike), page.strikes.size - 1)
        same = page.strikes[column] == strike
        chosen, column = chosen[same], column[same]
        side = np.where(state.instruments.right[row[chosen]] > 0, 0, 1)
        found[:, chosen] = page.iv[side, column], page.delta[side, column], page.vega[side, column]
    return found[0], found[1], found[2]
