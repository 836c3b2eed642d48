"""The discount curve: what money at a later day is worth now, from zero rates or from bonds.

Between two nodes ln D is a straight line, so that the forward rate there is constant and never negative unless the curve says so; before
the first node and beyond the last the zero rate is flat. Rates are continuous, times ACT/365.

References: P. S. Hagan and G. West, "Interpolation Methods for Curve Construction", Applied Mathematical Finance 13 (2006), p. 89
(linear on the logarithm of discount factors); J. C. Hull, "Options, Futures, and Other Derivatives", 9th ed. (2015), section 4.5
(bootstrap).
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats, read_only
from engine.quant.meant import require_fractions

STEPS: Final = 60
SMALLEST_STEP: Final = 1e-15
STEEPEST: Final = 2.0
"""No zero rate is looked for beyond 200 % a year, either side of zero."""


class DiscountCurve(NamedTuple):
    """Nodes of a curve, and where they come from. Any number of times may be asked for at once; NaN is answered with NaN."""

    years: Floats
    """Rising, above zero."""
    zero_rates: Floats
    source: str

    def discounts(self, years: ArrayLike) -> Floats:
        """D(T) = exp(-z(T) T); 1 now and NaN before."""
        times = np.asarray(years, dtype=np.float64)
        result: Floats = np.exp(-self._exponents(times))
        return np.where(times >= 0.0, result, np.nan)

    def rates(self, years: ArrayLike) -> Floats:
        """The zero rate z(T) to each time; at no time at all, the shortest one."""
        times = np.asarray(years, dtype=np.float64)
        with np.errstate(all="ignore"):
            result: Floats = self._exponents(times) / times
        return np.where(times > 0.0, result, np.where(times == 0.0, self.zero_rates[0], np.nan))

    def forward_rates(self, begins: ArrayLike, ends: ArrayLike) -> Floats:
        """The continuous rate from one time to a later one, ln(D(begin)/D(end))/(end - begin); NaN where it is not later."""
        begin, end = np.asarray(begins, dtype=np.float64), np.asarray(ends, dtype=np.float64)
        with np.errstate(all="ignore"):
            result: Floats = (self._exponents(end) - self._exponents(begin)) / (end - begin)
        return np.where((begin >= 0.0) & (end > begin), result, np.nan)

    def _exponents(self, times: Floats) -> Floats:
        """z(T) T."""
        within: Floats = np.interp(times, np.append(0.0, self.years), np.append(0.0, self.zero_rates * self.years))
        return np.where(times > self.years[-1], self.zero_rates[-1] * times, within)


def from_zero_rates(*, years: ArrayLike, zero_rates: ArrayLike, source: str) -> DiscountCurve:
    """A curve through continuous zero rates; a ValueError for nodes that do not rise, are not known, or are in percent.

    >>> curve = from_zero_rates(years=[0.5, 1.0], zero_rates=[0.04, 0.05], source="two nodes")
    >>> [round(float(rate), 4) for rate in (curve.rates(0.1), curve.rates(1.0), curve.forward_rates(0.5, 1.0), curve.rates(9.0))]
    [0.04, 0.05, 0.06, 0.05]
    """
    times, rates = (np.atleast_1d(np.asarray(values, dtype=np.float64)) for values in (years, zero_rates))
    if times.shape != rates.shape or times.ndim != 1 or not times.size:
        message = f"a curve needs a rate for each time: {times.shape} times and {rates.shape} rates were given"
        raise ValueError(message)
    if not (np.isfinite(times).all() and np.isfinite(rates).all()):
        message = "a curve's nodes must be known: leave out those that are not"
        raise ValueError(message)
    if times[0] <= 0.0 or (np.diff(times) <= 0.0).any():
        message = "a curve's times must rise from above zero"
        raise ValueError(message)
    require_fractions(rates=rates, years=times)
    return DiscountCurve(read_only(times.copy()), read_only(rates.copy()), source)


def from_bonds(*, years: ArrayLike, coupons: ArrayLike, prices: ArrayLike, source: str, payments_a_year: int = 2) -> DiscountCurve:
    """A curve by bootstrap through bonds of face value 1, one a node; ``coupons`` a year, paid backwards from the end, 0 for a bill.

    Each node is the zero rate at which its bond costs its price, with ln D straight from the node before (no accrued interest: the first
    coupon of a bond is a whole one). Hull (2015), table 4.3 and section 4.5:

    >>> curve = from_bonds(
    ...     years=[0.25, 0.5, 1.0, 1.5, 2.0], coupons=[0, 0, 0, 0.08, 0.12], prices=[0.975, 0.949, 0.9, 0.96, 1.016], source="Hull"
    ... )
    >>> [round(100 * float(rate), 3) for rate in curve.zero_rates]
    [10.127, 10.469, 10.536, 10.681, 10.808]
    """
    times, rates, costs = (np.atleast_1d(np.asarray(values, dtype=np.float64)) for values in (years, coupons, prices))
    order = np.argsort(times)
    nodes: list[float] = []
    zeros: list[float] = []
    for time, coupon, price in zip(times[order].tolist(), rates[order].tolist(), costs[order].tolist(), strict=True):
        if not price > 0.0:
            message = f"the bond of {time:g} years costs {price:g}: a price must be above zero"
            raise ValueError(message)
        zeros.append(_node(nodes, zeros, time, coupon / payments_a_year, price, payments_a_year))
        nodes.append(time)
    return from_zero_rates(years=nodes, zero_rates=zeros, source=source)


def _node(nodes: list[float], zeros: list[float], end: float, coupon: float, price: float, payments_a_year: int) -> float:
    """The zero rate to ``end``, by Newton on the bond's price; it falls with the rate."""
    if coupon == 0.0:
        return float(-np.log(price) / end)
    count = int(np.ceil(end * payments_a_year - 1e-9))
    times = end - np.arange(count)[::-1] / payments_a_year
    flows = np.full(count, coupon)
    flows[-1] += 1.0
    last = nodes[-1] if nodes else 0.0
    known = times <= last
    left = price - float(flows[known] @ DiscountCurve(np.array(nodes), np.array(zeros), "").discounts(times[known])) if nodes else price
    flows, times = flows[~known], times[~known]
    start = zeros[-1] * last if nodes else 0.0
    share = (times - last) / (end - last)  # of the way from the node before
    rate = zeros[-1] if nodes else 0.0
    for _ in range(STEPS if left > 0.0 else 0):
        worth = flows * np.exp(-(start + share * (rate * end - start)))
        step = (float(worth.sum()) - left) / (end * float(worth @ share))
        rate += step
        if abs(step) < SMALLEST_STEP or not abs(rate) < STEEPEST:
            break
    if not (left > 0.0 and abs(rate) < STEEPEST):
        message = f"no rate makes the bond of {end:g} years cost {price:g}"
        raise ValueError(message)
    return rate
