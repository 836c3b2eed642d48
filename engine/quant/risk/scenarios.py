"""Scenarios of many factors at once: drawn from a covariance, or taken from history. The same seed gives the same scenarios."""

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats

FEWEST_DEGREES = 2.1
"""A t distribution of two degrees of freedom or fewer has no variance to scale to."""


def drawn(*, covariance: ArrayLike, count: int, seed: int, degrees: float = np.inf, antithetic: bool = True) -> Floats:
    """``count`` scenarios × factors, of mean zero and this covariance: normal, or Student's t of ``degrees`` with fat tails in common.

    A covariance that is not positive semidefinite is refused with its least eigenvalue; a factor without variance stays at zero.
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    square = matrix.ndim == 2 and matrix.size > 0 and matrix.shape[0] == matrix.shape[1]
    if not square or not np.allclose(matrix, matrix.T, rtol=1e-9, atol=1e-300):
        message = f"a covariance is a square, symmetric matrix; this one is of shape {matrix.shape}"
        raise ValueError(message)
    if not degrees >= FEWEST_DEGREES:
        message = f"a t distribution needs more than 2 degrees of freedom to have a variance; {degrees:g} were given"
        raise ValueError(message)
    eigenvalues, vectors = np.linalg.eigh(matrix)
    if eigenvalues[0] < -1e-9 * max(eigenvalues[-1], 0.0) or not np.isfinite(eigenvalues).all():
        message = f"this covariance is not positive semidefinite (least eigenvalue {eigenvalues[0]:.3g}): it contradicts itself"
        raise ValueError(message)
    root = vectors * np.sqrt(np.maximum(eigenvalues, 0.0))
    chance = np.random.default_rng(seed)
    half = (count + 1) // 2 if antithetic else count
    plain = chance.standard_normal((half, matrix.shape[0])) @ root.T
    if np.isfinite(degrees):
        plain *= np.sqrt((degrees - 2.0) / chance.chisquare(degrees, half))[:, None]
    result: Floats = np.concatenate([plain, -plain])[:count] if antithetic else plain
    return result


def historical(levels: ArrayLike, *, horizon: int = 1) -> Floats:
    """Log-returns over ``horizon`` sessions, overlapping, of columns of positive levels; a scenario with an unknown level is left out."""
    history = np.asarray(levels, dtype=np.float64)
    if history.ndim != 2 or not 1 <= horizon < history.shape[0]:
        message = f"history is sessions × factors, longer than the horizon of {horizon}; this one is of shape {history.shape}"
        raise ValueError(message)
    with np.errstate(all="ignore"):
        logs = np.log(np.where((history > 0.0) & np.isfinite(history), history, np.nan))
    returns = logs[horizon:] - logs[:-horizon]
    known: Floats = returns[np.isfinite(returns).all(axis=1)]
    return known
