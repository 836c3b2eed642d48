"""Fitted slices as they are shown: grades and reasons in words, residuals in bid-ask widths, every quote with what became of it."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from engine.domain.columns import Bytes, Floats, codes, floats
from engine.domain.volatility import POINT_WORDS, Grade, PointUse, SliceModel, SurfaceSlice
from engine.quant.arrays import Bools, Indices
from engine.quant.codes import FitGrade, GradeReason
from engine.quant.smiles.curves import curve_vols
from engine.quant.smiles.fitting import SmileModel, SurfaceFit
from engine.quant.smiles.splicing import positions_of
from engine.quant.smiles.wing_figures import wing_figures
from engine.services.analytics.smile import Smile
from engine.services.analytics.surface_quotes import uses_of

GRADES: dict[int, Grade] = {FitGrade.GOOD: Grade.GOOD, FitGrade.FAIR: Grade.FAIR, FitGrade.POOR: Grade.POOR, FitGrade.FAILED: Grade.FAILED}
REASONS: dict[GradeReason, str] = {
    GradeReason.DEGENERATE: "degenerate",
    GradeReason.NO_WIDTHS: "no two-sided quote to measure against",
    GradeReason.FEW_STRIKES: "fewer strikes than the smile has numbers",
    GradeReason.NARROW: "quotes on one side of the forward only",
    GradeReason.NOTHING_NEAR: "no quote near the forward",
    GradeReason.OFF_AT_THE_MONEY: "off by more than a bid-ask width at the money",
    GradeReason.OFF_IN_THE_WINGS: "off by more than a bid-ask width 15 % from the money",
    GradeReason.OUTSIDE_QUOTES: "outside too many quotes",
    GradeReason.BUTTERFLY: "butterfly arbitrage",
    GradeReason.CALENDAR: "below the expiry before",
    GradeReason.FALLBACK: "a spline stands in: no model goes through the quotes",
}
USED = np.int8(PointUse.USED)
LEFT_OUT = {int(use): words for use, words in POINT_WORDS.items() if use not in {PointUse.USED, PointUse.NOT_LISTED}}
BUTTERFLY, CALENDAR = GradeReason.BUTTERFLY.value, GradeReason.CALENDAR.value
MODELS = {SmileModel.SVI: SliceModel.SVI, SmileModel.ESSVI: SliceModel.ESSVI}


def slices_of(
    fit: SurfaceFit, smiles: Sequence[Smile], *, by_age: bool, known: Mapping[int, SurfaceSlice] = MappingProxyType({})
) -> tuple[SurfaceSlice, ...]:
    """The slices of a fit beside the smiles they were fitted to.

    ``known`` are slices told before, by place, of whose quotes and numbers nothing has changed: they are told again where their grade
    still holds, which hangs on their neighbours too.
    """
    grades, reasons = fit.grades.grades.tolist(), fit.grades.reasons.tolist()
    kept = {place: piece for place, piece in known.items() if (piece.grade, piece.reasons) == _judged(grades[place], reasons[place])}
    places = np.array([place for place in range(len(smiles)) if place not in kept], dtype=np.intp)
    if places.size:
        fresh = _told(fit, [smiles[place] for place in places.tolist()], places, by_age=by_age)
        kept.update(zip(places.tolist(), fresh, strict=True))
    return tuple(kept[place] for place in range(len(smiles)))


def _told(fit: SurfaceFit, smiles: Sequence[Smile], places: Indices, *, by_age: bool) -> Iterator[SurfaceSlice]:
    """The slices of these places, whose smiles are given."""
    years = np.array([piece.summary.years for piece in smiles])
    fitted, bent = believable(fit)[places], fit.splines.present[places]
    wings = wing_figures(smile=lambda k: _vols(fit, k, places, years), years=years)
    points = _points(fit, smiles, places, fitted)
    uses = uses_of(smiles, fit.quotes.uses[positions_of(fit.quotes.segments, places)[0]], by_age=by_age)
    grades, reasons = fit.grades.grades[places].tolist(), fit.grades.reasons[places].tolist()
    numbers = floats(np.where((fitted & ~bent)[:, np.newaxis], fit.slices.of(places).matrix(), np.nan))
    atm, reversals, butterflies = (np.where(fitted, figure, np.nan).tolist() for figure in wings[:3])
    figures = [fit.lows, fit.highs, fit.grades.rms_vols, fit.grades.median_widths, fit.grades.inside]
    lows, highs, errors, medians, inside = (column[places].tolist() for column in figures)
    for place, (piece, own, use) in enumerate(zip(smiles, _parts(smiles), _cut(smiles, uses), strict=True)):
        grade, why = _judged(grades[place], reasons[place])
        yield SurfaceSlice(
            series=piece.summary.series,
            as_of=piece.summary.as_of,
            years=piece.summary.years,
            forward=piece.summary.forward,
            rate=piece.summary.rate,
            model=SliceModel.NONE if not fitted[place] else SliceModel.SPLINE if bent[place] else MODELS[fit.model],
            parameters=numbers[place],
            least_k=lows[place],
            greatest_k=highs[place],
            atm_iv=atm[place],
            risk_reversal_25=reversals[place],
            butterfly_25=butterflies[place],
            grade=grade,
            reasons=why,
            rmse_vol=errors[place],
            median_residual=medians[place],
            inside=inside[place],
            butterfly_ok=not reasons[place] & BUTTERFLY,
            calendar_ok=not reasons[place] & CALENDAR,
            quotes=int(np.count_nonzero(use == USED)),
            left_out=_left_out(use),
            strikes=piece.strikes,
            right=points.right[own],
            use=codes(use[points.rows[own]]),
            bid_iv=points.bid_iv[own],
            mid_iv=points.mid_iv[own],
            ask_iv=points.ask_iv[own],
            fit_iv=points.fit_iv[own],
            residual=points.residual[own],
        )


def _judged(grade: int, reasons: int) -> tuple[Grade, tuple[str, ...]]:
    return GRADES[grade], reasons_of(reasons)


class _Points(NamedTuple):
    """Of every strike the option that is out of the money, the strikes of all slices one after the other; read-only, as are its pieces."""

    rows: Indices
    """Its position among its own slice's quotes: calls, then puts."""
    right: Bytes
    bid_iv: Floats
    mid_iv: Floats
    ask_iv: Floats
    fit_iv: Floats
    residual: Floats


