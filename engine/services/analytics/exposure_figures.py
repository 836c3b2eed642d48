"""From what is open to the exposure of a name in one convention: bars, walls, totals, the repriced profile and its flip. Pure."""

from collections.abc import Collection
from math import isfinite, nan
from typing import NamedTuple

import numpy as np

from engine.domain.columns import Floats, floats
from engine.domain.ids import SeriesId, UtcNanos
from engine.messages.exposure import (
    Exposure,
    ExposureConvention,
    ExposureCount,
    ExposureGreek,
    ExposureLadder,
    ExposureSigns,
)
from engine.quant.arrays import Bools
from engine.quant.european.black import greeks
from engine.quant.exposure.contributions import contributions
from engine.quant.exposure.convention import Convention, Count, Greek, Signs, Unit
from engine.quant.exposure.ladder import Ladder, dealer_range, ladder, walls
from engine.quant.exposure.profile import Book, flip, levels, profile
from engine.services.analytics.exposure_positions import NameNow, Positions
from engine.services.analytics.slices import HELD_BY_FORWARD

_NOTHING = ExposureLadder(rungs=floats([]), calls=floats([]), puts=floats([]))


class _Counted(NamedTuple):
    """The rows that a question is about, and their exposure."""

    positions: Positions
    book: Book
    """Its open interest without the boxes where these are taken off."""
    place: Floats
    contributions: Floats
    boxed: float


def exposure_of(positions: Positions, convention: ExposureConvention, series: Collection[SeriesId] = ()) -> Exposure:
    """The exposure over these series, over all where none is named."""
    counted = _counted(positions, convention, series)
    trouble = trouble_of(positions.name) or _emptiness(counted, convention)
    if trouble:
        return nothing(positions.name, convention, trouble, positions)
    choice, greek = _convention(convention), Greek(convention.greek)
    by_strike = ladder(rungs=counted.book.strikes, rights=counted.book.rights, contributions=counted.contributions)
    by_series = ladder(rungs=counted.place, rights=counted.book.rights, contributions=counted.contributions)
    held, wall = dealer_range(by_strike), walls(by_strike)
    spot = positions.name.spot
    course = profile(convention=choice, greek=greek, book=counted.book, spots=levels(spot))
    expiries = [positions.series[int(place)] for place in by_series.rungs]
    return Exposure(
        symbol=positions.name.symbol,
        source=positions.name.source,
        state=positions.name.state,
        as_of=positions.as_of,
        spot=spot,
        convention=convention,
        in_words=in_words(convention, lends=positions.lends, european=positions.european),
        net=held.net,
        low=held.low,
        high=held.high,
        by_strike=_told(by_strike),
        by_expiry=_told(by_series._replace(rungs=np.array([float(one.settles_at) for one in expiries]))),
        expiries=tuple(one.id for one in expiries),
        profile_spots=floats(course.spots),
        profile_calls=floats(course.calls),
        profile_puts=floats(course.puts),
        flip=flip(course, spot=spot),
        positive_wall=wall.positive,
        negative_wall=wall.negative,
        contracts=int(np.count_nonzero(np.isfinite(counted.contributions))),
        left_out=by_strike.left_out,
        boxed=counted.boxed,
        left_out_expiries=positions.name.adjusted,
    )


def nothing(name: NameNow, convention: ExposureConvention, trouble: str, positions: Positions | None = None) -> Exposure:
    """Why there is no exposure to show."""
    return Exposure(
        symbol=name.symbol,
        source=name.source,
        state=name.state,
        as_of=positions.as_of if positions is not None else UtcNanos(0),
        spot=name.spot,
        convention=convention,
        in_words=in_words(convention, lends=positions is not None and positions.lends, european=positions is None or positions.european),
        net=nan,
        low=nan,
        high=nan,
        by_strike=_NOTHING,
        by_expiry=_NOTHING,
        expiries=(),
        profile_spots=floats([]),
        profile_calls=floats([]),
        profile_puts=floats([]),
        flip=nan,
        positive_wall=nan,
        negative_wall=nan,
        contracts=0,
        left_out=positions.place.size if positions is not None else 0,
        boxed=0.0,
        left_out_expiries=name.adjusted,
        trouble=trouble,
    )


