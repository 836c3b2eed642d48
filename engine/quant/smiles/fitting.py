"""From the quotes of one underlying to a surface: fitted, measured, graded, and with a spline where no model goes through."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Bools, Bytes, Floats, Indices
from engine.quant.chain.segments import of_sizes
from engine.quant.codes import FitGrade, FitStatus, GradeReason
from engine.quant.smiles import essvi, ssvi, svi
from engine.quant.smiles.arbitrage import LEE, butterflies, calendars
from engine.quant.smiles.curves import curve_vols, curves
from engine.quant.smiles.grade import Grades, Misses, Yardstick, grade_slices, measure, yardstick
from engine.quant.smiles.quotes import ChosenQuotes, SmileQuotes, choose
from engine.quant.smiles.spline import Splines, durrleman, fit_splines, no_splines
from engine.quant.smiles.surface import Surface, surface_of
from engine.quant.smiles.svi import RawSvi

PLACES = 101
"""Of a shared range of strikes, where one of two expiries is a spline."""


class SmileModel(IntEnum):
    """What the slices are fitted with."""

    SVI = 0
    """Closest to the quotes; expiries may cross, which the flags say."""
    ESSVI = 1
    """Free of arbitrage: what risk is computed on. Quotes weigh by their vega as well, so that it is closest about the money."""
    SSVI = 2
    """A few numbers for the whole surface, free of arbitrage."""


class SurfaceFit(NamedTuple):
    """A surface and what it is worth; columns are one a series of the quotes, in their order."""

    surface: Surface
    model: SmileModel
    slices: RawSvi
    """The model's, whether a spline stands in for one or not."""
    splines: Splines
    statuses: Bytes
    """:class:`engine.quant.codes.FitStatus`."""
    grades: Grades
    misses: Misses
    least_g: Floats
    falls: Floats
    """By how much total variance falls at most from the expiry before, where both are quoted; below zero where it rises."""
    lows: Floats
    """Least k that the slice was fitted to, and greatest."""
    highs: Floats
    quotes: ChosenQuotes

    @property
    def butterfly_free(self) -> Bools:
        """Slices without g < 0, ten deviations to each side of the money."""
        found: Bools = (self.grades.reasons & GradeReason.BUTTERFLY) == 0
        return found

    @property
    def calendar_free(self) -> Bools:
        """Slices that fall below the expiry before by less than the quotes are wide, where both are quoted."""
        found: Bools = (self.grades.reasons & GradeReason.CALENDAR) == 0
        return found


class Slices(NamedTuple):
    """What a model gave, and the splines beside it; columns are one a series."""

    slices: RawSvi
    splines: Splines
    statuses: Bytes
    lows: Floats
    highs: Floats


def fit_surface(
    *, quotes: SmileQuotes, model: SmileModel = SmileModel.SVI, fallback: bool = True, spot: float = float("nan")
) -> SurfaceFit:
    """The surface of one underlying's series, in the order of their expiries; with ``fallback`` a spline replaces what no model fits.

    A spline is taken for a slice graded POOR or FAILED if it is graded better; SSVI and eSSVI surfaces keep to their models, which are
    free of arbitrage as a whole. Series without a usable quote are graded FAILED and are no part of the surface.
    """
    by = yardstick(choose(quotes))
    found, misses = fit_slices(by=by, model=model, fallback=fallback)
    return graded(found=found, misses=misses, quotes=by.quotes, model=model, spot=spot)