def _points(fit: SurfaceFit, smiles: Sequence[Smile], places: Indices, fitted: Bools) -> _Points:
    sizes = np.array([piece.strikes.size for piece in smiles], dtype=np.intp)
    mine = np.repeat(np.arange(sizes.size), sizes)
    owner, known = places[mine], fitted[mine]
    at = np.arange(owner.size) - (np.cumsum(sizes) - sizes)[mine]
    calls = fit.quotes.segments.starts[owner] + at
    with np.errstate(invalid="ignore"):
        is_call = fit.quotes.log_moneyness[calls] >= 0.0
    rows = at + np.where(is_call, 0, sizes[mine])
    flat = fit.quotes.segments.starts[owner] + rows
    curve = _vols(fit, fit.quotes.log_moneyness[calls], owner, fit.quotes.years[owner])
    return _Points(
        rows=rows,
        right=codes(np.where(is_call, 1, -1)),
        bid_iv=floats(fit.quotes.bid_vols[flat]),
        mid_iv=floats(fit.quotes.vols[flat]),
        ask_iv=floats(fit.quotes.ask_vols[flat]),
        fit_iv=floats(np.where(known, curve, np.nan)),
        residual=floats(np.where(known, fit.grades.residuals[flat], np.nan)),
    )


def _parts(smiles: Sequence[Smile]) -> list[slice]:
    """Where the strikes of each slice stand among those of all."""
    ends = np.cumsum([piece.strikes.size for piece in smiles]).tolist()
    return [slice(end - piece.strikes.size, end) for end, piece in zip(ends, smiles, strict=True)]


def _cut(smiles: Sequence[Smile], uses: Bytes) -> Iterator[Bytes]:
    """What became of each slice's quotes."""
    ends = np.cumsum([2 * piece.strikes.size for piece in smiles]).tolist()
    return (uses[begin:end] for begin, end in zip([0, *ends], ends, strict=False))


def _left_out(uses: Bytes) -> dict[str, int]:
    """Listed quotes that the fit does not stand on, by reason."""
    counts = np.bincount(uses, minlength=len(PointUse)).tolist()
    return {words: counts[use] for use, words in LEFT_OUT.items() if counts[use]}


def believable(fit: SurfaceFit) -> Bools:
    """Slices that have a curve which did not fail."""
    known: Bools = (np.isfinite(fit.slices.a) | fit.splines.present) & (fit.grades.grades != FitGrade.FAILED)
    return known


def reasons_of(bits: int) -> tuple[str, ...]:
    """Why a grade is not better, the gravest first."""
    return tuple(words for reason, words in REASONS.items() if bits & reason.value)


def _vols(fit: SurfaceFit, k: Floats, which: Indices, years: Floats | float) -> Floats:
    return curve_vols(log_moneyness=k, slices=fit.slices, splines=fit.splines, which=which, years=years)
