r"""Forward and rate of every expiry from put-call parity, robustly and for many expiries in one pass.

European options obey C - P = D (F - K) (H. R. Stoll, "The relationship between put and call option prices", Journal of Finance 24 (1969),
p. 801), a straight line in K whose slope is the discount and whose zero is the forward. It is fitted through the mids of the pairs quoted
on both sides that lie nearest to the money, each weighted by its spreads, with Tukey's biweight against stale and wrong quotes
(P. J. Huber and E. M. Ronchetti, "Robust Statistics", 2nd ed. (2009)), and with a normal prior on the rate (ridge on the slope).
With little time or few pairs the slope says nothing about the rate: then the rate hint or that of the well-determined expiries beside it
decides, and only the forward is solved. A discount outside what rates can plausibly be is not believed.

For American options parity holds only as S - K <= C - P <= S - K D (without dividends), the nearer to the money the closer; so their
forward comes from few pairs close to the money, and their rate from the hint, the European expiries beside them, or is the usual one: the
slope of so few says nothing, and exercise bends it. (:mod:`engine.quant.chain.exercise` takes the premiums out of those pairs.)

Coin-settled options are quoted in the coin, c - p = 1 - K/F with no discounting (:mod:`engine.quant.european.inverse`).
"""

from typing import Final, NamedTuple, Protocol, cast

import numpy as np

from engine.quant import tiers
from engine.quant.arrays import Bools, Floats, Indices, or_zero
from engine.quant.chain.segments import Segments
from engine.quant.codes import ForwardSource
from engine.quant.curves import plain_forwards
from engine.quant.formulas.forward_fit import EXPECTED_RATE, RATE_DEVIATION, RESIDUAL

DEFAULT_RATE = 0.04
"""Taken where neither a hint nor an expiry says more."""
RATE_DEVIATIONS = {"none": 0.03, "hint": 0.02, "neighbours": 0.003, "american": 0.002}
"""Standard deviation of the prior on the rate, by where it comes from."""
TRUSTED_RATE_ERROR = 0.005
"""An expiry whose slope gives the rate to within this may teach its neighbours."""
WORST_FORWARD_ERROR = 0.05
"""A parity forward less certain than this fraction of itself gives way to spot and carry."""


class Jobs(Protocol):
    """The fit of many series; no number raises."""

    def lines(self, quotes: Floats, starts: Indices, sizes: Indices, series: Floats, begin: Floats, out: Floats) -> None:
        """The rows LEVEL to RESIDUAL of :mod:`engine.quant.formulas.forward_fit`: the line of each series.

        ``quotes`` and ``series`` have the rows that stand there too; ``begin`` are levels and discounts, NaN where the fit is to find them.
        """


ROOM: Final = tiers.Room("forwards", cast(Jobs, plain_forwards))


class Expiries(NamedTuple):
    """What is known of each expiry beside its quotes, one number a series."""

    spots: Floats
    years: Floats
    rate_hints: Floats
    """NaN: none."""
    yield_hints: Floats
    """NaN: taken as zero where spot and carry must do."""
    inverse: Bools
    american: Bools
    ticks: Floats


class Forwards(NamedTuple):
    """One number a series; NaN where there is neither a pair nor a spot."""

    forwards: Floats
    discounts: Floats
    rates: Floats
    """Continuous, a fraction a year."""
    residuals: Floats
    """Median distance of the pairs used from the fitted line, in price (in the underlying's currency for coin-settled ones)."""
    pairs: Indices
    """How many were used; outliers and pairs of hardly any weight are not counted."""
    sources: Indices
    """:class:`engine.quant.codes.ForwardSource`."""
    errors: Floats
    """Standard error of the forward, by the quotes' spreads and scatter."""
    rate_errors: Floats


class _Line(NamedTuple):
    """value = level - discount * moneyness, in units of a first guess of the forward."""

    level: Floats
    discount: Floats
    level_error: Floats
    discount_error: Floats
    informed: Floats
    """1 where the pairs say more about the discount than the prior does."""
    unit: Floats
    used: Floats
    """Of the pairs used."""
    residual: Floats
    """Their median distance from the line."""


