"""A book's profit over a grid of spot, volatility and time: the risk slide, and the grid that a distribution of losses is read from."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats
from engine.quant.risk.book import Book, Totals, states, totals, values
from engine.quant.risk.jobs import ROOM


class Slide(NamedTuple):
    """Profit against today, and the Greeks, at each node."""

    spot_moves: Floats
    """Relative: -0.1 is ten per cent down."""
    vol_moves: Floats
    times: Floats
    """Years from today."""
    profits: Floats
    """times × vols × spots."""
    totals: Totals
    """The same shape each."""


@np.errstate(all="ignore")
def slide(
    *, book: Book, spot: float, spot_moves: ArrayLike, vol_moves: ArrayLike, times: ArrayLike = (0.0,), relative: bool = True
) -> Slide:
    """The whole book, every contract priced anew at each node its own volatility moved: by a part of it if ``relative``, else by points."""
    moves, vols, later = (np.atleast_1d(np.asarray(axis, dtype=np.float64)) for axis in (spot_moves, vol_moves, times))
    adds, factors = (0.0, 1.0 + vols[:, None]) if relative else (vols[:, None], 1.0)
    shape = (later.size, vols.size, moves.size)
    out = np.empty((9, *shape))
    for place, elapsed in enumerate(later):
        spots = np.broadcast_to(spot * (1.0 + moves), shape[1:])
        found = totals(book=book, states=states(spots=spots, vol_adds=adds, vol_factors=factors, elapsed=float(elapsed)))
        out[:, place] = np.reshape(np.array(found), (9, *shape[1:]))
    now = values(book=book, states=states(spots=[spot]))[0]
    return Slide(moves, vols, later, out[0] - now, Totals(*out))


class ProfitGrid(NamedTuple):
    """Profits at equidistant nodes of log-spot and volatility, to be read between them."""

    first_log: float
    log_step: float
    first_vol: float
    vol_step: float
    nodes: Floats
    """log-spots × vols."""


SPOT_NODES, VOL_NODES = 41, 17
BEYOND = 2
"""Nodes outside the range on every side, so that each reading has its neighbours."""


@np.errstate(all="ignore")
def profit_grid(
    *, book: Book, spot: float, log_range: tuple[float, float], vol_range: tuple[float, float], elapsed: float = 0.0, relative: bool = True
) -> ProfitGrid:
    """The book's profit over the range that scenarios reach: log-returns of the spot, moves of the volatility (parts of it, or points)."""
    (low, high), (dull, wild) = log_range, vol_range
    if not (low < high and dull < wild):
        message = f"a range runs from low to high: {log_range} and {vol_range} were given"
        raise ValueError(message)
    log_step, vol_step = (high - low) / (SPOT_NODES - 1 - 2 * BEYOND), (wild - dull) / (VOL_NODES - 1 - 2 * BEYOND)
    logs = low + log_step * (np.arange(SPOT_NODES) - BEYOND)
    vols = dull + vol_step * (np.arange(VOL_NODES) - BEYOND)
    adds, factors = (0.0, np.maximum(1.0 + vols, 0.0)) if relative else (vols, 1.0)
    at = states(spots=spot * np.exp(logs)[:, None], vol_adds=adds, vol_factors=factors, elapsed=elapsed)
    now = values(book=book, states=states(spots=[spot]))[0]
    nodes = values(book=book, states=at).reshape(SPOT_NODES, VOL_NODES) - now
    return ProfitGrid(float(logs[0]), log_step, float(vols[0]), vol_step, nodes)


def read(*, grid: ProfitGrid, log_returns: Floats, vol_moves: Floats, into: Floats | None = None) -> Floats:
    """Profit in each scenario, bicubic between the nodes, added to ``into`` where that is given; NaN where the scenario is unknown.

    ValueError where the columns are not of one length.
    """
    logs, vols = (np.ascontiguousarray(column, dtype=np.float64) for column in (log_returns, vol_moves))
    out = np.zeros(logs.shape) if into is None else into
    if logs.ndim != 1 or vols.shape != logs.shape or out.shape != logs.shape:
        message = f"a scenario is a log-return, a move of volatility and a profit: {logs.shape}, {vols.shape} and {out.shape} were given"
        raise ValueError(message)
    ROOM.jobs().read_grid(
        grid.nodes,
        grid.first_log,
        grid.log_step,
        grid.first_vol,
        grid.vol_step,
        logs,
        vols,
        out,
    )
    return out