def trouble_of(name: NameNow) -> str:
    """Why a name has no exposure, whatever is open in it; "" where it has one."""
    if name.symbol in HELD_BY_FORWARD:
        return (
            f"nobody can hold {name.symbol}: its options are hedged with the future of their own expiry, "
            "so their gamma moves no index and has no common spot (SPX and SPY have one)"
        )
    if not name.spot > 0.0 or not isfinite(name.spot):
        return f"the price of {name.symbol} is not known yet: a contract's exposure is told for a move of it"
    return ""


def in_words(convention: ExposureConvention, *, lends: bool, european: bool) -> str:
    """The convention in full: it stands under every figure. ``lends``: box spreads are struck in these options."""
    parts = [_convention(convention).in_words(Greek(convention.greek))]
    if convention.signs is not ExposureSigns.UNSIGNED:
        parts.append("a guess: customers sell calls and buy puts, dealers hold the other side")
    if convention.counted is ExposureCount.VOLUME:
        parts.append("today's volume, as if every trade opened")
    else:
        parts.append("open interest of the last session")
        if lends:
            parts.append("box spreads (a guess) taken off" if convention.without_boxes else "box spreads counted")
    parts.append("each strike at its own volatility, time at least an hour")
    parts.append("European Greeks on the implied carry" + ("" if european else ", early exercise left out"))
    return "; ".join(parts)


def _counted(positions: Positions, convention: ExposureConvention, series: Collection[SeriesId]) -> _Counted:
    chosen: Bools = np.isin(positions.place, [place for place, one in enumerate(positions.series) if not series or one.id in series])
    book = Book(*(column[chosen] for column in positions.book))
    taken_off = 0.0
    if convention.without_boxes and convention.counted is ExposureCount.OPEN_INTEREST:
        boxes = positions.boxes[chosen]
        taken_off = float(boxes[book.rights > 0.0].sum())
        book = book._replace(open_interest=book.open_interest - boxes)
    spot = positions.name.spot
    priced = greeks(
        spots=spot, strikes=book.strikes, years=book.years, vols=book.vols, rights=book.rights, rates=book.rates, yields=book.yields
    )
    column = {ExposureGreek.GAMMA: priced.gammas, ExposureGreek.VANNA: priced.vannas, ExposureGreek.CHARM: priced.charms}
    values = contributions(
        convention=_convention(convention),
        greek=Greek(convention.greek),
        greeks=column[convention.greek],
        spots=spot,
        rights=book.rights,
        open_interest=book.open_interest,
        volumes=book.volumes,
        multipliers=book.multipliers,
    )
    return _Counted(positions, book, positions.place[chosen].astype(np.float64), values, taken_off)


def _emptiness(counted: _Counted, convention: ExposureConvention) -> str:
    """Why no contract can be counted."""
    symbol = counted.positions.name.symbol
    if not counted.place.size:
        return f"{symbol} has no open option that counts here"
    if np.isfinite(counted.contributions).any():
        return ""
    counts = counted.book.open_interest if convention.counted is ExposureCount.OPEN_INTEREST else counted.book.volumes
    if not np.isfinite(counts).any():
        return f"the feed tells no {convention.counted} of {symbol}: unknown is not zero"
    return f"no option of {symbol} has a volatility yet"


def _convention(convention: ExposureConvention) -> Convention:
    return Convention(Unit(convention.unit), Signs(convention.signs), Count(convention.counted), convention.half)


def _told(steps: Ladder) -> ExposureLadder:
    return ExposureLadder(rungs=floats(steps.rungs), calls=floats(steps.calls), puts=floats(steps.puts))
