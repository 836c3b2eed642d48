"""Which quotes a smile is fitted to, with what weight, and why the others are left out.

Out-of-the-money options alone: their prices are all time value, and an American premium hardly touches them. A quote's weight is one over
the square of its width in volatility, which is vega over the price's spread, squared; no quote is trusted beyond a part of the typical
width of its slice, so that a locked one does not pin the smile.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Bytes, Floats, Indices
from engine.quant.chain.book import SeriesNumbers, SeriesQuotes
from engine.quant.chain.segments import Segments, of_sizes
from engine.quant.codes import QuoteUse
from engine.quant.curves.clock import on_clock
from engine.quant.european.implied import implied_vols
from engine.quant.formulas.black import INVERSE_SQRT_2_PI
from engine.quant.smiles.splicing import exchanged, positions_of, splice

WIDEST = 1.0
"""IV(ask) - IV(bid) as a part of the volatility, beyond which a quote says too little."""
LEAST_VEGA = 1e-3
"""φ(d1), vega over F√T, below which (some 3.3 deviations out) a price says nothing of the volatility."""
TRUSTED_PART = 0.25
"""Of the slice's median width: narrower quotes weigh no more."""
TRUSTED_WIDTH = 2e-4
"""Likewise, in volatility."""


class SmileQuotes(NamedTuple):
    """Options of many series in flat columns; NaN or zero is "no price" or "no volatility"."""

    strikes: ArrayLike
    rights: ArrayLike
    """+1 call, -1 put."""
    bids: ArrayLike
    asks: ArrayLike
    vols: ArrayLike
    """Of the mids, as :mod:`engine.quant.european.implied` gives them."""
    bid_vols: ArrayLike
    ask_vols: ArrayLike
    segments: Segments
    forwards: ArrayLike
    """A number a series; so ``years``, those that the volatilities are told by: on a clock of variance that clock's."""
    years: ArrayLike

    def of(self, slices: Indices) -> "SmileQuotes":
        """Those of these series, in rising order, alone."""
        at, cut = positions_of(self.segments, slices)
        flat = (np.asarray(column)[at] for column in self[:7])
        strikes, rights, bids, asks, vols, bid_vols, ask_vols = flat
        return SmileQuotes(
            strikes, rights, bids, asks, vols, bid_vols, ask_vols, cut, np.asarray(self.forwards)[slices], np.asarray(self.years)[slices]
        )


class ChosenQuotes(NamedTuple):
    """Columns like the quotes they were chosen from."""

    uses: Bytes
    """:class:`engine.quant.codes.QuoteUse`."""
    measured: Bools
    """Out of the money with three volatilities: what a fit is measured against, used in it or not."""
    log_moneyness: Floats
    vols: Floats
    bid_vols: Floats
    ask_vols: Floats
    weights: Floats
    """0 where it is not used."""
    segments: Segments
    forwards: Floats
    """A number a series; so ``years``."""
    years: Floats

    def of(self, slices: Indices) -> "ChosenQuotes":
        """Those of these series, in rising order, alone."""
        at, cut = positions_of(self.segments, slices)
        flat = (self.uses[at], self.measured[at], self.log_moneyness[at], self.vols[at], self.bid_vols[at], self.ask_vols[at])
        return ChosenQuotes(*flat, self.weights[at], cut, self.forwards[slices], self.years[slices])

    def with_slices(self, slices: Indices, fresh: "ChosenQuotes") -> "ChosenQuotes":
        """With those of these series exchanged for fresh ones."""
        join = splice(self.segments, fresh.segments, slices)
        return ChosenQuotes(
            uses=join.flat(self.uses, fresh.uses),
            measured=join.flat(self.measured, fresh.measured),
            log_moneyness=join.flat(self.log_moneyness, fresh.log_moneyness),
            vols=join.flat(self.vols, fresh.vols),
            bid_vols=join.flat(self.bid_vols, fresh.bid_vols),
            ask_vols=join.flat(self.ask_vols, fresh.ask_vols),
            weights=join.flat(self.weights, fresh.weights),
            segments=join.segments,
            forwards=exchanged(self.forwards, fresh.forwards, slices),
            years=exchanged(self.years, fresh.years, slices),
        )

    def counts(self) -> Indices:
        """Of every series and every :class:`QuoteUse`, how many."""
        found = np.zeros((self.segments.pieces, len(QuoteUse)), dtype=np.intp)
        np.add.at(found, (self.segments.owner, self.uses), 1)
        return found


def quotes_of_prices(
    *,
    strikes: ArrayLike,
    rights: ArrayLike,
    bids: ArrayLike,
    asks: ArrayLike,
    segments: Segments,
    forwards: ArrayLike,
    discounts: ArrayLike,
    years: ArrayLike,
    variance_years: ArrayLike | None = None,
) -> SmileQuotes:
    """European quotes with the volatilities of mid, bid and ask, all in one pass; prices in the unit of the strikes.

    Flat columns are cut by ``segments``; forwards, discounts and both kinds of years are a number a series. Volatilities are told by
    ``variance_years`` (:mod:`engine.quant.curves.clock`), where no clock is given by ``years`` themselves. A price that has none is NaN.
    """
    owner = segments.owner
    bid, ask = np.asarray(bids, dtype=np.float64), np.asarray(asks, dtype=np.float64)
    T = np.asarray(years if variance_years is None else variance_years, dtype=np.float64)
    with np.errstate(all="ignore"):
        mid = np.where((bid > 0.0) & (ask >= bid), 0.5 * (bid + ask), np.nan)
    vols, bid_vols, ask_vols = implied_vols(
        prices=np.stack((mid, bid, ask)),
        forwards=np.asarray(forwards, dtype=np.float64)[owner],
        strikes=strikes,
        years=T[owner],
        rights=rights,
        discounts=np.asarray(discounts, dtype=np.float64)[owner],
    ).vols
    return SmileQuotes(strikes, rights, bid, ask, vols, bid_vols, ask_vols, segments, forwards, T)


