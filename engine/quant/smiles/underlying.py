"""Both surfaces of one underlying in one pass: SVI to look at, eSSVI to compute risk with; all of it, or what moved since the last fit.

A refit is told which series are ``dirty`` and begins where the last one stood. Only their quotes are judged and measured again, only their
SVI slices fitted; eSSVI slices hang on one another, and are fitted from the first dirty one on. Whatever was refitted, the answer is whole.

>>> from engine.quant.chain.segments import of_sizes
>>> from engine.quant.european.black import prices
>>> from engine.quant.smiles.surface import vols_at
>>> strikes, years = np.tile(np.linspace(80.0, 120.0, 9), 2), np.repeat([0.1, 0.2], 9)
>>> rights = np.where(strikes < 100.0, -1.0, 1.0)
>>> worth = prices(forwards=100.0, strikes=strikes, years=years, vols=0.2, rights=rights)
>>> quotes = quotes_of_prices(
...     strikes=strikes, rights=rights, bids=0.999 * worth, asks=1.001 * worth, segments=of_sizes(np.array([9, 9])),
...     forwards=[100.0, 100.0], discounts=[1.0, 1.0], years=[0.1, 0.2],
... )
>>> fit = fit_underlying(quotes=quotes)
>>> again = fit_underlying(quotes=quotes, before=fit, dirty=[False, True])
>>> [round(float(vol), 3) for vol in vols_at(surface=again.risk.surface, strikes=[95.0, 100.0], years=0.15).vols]
[0.2, 0.2]
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Bools, Indices
from engine.quant.smiles.fitting import Slices, SmileModel, SurfaceFit, fit_slices, graded
from engine.quant.smiles.grade import Misses, Yardstick, yardstick
from engine.quant.smiles.quotes import ChosenQuotes, SmileQuotes, choose, quotes_of_prices
from engine.quant.smiles.splicing import exchanged, splice
from engine.quant.smiles.svi import RawSvi

__all__ = ["UnderlyingFit", "fit_display", "fit_risk", "fit_underlying", "quotes_of_prices"]


class UnderlyingFit(NamedTuple):
    """Two fits of the same quotes."""

    display: SurfaceFit
    """Raw SVI, closest to the quotes, with splines where it goes through none of them; expiries may cross, which the flags say."""
    risk: SurfaceFit
    """eSSVI, free of arbitrage."""

    @property
    def quotes(self) -> ChosenQuotes:
        """Every quote: whether it took part, and if not, why."""
        return self.display.quotes


def fit_underlying(
    *, quotes: SmileQuotes, before: UnderlyingFit | None = None, dirty: ArrayLike | None = None, spot: float = float("nan")
) -> UnderlyingFit:
    """The surfaces of one underlying's series, in the order of their expiries; no number raises, odd columns are a ValueError.

    ``before`` is the last fit of the same series, where the new one begins; ``dirty``, one flag a series, names those whose quotes have
    changed since, and needs ``before``. A series with another number of quotes than before counts as dirty. Time passes for clean series
    too: give all of them now and then.
    """
    moved = _moved(quotes, before and before.display, dirty)
    if before is None or moved.all():
        by = yardstick(choose(quotes))
        starts = before or (None, None)
        return UnderlyingFit(_anew(by, SmileModel.SVI, starts[0], spot), _anew(by, SmileModel.ESSVI, starts[1], spot))
    if not moved.any():
        return before
    display = fit_display(quotes=quotes, before=before.display, dirty=moved, spot=spot)
    later = np.arange(np.flatnonzero(moved)[0], moved.size)
    return UnderlyingFit(display, _renewed(before.risk, display.quotes, later, spot))


def fit_display(
    *, quotes: SmileQuotes, before: SurfaceFit | None = None, dirty: ArrayLike | None = None, spot: float = float("nan")
) -> SurfaceFit:
    """The SVI surface of :func:`fit_underlying` alone, with the same arguments: what is looked at is fitted more often than risk."""
    moved = _moved(quotes, before, dirty)
    if before is None or moved.all():
        return _anew(yardstick(choose(quotes)), SmileModel.SVI, before, spot)
    slices = np.flatnonzero(moved)
    if not slices.size:
        return before
    chosen = before.quotes.with_slices(slices, choose(quotes.of(slices)))
    return _renewed(before, chosen, slices, spot)


def fit_risk(*, quotes: ChosenQuotes, before: SurfaceFit | None = None, spot: float = float("nan")) -> SurfaceFit:
    """The eSSVI surface alone, of quotes that were chosen for a display, from where the one ``before`` of as many series stood."""
    return _anew(yardstick(quotes), SmileModel.ESSVI, before, spot)


def _anew(by: Yardstick, model: SmileModel, before: SurfaceFit | None, spot: float) -> SurfaceFit:
    """All slices of a model."""
    found, misses = fit_slices(by=by, model=model, starts=None if before is None else before.slices)
    return graded(found=found, misses=misses, quotes=by.quotes, model=model, spot=spot)


def _moved(quotes: SmileQuotes, before: SurfaceFit | None, dirty: ArrayLike | None) -> Bools:
    """One flag a series; ValueError where flags or the fit before do not belong to these series."""
    pieces = quotes.segments.pieces
    if before is not None and before.quotes.segments.pieces != pieces:
        message = f"the fit before is of {before.quotes.segments.pieces} series, not of {pieces}: leave it out where they have changed"
        raise ValueError(message)
    if dirty is None:
        return np.ones(pieces, dtype=bool)
    flags = np.asarray(dirty, dtype=bool)
    if before is None or flags.shape != (pieces,):
        message = f"dirty needs the fit before and one flag for each of {pieces} series"
        raise ValueError(message)
    result: Bools = flags | (before.quotes.segments.sizes != quotes.segments.sizes)
    return result


def _renewed(before: SurfaceFit, chosen: ChosenQuotes, slices: Indices, spot: float) -> SurfaceFit:
    """The fit with these slices made anew, beginning where they stood."""
    known = np.flatnonzero(np.isfinite(before.slices.a[: slices[0]])) if before.model is SmileModel.ESSVI else slices[:0]
    below = before.slices.of(known[-1:]) if known.size else None
    by = yardstick(chosen.of(slices))
    found, misses = fit_slices(by=by, model=before.model, starts=before.slices.of(slices), below=below)
    numbers = (exchanged(old, new, slices) for old, new in zip(before.slices, found.slices, strict=True))
    joined = Slices(
        RawSvi(*numbers),
        before.splines.with_slices(slices, found.splines),
        exchanged(before.statuses, found.statuses, slices),
        exchanged(before.lows, found.lows, slices),
        exchanged(before.highs, found.highs, slices),
    )
    old, new = before.misses._asdict(), misses._asdict()
    residuals = splice(before.quotes.segments, by.quotes.segments, slices).flat(old.pop("residuals"), new.pop("residuals"))
    rows = {name: exchanged(old[name], new[name], slices) for name in old}
    return graded(found=joined, misses=Misses(**rows, residuals=residuals), quotes=chosen, model=before.model, spot=spot)
