"""Fitted slices as they are shown: grades and reasons in words, residuals in bid-ask widths, every quote with what became of it."""

from collections.abc import Sequence

import numpy as np

from engine.domain.chain import ChainSlice
from engine.domain.columns import Bytes, Floats, codes, floats
from engine.domain.volatility import POINT_WORDS, Grade, PointUse, SliceModel, SurfaceSlice
from engine.quant.arrays import Bools, Indices
from engine.quant.codes import FitGrade, GradeReason
from engine.quant.smiles.curves import curve_vols
from engine.quant.smiles.fitting import SmileModel, SurfaceFit
from engine.quant.smiles.wing_figures import wing_figures
from engine.services.analytics.surface_quotes import uses_of

GRADES = {FitGrade.GOOD: Grade.GOOD, FitGrade.FAIR: Grade.FAIR, FitGrade.POOR: Grade.POOR, FitGrade.FAILED: Grade.FAILED}
REASONS: dict[GradeReason, str] = {
    GradeReason.DEGENERATE: "degenerate",
    GradeReason.NO_WIDTHS: "no two-sided quote to measure against",
    GradeReason.FEW_STRIKES: "fewer strikes than the smile has numbers",
    GradeReason.NARROW: "quotes on one side of the forward only",
    GradeReason.OFF_AT_THE_MONEY: "off by more than a bid-ask width at the money",
    GradeReason.OFF_IN_THE_WINGS: "off by more than a bid-ask width 15 % from the money",
    GradeReason.OUTSIDE_QUOTES: "outside too many quotes",
    GradeReason.BUTTERFLY: "butterfly arbitrage",
    GradeReason.CALENDAR: "below the expiry before",
    GradeReason.FALLBACK: "a spline stands in: no model goes through the quotes",
}
MODELS = {SmileModel.SVI: SliceModel.SVI, SmileModel.ESSVI: SliceModel.ESSVI}


def slices_of(fit: SurfaceFit, slices: Sequence[ChainSlice], *, by_age: bool) -> tuple[SurfaceSlice, ...]:
    """The slices of a fit beside the chain they were fitted to."""
    every = np.arange(len(slices))
    years = np.array([piece.summary.years for piece in slices])
    fitted = believable(fit)
    wings = wing_figures(smile=lambda k: _vols(fit, k, every, years), years=years)
    found = []
    for place, piece in enumerate(slices):
        own = slice(int(fit.quotes.segments.starts[place]), int(fit.quotes.segments.starts[place] + fit.quotes.segments.sizes[place]))
        points = _Points(fit, piece, own, by_age=by_age)
        curve = _vols(fit, points.k, np.full(points.k.size, place), years[place])
        found.append(
            SurfaceSlice(
                series=piece.summary.series,
                as_of=piece.summary.as_of,
                years=piece.summary.years,
                forward=piece.summary.forward,
                rate=piece.summary.rate,
                model=_model(fit, place, fitted=bool(fitted[place])),
                parameters=_parameters(fit, place, fitted=bool(fitted[place])),
                least_k=float(fit.lows[place]),
                greatest_k=float(fit.highs[place]),
                atm_iv=_where(fitted[place], wings.at_the_money[place]),
                risk_reversal_25=_where(fitted[place], wings.risk_reversal_25[place]),
                butterfly_25=_where(fitted[place], wings.butterfly_25[place]),
                grade=GRADES[FitGrade(int(fit.grades.grades[place]))],
                reasons=reasons_of(int(fit.grades.reasons[place])),
                rmse_vol=float(fit.grades.rms_vols[place]),
                median_residual=float(fit.grades.median_widths[place]),
                inside=float(fit.grades.inside[place]),
                butterfly_ok=not fit.grades.reasons[place] & GradeReason.BUTTERFLY,
                calendar_ok=not fit.grades.reasons[place] & GradeReason.CALENDAR,
                quotes=int(np.count_nonzero(points.uses == PointUse.USED)),
                left_out=points.left_out(),
                strikes=piece.strikes,
                right=codes(points.right),
                use=codes(points.uses[points.rows]),
                bid_iv=floats(fit.quotes.bid_vols[own][points.rows]),
                mid_iv=floats(fit.quotes.vols[own][points.rows]),
                ask_iv=floats(fit.quotes.ask_vols[own][points.rows]),
                fit_iv=floats(np.where(fitted[place], curve, np.nan)),
                residual=floats(np.where(fitted[place], fit.grades.residuals[own][points.rows], np.nan)),
            )
        )
    return tuple(found)


class _Points:
    """The strikes of one slice: of each the option that is out of the money."""

    def __init__(self, fit: SurfaceFit, piece: ChainSlice, own: slice, *, by_age: bool) -> None:
        strikes = piece.strikes
        with np.errstate(all="ignore"):
            self.k: Floats = np.log(strikes / piece.summary.forward)
        self.right: Bytes = np.where(self.k >= 0.0, 1, -1).astype(np.int8)
        self.rows = np.arange(strikes.size) + np.where(self.right > 0, 0, strikes.size)
        self.uses: Bytes = uses_of(piece, fit.quotes.uses[own], by_age=by_age)

    def left_out(self) -> dict[str, int]:
        """Listed quotes that the fit does not stand on, by reason."""
        counts = np.bincount(self.uses, minlength=len(PointUse))
        listed = (use for use in PointUse if use not in {PointUse.USED, PointUse.NOT_LISTED})
        return {POINT_WORDS[use]: int(counts[use]) for use in listed if counts[use]}


def believable(fit: SurfaceFit) -> Bools:
    """Slices that have a curve which did not fail."""
    known: Bools = (np.isfinite(fit.slices.a) | fit.splines.present) & (fit.grades.grades != FitGrade.FAILED)
    return known


def reasons_of(bits: int) -> tuple[str, ...]:
    """Why a grade is not better, the gravest first."""
    return tuple(words for reason, words in REASONS.items() if bits & reason)


def _vols(fit: SurfaceFit, k: Floats, which: Indices, years: Floats | float) -> Floats:
    return curve_vols(log_moneyness=k, slices=fit.slices, splines=fit.splines, which=which, years=years)


def _model(fit: SurfaceFit, place: int, *, fitted: bool) -> SliceModel:
    if not fitted:
        return SliceModel.NONE
    return SliceModel.SPLINE if fit.splines.present[place] else MODELS[fit.model]


def _parameters(fit: SurfaceFit, place: int, *, fitted: bool) -> Floats:
    if not fitted or fit.splines.present[place]:
        return floats(np.full(5, np.nan))
    return floats([float(part[place]) for part in fit.slices])


def _where(known: object, value: float) -> float:
    return float(value) if known else float("nan")
