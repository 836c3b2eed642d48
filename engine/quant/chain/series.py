"""All the numbers of an option chain in one call: quotes in, volatilities, Greeks and the expiry's own numbers out, in trader units.

:func:`price_book` takes any number of series and runs each kernel once over all of them; :func:`price_series` is the same for one. Nothing
raises on a quote, however odd: what cannot be known is NaN, and a status or a verdict says why.

Whose volatility the Greeks use: an in-the-money mid carries a spread many times its time value, and for American options an early-exercise
premium, so call and put of a strike share one volatility: that of the out-of-the-money mid. Where it has none, the in-the-money one serves
if its bid and ask agree on it to within half of it; else the smile, interpolated in ln K and held flat beyond its last strike.
``greek_source`` says which. ``iv`` itself is always the option's own.

American series: a volatility is that of the American option, whose early-exercise premium is that of a continuous yield, the one that the
forward implies (:mod:`engine.quant.chain.exercise`); a price at or below what exercise pays has no time value and no volatility.

Which delta: N(d1) for a call, the derivative against the spot where the dividends until expiry are amounts of money, as they practically
are for indices and shares (S* = S - PV(dividends) = D F is what the option is on). A yield would make it e^(-qT) N(d1); the difference is
the dividends' share of the spot. It needs no spot at all, so a late index or a halted share does not bend it. An American option's delta
is the same derivative of what it is worth, premium included: 1 or -1 where it is to be exercised at once.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Bytes, Flags, Floats, Indices, or_zero, read_only
from engine.quant.chain import exercise
from engine.quant.chain.book import Book, SeriesNumbers, SeriesQuotes, pack
from engine.quant.chain.exercise import Rows
from engine.quant.chain.fits import fit_book
from engine.quant.chain.quotes import JudgedQuotes, judge
from engine.quant.codes import GreekSource, IvStatus, QuoteVerdict
from engine.quant.curves.carry import SPOT_NOISE, believed_yields
from engine.quant.curves.forwards import Forwards
from engine.quant.european.black import GREEKS, Greeks, expected_distances
from engine.quant.european.implied import WORST_HALF_TICK
from engine.quant.exposure.max_pain import max_pains
from engine.quant.smiles.points import smile_points
from engine.quant.tiers import core
from engine.quant.trader_units import FACTORS, VOL_POINTS

AGREED = 0.5
"""An in-the-money volatility counts if IV(ask) - IV(bid) is at most this part of it."""


_OK, _BAD_INPUT, _ILL_CONDITIONED = int(IvStatus.OK), int(IvStatus.BAD_INPUT), int(IvStatus.ILL_CONDITIONED)
_NO_SOURCE, _OUT_OF_THE_MONEY = int(GreekSource.NONE), int(GreekSource.OUT_OF_THE_MONEY)
_IN_THE_MONEY, _NEIGHBOURS = int(GreekSource.IN_THE_MONEY), int(GreekSource.NEIGHBOURS)
"""As numbers: a member is looked up by a slow function."""


class _Priced(NamedTuple):
    """The flat results of one pass."""

    quotes: JudgedQuotes
    fit: Forwards
    vols: Floats
    """Of mid, bid and ask, in rows; the statuses alike."""
    statuses: Bytes
    used: Floats
    """The volatility of each strike's Greeks, and whose it is."""
    source: Indices
    greeks: Floats
    verdicts: Flags


def price_series(
    *,
    strikes: ArrayLike,
    bid: ArrayLike,
    ask: ArrayLike,
    spot: float,
    years: float,
    rate_hint: float = float("nan"),
    yield_hint: float = float("nan"),
    inverse: bool = False,
    american: bool = False,
    on_forward: bool = False,
    tick: float = 0.01,
    open_interest: ArrayLike | None = None,
    volume: ArrayLike | None = None,
) -> SeriesNumbers:
    """One series: rising strikes, and matrices of two rows, calls and puts; the arguments are those of :class:`SeriesQuotes`."""
    quotes = SeriesQuotes(
        strikes=strikes,
        bid=bid,
        ask=ask,
        spot=spot,
        years=years,
        rate_hint=rate_hint,
        yield_hint=yield_hint,
        inverse=inverse,
        american=american,
        on_forward=on_forward,
        tick=tick,
        open_interest=open_interest,
        volume=volume,
    )
    return price_book([quotes])[0]


