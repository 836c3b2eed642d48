"""The US Treasury's daily par yield curve, read from its CSV and turned into continuous zero rates.

Par yields are bond-equivalent: a coupon bond of the tenor, paying half the yield every half year, is worth its face value; up to half a
year there is one payment and simple interest, D = 1/(1 + yT). Source of the convention: US Department of the Treasury, "Treasury Yield
Curve Methodology" and "Interest Rates: Frequently Asked Questions" ("bond equivalent yields for securities that pay semiannual interest").
Between the tenors ln D is a straight line (:mod:`engine.quant.curves.discount`); the Treasury's own spline differs by hundredths of a
percent between the long tenors.
"""

import csv
import re
from datetime import date, datetime
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.quant.arrays import Floats, read_only
from engine.quant.curves.discount import DiscountCurve, from_bonds

SOURCE: Final = "US Treasury daily par yield curve"
SIMPLE_UP_TO: Final = 0.5
"""Years up to which there is one payment."""
GREATEST_YIELD: Final = 50.0
"""Percent; more is no yield."""
_TENOR: Final = re.compile(r"^(\d+(?:\.\d+)?)\s*(mo|month|months|m|yr|year|years|y)$")
_DAYS: Final = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y")


class ParYields(NamedTuple):
    """The days of a file, rising, and their par yields."""

    days: NDArray[np.datetime64]
    tenors: Floats
    """Years."""
    yields: Floats
    """A row a day, a column a tenor; fractions, NaN where the Treasury published none."""


def read_par_yields(text: str) -> ParYields:
    r"""Reads the Treasury's CSV, in either order of days; a ValueError names the line that cannot be read.

    >>> found = read_par_yields('Date,"1 Mo","1.5 Month","2 Yr"\n01/03/2023,4.17,N/A,4.40\n')
    >>> found.days.tolist(), found.tenors.round(4).tolist(), found.yields.round(4).tolist()
    ([datetime.date(2023, 1, 3)], [0.0833, 0.125, 2.0], [[0.0417, nan, 0.044]])
    """
    lines = [line for line in csv.reader(text.lstrip("\ufeff").splitlines()) if any(cell.strip() for cell in line)]
    if not lines or lines[0][0].strip().lower() != "date":
        message = "no par yield curve: the first column of the first line must be Date"
        raise ValueError(message)
    tenors = np.array([_years(title) for title in lines[0][1:]])
    order = np.argsort(tenors)
    days = [_day(line[0], number) for number, line in enumerate(lines[1:], 2)]
    yields = np.array([_yields(line, len(lines[0]), number) for number, line in enumerate(lines[1:], 2)]).reshape(len(days), tenors.size)
    rising = np.argsort(np.array(days, dtype="datetime64[D]"), kind="stable")
    return ParYields(
        read_only(np.array(days, dtype="datetime64[D]")[rising]), read_only(tenors[order]), read_only(yields[rising][:, order] / 100.0)
    )


def par_curve(*, tenors: ArrayLike, yields: ArrayLike, source: str = SOURCE) -> DiscountCurve:
    """The curve on which a bond of every tenor with the par yield as coupon costs its face value; unknown yields are left out.

    >>> curve = par_curve(tenors=[0.5, 1.0], yields=[0.05, 0.05])
    >>> [round(float(value), 6) for value in curve.discounts([0.5, 1.0])]
    [0.97561, 0.951814]
    """
    years, rates = np.asarray(tenors, dtype=np.float64), np.asarray(yields, dtype=np.float64)
    known = np.isfinite(rates)
    if not known.any():
        message = "a day without a single yield gives no curve"
        raise ValueError(message)
    years, rates = years[known], rates[known]
    bill = years <= SIMPLE_UP_TO + 1e-9
    prices = np.where(bill, 1.0 / (1.0 + rates * years), 1.0)
    return from_bonds(years=years, coupons=np.where(bill, 0.0, rates), prices=prices, source=source)


def curve_of_day(par: ParYields, day: date) -> DiscountCurve:
    """The curve of the newest day at or before this one; a ValueError where the file begins later. The source names the day."""
    at = int(np.searchsorted(par.days, np.datetime64(day), side="right")) - 1
    if at < 0:
        message = f"no par yields on or before {day}: the file begins on {par.days[0]}" if par.days.size else "the file has no day"
        raise ValueError(message)
    return par_curve(tenors=par.tenors, yields=par.yields[at], source=f"{SOURCE} of {par.days[at]}")


def _years(title: str) -> float:
    found = _TENOR.match(title.strip().lower())
    if not found:
        message = f"{title!r} is no tenor: they are written 1 Mo, 1.5 Month, 2 Yr"
        raise ValueError(message)
    return float(found[1]) / (12.0 if found[2].startswith("m") else 1.0)


def _day(text: str, number: int) -> date:
    for pattern in _DAYS:
        try:
            return datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
    message = f"line {number}: {text!r} is no day"
    raise ValueError(message)


def _yields(line: list[str], columns: int, number: int) -> list[float]:
    if len(line) != columns:
        message = f"line {number} has {len(line)} cells, the header {columns}"
        raise ValueError(message)
    return [_percent(cell.strip(), number) for cell in line[1:]]


def _percent(cell: str, number: int) -> float:
    if cell.lower() in {"", "n/a", "na", ".", "nan"}:
        return float("nan")
    try:
        value = float(cell)
    except ValueError:
        value = float("inf")
    if not abs(value) < GREATEST_YIELD:
        message = f"line {number}: {cell!r} is no yield in percent"
        raise ValueError(message)
    return value
