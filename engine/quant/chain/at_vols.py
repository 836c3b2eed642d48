"""The Greeks of a priced chain at other volatilities than its own, such as those of a fitted smile; everything else stays as it was priced.

Forward, rate and yield are those the chain was priced with, the convention of delta and the units those of
:mod:`engine.quant.chain.series`, and American options have the early-exercise premium of :mod:`engine.quant.chain.exercise` in every Greek,
their boundaries solved anew over the volatilities given. At the chain's own volatilities it answers the chain's own Greeks.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats, read_only
from engine.quant.chain import exercise
from engine.quant.chain.book import Book, SeriesNumbers, SeriesQuotes, pack
from engine.quant.curves.carry import believed_yields
from engine.quant.curves.forwards import Forwards
from engine.quant.european.black import GREEKS
from engine.quant.tiers import core
from engine.quant.trader_units import FACTORS

DELTA, GAMMA, VEGA, THETA = 1, 2, 3, 4
"""Rows of a tier's Greeks."""


class StrikeGreeks(NamedTuple):
    """One series' Greeks in trader units, per share; (2, strikes), calls then puts, read-only. NaN where the volatility is none."""

    delta: Floats
    gamma: Floats
    """Delta a unit of the underlying."""
    theta: Floats
    """Price a calendar day."""
    vega: Floats
    """Price a vol point."""


def greeks_at_vols(*, series: Sequence[SeriesQuotes], numbers: Sequence[SeriesNumbers], vols: Sequence[ArrayLike]) -> list[StrikeGreeks]:
    """Of each series, whose ``numbers`` are what :func:`engine.quant.chain.series.price_book` made of it, at one volatility a strike.

    Volatilities that are not one a strike are a ValueError; a volatility that is none, or not positive, has no Greeks.
    """
    columns = [np.asarray(column, dtype=np.float64) for column in vols]
    for one, column in zip(series, columns, strict=True):
        if column.shape != np.shape(one.strikes):
            message = f"{column.size} volatilities do not go with {np.size(one.strikes)} strikes: give one a strike"
            raise ValueError(message)
    early = [one.american and not one.inverse and not one.on_forward for one in series]
    found: list[StrikeGreeks | None] = [None] * len(series)
    with np.errstate(all="ignore"):
        for kind in (False, True):
            places = [place for place, is_early in enumerate(early) if is_early is kind]
            if places:
                book, fit = (
                    pack([series[place] for place in places]),
                    _fit_of([series[place] for place in places], [numbers[place] for place in places]),
                )
                matrices = _greeks(book, fit, np.concatenate([columns[place] for place in places]), early=kind)
                for place, matrix in zip(places, _cut(book, matrices), strict=True):
                    found[place] = matrix
    return [one for one in found if one is not None]


def _fit_of(series: Sequence[SeriesQuotes], numbers: Sequence[SeriesNumbers]) -> Forwards:
    """The forwards that the numbers were priced with."""
    years = np.array([one.years for one in series], dtype=np.float64)
    rates = np.array([one.rate for one in numbers])
    return Forwards(
        forwards=np.array([one.forward for one in numbers]),
        discounts=np.exp(-rates * years),
        rates=rates,
        residuals=np.array([one.residual for one in numbers]),
        pairs=np.array([one.pairs for one in numbers], dtype=np.intp),
        sources=np.array([one.forward_source for one in numbers], dtype=np.intp),
        errors=np.array([one.forward_error for one in numbers]),
        rate_errors=np.array([one.rate_error for one in numbers]),
    )


def _greeks(book: Book, fit: Forwards, vols: Floats, *, early: bool) -> Floats:
    """The ten rows of a tier's Greeks, in trader units."""
    used = np.where(vols > 0.0, vols, np.nan)
    owner = book.rows.owner
    held = exercise.shares(book, fit) if early else None
    rows = np.empty((8, owner.size))
    rows[0] = (fit.discounts * fit.forwards)[owner]
    rows[1] = fit.forwards[owner]
    rows[2] = book.row_strikes
    rows[3] = book.expiries.years[owner]
    rows[4][book.calls] = rows[4][book.puts] = used
    rows[5] = fit.rates[owner]
    rows[6] = (_yields(book, fit) if held is None else held.yields)[owner]
    rows[7] = book.signs
    out = np.empty((GREEKS, owner.size))
    core().greeks(rows, out)
    if held is not None:
        known = exercise.boundaries_of(book, fit, held, used, moved=True)
        exercise.add_exercise(book, fit, held, known, rows[4], out)
    out[VEGA] *= FACTORS["vega"]
    out[THETA] *= FACTORS["theta"]
    return read_only(out)


def _yields(book: Book, fit: Forwards) -> Floats:
    """What theta of European options runs with: the forward's yield as far as it is to be believed; where only it is held, the rate."""
    expiries = book.expiries
    drawn = believed_yields(
        spots=expiries.spots,
        forwards=fit.forwards,
        years=expiries.years,
        rates=fit.rates,
        hints=expiries.yield_hints,
        errors=fit.errors,
    )
    return np.where(expiries.inverse | book.on_forward, fit.rates, drawn)


def _cut(book: Book, out: Floats) -> list[StrikeGreeks]:
    ends = np.cumsum(book.rows.sizes).tolist()
    pieces = [out[:, end - size : end].reshape(GREEKS, 2, -1) for end, size in zip(ends, book.rows.sizes.tolist(), strict=True)]
    return [StrikeGreeks(piece[DELTA], piece[GAMMA], piece[THETA], piece[VEGA]) for piece in pieces]