def price_book(series: Sequence[SeriesQuotes], *, apart: bool = False) -> list[SeriesNumbers]:
    """Many series in one pass; expiries without a rate of their own take it from the others, so give those of one currency.

    With ``apart`` nobody learns from another: the numbers of a series are, to the last bit, the same whoever is priced beside it.
    """
    early = [one.american and not one.inverse and not one.on_forward for one in series]
    together = not apart and not all(one.summary_only for one in series)
    kinds: defaultdict[tuple[bool, bool], list[int]] = defaultdict(list)
    for place, one in enumerate(series):
        kinds[early[place], one.summary_only and not (together and not early[place])].append(place)
    found: dict[int, SeriesNumbers] = {}
    with np.errstate(all="ignore"):
        chosen = _at_learned_rates(series) if any(early) and not apart else series
        for (is_early, slim), places in kinds.items():
            book = pack([(chosen if is_early else series)[place] for place in places])
            numbers = _priced_with_exercise(book, slim=slim) if is_early else _priced(book, apart=apart, slim=slim)
            found.update(zip(places, numbers, strict=True))
    return [found[place] for place in range(len(series))]


def _at_learned_rates(series: Sequence[SeriesQuotes]) -> list[SeriesQuotes]:
    """American series, who teach nobody, with the rates that the others teach them."""
    book = pack(series)
    fit = fit_book(book, _judged(book), apart=False)
    rates = np.where(book.expiries.american & np.isfinite(fit.rates), fit.rates, book.expiries.rate_hints).tolist()
    return [one._replace(rate_hint=rate, rate_given=one.rate_given or one.american) for one, rate in zip(series, rates, strict=True)]


def _judged(book: Book) -> JudgedQuotes:
    return judge(bids=book.bids, asks=book.asks, ticks=book.expiries.ticks[book.rows.owner])


def _priced(book: Book, *, apart: bool, slim: bool) -> list[SeriesNumbers]:
    """Series of European options; slim ones without what only a row shows."""
    quotes = _judged(book)
    fit = fit_book(book, quotes, apart=apart)
    prices = _three(quotes)
    vols, statuses = _implied(book, fit, lambda rows: _european(book, fit, prices, rows), slim=slim)
    used, source = _strike_vols(book, vols, statuses, fit)
    greeks = _no_greeks(book) if slim else _in_trader_units(_greeks(book, fit, _yields(book, fit), used))
    return _told(book, quotes, fit, (vols, statuses), (used, source), greeks)


def _priced_with_exercise(book: Book, *, slim: bool) -> list[SeriesNumbers]:
    """Series of American options, each by itself: :mod:`engine.quant.chain.exercise`; slim ones without what only a row shows."""
    quotes = _judged(book)
    fit = fit_book(book, quotes, apart=True)
    prices = _three(quotes)
    used, _ = _strike_vols(book, *_implied(book, fit, lambda rows: _european(book, fit, prices, rows), slim=True), fit)
    free = exercise.freed(book, quotes.mids, fit, used)
    if free.changed.any():
        again = fit_book(book, quotes._replace(mids=free.mids), apart=True)
        fit = Forwards._make(np.where(free.changed, new, old) for new, old in zip(again, fit, strict=True))
    held, begin = exercise.shares(book, fit), _of_strikes(book, free.used)
    known = exercise.boundaries_of(book, fit, held, free.used, moved=not slim)
    if slim:
        vols, statuses = _implied(book, fit, lambda rows: exercise.three_vols(book, fit, held, known, rows, prices, begin)[:2], slim=True)
        return _told(book, quotes, fit, (vols, statuses), _strike_vols(book, vols, statuses, fit), _no_greeks(book))
    vols, statuses, premiums = exercise.three_vols(book, fit, held, known, exercise.all_rows(book), prices, begin)
    used, source = _strike_vols(book, vols, statuses, fit)
    greeks = _greeks(book, fit, held.yields, used)
    slopes = exercise.add_exercise(book, fit, held, known, _of_strikes(book, used), greeks)
    middles = np.where(np.isfinite(vols[0]), vols[0], begin)
    vols[1:] = exercise.bent_sides(book, fit, prices[1:], vols[1:], middles, premiums, slopes)
    return _told(book, quotes, fit, (vols, statuses), (used, source), _in_trader_units(greeks))


def _of_strikes(book: Book, used: Floats) -> Floats:
    """A number a strike as one a row."""
    rows = np.empty(book.signs.size)
    rows[book.calls] = rows[book.puts] = used
    return rows


def _told(
    book: Book, quotes: JudgedQuotes, fit: Forwards, implied: tuple[Floats, Bytes], chosen: tuple[Floats, Indices], greeks: Floats
) -> list[SeriesNumbers]:
    vols, statuses = implied
    _told_unsure(statuses[0], book, fit, greeks[3])
    verdicts = quotes.verdicts | _below_intrinsic(book, quotes, fit)
    return _unpacked(book, _Priced(quotes, fit, vols, statuses, *chosen, greeks, verdicts))


def _three(quotes: JudgedQuotes) -> Floats:
    """Prices of mid, bid and ask, in rows."""
    return np.stack((quotes.mids, quotes.bids, quotes.asks))


