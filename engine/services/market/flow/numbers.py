"""Implied volatility and delta at a print: from what its contract was last priced with, else from the forward of its series."""

import numpy as np

from engine.domain.columns import Floats, Longs
from engine.domain.instants import YEAR_NS
from engine.quant.european.black import greeks_on_forward
from engine.quant.european.implied import implied_vols
from engine.state.whole import State

MOST_MOVED = 0.5
"""A print so far from the middle that its volatility would move by more than this part of itself has none worth telling."""
MOST_VOL = 5.0
VOL_POINT = 0.01


def numbers_at(state: State, *, row: Longs, at: Longs, price: Floats, bid: Floats, ask: Floats, spot: Floats) -> tuple[Floats, Floats]:
    """Volatility of each print's price and its contract's delta; NaN where neither the contract nor its series is priced.

    Where the contract is, its own volatility (of its middle, by its own exercise) is moved by (price - middle) / vega: first order, which
    over the width of a quote is good to a hundredth of a point. Else Black-76 on the forward of its series, moved with the spot.
    """
    iv, delta, vega = columns_at(state, row)
    middle = _middle(bid, ask)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = VOL_POINT * (price - middle) / vega
        usable = (vega > 0.0) & (np.abs(moved) <= MOST_MOVED * iv)
    iv = np.where(usable, iv + moved, np.nan)
    missing = np.flatnonzero(np.isnan(delta))
    if missing.size:
        iv[missing], delta[missing] = _on_the_forward(state, row[missing], at[missing], price[missing], spot[missing])
    return iv, delta


def numbers_now(state: State, *, row: Longs, at: Longs, bid: Floats, ask: Floats, spot: Floats) -> tuple[Floats, Floats]:
    """Volatility and delta of contracts: as their series were last priced, else of the middle of the quote on the forward of the series.

    NaN where the quote has one side or is crossed, and where nothing of the series was priced yet.
    """
    iv, delta, _ = columns_at(state, row)
    missing = np.flatnonzero(np.isnan(iv) & np.isnan(delta))
    if missing.size:
        price = _middle(bid[missing], ask[missing])
        iv[missing], delta[missing] = _on_the_forward(state, row[missing], at[missing], price, spot[missing])
    return iv, delta


def _middle(bid: Floats, ask: Floats) -> Floats:
    return np.where((bid > 0.0) & (ask >= bid), 0.5 * (bid + ask), np.nan)


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


def _on_the_forward(state: State, row: Longs, at: Longs, price: Floats, spot: Floats) -> tuple[Floats, Floats]:
    """Black-76 volatility and spot delta; coin-settled prices are taken in dollars at the forward."""
    series = state.instruments.series_of[row]
    terms = np.full((4, row.shape[0]), np.nan)
    for index in np.unique(series[series >= 0]).tolist():
        one = state.instruments.ladders[index].series
        summary = state.priced.summaries.get(one.id)
        if summary is not None:
            terms[:, series == index] = [[summary.forward / summary.spot], [summary.rate], [one.settles_at], [float(one.inverse)]]
    with np.errstate(divide="ignore", invalid="ignore"):
        forward, rate, years = terms[0] * spot, terms[1], (terms[2] - at) / YEAR_NS
        worth = np.where(terms[3] > 0.0, price * forward, price)
    good = np.flatnonzero(np.isfinite(forward) & (forward > 0.0) & np.isfinite(rate) & (np.abs(rate) < 1.0) & (years > 0.0) & (worth > 0.0))
    iv, delta = np.full(row.shape[0], np.nan), np.full(row.shape[0], np.nan)
    if not good.size:
        return iv, delta
    strike, right = state.instruments.strike[row[good]], state.instruments.right[row[good]].astype(np.float64)
    found = implied_vols(
        prices=worth[good],
        forwards=forward[good],
        strikes=strike,
        years=years[good],
        rights=right,
        discounts=np.exp(-rate[good] * years[good]),
    )
    told = np.flatnonzero((found.statuses == 0) & (found.vols > 0.0) & (found.vols < MOST_VOL))
    good, strike, right, vols = good[told], strike[told], right[told], found.vols[told]
    if not good.size:
        return iv, delta
    greeks = greeks_on_forward(
        spots=spot[good],
        forwards=forward[good],
        strikes=strike,
        years=years[good],
        vols=vols,
        rights=right,
        rates=rate[good],
        yields=np.zeros(good.size),
    )
    iv[good], delta[good] = vols, greeks.deltas
    return iv, delta
