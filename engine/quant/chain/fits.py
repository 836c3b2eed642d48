"""The forwards of a book: of expiries that teach one another their rates, or of each by itself.

Apart, the numbers of a series depend on its own quotes and hint alone, to the last bit, whoever is priced beside it: a series priced alone
and the same one priced with its whole name are equal.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Floats, Indices
from engine.quant.chain.book import Book, SeriesQuotes, pack
from engine.quant.chain.quotes import JudgedQuotes, judge
from engine.quant.chain.segments import Segments, of_sizes, picked
from engine.quant.codes import ForwardSource
from engine.quant.curves.forwards import AMERICAN_PAIRS, Expiries, Forwards, fit_forwards

_FULL_ROW = np.arange(1.0, AMERICAN_PAIRS + 1.0)
_FULL = (1.0, 1.0, 0.0, 0.0, False, True, 1.0)
"""A series of which nothing is asked, as the columns of `Expiries`: spot, years, hints of rate and yield, inverse, American, tick."""


CONTRADICTING = 0.05
"""A pair that puts the forward further than this fraction from where the middle pair puts it is wrong, however tightly quoted."""


class _Strips(NamedTuple):
    """What the fit is made of, a number a strike."""

    strikes: Floats
    call_mids: Floats
    put_mids: Floats
    call_spreads: Floats
    put_spreads: Floats


def implied_rates(series: Sequence[SeriesQuotes]) -> Forwards:
    """Forwards and rates alone, of expiries that may teach one another: a number a series, as given."""
    book = pack(series)
    with np.errstate(all="ignore"):
        quotes = judge(bids=book.bids, asks=book.asks, ticks=book.expiries.ticks[book.rows.owner])
        return fit_book(book, quotes, apart=False)


def fit_book(book: Book, quotes: JudgedQuotes, *, apart: bool) -> Forwards:
    """Forward and rate of every series; where a rate is given it is the rate, and the forward alone is solved, near the money."""
    expiries = book.expiries._replace(american=book.expiries.american | book.rate_given)
    strips = _Strips(
        strikes=book.strikes,
        call_mids=quotes.mids[book.calls],
        put_mids=quotes.mids[book.puts],
        call_spreads=quotes.spreads[book.calls],
        put_spreads=quotes.spreads[book.puts],
    )
    if not apart:
        fit = fit_forwards(**strips._asdict(), segments=book.by_strike, expiries=expiries)
        return _at_given_rates(fit, book)
    near = expiries.american & ~expiries.inverse
    groups = [np.flatnonzero(near)] if near.any() else []
    fits = [_beside_a_full_row(strips, book.by_strike, expiries, group) for group in groups]
    for place in np.flatnonzero(~near):
        groups.append(np.array([place]))
        fits.append(_of_some(strips, book.by_strike, expiries, groups[-1]))
    order = np.argsort(np.concatenate(groups))
    return _at_given_rates(Forwards._make(np.concatenate(columns)[order] for columns in zip(*fits, strict=True)), book)


def _at_given_rates(fit: Forwards, book: Book) -> Forwards:
    """A rate that was given is not bent by the little that the pairs say of it."""
    given = book.rate_given & np.isfinite(fit.rates)
    rates = np.where(given, book.expiries.rate_hints, fit.rates)
    return fit._replace(
        rates=rates,
        discounts=np.where(given, np.exp(-rates * book.expiries.years), fit.discounts),
        sources=np.where(given & (fit.sources == ForwardSource.PARITY), ForwardSource.PARITY_AT_GIVEN_RATE, fit.sources),
    )


def _of_some(strips: _Strips, segments: Segments, expiries: Expiries, group: Indices) -> Forwards:
    """The fit of some series alone. Nobody learns in it where it holds one, or none that could teach."""
    at, cut = _positions(segments, group)
    chosen = {name: strip[at] for name, strip in strips._asdict().items()}
    return fit_forwards(**chosen, segments=cut, expiries=Expiries._make(column[group] for column in expiries))


def _beside_a_full_row(strips: _Strips, segments: Segments, expiries: Expiries, group: Indices) -> Forwards:
    """The fit of series of few pairs in one pass, beside one that has as many as are ever looked at.

    The fit's rows are as wide as its widest, and the width decides in which order a row is added up.
    """
    at, cut = _positions(segments, group)
    strips = strips._replace(call_mids=_agreeing(strips, segments))
    nothing = np.zeros(_FULL_ROW.size)
    beside = _Strips(strikes=_FULL_ROW, call_mids=nothing, put_mids=nothing, call_spreads=nothing, put_spreads=nothing)
    chosen = {name: np.concatenate((strip[at], getattr(beside, name))) for name, strip in strips._asdict().items()}
    some = Expiries._make(np.append(column[group], one) for column, one in zip(expiries, _FULL, strict=True))
    fit = fit_forwards(**chosen, segments=of_sizes(np.append(cut.sizes, _FULL_ROW.size)), expiries=some)
    return Forwards._make(column[:-1] for column in fit)


def _agreeing(strips: _Strips, segments: Segments) -> Floats:
    """The calls' mids, unknown where a pair contradicts the middle one: few pairs are looked at, and it must be those at the money."""
    implied = strips.strikes + strips.call_mids - strips.put_mids
    known, cut = segments.chosen(np.isfinite(implied))
    in_order = implied[known][np.lexsort((implied[known], cut.owner))]
    middle = picked(in_order, np.where(cut.sizes > 0, cut.starts + cut.sizes // 2, -1))[segments.owner]
    result: Floats = np.where(np.abs(implied - middle) > CONTRADICTING * middle, np.nan, strips.call_mids)
    return result


def _positions(segments: Segments, group: Indices) -> tuple[Indices, Segments]:
    """Where the strikes of these pieces stand, and how they are cut."""
    pieces = [np.arange(segments.starts[piece], segments.starts[piece] + segments.sizes[piece]) for piece in group]
    return np.concatenate(pieces), of_sizes(segments.sizes[group])