def fit_forwards(
    *,
    strikes: Floats,
    call_mids: Floats,
    put_mids: Floats,
    call_spreads: Floats,
    put_spreads: Floats,
    segments: Segments,
    expiries: Expiries,
    checked: Bools | None = None,
    apart: bool = False,
) -> Forwards:
    """Forwards of many series; the first five are flat arrays of rising strikes cut by ``segments``, NaN where not quoted on both sides.

    Of the series that ``checked`` names, pairs that contradict the middle one are left out: where few pairs are looked at, it must be
    those at the money. With ``apart`` nobody learns from another, and a series has the same bits in any company.
    """
    quotes = np.array((strikes, call_mids, put_mids, call_spreads, put_spreads))
    alive = expiries.years > 0.0
    years = np.where(alive, expiries.years, 1.0)
    hinted = np.isfinite(expiries.rate_hints)
    rates = np.where(expiries.inverse, 0.0, np.where(hinted, expiries.rate_hints, DEFAULT_RATE))
    deviations = np.where(hinted, RATE_DEVIATIONS["hint"], RATE_DEVIATIONS["none"])
    deviations = np.where(expiries.american, RATE_DEVIATIONS["american"], deviations)
    deviations = np.where(expiries.inverse, 0.0, deviations)
    suspicious = np.zeros(years.size) if checked is None else checked
    series = np.array((years, expiries.ticks, expiries.inverse, expiries.american, suspicious, rates, deviations), dtype=np.float64)
    line = _fitted(quotes, segments, series, np.full((2, years.size), np.nan))
    lesson = None if apart else _taught(line, years, rates, deviations, expiries)
    if lesson is not None:
        rates, deviations = lesson
        series[EXPECTED_RATE], series[RATE_DEVIATION] = lesson
        line = _fitted(quotes, segments, series, np.stack([line.level, line.discount]))
    return _result(line, rates, years, alive, expiries)


def _fitted(quotes: Floats, segments: Segments, series: Floats, begin: Floats) -> _Line:
    out = np.empty((RESIDUAL + 1, segments.pieces))
    ROOM.jobs().lines(quotes, segments.starts, segments.sizes, series, begin, out)
    return _Line(*out)


def _taught(line: _Line, years: Floats, rates: Floats, deviations: Floats, expiries: Expiries) -> tuple[Floats, Floats] | None:
    """The prior again, from the European expiries whose own slope is sure, interpolated in time; none if nobody teaches or learns."""
    errors = line.discount_error / (line.discount * years)
    sure = (line.informed > 0.0) & (errors < TRUSTED_RATE_ERROR) & ~expiries.american & ~expiries.inverse
    pupils = ~expiries.inverse & ~(expiries.american & np.isfinite(expiries.rate_hints)) & ~sure
    if not (sure.any() and pupils.any()):
        return None
    times, order = np.unique(years[sure], return_index=True)
    curve = np.interp(years, times, (-np.log(line.discount[sure]) / years[sure])[order])
    known = np.where(expiries.american, RATE_DEVIATIONS["american"], RATE_DEVIATIONS["neighbours"])
    return np.where(pupils, curve, rates), np.where(pupils, known, deviations)


def _result(line: _Line, rates: Floats, years: Floats, alive: Bools, expiries: Expiries) -> Forwards:
    """Forwards from the lines; spot and carry where a line is missing or too unsure."""
    residuals, count = line.residual * line.unit, line.used.astype(np.intp)
    fitted = line.unit * (1.0 + line.level / line.discount)
    errors = line.unit * line.level_error / line.discount
    believed = alive & (count > 0) & (fitted > 0.0) & (errors < WORST_FORWARD_ERROR * fitted)

    carried = expiries.spots * np.exp((rates - or_zero(expiries.yield_hints)) * years)
    possible = alive & (carried > 0.0) & np.isfinite(carried)
    sources = np.where(
        believed,
        np.where(line.informed > 0.0, ForwardSource.PARITY, ForwardSource.PARITY_AT_GIVEN_RATE),
        np.where(possible, ForwardSource.CARRY, ForwardSource.NONE),
    )
    known = believed | possible
    discounts = np.where(believed, line.discount, np.exp(-rates * years))
    return Forwards(
        forwards=np.where(believed, fitted, np.where(possible, carried, np.nan)),
        discounts=np.where(known, discounts, np.nan),
        rates=np.where(known, 0.0 - np.log(discounts) / years, np.nan),
        residuals=np.where(believed, residuals, np.nan),
        pairs=np.where(believed, count, 0),
        sources=sources,
        errors=np.where(believed, errors, np.nan),
        rate_errors=np.where(believed, line.discount_error / (line.discount * years), np.nan),
    )
