"""One name's slices fitted into its surfaces: what is to be done off the loop, pure, so that it can run in a thread.

The displayed surface is fitted whenever its quotes move, the one that risk is computed on when it is told.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from engine.domain.ids import SeriesId, SourceId, Symbol, UtcNanos
from engine.domain.market import FeedState
from engine.domain.volatility import SurfaceModel, SurfaceSlice, VolatilitySurface
from engine.quant.smiles.fitting import SurfaceFit
from engine.quant.smiles.underlying import fit_display, fit_risk
from engine.services.analytics.maturities import maturities_of, no_maturities
from engine.services.analytics.smile import Smile
from engine.services.analytics.surface_quotes import smile_quotes, that_count
from engine.services.analytics.surface_slices import believable, slices_of


class NameNow(NamedTuple):
    """What is to be fitted."""

    symbol: Symbol
    source: SourceId
    state: FeedState
    spot: float
    by_age: bool
    """Stale quotes are left out; not where the whole feed is silent, since then there would be none."""
    slices: tuple[Smile, ...]


class NameFit(NamedTuple):
    """A fit, kept so that the next one may begin with it."""

    name: NameNow
    slices: tuple[Smile, ...]
    """Those that it was made of."""
    numbers: SurfaceFit | None
    """The displayed surface's; None where there is no slice at all."""
    display: VolatilitySurface


class RiskFit(NamedTuple):
    """The surface that risk is computed on, kept so that the next one may begin with it."""

    of: NameFit
    """The fit whose quotes it stands on."""
    numbers: SurfaceFit | None
    surface: VolatilitySurface


def fitted(name: NameNow, before: NameFit | None = None) -> NameFit:
    """A name's displayed surface; only slices that are not those of the fit ``before`` are fitted."""
    slices = that_count(name.slices)
    if not slices:
        return NameFit(name, slices, None, _empty(name, SurfaceModel.SVI))
    old, dirty, known = None, None, {}
    if before is not None and before.numbers is not None and _ids(before.slices) == _ids(slices):
        old = before.numbers
        dirty = [now is not then for now, then in zip(slices, before.slices, strict=True)]
        known = {place: piece for place, (piece, moved) in enumerate(zip(before.display.slices, dirty, strict=True)) if not moved}
    numbers = fit_display(quotes=smile_quotes(slices, by_age=name.by_age), before=old, dirty=dirty, spot=name.spot)
    return NameFit(name, slices, numbers, _surface(name, slices, numbers, SurfaceModel.SVI, known))


def risk_fitted(fit: NameFit, before: RiskFit | None = None) -> RiskFit:
    """The eSSVI surface of the same quotes, begun where the one ``before`` stood."""
    if fit.numbers is None:
        return RiskFit(fit, None, _empty(fit.name, SurfaceModel.ESSVI))
    old = before.numbers if before is not None and _ids(before.of.slices) == _ids(fit.slices) else None
    numbers = fit_risk(quotes=fit.numbers.quotes, before=old, spot=fit.name.spot)
    return RiskFit(fit, numbers, _surface(fit.name, fit.slices, numbers, SurfaceModel.ESSVI))


def _surface(
    name: NameNow,
    slices: tuple[Smile, ...],
    fit: SurfaceFit,
    model: SurfaceModel,
    known: Mapping[int, SurfaceSlice] = MappingProxyType({}),
) -> VolatilitySurface:
    return VolatilitySurface(
        symbol=name.symbol,
        source=name.source,
        state=name.state,
        as_of=UtcNanos(max(piece.summary.as_of for piece in slices)),
        spot=name.spot,
        model=model,
        slices=slices_of(fit, slices, by_age=name.by_age, known=known),
        maturities=maturities_of(
            fit,
            forwards=np.array([piece.summary.forward for piece in slices]),
            years=np.array([piece.summary.years for piece in slices]),
            believed=believable(fit),
        ),
    )


def _empty(name: NameNow, model: SurfaceModel) -> VolatilitySurface:
    """Nothing of the name was quoted yet."""
    return VolatilitySurface(
        symbol=name.symbol,
        source=name.source,
        state=name.state,
        as_of=UtcNanos(0),
        spot=name.spot,
        model=model,
        slices=(),
        maturities=no_maturities(),
    )


def _ids(slices: tuple[Smile, ...]) -> tuple[SeriesId, ...]:
    return tuple(piece.summary.series.id for piece in slices)
