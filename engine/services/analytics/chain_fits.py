"""The fitted volatility beside each quote of a chain: every slice by its own quotes alone, so that it is the same whoever asks for it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.domain.chain import ChainSlice
from engine.domain.columns import Floats, floats
from engine.domain.ids import SeriesId, Symbol
from engine.quant.smiles.curves import curve_vols
from engine.quant.smiles.fitting import fit_surface
from engine.services.analytics.surface_quotes import smile_quotes, that_count
from engine.services.analytics.surface_slices import believable


class ChainFit(NamedTuple):
    """Of one slice; NaN where there is no fit."""

    fit_iv: Floats
    """(strikes,)."""
    residual: Floats
    """(2, strikes), in bid-ask widths."""


def chain_fits(slices: Sequence[ChainSlice], *, by_age: bool) -> dict[SeriesId, ChainFit]:
    """SVI through the quotes of each slice; ``by_age`` leaves out those that are stale."""
    found = {piece.summary.series.id: _nothing(piece.strikes.size) for piece in slices}
    names: defaultdict[Symbol, list[ChainSlice]] = defaultdict(list)
    for piece in slices:
        names[piece.symbol].append(piece)
    for smiles in names.values():
        found.update(_fits(that_count(smiles), by_age=by_age))
    return found


def _fits(smiles: tuple[ChainSlice, ...], *, by_age: bool) -> dict[SeriesId, ChainFit]:
    if not smiles:
        return {}
    fit = fit_surface(quotes=smile_quotes(smiles, by_age=by_age))
    known = believable(fit)[fit.quotes.segments.owner]
    curve = curve_vols(
        log_moneyness=fit.quotes.log_moneyness,
        slices=fit.slices,
        splines=fit.splines,
        which=fit.quotes.segments.owner,
        years=fit.quotes.years[fit.quotes.segments.owner],
    )
    curve, residuals = np.where(known, curve, np.nan), np.where(known, fit.grades.residuals, np.nan)
    ends = np.cumsum(fit.quotes.segments.sizes).tolist()
    parts = (slice(end - size, end) for end, size in zip(ends, fit.quotes.segments.sizes.tolist(), strict=True))
    return {
        piece.summary.series.id: ChainFit(floats(curve[part][: piece.strikes.size]), floats(residuals[part].reshape(2, -1)))
        for piece, part in zip(smiles, parts, strict=True)
    }


def _nothing(strikes: int) -> ChainFit:
    return ChainFit(floats(np.full(strikes, np.nan)), floats(np.full((2, strikes), np.nan)))
