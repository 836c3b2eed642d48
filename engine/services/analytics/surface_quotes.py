"""Which slices of a chain make its surface, and their quotes side by side as a fit takes them."""

from collections.abc import Iterable, Sequence

import numpy as np

from engine.domain.columns import Bytes, Floats
from engine.domain.market import Verdict
from engine.domain.volatility import PointUse
from engine.quant.chain.segments import of_sizes
from engine.quant.smiles.quotes import SmileQuotes
from engine.services.analytics.slices import Smile


def that_count(slices: Iterable[Smile]) -> tuple[Smile, ...]:
    """The slices of a surface, nearest first: quoted once, of unadjusted series; of two that end together the one with more contracts."""
    known = [piece for piece in slices if piece.summary.as_of > 0 and not piece.summary.series.adjusted and piece.strikes.size]
    known.sort(key=lambda piece: (piece.summary.years, -piece.summary.contracts))
    return tuple(piece for before, piece in zip((None, *known), known, strict=False) if before is None or _later(before, piece))


def smile_quotes(slices: Sequence[Smile], *, by_age: bool) -> SmileQuotes:
    """All quotes of the slices in flat columns, calls before puts in each; ``by_age`` takes those that are stale for no quotes."""
    return SmileQuotes(
        strikes=_flat([np.tile(piece.strikes, 2) for piece in slices]),
        rights=_flat([np.repeat([1.0, -1.0], piece.strikes.size) for piece in slices]),
        bids=_flat([_believed(piece, piece.bid, by_age=by_age) for piece in slices]),
        asks=_flat([_believed(piece, piece.ask, by_age=by_age) for piece in slices]),
        vols=_flat([piece.iv.ravel() for piece in slices]),
        bid_vols=_flat([piece.iv_bid.ravel() for piece in slices]),
        ask_vols=_flat([piece.iv_ask.ravel() for piece in slices]),
        segments=of_sizes(np.array([2 * piece.strikes.size for piece in slices], dtype=np.intp)),
        forwards=np.array([piece.summary.forward for piece in slices]),
        years=np.array([piece.summary.years for piece in slices]),
    )


def uses_of(piece: Smile, uses: Bytes, *, by_age: bool) -> Bytes:
    """What became of each quote of a slice: as the fit says, but for what is not listed and what is too old."""
    found = uses
    if by_age:
        old = ((piece.verdict & Verdict.STALE) != 0).ravel() & (uses == PointUse.NO_BID)
        found = np.where(old, PointUse.STALE, found)
    if piece.summary.contracts < len(piece.contract):
        found = np.where([bool(name) for name in piece.contract], found, PointUse.NOT_LISTED)
    result: Bytes = found.astype(np.int8)
    return result


def _later(before: Smile, piece: Smile) -> bool:
    return not before.summary.years >= piece.summary.years


def _believed(piece: Smile, column: Floats, *, by_age: bool) -> Floats:
    if not by_age:
        return column.ravel()
    return np.where((piece.verdict & Verdict.STALE) != 0, np.nan, column).ravel()


def _flat(columns: Sequence[Floats]) -> Floats:
    return np.concatenate(columns) if columns else np.empty(0)
