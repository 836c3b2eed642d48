"""From the quotes of one underlying to its surface: chosen, fitted, measured, and with a spline where no model goes through."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from engine.quant.arrays import Bools, Bytes, Floats, Indices
from engine.quant.chain.segments import of_sizes
from engine.quant.codes import FitGrade, FitStatus, GradeReason
from engine.quant.smiles import essvi, spline, ssvi, svi
from engine.quant.smiles.arbitrage import LEE, butterflies, calendars
from engine.quant.smiles.grade import Grades, grade_slices
from engine.quant.smiles.quotes import ChosenQuotes, SmileQuotes, choose
from engine.quant.smiles.spline import Spline
from engine.quant.smiles.surface import Surface, surface_of
from engine.quant.smiles.svi import RawSvi

LEAST_FOR_SPLINE = 3


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
    slices: RawSvi
    splines: tuple[Spline | None, ...]
    statuses: Bytes
    """:class:`engine.quant.codes.FitStatus`."""
    grades: Grades
    least_g: Floats
    falls: Floats
    """By how much total variance falls at most from the expiry before, where both are quoted; below zero where it rises."""
    quotes: ChosenQuotes


class _Slices(NamedTuple):
    """What a model gave."""

    slices: RawSvi
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
    chosen = choose(quotes)
    found = _fitted(chosen, model)
    bent: list[Spline | None] = [None] * chosen.years.size
    grades, least, falls = _measured(chosen, found, bent)
    if fallback and model is SmileModel.SVI:
        weak = np.flatnonzero((grades.grades >= FitGrade.POOR) & (found.statuses <= FitStatus.FEW_STRIKES))
        if weak.size:
            for i in weak.tolist():
                bent[i] = _spline(chosen, i)
            again, new_least, new_falls = _measured(chosen, found, bent)
            worse = weak[again.grades[weak] >= grades.grades[weak]]
            for i in worse.tolist():
                bent[i] = None
            if worse.size:
                grades, least, falls = _measured(chosen, found, bent)
            else:
                grades, least, falls = again, new_least, new_falls
    surface = surface_of(
        years=chosen.years,
        forwards=np.asarray(quotes.forwards, dtype=np.float64),
        slices=found.slices,
        lows=found.lows,
        highs=found.highs,
        splines=tuple(bent),
        spot=spot,
    )
    return SurfaceFit(surface, found.slices, tuple(bent), found.statuses, grades, least, falls, chosen)


def _fitted(chosen: ChosenQuotes, model: SmileModel) -> _Slices:
    """The model's slices. eSSVI's and SSVI's statuses are by the same count of strikes as SVI's."""
    used = np.flatnonzero(chosen.weights > 0.0)
    owner = chosen.segments.owner[used]
    cut = of_sizes(np.bincount(owner, minlength=chosen.years.size).astype(np.intp))
    terms = {"log_moneyness": chosen.log_moneyness[used], "vols": chosen.vols[used], "weights": chosen.weights[used]}
    if model is SmileModel.ESSVI:
        terms["weights"] = terms["weights"] * _vegas(chosen, used)
        free = essvi.fit_surface(**terms, segments=cut, years=chosen.years)
        statuses = np.where(np.isnan(free.thetas), FitStatus.NO_QUOTES, FitStatus.OK)
        return _Slices(free.slices, statuses.astype(np.int8), free.lows, free.highs)
    fits = svi.fit_slices(**terms, segments=cut, years=chosen.years)
    if model is SmileModel.SVI:
        return _Slices(fits.slices, fits.statuses, fits.lows, fits.highs)
    k, vols, weights = terms.values()
    whole = ssvi.fit_surfaces(log_moneyness=k, vols=vols, weights=weights, segments=cut, years=chosen.years)
    return _Slices(whole.slices, fits.statuses, fits.lows, fits.highs)


def _vegas(chosen: ChosenQuotes, used: Indices) -> Floats:
    """Vega over that at the money, e^(-d1²/2): three numbers cannot meet money and wings, and what is missed far out is worth little."""
    s = chosen.vols[used] * np.sqrt(chosen.years[chosen.segments.owner[used]])
    d1 = 0.5 * s - chosen.log_moneyness[used] / s
    result: Floats = np.exp(-0.5 * d1 * d1)
    return result


def _spline(chosen: ChosenQuotes, i: int) -> Spline:
    own = np.flatnonzero((chosen.segments.owner == i) & (chosen.weights > 0.0))
    return spline.fit_spline(
        log_moneyness=chosen.log_moneyness[own], vols=chosen.vols[own], years=float(chosen.years[i]), weights=chosen.weights[own]
    )


def _measured(chosen: ChosenQuotes, found: _Slices, bent: list[Spline | None]) -> tuple[Grades, Floats, Floats]:
    """Grades, least g and falls of the slices, splines in place of those that have one."""
    owner = chosen.segments.owner
    vols = svi.vols(log_moneyness=chosen.log_moneyness, slices=found.slices.of(owner), years=chosen.years[owner])
    wings = butterflies(slices=found.slices, lows=found.lows, highs=found.highs)
    arbitrage, least = wings.arbitrage.copy(), wings.least.copy()
    a, b, rho, _, sigma = found.slices
    with np.errstate(all="ignore"):
        degenerate = ~np.isfinite(a + b + rho + sigma) | (a + b * sigma * np.sqrt(1.0 - rho * rho) <= 0.0) | (b * (1.0 + np.abs(rho)) > LEE)
        for i, one in enumerate(bent):
            if one is not None:
                own = owner == i
                vols[own] = np.sqrt(spline.smile(log_moneyness=chosen.log_moneyness[own], spline=one).variances / chosen.years[i])
                arbitrage[i], degenerate[i] = one.arbitrage, False
                least[i] = np.nanmin(spline.durrleman(log_moneyness=np.linspace(found.lows[i], found.highs[i], 201), spline=one))
    falls = _falls(found, bent)
    grades = grade_slices(
        fitted_vols=vols,
        quotes=chosen,
        statuses=found.statuses,
        degenerate=degenerate,
        butterflies=arbitrage,
        falls=falls,
    )
    return _with_splines(grades, np.array([one is not None for one in bent], dtype=bool)), least, falls


def _with_splines(grades: Grades, bent: Bools) -> Grades:
    """A spline is FAIR at most: it meets quotes by construction."""
    capped = np.where(bent, np.maximum(grades.grades, FitGrade.FAIR), grades.grades).astype(np.int8)
    return grades._replace(grades=capped, reasons=grades.reasons | np.where(bent, GradeReason.FALLBACK, 0))


def _falls(found: _Slices, bent: list[Spline | None]) -> Floats:
    """Of each slice against the one before that has numbers, over the strikes that both quote."""
    falls = np.full(len(bent), np.nan)
    known: Indices = np.flatnonzero(np.isfinite(found.slices.a))
    if known.size < 2:
        return falls
    lows, highs = found.lows[known].copy(), found.highs[known].copy()
    lows[1:], highs[1:] = np.maximum(lows[1:], lows[:-1]), np.minimum(highs[1:], highs[:-1])
    shared = lows <= highs
    falls[known] = np.where(shared, calendars(slices=found.slices.of(known), lows=lows, highs=highs).falls, np.nan)
    for earlier, later, low, high in zip(known[:-1].tolist(), known[1:].tolist(), lows[1:].tolist(), highs[1:].tolist(), strict=True):
        if (bent[earlier] is not None or bent[later] is not None) and low <= high:
            k = np.linspace(low, high, 101)
            falls[later] = float((_level(found, bent, earlier, k) - _level(found, bent, later, k)).max())
    return falls


def _level(found: _Slices, bent: list[Spline | None], i: int, k: Floats) -> Floats:
    one = bent[i]
    if one is not None:
        return spline.smile(log_moneyness=k, spline=one).variances
    return svi.smile(log_moneyness=k, slices=found.slices.of(np.array([i]))).variances
