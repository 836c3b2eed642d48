"""Which slices of a chain make its surface, and their quotes side by side as a fit takes them."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np

from engine.domain.chain import ChainSlice
from engine.domain.columns import Bytes, Floats
from engine.domain.market import Verdict
from engine.domain.volatility import PointUse
from engine.quant.arrays import Bools
from engine.quant.chain.segments import of_sizes
from engine.quant.smiles.quotes import SmileQuotes
from engine.services.analytics.smile import Smile

P = TypeVar("P", Smile, ChainSlice)
STALE = np.uint8(Verdict.STALE)
NO_BID, OLD, NOT_LISTED = (np.int8(use) for use in (PointUse.NO_BID, PointUse.STALE, PointUse.NOT_LISTED))


def that_count(smiles: Iterable[P]) -> tuple[P, ...]:
    """The slices of a surface, nearest first: quoted once, of unadjusted series; of two that end together the one with more contracts."""
    known: list[P] = [piece for piece in smiles if piece.summary.as_of > 0 and not piece.summary.series.adjusted and piece.strikes.size]
    known.sort(key=_order)
    return tuple(piece for before, piece in zip((None, *known), known, strict=False) if before is None or _later(before, piece))


def smile_quotes(smiles: Sequence[Smile] | Sequence[ChainSlice], *, by_age: bool) -> SmileQuotes:
    """All quotes of the slices in flat columns, calls before puts in each; ``by_age`` takes those that are stale for no quotes."""
    bids, asks = _flat([piece.bid for piece in smiles]), _flat([piece.ask for piece in smiles])
    if by_age and (old := _stale(smiles)).any():
        bids, asks = np.where(old, np.nan, bids), np.where(old, np.nan, asks)
    sizes = np.array([piece.strikes.size for piece in smiles], dtype=np.intp)
    return SmileQuotes(
        strikes=_flat([strikes for piece in smiles for strikes in (piece.strikes, piece.strikes)]),
        rights=np.repeat(np.tile([1.0, -1.0], sizes.size), sizes.repeat(2)),
        bids=bids,
        asks=asks,
        vols=_flat([piece.iv for piece in smiles]),
        bid_vols=_flat([piece.iv_bid for piece in smiles]),
        ask_vols=_flat([piece.iv_ask for piece in smiles]),
        segments=of_sizes(2 * sizes),
        forwards=np.array([piece.summary.forward for piece in smiles]),
        years=np.array([piece.summary.years for piece in smiles]),
    )


def uses_of(smiles: Sequence[Smile], uses: Bytes, *, by_age: bool) -> Bytes:
    """What became of each quote: as the fit says, but for what is too old and what is not listed."""
    found = uses
    if by_age:
        found = np.where(_stale(smiles) & (uses == NO_BID), OLD, found)
    if any(piece.summary.contracts < len(piece.contract) for piece in smiles):
        found = np.where(np.concatenate([_listed(piece) for piece in smiles]), found, NOT_LISTED)
    return found


def _listed(piece: Smile) -> Bools:
    whole = piece.summary.contracts == len(piece.contract)
    return np.ones(len(piece.contract), dtype=np.bool_) if whole else np.fromiter(map(bool, piece.contract), np.bool_, len(piece.contract))


def _stale(smiles: Sequence[Smile] | Sequence[ChainSlice]) -> Bools:
    found: Bools = (np.concatenate([piece.verdict.ravel() for piece in smiles]) & STALE) != 0
    return found


def _flat(columns: Sequence[Floats]) -> Floats:
    return np.concatenate([column.ravel() for column in columns]) if columns else np.empty(0)


def _order(piece: Smile | ChainSlice) -> tuple[int, int]:
    return piece.summary.series.settles_at, -piece.summary.contracts


def _later(before: Smile | ChainSlice, piece: Smile | ChainSlice) -> bool:
    """By the instants themselves: the time to one is less for a slice that was priced later."""
    return before.summary.series.settles_at < piece.summary.series.settles_at
