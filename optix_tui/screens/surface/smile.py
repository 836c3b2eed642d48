"""One expiry's smile: what is quoted, what is fitted to it, and by how much they differ."""

from math import isfinite

import numpy as np
from msgspec import Struct

from engine.api import smile_vols
from engine.domain.columns import Bytes, Floats
from engine.domain.volatility import POINT_WORDS, PointUse, SliceModel
from optix_tui import format as written
from optix_tui.screens.axis import Scale
from optix_tui.screens.surface.coordinates import Axis, Coordinate, axis_marks, axis_of, log_of, moneyness, places_along, text_of
from optix_tui.screens.surface.grades import SliceRow, slice_rows
from optix_tui.screens.surface.reading import Past, Reading

SAMPLES = 201
MARGIN = 0.35
"""Of the quoted range, shown beyond it on each side."""
LEAST_REACH = 0.6
"""Deviations shown at least to each side."""
MOST_RESIDUAL = 3.0
"""Bid-ask widths at which the strip of residuals is cut off."""


class Curve(Struct, frozen=True, kw_only=True):
    """A line over the axis; NaN where it is not known."""

    values: Floats
    name: str


class SmileView(Struct, frozen=True, kw_only=True):
    """Everything between the axes."""

    row: SliceRow
    axis: Axis
    scale: Scale
    """Volatility in points."""
    places: Floats
    """How far across the quotes stand, 0 to 1; so all columns below."""
    bids: Floats
    mids: Floats
    asks: Floats
    rights: Bytes
    uses: Bytes
    residuals: Floats
    """Mid less fit in bid-ask widths: above the curve is positive."""
    fit: Curve
    quoted: tuple[float, float]
    """How far across the first and the last quote stand that the fit stands on."""
    risk: Curve | None
    yesterday: Curve | None
    marks: tuple[tuple[float, str], ...]
    forward: float
    """How far across."""
    spot: float
    cursor: int | None
    """Which quote the crosshair stands on."""
    readout: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    """What could not be drawn, and why."""


def smile_view(
    *,
    reading: Reading,
    place: int,
    coordinate: Coordinate,
    zoom: float,
    cursor: float | None,
    risk: Reading | None,
    past: Past,
    shows_yesterday: bool,
    yesterday_reason: str,
    then_name: str = "a day ago",
    holds_strike: bool = False,
) -> SmileView:
    """The smile of one slice; ``cursor`` is the strike of the crosshair.

    The smile of ``past`` is laid over it at the same K/F or, where it ``holds_strike``, at the same strike.
    """
    one = reading.slices[place]
    row = slice_rows(reading.slices)[place]
    with np.errstate(all="ignore"):
        k = np.log(one.strikes / one.forward)
    axis = _axis(reading, place, coordinate, zoom, k)
    values = axis.values(SAMPLES)
    at = moneyness(axis, values, reading)[place]
    places = places_along(at, k) if coordinate is not Coordinate.STRIKE else _inside(axis, one.strikes)
    fit = smile_vols(reading.sampled.rows(np.array([place])), at)[0] * 100
    curves = {"risk": None if risk is None else _other(risk, reading, place, at, "eSSVI (risk)")}
    then = past.day_ago if shows_yesterday else None
    curves["then"] = None if then is None else _other(then, reading, place, at, then_name, holds_strike=holds_strike)
    shown = [one.bid_iv * 100, one.ask_iv * 100, one.mid_iv * 100]
    scale = _scale(fit, at, reading, place, shown, places, np.asarray(one.use))
    notes = []
    if shows_yesterday and yesterday_reason:
        notes.append(yesterday_reason)
    elif shows_yesterday and curves["then"] is None:
        notes.append(f"this expiry was not there {'a day ago' if then_name == 'a day ago' else 'at the mark'}")
    chosen = _nearest(one.strikes, cursor)
    return SmileView(
        row=row,
        axis=axis,
        scale=scale,
        places=places,
        bids=shown[0],
        mids=shown[2],
        asks=shown[1],
        rights=one.right,
        uses=one.use,
        residuals=-one.residual,
        fit=Curve(values=fit, name=one.model.value),
        quoted=_span(at, reading, place),
        risk=curves["risk"],
        yesterday=curves["then"],
        marks=tuple((axis.share(value), text) for value, text in axis_marks(axis, 7)),
        forward=_share_of(at, 0.0),
        spot=_share_of(at, log_of(reading.surface.spot, one.forward)),
        cursor=chosen,
        readout=_readout(reading, place, chosen),
        notes=tuple(notes),
    )


