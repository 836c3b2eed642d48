"""What goes into the pricing of a chain and what comes out, and the flat layout in between.

Strike level: the strikes of one series after those of another. Row level: of each series first its calls, then its puts, so that a series
is one contiguous piece of every flat result, and a matrix of two rows without a copy.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Bytes, Flags, Floats, Indices
from engine.quant.chain.segments import Segments, of_sizes
from engine.quant.curves.forwards import Expiries

NAN = float("nan")
LEAST_TICK = 1e-9


class SeriesQuotes(NamedTuple):
    """One series' quotes. Matrices have two rows, calls and puts; NaN or zero is "no price"."""

    strikes: ArrayLike
    """Rising."""
    bid: ArrayLike
    ask: ArrayLike
    spot: float
    """NaN: unknown."""
    years: float
    """ACT/365 to the settlement instant; nothing can be said at or after it."""
    rate_hint: float = NAN
    """Continuous; what to believe where parity says little. American series want the rate of a European index here."""
    yield_hint: float = NAN
    """Dividends, borrow or foreign rate, continuous."""
    inverse: bool = False
    """Quoted and settled in the coin. Greeks are those of the value in currency, as Deribit states them."""
    american: bool = False
    """May be exercised early: :mod:`engine.quant.chain.exercise`. The forward is taken closer to the money and the rate from the hint."""
    rate_given: bool = False
    """The rate hint, which must be a number then, is the rate: the pairs say too little about it, and only the forward is solved."""
    on_forward: bool = False
    """The underlying is held by its forward alone (VIX): the spot says nothing of the carry, and the expected move is the forward's."""
    summary_only: bool = False
    """Only the expiry's own numbers and its smile are wanted: no Greeks, no volatility of an option in the money but where it stands in for
    one out of the money that has none, and American bids and offers with the premium of the mid."""
    tick: float = 0.01
    """Least price step, in the unit of the quotes."""
    open_interest: ArrayLike | None = None
    volume: ArrayLike | None = None


class SeriesNumbers(NamedTuple):
    """One series' numbers in trader units, per share. Matrices are (2, strikes), calls then puts, read-only; NaN is unknown."""

    mid: Floats
    """In the unit of the quotes, of two-sided, uncrossed ones."""
    iv: Floats
    """Of the mid, a fraction a year."""
    iv_status: Bytes
    """:class:`engine.quant.codes.IvStatus` of the mid's; a missing mid is BAD_INPUT."""
    iv_bid: Floats
    iv_ask: Floats
    delta: Floats
    """N(d1) of a European call: against the spot, its dividends being cash; a stale spot does not touch it. Of an American option the
    same with what exercise is worth in it: 1 or -1 where it is to be exercised at once."""
    gamma: Floats
    """Delta a unit of the underlying."""
    theta: Floats
    """Price a calendar day."""
    vega: Floats
    """Price a vol point."""
    rho: Floats
    """Price a 1 % rise of the rate."""
    probability_itm: Floats
    verdict: Flags
    """:class:`engine.quant.codes.QuoteVerdict` bits."""
    greek_iv: Floats
    """(strikes,): the volatility the Greeks of call and put are computed with."""
    greek_source: Bytes
    """(strikes,): :class:`engine.quant.codes.GreekSource`."""
    forward: float
    forward_source: int
    """:class:`engine.quant.codes.ForwardSource`."""
    forward_error: float
    """Standard error, by spreads and scatter."""
    residual: float
    """Median put-call parity residual of the pairs used, in price (in currency for coin-settled series)."""
    pairs: int
    rate: float
    rate_error: float
    """Of a parity forward; most of it is the prior's where ``forward_source`` says the rate was given."""
    atm_iv: float
    """At the forward."""
    expected_move: float
    """One standard deviation: spot * atm_iv * sqrt(years)."""
    straddle: float
    """Price of a straddle struck at the forward, at ``atm_iv``, in currency."""
    risk_reversal_25: float
    """iv(25-delta call) - iv(25-delta put), forward delta."""
    butterfly_25: float
    call_volume: float
    put_volume: float
    call_open_interest: float
    put_open_interest: float
    max_pain: float


class Book(NamedTuple):
    """Many series in flat arrays."""

    by_strike: Segments
    rows: Segments
    strikes: Floats
    calls: Indices
    """Row of each strike's call."""
    puts: Indices
    row_strikes: Floats
    signs: Floats
    """+1 call, -1 put, a row."""
    bids: Floats
    asks: Floats
    open_interest: Floats
    volumes: Floats
    expiries: Expiries
    on_forward: Bools
    rate_given: Bools


def pack(series: Sequence[SeriesQuotes]) -> Book:
    """Lay the series side by side; a matrix that does not fit its strikes, or strikes that do not rise, are the caller's mistake."""
    strikes = [np.asarray(one.strikes, dtype=np.float64) for one in series]
    for number, column in enumerate(strikes):
        if column.ndim != 1 or not (np.diff(column) > 0.0).all():
            message = f"strikes of series {number} must be one column of rising numbers"
            raise ValueError(message)
    by_strike = of_sizes(np.array([column.size for column in strikes]))
    sizes = by_strike.sizes
    rows = of_sizes(2 * sizes)
    calls = np.arange(by_strike.owner.size) + by_strike.starts[by_strike.owner]
    puts = calls + sizes[by_strike.owner]
    flat_strikes = np.concatenate(strikes)
    row_strikes, signs = np.empty(rows.owner.size), np.empty(rows.owner.size)
    row_strikes[calls] = row_strikes[puts] = flat_strikes
    signs[calls], signs[puts] = 1.0, -1.0
    ticks = np.array([one.tick for one in series], dtype=np.float64)
    expiries = Expiries(
        spots=np.array([one.spot for one in series], dtype=np.float64),
        years=np.array([one.years for one in series], dtype=np.float64),
        rate_hints=np.array([one.rate_hint for one in series], dtype=np.float64),
        yield_hints=np.array([one.yield_hint for one in series], dtype=np.float64),
        inverse=np.array([one.inverse for one in series], dtype=bool),
        american=np.array([one.american for one in series], dtype=bool),
        ticks=np.where(ticks > 0.0, ticks, LEAST_TICK),
    )
    return Book(
        by_strike=by_strike,
        rows=rows,
        strikes=flat_strikes,
        calls=calls,
        puts=puts,
        row_strikes=row_strikes,
        signs=signs,
        bids=_matrices([one.bid for one in series], sizes, "bid"),
        asks=_matrices([one.ask for one in series], sizes, "ask"),
        open_interest=_matrices([one.open_interest for one in series], sizes, "open_interest"),
        volumes=_matrices([one.volume for one in series], sizes, "volume"),
        expiries=expiries,
        on_forward=np.array([one.on_forward for one in series], dtype=bool),
        rate_given=np.array([one.rate_given and not one.inverse for one in series], dtype=bool) & np.isfinite(expiries.rate_hints),
    )


def _matrices(values: Sequence[ArrayLike | None], sizes: Indices, name: str) -> Floats:
    """The series' matrices of two rows, end to end; a missing one is all NaN."""
    pieces = []
    for number, (value, size) in enumerate(zip(values, sizes, strict=True)):
        if value is None:
            pieces.append(np.full(2 * size, np.nan))
            continue
        matrix = np.asarray(value, dtype=np.float64)
        if matrix.shape != (2, size):
            message = f"{name} of series {number} has the shape {matrix.shape}: calls and puts by {size} strikes make (2, {size})"
            raise ValueError(message)
        pieces.append(matrix.reshape(-1))
    return np.concatenate(pieces)
