"""What is open in a name, contract by contract: the counts beside the volatility and the carry that each one's Greeks are made with."""

from collections.abc import Sequence
from math import floor, inf, isfinite, log10, nan
from typing import NamedTuple

import numpy as np

from engine.domain.columns import Floats
from engine.domain.ids import SeriesId, SourceId, Symbol, UtcNanos
from engine.domain.instruments import OptionSeries, SettledIn, Style
from engine.domain.market import FeedState
from engine.quant.arrays import Indices
from engine.quant.curves.carry import believed_yields
from engine.quant.exposure.boxes import boxed
from engine.quant.exposure.profile import SHORTEST_YEARS, Book
from engine.quant.meant import GREATEST_RATE, GREATEST_VOL
from engine.services.analytics.smile import Smile

BOX_STEPS = (5.0, 1.0)
"""Boxes are struck on the roundest strikes: the largest 5 or 1 times a power of ten that is a tenth of the spot at most (SPX: 500)."""


class OpenSeries(NamedTuple):
    """One series with how many contracts of it there are."""

    smile: Smile
    open_interest: Floats
    """(2, strikes), calls and puts; NaN is unknown, which is not zero."""
    volume: Floats


class NameNow(NamedTuple):
    """A name as it is taken off the loop."""

    symbol: Symbol
    source: SourceId
    state: FeedState
    spot: float
    dividend_yield: float
    series: tuple[OpenSeries, ...]
    """Those that are counted, by their settlement."""
    adjusted: tuple[SeriesId, ...]
    """Whose deliverable is not the plain one: not counted."""


class Positions(NamedTuple):
    """All listed contracts of the counted series, one row each."""

    name: NameNow
    as_of: UtcNanos
    series: tuple[OptionSeries, ...]
    place: Indices
    """Each row's series."""
    book: Book
    """Volatility is NaN where there is none to be believed; open interest is as the clearing house said it."""
    boxes: Floats
    """Contracts of a row that are taken for a leg of a box; zero where no boxes are looked for."""
    lends: bool
    """Box spreads are struck in some of it: European, cash-settled index options."""
    european: bool
    """Every counted series is; else the Greeks leave the right of early exercise out, and say so."""


def positions_of(name: NameNow) -> Positions:
    """The rows, calls before puts in each series; pure, so that it can run in a thread."""
    pieces = [_rows(name, one) for one in name.series]
    columns = [np.concatenate(column) if column else np.empty(0) for column in zip(*pieces, strict=True)] if pieces else [np.empty(0)] * 11
    *of_book, boxes, listed = columns
    sizes = [2 * one.smile.strikes.size for one in name.series]
    place = np.repeat(np.arange(len(sizes), dtype=np.intp), sizes)
    kept = listed.astype(np.bool_)
    return Positions(
        name=name,
        as_of=UtcNanos(max((one.smile.summary.as_of for one in name.series), default=0)),
        series=tuple(one.smile.summary.series for one in name.series),
        place=place[kept],
        book=Book(*(column[kept] for column in of_book)),
        boxes=boxes[kept],
        lends=any(_lends(one.smile.summary.series) for one in name.series),
        european=all(one.smile.summary.series.style is Style.EUROPEAN for one in name.series),
    )


def _rows(name: NameNow, one: OpenSeries) -> Sequence[Floats]:
    """The columns of :class:`Book`, then the boxes, then 1 where the contract is listed."""
    summary, strikes = one.smile.summary, one.smile.strikes
    size = 2 * strikes.size
    rate = summary.rate if isfinite(summary.rate) else 0.0
    carry = float(believed_yields(spots=name.spot, forwards=summary.forward, years=summary.years, rates=rate, hints=name.dividend_yield))
    vols = np.tile(one.smile.greek_iv, 2)
    usable = (vols > 0.0) & (vols < GREATEST_VOL) & (summary.years > 0.0) & (abs(rate) < GREATEST_RATE)
    return (
        np.tile(strikes, 2),
        np.full(size, max(summary.years, SHORTEST_YEARS)),
        np.where(usable, vols, nan),
        np.repeat([1.0, -1.0], strikes.size),
        one.open_interest.ravel(),
        one.volume.ravel(),
        np.full(size, summary.series.multiplier),
        np.full(size, rate),
        np.full(size, carry),
        np.tile(_boxes(name, one), 2),
        np.array([bool(contract) for contract in one.smile.contract], dtype=np.float64),
    )


def _boxes(name: NameNow, one: OpenSeries) -> Floats:
    """Box legs by strike, where money is lent by them."""
    if not (_lends(one.smile.summary.series) and 0.0 < name.spot < inf):
        return np.zeros(one.smile.strikes.size)
    calls, puts = one.open_interest
    found: Floats = boxed(
        strikes=one.smile.strikes, call_open_interest=calls, put_open_interest=puts, spot=name.spot, grid=box_grid(name.spot)
    )
    return found


def _lends(series: OptionSeries) -> bool:
    return series.style is Style.EUROPEAN and series.settled_in is SettledIn.CASH


def box_grid(spot: float) -> float:
    """The step of the roundest strikes of an index.

    >>> box_grid(6800.0), box_grid(680.0), box_grid(25000.0)
    (500.0, 50.0, 1000.0)
    """
    tenth = spot / 10.0
    power = 10.0 ** floor(log10(tenth))
    return next(step * power for step in BOX_STEPS if step * power <= tenth)