def _axis(reading: Reading, place: int, coordinate: Coordinate, zoom: float, k: Floats) -> Axis:
    """Around the quotes that count, with room to see the wings go on."""
    one = reading.slices[place]
    if coordinate is Coordinate.DELTA:
        return Axis(coordinate, 0.03, 0.97)
    if not isfinite(one.forward):
        return axis_of(coordinate, reading)
    bids = np.isfinite(one.mid_iv) if not reading.fitted[place] else (one.use == PointUse.USED)
    known = k[bids & np.isfinite(k)]
    deviation = (float(reading.atm[place]) if reading.fitted[place] else 0.3) * float(np.sqrt(max(reading.years[place], 1e-6)))
    low = min(float(known.min()) if known.size else -2 * deviation, -LEAST_REACH * deviation)
    high = max(float(known.max()) if known.size else 2 * deviation, LEAST_REACH * deviation)
    room = (high - low) * MARGIN * 0.35
    low, high = (low - room) * zoom, (high + room) * zoom
    match coordinate:
        case Coordinate.MONEYNESS:
            return Axis(coordinate, float(np.exp(low)), float(np.exp(high)))
        case Coordinate.DEVIATIONS:
            return Axis(coordinate, low / deviation, high / deviation)
    return Axis(coordinate, one.forward * float(np.exp(low)), one.forward * float(np.exp(high)))


def _inside(axis: Axis, strikes: Floats) -> Floats:
    shares = (strikes - axis.low) / (axis.high - axis.low)
    return np.where((shares >= 0) & (shares <= 1), shares, np.nan)


def _other(other: Reading, reading: Reading, place: int, at: Floats, name: str, *, holds_strike: bool = False) -> Curve | None:
    """The same expiry's smile on another surface, at the same ln(K/F) or at the same strikes."""
    found = other.place_of(reading.slices[place].series.id)
    if found is None or not other.fitted[found]:
        return None
    if holds_strike:
        at = at + log_of(float(reading.forwards[place]), float(other.forwards[found]))
    return Curve(values=smile_vols(other.sampled.rows(np.array([found])), at)[0] * 100, name=name)


def _scale(fit: Floats, at: Floats, reading: Reading, place: int, shown: list[Floats], places: Floats, uses: Bytes) -> Scale:
    """Over the used quotes and the fit between them; wings and wild quotes may leave it."""
    one = reading.slices[place]
    with np.errstate(invalid="ignore"):
        inner = fit[(at >= one.least_k) & (at <= one.greatest_k)]
        seen = np.isfinite(places) & ((uses == PointUse.USED) | (reading.fitted[place] == 0))
    around = Scale.around(np.concatenate([inner, *(column[seen] for column in shown)]), margin=0.08)
    return around or Scale(0.0, 100.0)


def _share_of(at: Floats, k: float) -> float:
    known = np.isfinite(at)
    if known.sum() < 2 or not isfinite(k):
        return float("nan")
    return float(np.interp(k, at[known], np.linspace(0, 1, at.size)[known], left=np.nan, right=np.nan))


def _span(at: Floats, reading: Reading, place: int) -> tuple[float, float]:
    known = np.isfinite(at)
    ends = np.array([reading.lows[place], reading.highs[place]])
    if known.sum() < 2 or not np.isfinite(ends).all():
        return float("nan"), float("nan")
    low, high = np.interp(ends, at[known], np.linspace(0, 1, at.size)[known])
    return float(low), float(high)


def _nearest(strikes: Floats, cursor: float | None) -> int | None:
    return int(np.argmin(np.abs(strikes - cursor))) if cursor is not None and strikes.size else None


def _readout(reading: Reading, place: int, chosen: int | None) -> tuple[tuple[str, str], ...]:
    one = reading.slices[place]
    if chosen is None:
        return (
            ("ATM", written.points(one.atm_iv, 2)),
            ("RR25", written.signed(one.risk_reversal_25 * 100, 2)),
            ("BF25", written.signed(one.butterfly_25 * 100, 2)),
            ("RMSE", written.points(one.rmse_vol, 2)),
            ("in spread", written.percent(one.inside, 0)),
        )
    use = POINT_WORDS[PointUse(int(one.use[chosen]))]
    letter = "C" if one.right[chosen] > 0 else "P"
    k = log_of(float(one.strikes[chosen]), one.forward)
    return (
        ("", f"{written.strike(float(one.strikes[chosen]))}{letter}"),
        ("", text_of(Coordinate.MONEYNESS, float(np.exp(k)), 1)),
        ("bid", written.points(float(one.bid_iv[chosen]), 2)),
        ("ask", written.points(float(one.ask_iv[chosen]), 2)),
        ("fit", written.points(float(one.fit_iv[chosen]), 2)),
        ("mid−fit", f"{written.signed(-float(one.residual[chosen]), 2)} widths"),
        ("", use),
    )


def model_name(model: SliceModel) -> str:
    """As the legend has it."""
    return {SliceModel.SVI: "SVI", SliceModel.ESSVI: "eSSVI", SliceModel.SPLINE: "spline", SliceModel.NONE: "no fit"}[model]
