"""American series of a book: the early-exercise premium in every row, the forward without it, volatilities with it, and its Greeks.

The model is a continuous yield, the one that the forward implies: F = S e^((r-q)T). An American price less its premium is a European one,
so all that holds for those holds for what is left: put-call parity gives the forward, and the volatility σ is the one at which
σ = European IV(P - premium(σ)). The premium hardly depends on the volatility, and two or three rounds are enough; near the money the
same rounds free the forward from the premiums of puts and calls, which parity would else take for carry.

What exercise pays now needs the spot: that in the quotes, as far as the dividends it implies can be meant. Within the last hours no share
goes ex, and there, as where no spot is known or it is too late to be meant, the forward and the stated yield say it.

Where rate and yield are negative and there are two boundaries, the premium is left out; it is small.
"""

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.quant.american.sharing import Boundaries, Expiries, boundaries, premiums
from engine.quant.arrays import Bools, Bytes, Floats, Indices
from engine.quant.chain.book import Book
from engine.quant.chain.segments import of_owners, picked
from engine.quant.codes import ForwardSource, IvStatus
from engine.quant.curves.forwards import Forwards
from engine.quant.formulas.forward_fit import AMERICAN_PAIRS
from engine.quant.tiers import core

LAST_HOURS = 0.3 / 365.0
"""Between here and the settlement no share goes ex."""
WORST_DIVIDENDS = 0.03
"""Dividends of more than this part of the spot, and a tenth of it a year beyond the stated yield, are a wrong spot."""
WORST_YIELD = 0.10
MEANT_YIELD = 1.0
"""A stated yield beyond this is no yield."""
FREEING_ROUNDS = 4
LONGEST_STEP = 4.0
"""A secant's step of a forward, over the plain one: premiums hardly depend on it, and one that seems to be longer follows noise."""
MIDDLE_PAIRS = 11
BENT = 1e-6
"""Premiums that move a forward by less than this part of it are let be ..."""
FREED = 1e-5
"""... and it is free of them when a round, whose step is a secant's, moves it by less than this."""
ROUNDS = 5
MET = 1e-5
"""A volatility is found when it moves by less."""
VOL_BUMP = 2e-3
"""Of the volatility."""
RATE_BUMP = 1e-4
LEAST_VOL, GREATEST_VOL = 1e-4, 20.0
ULPS = 1e-12
"""Of what exercise pays: a price so close to it is that."""
USUAL_VOL = 0.3
"""Where a series says none."""
_NO_TIME_VALUE, _ABOVE_BOUND = int(IvStatus.NO_TIME_VALUE), int(IvStatus.ABOVE_BOUND)
_BAD_INPUT, _ILL_CONDITIONED = int(IvStatus.BAD_INPUT), int(IvStatus.ILL_CONDITIONED)
"""As numbers: a member is looked up by a slow function."""
EVERY = slice(None)
Column = TypeVar("Column", bound=np.generic)


class Shares(NamedTuple):
    """What the American options of each series are on."""

    spots: Floats
    """Consistent with the forward: F e^(-(r-q)T)."""
    yields: Floats


class Rows(NamedTuple):
    """The rows of a book, or some of them, as this room wants them."""

    at: Indices
    """In the book."""
    owners: Indices
    """Twice the series, and one more for puts: whose boundary serves it."""
    strikes: Floats
    signs: Floats


def shares(book: Book, fit: Forwards) -> Shares:
    """The yield that each forward implies, and the spot that goes with it."""
    expiries = book.expiries
    stated = np.where(np.abs(expiries.yield_hints) < MEANT_YIELD, expiries.yield_hints, 0.0)
    implied = fit.rates - np.log(fit.forwards / expiries.spots) / expiries.years
    paid = np.abs(implied - stated) * expiries.years
    believed = (expiries.years > LAST_HOURS) & (paid < WORST_DIVIDENDS + WORST_YIELD * expiries.years)
    yields = np.where(believed, implied, stated)
    return Shares(fit.forwards * np.exp((yields - fit.rates) * expiries.years), yields)