def fit_slices(
    *, by: Yardstick, model: SmileModel, fallback: bool = True, starts: RawSvi | None = None, below: RawSvi | None = None
) -> tuple[Slices, Misses]:
    """The slices of a model and by how much they miss the quotes of the yardstick.

    ``starts`` are slices to begin at; ``below`` is one that an eSSVI surface is to lie above.
    """
    found = _fitted(by.quotes, model, starts, below)
    misses = measure(fitted_vols=_vols(found, by), by=by)
    if model is not SmileModel.SVI or not fallback:
        return found, misses
    before = _alone(found, misses, by.quotes)
    weak = (before.grades >= FitGrade.POOR) & (found.statuses <= FitStatus.FEW_STRIKES)
    if not weak.any():
        return found, misses
    bent = found._replace(splines=_splines(by.quotes, weak))
    again = measure(fitted_vols=_vols(bent, by), by=by)
    better = weak & (_alone(bent, again, by.quotes).grades < before.grades)
    return bent._replace(splines=bent.splines.only(better)), either(better, again, misses, by.quotes.segments.owner)


def graded(*, found: Slices, misses: Misses, quotes: ChosenQuotes, model: SmileModel, spot: float) -> SurfaceFit:
    """The surface of these slices, with what they are worth side by side."""
    falls = _falls(found)
    grades, least = _grades(found, misses, falls), _least_g(found)
    surface = surface_of(
        years=quotes.years,
        forwards=quotes.forwards,
        slices=found.slices,
        lows=found.lows,
        highs=found.highs,
        splines=found.splines,
        spot=spot,
    )
    return SurfaceFit(
        surface, model, found.slices, found.splines, found.statuses, grades, misses, least, falls, found.lows, found.highs, quotes
    )


def either(chosen: Bools, ours: Misses, theirs: Misses, owner: Indices) -> Misses:
    """The rows of ``ours`` for the chosen slices, those of ``theirs`` for the others."""
    rows = {
        name: np.where(chosen.reshape((-1,) + (1,) * (one.ndim - 1)), one, getattr(theirs, name))
        for name, one in ours._asdict().items()
        if name != "residuals"
    }
    return Misses(**rows, residuals=np.where(chosen[owner], ours.residuals, theirs.residuals))


def _fitted(chosen: ChosenQuotes, model: SmileModel, starts: RawSvi | None, below: RawSvi | None) -> Slices:
    """The model's slices. eSSVI's and SSVI's statuses are by the same count of strikes as SVI's."""
    used = np.flatnonzero(chosen.weights > 0.0)
    owner = chosen.segments.owner[used]
    cut = of_sizes(np.bincount(owner, minlength=chosen.years.size).astype(np.intp))
    terms = {"log_moneyness": chosen.log_moneyness[used], "vols": chosen.vols[used], "weights": chosen.weights[used]}
    bent = no_splines(chosen.years.size)
    if model is SmileModel.ESSVI:
        terms["weights"] = terms["weights"] * _vegas(chosen, used)
        free = essvi.fit_surface(**terms, segments=cut, years=chosen.years, starts=starts, below=below)
        statuses = np.where(np.isnan(free.thetas), FitStatus.NO_QUOTES, FitStatus.OK)
        return Slices(free.slices, bent, statuses.astype(np.int8), free.lows, free.highs)
    fits = svi.fit_slices(**terms, segments=cut, years=chosen.years, starts=starts)
    if model is SmileModel.SVI:
        return Slices(fits.slices, bent, fits.statuses, fits.lows, fits.highs)
    k, vols, weights = terms.values()
    whole = ssvi.fit_surfaces(log_moneyness=k, vols=vols, weights=weights, segments=cut, years=chosen.years)
    return Slices(whole.slices, bent, fits.statuses, fits.lows, fits.highs)


def _vegas(chosen: ChosenQuotes, used: Indices) -> Floats:
    """Vega over that at the money, e^(-d1²/2): three numbers cannot meet money and wings, and what is missed far out is worth little."""
    s = chosen.vols[used] * np.sqrt(chosen.years[chosen.segments.owner[used]])
    d1 = 0.5 * s - chosen.log_moneyness[used] / s
    result: Floats = np.exp(-0.5 * d1 * d1)
    return result