def _implied(book: Book, fit: Forwards, solved: Callable[[Rows], tuple[Floats, Bytes]], *, slim: bool) -> tuple[Floats, Bytes]:
    """Volatilities and statuses of mid, bid and ask, in rows.

    With ``slim`` of an option in the money only where it stands in for one out of the money that has none: NaN and a bad input elsewhere.
    """
    if not slim:
        return solved(exercise.all_rows(book))
    vols, statuses = np.full((3, book.signs.size), np.nan), np.full((3, book.signs.size), _BAD_INPUT, dtype=np.int8)
    out, own = _sides(book, fit)
    vols[:, out], statuses[:, out] = solved(exercise.rows_at(book, out))
    lost = own[statuses[0, out] != _OK]
    if lost.size:
        vols[:, lost], statuses[:, lost] = solved(exercise.rows_at(book, lost))
    return vols, statuses


def _european(book: Book, fit: Forwards, prices: Floats, rows: Rows) -> tuple[Floats, Bytes]:
    """Of some rows of these prices, by the European model."""
    owner = rows.owners // 2
    unit = np.where(book.expiries.inverse, fit.forwards, 1.0 / fit.discounts)
    columns = np.empty((5, len(prices), owner.size))
    np.multiply(prices[:, rows.at], unit[owner], out=columns[0])
    columns[1], columns[2], columns[3], columns[4] = fit.forwards[owner], rows.strikes, book.expiries.years[owner], rows.signs
    vols, statuses = np.empty(columns[0].shape), np.empty(columns[0].shape, dtype=np.int8)
    core().implied_vols(columns.reshape(5, -1), vols.ravel(), statuses.ravel())
    return vols, statuses


def _sides(book: Book, fit: Forwards) -> tuple[Indices, Indices]:
    """Of each strike the row of the option out of the money, and that of the one in the money."""
    call_side = book.strikes >= fit.forwards[book.by_strike.owner]
    return np.where(call_side, book.calls, book.puts), np.where(call_side, book.puts, book.calls)


def _no_greeks(book: Book) -> Floats:
    return np.full((GREEKS, book.signs.size), np.nan)


def _strike_vols(book: Book, vols: Floats, statuses: Bytes, fit: Forwards) -> tuple[Floats, Indices]:
    """One volatility a strike for its Greeks, and whose it is."""
    out, own = _sides(book, fit)
    good = statuses == _OK
    agreed = good[0] & good[1] & good[2] & (vols[2] - vols[1] <= AGREED * vols[0])
    by_out, by_own = good[0][out], agreed[own]
    used = np.where(by_out, vols[0][out], np.where(by_own, vols[0][own], np.nan))
    source = np.where(by_out, _OUT_OF_THE_MONEY, np.where(by_own, _IN_THE_MONEY, _NO_SOURCE))
    missing = np.isnan(used)
    if missing.any() and not missing.all():
        filled = _between_strikes(book, used, missing)
        source[missing & np.isfinite(filled)] = _NEIGHBOURS
        used = np.where(missing, filled, used)
    return used, source


def _between_strikes(book: Book, used: Floats, missing: Bools) -> Floats:
    """The smile at the strikes that have no volatility: linear in ln K, flat beyond the last one that has."""
    segments, known = book.by_strike, ~missing
    place = np.log(book.strikes)
    positions = np.arange(place.size)
    first, last = segments.first(known)[segments.owner], segments.last(known)[segments.owner]
    before = np.clip(np.maximum.accumulate(np.where(known, positions, 0)), first, last)
    after = np.clip(np.minimum.accumulate(np.where(known, positions, place.size - 1)[::-1])[::-1], first, last)
    apart = place[after] - place[before]
    share = np.where(apart > 0.0, (place - place[before]) / np.where(apart > 0.0, apart, 1.0), 0.0)
    filled = used[before] + share * (used[after] - used[before])
    return np.where(first >= 0, filled, np.nan)


def _spots(book: Book, fit: Forwards) -> Floats:
    """What moves: the spot, or the forward where that alone is held or no spot is known."""
    return np.where((book.expiries.spots > 0.0) & ~book.on_forward, book.expiries.spots, fit.forwards)


def _yields(book: Book, fit: Forwards) -> Floats:
    """The yield that theta runs with: the forward's as far as it is to be believed; where only the forward is held, the rate."""
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


def _greeks(book: Book, fit: Forwards, yields: Floats, used: Floats) -> Floats:
    """The ten rows of a tier's Greeks, in model units, on the spot less the present value of its dividends: S* = D F."""
    owner = book.rows.owner
    rows = np.empty((8, owner.size))
    rows[0] = (fit.discounts * fit.forwards)[owner]
    rows[1] = fit.forwards[owner]
    rows[2] = book.row_strikes
    rows[3] = book.expiries.years[owner]
    rows[4][book.calls] = used
    rows[4][book.puts] = used
    rows[5] = fit.rates[owner]
    rows[6] = yields[owner]
    rows[7] = book.signs
    out = np.empty((GREEKS, owner.size))
    core().greeks(rows, out)
    return out


