"""Net exposure at other levels of the spot, and where it changes sign: contracts are priced anew at each, at their own volatility.

The level at which the running sum of today's bars crosses zero is another number, and no flip: gamma moves with the spot.
"""

from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.european.black import greeks
from engine.quant.exposure.contributions import contributions
from engine.quant.exposure.convention import Convention, Greek
from engine.quant.meant import GREATEST_RATE, GREATEST_VOL

REACH, STEP = 0.15, 0.0025
"""The levels: 15 % down to 15 % up, a quarter of a per cent apart."""
ROWS_AT_ONCE = 16_384
"""Contracts times levels in one call: few enough for the processor's cache, many enough for a small book."""
SHORTEST_YEARS = 1.0 / (365.0 * 24.0)
"""Time is not taken below an hour: at the money the gamma of the last minutes knows no bound."""


class Book(NamedTuple):
    """The contracts of a name, one row each."""

    strikes: Floats
    years: Floats
    vols: Floats
    rights: Floats
    """+1 call, -1 put."""
    open_interest: Floats
    volumes: Floats
    multipliers: Floats
    rates: Floats
    yields: Floats


class Profile(NamedTuple):
    """Exposure at each level."""

    spots: Floats
    calls: Floats
    puts: Floats

    @property
    def nets(self) -> Floats:
        """Calls and puts together."""
        return self.calls + self.puts


def levels(spot: float, *, reach: float = REACH, step: float = STEP) -> Floats:
    """The spots around this one at which a profile is asked for, this one among them."""
    count = round(reach / step)
    result: Floats = spot * (1.0 + step * np.arange(-count, count + 1, dtype=np.float64))
    return result


def profile(*, convention: Convention, greek: Greek, book: Book, spots: Floats) -> Profile:
    """Exposure of the whole book with the spot at each of ``spots``; strikes keep their volatility (sticky strike), time stands still.

    Contracts without volatility, time or a count, or with readings beyond 1000 % of volatility or 200 % of rate, add nothing.
    """
    now = contributions(
        convention=convention,
        greek=greek,
        greeks=1.0,
        spots=1.0,
        rights=book.rights,
        open_interest=book.open_interest,
        volumes=book.volumes,
        multipliers=book.multipliers,
    )
    counted = np.isfinite(now) & (now != 0.0) & (book.vols > 0.0) & (book.vols < GREATEST_VOL) & (book.years > 0.0)
    counted = counted & (np.abs(book.rates) < GREATEST_RATE) & (np.abs(book.yields) < GREATEST_RATE)
    rows = Book(*(np.broadcast_to(column, counted.shape)[counted] for column in book))
    years = np.maximum(rows.years, SHORTEST_YEARS)
    calls, puts = np.zeros(spots.size), np.zeros(spots.size)
    of_calls = rows.rights > 0.0
    together = max(ROWS_AT_ONCE // max(years.size, 1), 1)
    for first in range(0, spots.size, together):
        part = slice(first, first + together)
        at = spots[part, np.newaxis]
        priced = greeks(
            spots=at, strikes=rows.strikes, years=years, vols=rows.vols, rights=rows.rights, rates=rows.rates, yields=rows.yields
        )
        values = contributions(
            convention=convention,
            greek=greek,
            greeks=_of(priced, greek),
            spots=at,
            rights=rows.rights,
            open_interest=rows.open_interest,
            volumes=rows.volumes,
            multipliers=rows.multipliers,
        )
        calls[part] = np.nansum(values[:, of_calls], axis=1)
        puts[part] = np.nansum(values[:, ~of_calls], axis=1)
    return Profile(spots, calls, puts)


def _of(priced: object, greek: Greek) -> Floats:
    column: Floats = getattr(priced, {Greek.GAMMA: "gammas", Greek.VANNA: "vannas", Greek.CHARM: "charms"}[greek])
    return column


def flips(of: Profile) -> Floats:
    """Every level at which the net changes sign, linear between neighbours, rising; empty where it never does."""
    nets, spots = of.nets, of.spots
    zero = nets == 0.0
    crossing = (nets[:-1] * nets[1:] < 0.0) & ~zero[:-1]
    at = np.flatnonzero(crossing)
    between = spots[at] - nets[at] * (spots[at + 1] - spots[at]) / (nets[at + 1] - nets[at])
    touched = np.flatnonzero(zero[1:-1] & (nets[:-2] * nets[2:] < 0.0)) + 1
    return np.sort(np.concatenate([between, spots[touched]]))


def flip(of: Profile, *, spot: float) -> float:
    """The sign change nearest the spot; NaN where the profile has none."""
    found = flips(of)
    return float(found[np.argmin(np.abs(found - spot))]) if found.size else float("nan")