def all_rows(book: Book) -> Rows:
    """Every row of the book."""
    return rows_at(book, np.arange(book.signs.size))


def rows_at(book: Book, at: Indices) -> Rows:
    """These rows of the book."""
    return Rows(at, 2 * book.rows.owner[at] + (book.signs[at] < 0.0), book.row_strikes[at], book.signs[at])


def near_strikes(book: Book, mids: Floats, fit: Forwards) -> Indices:
    """The strikes quoted on both sides that lie nearest to the forward, a few more a series than the fit of a forward looks at."""
    at, cut = book.by_strike.chosen(np.isfinite(mids[book.calls] + mids[book.puts]))
    above = cut.first(book.strikes[at] >= fit.forwards[cut.owner])
    middle = np.where(above >= 0, above, cut.starts + cut.sizes - 1)[cut.owner]
    return at[np.abs(np.arange(at.size) - middle) <= AMERICAN_PAIRS // 2 + 2]


def rows_of(book: Book, strikes: Indices) -> Rows:
    """The calls of some strikes, then their puts."""
    return rows_at(book, np.concatenate([book.calls[strikes], book.puts[strikes]]))


def middle_forwards(book: Book, near: Indices, europeans: Floats, fit: Forwards) -> Floats:
    """The forward that the middle one of the few pairs nearest to the money says; ``europeans`` are the prices of near calls and puts."""
    calls, puts = europeans
    owner = book.by_strike.owner[near]
    said = book.strikes[near] + (calls - puts) / fit.discounts[owner]
    known = np.flatnonzero(np.isfinite(said))
    cut = of_owners(owner[known], book.by_strike.pieces)
    above = cut.first(book.strikes[near][known] >= fit.forwards[cut.owner])
    money = np.where(above >= 0, above, cut.starts + cut.sizes - 1)[cut.owner]
    chosen = known[np.abs(np.arange(known.size) - money) <= MIDDLE_PAIRS // 2]
    cut = of_owners(owner[chosen], book.by_strike.pieces)
    in_order = said[chosen][np.lexsort((said[chosen], cut.owner))]
    return picked(in_order, np.where(cut.sizes > 0, cut.starts + cut.sizes // 2, -1))


class Freed(NamedTuple):
    """What is known once the premiums are out of the pairs near the money."""

    mids: Floats
    """European ones, of the rows near the money; NaN elsewhere."""
    forwards: Floats
    used: Floats
    """The volatility of each strike, better near the money than before."""
    changed: Bools
    """Series whose forward the premiums had bent."""


def freed(book: Book, mids: Floats, fit: Forwards, used: Floats) -> Freed:
    """Take the premiums out of the pairs near the money, again and again as the forward without them changes them."""
    near = near_strikes(book, mids, fit)
    rows = rows_of(book, near)
    owner = book.by_strike.owner[near]
    used, left = used.copy(), mids[rows.at].reshape(2, -1)
    by_parity = (fit.sources == ForwardSource.PARITY) | (fit.sources == ForwardSource.PARITY_AT_GIVEN_RATE)
    going, changed = by_parity.copy(), np.zeros(by_parity.size, dtype=bool)
    last, last_move = np.full(going.size, np.nan), np.full(going.size, np.nan)
    for _ in range(FREEING_ROUNDS):
        if not going.any():
            break
        now, at = fit.forwards, np.flatnonzero(going[owner])
        some = rows_of(book, near[at])
        known = boundaries_of(book, fit, shares(book, fit), used, chosen=going)
        owners = 2 * (np.cumsum(going) - 1)[some.owners // 2] + some.owners % 2
        found = premiums(known, owners, some.strikes, _doubled(used[near[at]])).values
        pays = some.signs * (known.expiries[0, owners] - some.strikes)
        left[:, at] = _without(found, mids[some.at], book.asks[some.at], pays).reshape(2, -1)
        move = middle_forwards(book, near, left, fit) - now
        slope = (move - last_move) / (now - last)
        forwards = np.where(going, now + np.where(slope < 0.0, move / np.maximum(-slope, 1.0 / LONGEST_STEP), move), now)
        last, last_move = now, move
        changed |= going & (np.abs(forwards - now) > BENT * now)
        going = going & (np.abs(forwards - now) > FREED * now)
        fit = fit._replace(forwards=forwards)
        calls, puts = european_vols(book, fit, some, left[:, at].ravel())[0].reshape(2, -1)
        better = np.where(book.strikes[near[at]] >= forwards[owner[at]], calls, puts)
        used[near[at]] = np.where(np.isfinite(better), better, used[near[at]])
    european = np.full(mids.size, np.nan)
    european[rows.at] = left.ravel()
    return Freed(european, fit.forwards, used, changed)


def _without(premium: Floats, mids: Floats, asks: Floats, pays: Floats) -> Floats:
    """European prices; what is offered below what exercise pays is a wrong quote, of the option or of the spot, and says nothing."""
    european = mids - premium
    return np.where((european > 0.0) & ~(asks < pays * (1.0 - ULPS)), european, np.nan)


def boundaries_of(
    book: Book, fit: Forwards, held: Shares, used: Floats, *, moved: bool = False, chosen: Bools | slice = EVERY
) -> Boundaries:
    """Boundaries of the calls and of the puts of each chosen series, over the volatilities its strikes use.

    With ``moved`` those of the rate a little higher follow, and those of the yield a little higher.
    """
    lowest, highest = _range(book, used)
    terms = np.array((held.spots, book.expiries.years, fit.rates, held.yields, lowest, lowest, highest))
    columns = terms[:, chosen].repeat(2, axis=1)
    columns[4, ::2], columns[4, 1::2] = 1.0, -1.0
    if not moved:
        return boundaries(Expiries(*columns))
    size = columns.shape[1]
    columns = np.tile(columns, 3)
    columns[2, size : 2 * size] += RATE_BUMP
    columns[3, 2 * size :] += RATE_BUMP
    return boundaries(Expiries(*columns), 3)


def _range(book: Book, used: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest volatility of each series' strikes."""
    meant = np.where((used > LEAST_VOL) & (used < GREATEST_VOL), used, np.nan)
    lowest, highest = book.by_strike.smallest(meant), -book.by_strike.smallest(-meant)
    return np.where(np.isnan(lowest), USUAL_VOL, lowest), np.where(np.isnan(highest), USUAL_VOL, highest)


def european_vols(book: Book, fit: Forwards, rows: Rows, prices: Floats) -> tuple[Floats, Bytes]:
    """Volatilities and statuses of European prices."""
    owner = rows.owners // 2
    vols, statuses = np.empty(prices.size), np.empty(prices.size, dtype=np.int8)
    columns = np.empty((5, prices.size))
    np.divide(prices, fit.discounts[owner], out=columns[0])
    columns[1], columns[2], columns[3], columns[4] = fit.forwards[owner], rows.strikes, book.expiries.years[owner], rows.signs
    core().implied_vols(columns, vols, statuses)
    return vols, statuses


class Solved(NamedTuple):
    """Volatilities of American prices, a row each."""

    vols: Floats
    statuses: Bytes
    premiums: Floats
    """At these volatilities, or at those begun with where there is none."""


def american_vols(book: Book, fit: Forwards, known: Boundaries, rows: Rows, prices: Floats, begin: Floats) -> Solved:
    """The volatilities of American prices, from those to begin with; exercise pays as much or more: no time value.

    A secant of σ <- European IV(P - premium(σ)), kept in a bracket.
    """
    begin = np.where((begin > LEAST_VOL) & (begin < GREATEST_VOL), begin, USUAL_VOL)
    premium = premiums(known, rows.owners, rows.strikes, begin).values
    vols, statuses = european_vols(book, fit, rows, prices - premium)
    spots = known.expiries[0, rows.owners]
    intrinsic = rows.signs * (spots - rows.strikes)
    nothing = (prices <= intrinsic * (1.0 + ULPS)) & (statuses != _BAD_INPUT)
    active = np.flatnonzero((premium > 0.0) & np.isfinite(prices) & ~nothing & ~(np.abs(vols - begin) < MET))
    _follow(book, fit, known, _some(rows, active), prices[active], begin[active], (vols, statuses, premium), active)
    statuses[nothing] = _NO_TIME_VALUE
    vols[nothing] = np.nan
    return Solved(vols, statuses, premium)


def _some(rows: Rows, chosen: Indices) -> Rows:
    return Rows._make(column[chosen] for column in rows)


def _follow(
    book: Book,
    fit: Forwards,
    known: Boundaries,
    rows: Rows,
    prices: Floats,
    begin: Floats,
    results: tuple[Floats, Bytes, Floats],
    active: Indices,
) -> None:
    """Go on with the rows that are not met yet, into the results."""
    vols, statuses, premium = results
    low, high = np.full(active.size, LEAST_VOL), np.full(active.size, GREATEST_VOL)
    last, answer = begin, vols[active]
    last_move = _moves(answer, statuses[active], last)
    low, high = _bracket(low, high, last, last_move)
    now = _inside(last + last_move, low, high)
    for turn in range(ROUNDS):
        if not active.size:
            return
        found = premiums(known, rows.owners, rows.strikes, now).values
        answer, said = european_vols(book, fit, rows, prices - found)
        move = _moves(answer, said, now)
        low, high = _bracket(low, high, now, move)
        slope = (move - last_move) / (now - last)
        step = np.where(slope < 0.0, -move / slope, move)
        following = _inside(now + step, low, high)
        done = (np.abs(following - now) < MET) & (np.abs(move) < GREATEST_VOL) & ~np.isnan(answer)
        final = done if turn < ROUNDS - 1 else np.ones(active.size, dtype=bool)
        vols[active[final]] = np.where(done, answer, now)[final]
        statuses[active[final]] = np.where(np.isnan(found), _BAD_INPUT, np.where(done, said, _ILL_CONDITIONED))[final]
        vols[active[final & np.isnan(found)]] = np.nan
        premium[active[final]] = found[final]
        going = np.flatnonzero(~final)
        active, rows, prices = active[going], _some(rows, going), prices[going]
        low, high, last, last_move, now = low[going], high[going], now[going], move[going], following[going]


def _moves(answer: Floats, statuses: Bytes, now: Floats) -> Floats:
    """Where the fixed point goes; without an answer just as far as it can be said: the price less the premium is too low, or too high."""
    unknown = np.where(statuses == _ABOVE_BOUND, GREATEST_VOL, -GREATEST_VOL)
    return np.where(np.isfinite(answer), answer - now, unknown)


def _bracket(low: Floats, high: Floats, now: Floats, move: Floats) -> tuple[Floats, Floats]:
    return np.where(move > 0.0, np.maximum(low, now), low), np.where(move < 0.0, np.minimum(high, now), high)


def _inside(wanted: Floats, low: Floats, high: Floats) -> Floats:
    return np.where((wanted >= low) & (wanted <= high), wanted, np.sqrt(low * high))


def add_exercise(book: Book, fit: Forwards, held: Shares, known: Boundaries, vols: Floats, greeks: Floats) -> Floats:
    """Add the premium's part to European Greeks in model units, whose volatilities are ``vols`` a row; the premium's vega is the answer.

    ``known`` are boundaries with the moved ones. Delta and gamma come from the integral; theta by the equation that the value obeys; vega
    and rho by one bump each. The delta is that of a share whose dividends until expiry are amounts of money, as the European one is: the
    yield is less of a greater spot, which takes one bump more. Where it is to be exercised at once delta is 1 or -1 and every other
    Greek is 0.
    """
    rows = all_rows(book)
    owner = rows.owners // 2
    step = VOL_BUMP * vols
    apart = 2 * fit.rates.size
    owners = np.concatenate([rows.owners, rows.owners, rows.owners + apart, rows.owners + 2 * apart])
    strikes, many = np.concatenate([rows.strikes] * 4), np.concatenate([vols, vols + step, vols, vols])
    found = premiums(known, owners, strikes, many, np.full(many.size, np.inf))  # no floor: derivatives of the integral are wanted
    value, by_vol, by_rate, by_yield = found.values.reshape(4, -1)
    slope, curve, exercised = (column[: vols.size] for column in found[1:4])
    vega = (by_vol - value) / step
    of_yield = (by_yield - value) / RATE_BUMP
    spot, years, rate, dividend = np.array((held.spots, book.expiries.years, fit.rates, held.yields))[:, owner]
    parts = {
        1: slope - of_yield * np.expm1(dividend * years) / (years * spot),
        2: curve * np.exp(2.0 * dividend * years),
        3: vega,
        4: rate * value - (rate - dividend) * spot * slope - 0.5 * (vols * spot) ** 2 * curve,
        5: (by_rate - value) / RATE_BUMP,
    }
    for row, part in parts.items():
        greeks[row] = np.where(exercised, rows.signs if row == 1 else 0.0, greeks[row] + part)
    greeks[1] = np.minimum(np.maximum(greeks[1], np.minimum(rows.signs, 0.0)), np.maximum(rows.signs, 0.0))
    greeks[3] = np.maximum(greeks[3], 0.0)
    return vega


def three_vols(
    book: Book, fit: Forwards, held: Shares, known: Boundaries, rows: Rows, prices: Floats, begin: Floats
) -> tuple[Floats, Bytes, Floats]:
    """Volatilities and statuses of mids, bids and offers, whose ``prices`` are rows of the whole book, and the premiums of the mids."""
    mids = american_vols(book, fit, known, rows, prices[0, rows.at], begin[rows.at])
    vols, statuses = side_vols(book, fit, held, rows, prices[1:, rows.at], mids)
    return np.vstack([mids.vols, vols]), np.vstack([mids.statuses, statuses]), mids.premiums


def side_vols(book: Book, fit: Forwards, held: Shares, rows: Rows, sides: Floats, mids: Solved) -> tuple[Floats, Bytes]:
    """Volatilities and statuses of bids and of offers, with the premium of the mid."""
    twice, prices = _twice(rows), sides.ravel()
    vols, statuses = european_vols(book, fit, twice, prices - _doubled(mids.premiums))
    nothing = prices <= twice.signs * (held.spots[twice.owners // 2] - twice.strikes) * (1.0 + ULPS)
    statuses[nothing & (statuses != _BAD_INPUT)] = _NO_TIME_VALUE
    vols[nothing] = np.nan
    return vols.reshape(sides.shape), statuses.reshape(sides.shape)


def bent_sides(book: Book, fit: Forwards, sides: Floats, found: Floats, middles: Floats, premium: Floats, slopes: Floats) -> Floats:
    """The same with the premium running along its slope by the volatility, from the one at the middle volatility."""
    first = found.ravel()
    rows = _twice(all_rows(book))
    chosen = np.flatnonzero(np.isfinite(first) & (np.abs(_doubled(slopes)) > 0.0))
    some, prices = _some(rows, chosen), (sides - premium).ravel()[chosen]
    slope, middle, begin = _doubled(slopes)[chosen], _doubled(middles)[chosen], first[chosen]
    second = european_vols(book, fit, some, prices - slope * (begin - middle))[0]
    third = european_vols(book, fit, some, prices - slope * (second - middle))[0]
    change, more = second - begin, third - second
    answer = np.where(np.abs(change) > MET, second + more / (1.0 - more / change), second)
    first[chosen] = np.where(np.isfinite(answer) & (answer > 0.0), answer, begin)
    return first.reshape(sides.shape)


def _doubled(column: NDArray[Column]) -> NDArray[Column]:
    """The column, and once more after itself."""
    return np.concatenate((column, column))


def _twice(rows: Rows) -> Rows:
    return Rows._make(_doubled(column) for column in rows)