def _in_trader_units(out: Floats) -> Floats:
    for name, row in (("vega", 3), ("theta", 4), ("rho", 5)):
        out[row] *= FACTORS[name]
    return out


def _told_unsure(statuses: Bytes, book: Book, fit: Forwards, vegas: Floats) -> None:
    """Below the vega floor, where half a tick moves a mid's volatility by more than a vol point, it is not to be shown bare.

    The floor is told of in the status alone: a wing's own volatility is still the best one for its Greeks.
    """
    owner = book.rows.owner
    ticks = np.where(book.expiries.inverse, book.expiries.ticks * fit.forwards, book.expiries.ticks)[owner]
    unsure = vegas * (WORST_HALF_TICK * VOL_POINTS) < 0.5 * ticks
    statuses[unsure & (statuses == _OK)] = _ILL_CONDITIONED


def _below_intrinsic(book: Book, quotes: JudgedQuotes, fit: Forwards) -> Flags:
    """The verdict bit of an offer below what exercise gives, by more than the tick and the forward's own error."""
    owner, expiries = book.rows.owner, book.expiries
    payoff = np.maximum(book.signs * (fit.forwards[owner] - book.row_strikes), 0.0)
    intrinsic = payoff * np.where(expiries.inverse, 1.0 / fit.forwards, fit.discounts)[owner]
    now = np.where(expiries.american, expiries.spots, np.nan)[owner]
    intrinsic = np.fmax(intrinsic, book.signs * (now - book.row_strikes))
    error = or_zero(fit.errors) * np.where(expiries.inverse, 1.0 / fit.forwards, 1.0)
    allowance = np.where(expiries.american, SPOT_NOISE * expiries.spots, 0.0)
    allowed = expiries.ticks + 2.0 * error + or_zero(allowance)
    below = quotes.asks < intrinsic - allowed[owner]
    result: Flags = np.uint8(QuoteVerdict.BELOW_INTRINSIC) * below
    return result


def _unpacked(book: Book, priced: _Priced) -> list[SeriesNumbers]:
    """A piece of every flat array to each series."""
    years, fit = book.expiries.years, priced.fit
    own = (priced.source == _OUT_OF_THE_MONEY) | (priced.source == _IN_THE_MONEY)
    known, cut = book.by_strike.chosen(own)
    points = smile_points(strikes=book.strikes[known], vols=priced.used[known], segments=cut, forwards=fit.forwards, years=years)
    call_interest, put_interest = book.open_interest[book.calls], book.open_interest[book.puts]
    summaries = (
        fit.forwards,
        fit.sources,
        fit.errors,
        fit.residuals,
        fit.pairs,
        fit.rates,
        fit.rate_errors,
        points.atm,
        _spots(book, fit) * points.atm * np.sqrt(years),
        fit.discounts * expected_distances(forwards=fit.forwards, years=years, vols=points.atm),
        points.risk_reversal_25,
        points.butterfly_25,
        book.by_strike.sums(book.volumes[book.calls]),
        book.by_strike.sums(book.volumes[book.puts]),
        book.by_strike.sums(call_interest),
        book.by_strike.sums(put_interest),
        max_pains(strikes=book.strikes, call_open_interest=call_interest, put_open_interest=put_interest, segments=book.by_strike),
    )
    sources = priced.source.astype(np.int8)
    mids, vols, statuses, greeks = priced.quotes.mids, priced.vols, priced.statuses, priced.greeks
    verdicts, used = priced.verdicts, priced.used
    for block in (mids, vols, statuses, greeks, verdicts, used, sources):
        read_only(block)  # and every piece of it
    numbers = []
    pieces = zip(book.by_strike.starts.tolist(), book.by_strike.sizes.tolist(), strict=True)
    for (start, size), summary in zip(pieces, zip(*(column.tolist() for column in summaries), strict=True), strict=True):
        rows, strip, matrix = slice(2 * start, 2 * (start + size)), slice(start, start + size), (2, size)
        iv, iv_bid, iv_ask = vols[:, rows].reshape(3, *matrix)
        own_greeks = Greeks(*greeks[:, rows].reshape(GREEKS, *matrix))
        numbers.append(
            SeriesNumbers(
                mids[rows].reshape(matrix),
                iv,
                statuses[0, rows].reshape(matrix),
                iv_bid,
                iv_ask,
                own_greeks.deltas,
                own_greeks.gammas,
                own_greeks.thetas,
                own_greeks.vegas,
                own_greeks.rhos,
                own_greeks.probabilities_itm,
                verdicts[rows].reshape(matrix),
                used[strip],
                sources[strip],
                *summary,
            )
        )
    return numbers