def quotes_of_series(
    *, series: Sequence[SeriesQuotes], numbers: Sequence[SeriesNumbers], variance_years: ArrayLike | None = None
) -> SmileQuotes:
    """The quotes of priced series, in the order of their expiries, with the volatilities that they were priced at.

    American series bring the volatility of the American option. ``variance_years``, a number a series, tells all of them by another clock.
    """
    sizes = np.array([np.size(one.strikes) for one in series], dtype=np.intp)
    T = np.array([one.years for one in series], dtype=np.float64)
    clock = T if variance_years is None else np.asarray(variance_years, dtype=np.float64)
    cut = of_sizes(2 * sizes)

    def flat(matrices: Iterable[ArrayLike]) -> Floats:
        columns = [np.asarray(matrix, dtype=np.float64).reshape(-1) for matrix in matrices]
        return np.concatenate(columns) if columns else np.empty(0)

    told = [flat(matrices) for matrices in ((one.iv for one in numbers), (one.iv_bid for one in numbers), (one.iv_ask for one in numbers))]
    if variance_years is not None:
        told = [on_clock(vols=vols, years=T[cut.owner], clock_years=clock[cut.owner]) for vols in told]
    vols, bid_vols, ask_vols = told
    return SmileQuotes(
        flat(np.tile(np.asarray(one.strikes, dtype=np.float64), 2) for one in series),
        flat(np.repeat([1.0, -1.0], size) for size in sizes),
        flat(one.bid for one in series),
        flat(one.ask for one in series),
        vols,
        bid_vols,
        ask_vols,
        cut,
        np.array([one.forward for one in numbers], dtype=np.float64),
        clock,
    )


def choose(quotes: SmileQuotes) -> ChosenQuotes:
    """The quotes sorted into used and left out; ValueError where the columns do not fit the segments."""
    owner = quotes.segments.owner
    strikes, rights, bids, asks, vols, bid_vols, ask_vols = (
        np.asarray(column, dtype=np.float64)
        for column in (quotes.strikes, quotes.rights, quotes.bids, quotes.asks, quotes.vols, quotes.bid_vols, quotes.ask_vols)
    )
    forwards, years = np.asarray(quotes.forwards, dtype=np.float64), np.asarray(quotes.years, dtype=np.float64)
    for name, column in zip(SmileQuotes._fields, (strikes, rights, bids, asks, vols, bid_vols, ask_vols), strict=False):
        if column.shape != owner.shape:
            message = f"{name} must be a flat column of {owner.size} quotes, as segments say, not of shape {column.shape}"
            raise ValueError(message)
    if forwards.shape != (quotes.segments.pieces,) or years.shape != forwards.shape:
        message = f"forwards and years must be one number for each of {quotes.segments.pieces} series"
        raise ValueError(message)
    with np.errstate(all="ignore"):
        F, T = forwards[owner], years[owner]
        k = np.log(strikes / F)
        s = vols * np.sqrt(T)
        density = INVERSE_SQRT_2_PI * np.exp(-0.5 * (-k / s + 0.5 * s) ** 2)
        width = ask_vols - bid_vols
        alive = (F > 0.0) & (T > 0.0) & (strikes > 0.0) & np.isfinite(k)
        out = np.where(rights > 0.0, k >= 0.0, k < 0.0)
        known = (vols > 0.0) & (bid_vols > 0.0) & (ask_vols >= bid_vols) & np.isfinite(vols + bid_vols + ask_vols)
        two_sided = (bids > 0.0) & (asks >= bids) & np.isfinite(bids + asks)
        uses = np.full(k.shape, QuoteUse.USED, dtype=np.int8)
        for use, where in (  # the last word is the gravest
            (QuoteUse.LITTLE_VEGA, density < LEAST_VEGA),
            (QuoteUse.TOO_WIDE, width > WIDEST * vols),
            (QuoteUse.NO_VOLATILITY, ~known),
            (QuoteUse.IN_THE_MONEY, ~out),
            (QuoteUse.CROSSED, asks < bids),
            (QuoteUse.NO_ASK, ~(asks > 0.0)),
            (QuoteUse.NO_BID, ~(bids > 0.0)),
            (QuoteUse.NO_TIME, ~alive),
        ):
            uses[where] = use
    used = uses == QuoteUse.USED
    measured = alive & out & known & two_sided
    weights = np.where(used, _weights(np.where(used, width, np.nan), quotes.segments), 0.0)
    return ChosenQuotes(uses, measured, k, vols, bid_vols, ask_vols, weights, quotes.segments, forwards, years)


def _weights(widths: Floats, segments: Segments) -> Floats:
    """One over the square of each width, none less than a part of its slice's median."""
    known = np.flatnonzero(np.isfinite(widths))
    owner = segments.owner[known]
    counts = np.bincount(owner, minlength=segments.pieces)
    rows = np.full((segments.pieces, max(int(counts.max(initial=0)), 1)), np.inf)
    rows[owner, np.arange(known.size) - (np.cumsum(counts) - counts)[owner]] = widths[known]
    rows.sort(axis=1)
    medians = np.where(counts > 0, rows[np.arange(counts.size), counts // 2 * (counts > 0)], np.nan)
    with np.errstate(all="ignore"):
        least = np.fmax(TRUSTED_PART * medians[segments.owner], TRUSTED_WIDTH)
        result: Floats = 1.0 / np.square(np.fmax(widths, least))
    return result
