"""European options with cash dividends in the numpy tier: those with as many dividends side by side."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.quant import numpy_tier
from engine.quant.arrays import Floats, Indices
from engine.quant.formulas.american_held import NO_SHARE, build_edges, build_spot_derivatives
from engine.quant.formulas.black import INVERSE_SQRT_2_PI
from engine.quant.numpy_tier import PRIMITIVES

CELLS: Final = 200_000
"""Numbers of one temporary, about: 1.6 MB."""
_edges = build_edges(PRIMITIVES)
_spot_derivatives = build_spot_derivatives(PRIMITIVES)


class _Part(NamedTuple):
    """Rows with as many dividends; all but the first (dividends, rows)."""

    rows: Floats
    times: Floats
    amounts: Floats
    counts: NDArray[np.int64]

    def of(self, chosen: Indices) -> "_Part":
        return _Part(self.rows[:, chosen], self.times[:, chosen], self.amounts[:, chosen], self.counts[:, chosen])


def held(rows: Floats, begins: NDArray[np.int64], times: Floats, amounts: Floats, counts: NDArray[np.int64], out: Floats) -> None:
    """Price and spot derivatives of (spots, strikes, years, vols, rates, yields, signs); see the compiled loop of the same name."""
    lengths = np.diff(begins)
    with np.errstate(all="ignore"):
        for length in np.flatnonzero(np.bincount(lengths)):
            alike = np.flatnonzero(lengths == length)
            places = begins[alike] + np.arange(length)[:, None]
            part = _Part(rows[:, alike], times[places], amounts[places], counts[places])
            for block in _blocks(part.counts):
                out[:, alike[block]] = _block(part.of(block))


def _blocks(counts: NDArray[np.int64]) -> Iterator[Indices]:
    """Places of rows that need about as many nodes, so many at a time that a temporary stays small."""
    cells = (counts * np.concatenate([np.ones_like(counts[:1]), counts[:-1]])).max(axis=0)
    order = np.argsort(cells, kind="stable")
    start = 0
    while start < order.size:
        fitting = cells[order[start:]] * np.arange(1, order.size - start + 1) <= CELLS
        end = start + max(int(np.argmin(fitting)) if not fitting.all() else fitting.size, 1)
        yield order[start:end]
        start = end


def _block(part: _Part) -> Floats:
    """The last dividend first."""
    spots, strikes, years, vols, rates, yields, signs = part.rows
    carry = rates - yields
    growths = np.exp(carry * part.times)
    paid = growths * (np.cumsum(part.amounts / growths, axis=0) - part.amounts / growths)
    lows, highs = _edges(spots, carry, vols, part.times, paid)
    waits = np.diff(np.vstack([np.zeros((1, spots.size)), part.times, years[None]]), axis=0)
    drifts, deviations = (carry - 0.5 * vols * vols) * waits, vols * np.sqrt(waits)
    last = len(part.amounts) - 1
    values: Floats = np.empty(0)
    nodes: Floats = np.empty(0)
    for k in range(last, -1, -1):
        size = int(part.counts[k].max())
        later, nodes = nodes, lows[k][:, None] + (highs[k] - lows[k])[:, None] * np.linspace(0.0, 1.0, size)
        share = np.maximum(np.exp(nodes) - part.amounts[k][:, None], (NO_SHARE * strikes)[:, None])
        discount = np.exp(-rates * waits[k + 1])[:, None]
        if k == last:
            forward = share * np.exp(carry * waits[-1])[:, None]
            columns = (column[:, None] for column in (strikes, waits[-1], vols, discount[:, 0], signs))
            terms = np.stack([forward.ravel(), *(np.broadcast_to(column, share.shape).ravel() for column in columns)])
            out = np.empty(share.size)
            numpy_tier.prices(terms, out)
            values = out.reshape(share.shape)
            continue
        centre = np.maximum(np.log(share) + drifts[k + 1][:, None], lows[k + 1][:, None])
        z = (later[:, None, :] - centre[:, :, None]) / deviations[k + 1][:, None, None]
        masses = np.exp(-0.5 * z * z)
        values = discount * (masses @ values[:, :, None])[:, :, 0] / masses.sum(axis=2)
    z = (nodes - np.log(spots)[:, None] - drifts[0][:, None]) / deviations[0][:, None]
    spacing = (highs[0] - lows[0]) / (nodes.shape[1] - 1)
    weights = values * np.exp(-0.5 * z * z) * (INVERSE_SQRT_2_PI * spacing * np.exp(-rates * waits[0]) / deviations[0])[:, None]
    square = z * z
    hermite = (1.0, z, square - 1.0, z * (square - 3.0), square * (square - 6.0) + 3.0)
    return np.stack(_spot_derivatives(*((weights * each).sum(axis=1) for each in hermite), deviations[0], spots))