def _splines(chosen: ChosenQuotes, weak: Bools) -> Splines:
    """Of the weak slices, all in one pass."""
    weights = np.where(weak[chosen.segments.owner], chosen.weights, 0.0)
    used = np.flatnonzero(weights > 0.0)
    cut = of_sizes(np.bincount(chosen.segments.owner[used], minlength=chosen.years.size).astype(np.intp))
    return fit_splines(
        log_moneyness=chosen.log_moneyness[used], vols=chosen.vols[used], weights=weights[used], segments=cut, years=chosen.years
    )


def _vols(found: Slices, by: Yardstick) -> Floats:
    """The smile at every measured quote."""
    return curve_vols(
        log_moneyness=by.quotes.log_moneyness[by.known],
        slices=found.slices,
        splines=found.splines,
        which=by.owner,
        years=by.quotes.years[by.owner],
    )


def _alone(found: Slices, misses: Misses, chosen: ChosenQuotes) -> Grades:
    """Grades of the slices, whatever their neighbours."""
    return _grades(found, misses, np.full(chosen.years.size, np.nan))


def _least_g(found: Slices) -> Floats:
    """Of the slices, of the splines where there are some."""
    least = butterflies(slices=found.slices, lows=found.lows, highs=found.highs).least.copy()
    which = np.flatnonzero(found.splines.present)
    if which.size:
        k = np.linspace(found.lows[which], found.highs[which], 2 * PLACES - 1, axis=1)
        least[which] = np.nanmin(durrleman(log_moneyness=k, splines=found.splines, slices=which[:, np.newaxis]), axis=1)
    return least


def _grades(found: Slices, misses: Misses, falls: Floats) -> Grades:
    """Grades of the slices, of the splines where there are some."""
    wings = butterflies(slices=found.slices, lows=found.lows, highs=found.highs)
    a, b, rho, _, sigma = found.slices
    bent = found.splines.present
    with np.errstate(all="ignore"):
        degenerate = ~np.isfinite(a + b + rho + sigma) | (a + b * sigma * np.sqrt(1.0 - rho * rho) <= 0.0) | (b * (1.0 + np.abs(rho)) > LEE)
    grades = grade_slices(
        misses=misses,
        statuses=found.statuses,
        degenerate=degenerate & ~bent,
        butterflies=np.where(bent, found.splines.arbitrage, wings.arbitrage),
        falls=falls,
    )
    return _with_splines(grades, bent)


def _with_splines(grades: Grades, bent: Bools) -> Grades:
    """A spline is FAIR at most: it meets quotes by construction."""
    capped = np.where(bent, np.maximum(grades.grades, FitGrade.FAIR), grades.grades).astype(np.int8)
    return grades._replace(grades=capped, reasons=grades.reasons | np.where(bent, GradeReason.FALLBACK, 0))


def _falls(found: Slices) -> Floats:
    """Of each slice against the one before that has numbers, over the strikes that both quote."""
    falls = np.full(found.lows.size, np.nan)
    known: Indices = np.flatnonzero(np.isfinite(found.slices.a))
    if known.size < 2:
        return falls
    lows, highs = found.lows[known].copy(), found.highs[known].copy()
    lows[1:], highs[1:] = np.maximum(lows[1:], lows[:-1]), np.minimum(highs[1:], highs[:-1])
    shared = lows <= highs
    falls[known] = np.where(shared, calendars(slices=found.slices.of(known), lows=lows, highs=highs).falls, np.nan)
    bent = found.splines.present[known]
    either_bent = np.flatnonzero((bent[1:] | bent[:-1]) & shared[1:]) + 1
    if either_bent.size:
        k = np.linspace(lows[either_bent], highs[either_bent], PLACES, axis=1)
        before, after = (
            curves(log_moneyness=k, slices=found.slices, splines=found.splines, which=known[place][:, np.newaxis]).variances
            for place in (either_bent - 1, either_bent)
        )
        falls[known[either_bent]] = (before - after).max(axis=1)
    return falls
