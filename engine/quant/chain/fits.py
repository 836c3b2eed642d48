"""The forwards of a book: of expiries that teach one another their rates, or of each by itself.

Apart, the numbers of a series depend on its own quotes and hint alone, to the last bit, whoever is priced beside it: a series priced alone
and the same one priced with its whole name are equal.
"""

from collections.abc import Sequence

import numpy as np

from engine.quant.chain.book import Book, SeriesQuotes, pack
from engine.quant.chain.quotes import JudgedQuotes, judge
from engine.quant.codes import ForwardSource
from engine.quant.curves.forwards import Forwards, fit_forwards


def implied_rates(series: Sequence[SeriesQuotes]) -> Forwards:
    """Forwards and rates alone, of expiries that may teach one another: a number a series, as given."""
    book = pack(series)
    with np.errstate(all="ignore"):
        quotes = judge(bids=book.bids, asks=book.asks, ticks=book.expiries.ticks[book.rows.owner])
        return fit_book(book, quotes, apart=False)


def fit_book(book: Book, quotes: JudgedQuotes, *, apart: bool) -> Forwards:
    """Forward and rate of every series; where a rate is given it is the rate, and the forward alone is solved, near the money."""
    expiries = book.expiries._replace(american=book.expiries.american | book.rate_given)
    fit = fit_forwards(
        strikes=book.strikes,
        call_mids=quotes.mids[book.calls],
        put_mids=quotes.mids[book.puts],
        call_spreads=quotes.spreads[book.calls],
        put_spreads=quotes.spreads[book.puts],
        segments=book.by_strike,
        expiries=expiries,
        checked=expiries.american & ~expiries.inverse if apart else None,
        apart=apart,
    )
    return _at_given_rates(fit, book)


def _at_given_rates(fit: Forwards, book: Book) -> Forwards:
    """A rate that was given is not bent by the little that the pairs say of it."""
    given = book.rate_given & np.isfinite(fit.rates)
    rates = np.where(given, book.expiries.rate_hints, fit.rates)
    return fit._replace(
        rates=rates,
        discounts=np.where(given, np.exp(-rates * book.expiries.years), fit.discounts),
        sources=np.where(given & (fit.sources == ForwardSource.PARITY), ForwardSource.PARITY_AT_GIVEN_RATE, fit.sources),
    )
