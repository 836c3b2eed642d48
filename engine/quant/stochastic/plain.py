"""Heston integrals without a compiler: a row an option, a column a point, in blocks that stay in the cache."""

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.formulas.heston import FIRST_STEP, FROM, LEVELS, SETTLED, SUMS, TO, build_integrand
from engine.quant.formulas.inline import as_it_is

BLOCK = 8192
"""Points at a time."""


_integrand = build_integrand(as_it_is, np.exp, np.log, np.sqrt, np.reciprocal, np.abs, np.where)


def heston_integrals(rows: Floats, out: Floats, changes: Floats) -> None:
    """The sums of (ω, T, v0, κ, θ, σ, ρ, w, tilt, s), and the last change of the price's over √(K/F)."""
    n = rows.shape[1]
    raw, before = np.zeros((SUMS, n)), np.full(n, np.inf)
    step, first = FIRST_STEP, FROM
    spacing = FIRST_STEP
    open_rows = np.arange(n)
    size = np.exp(0.5 * rows[0])
    for _ in range(LEVELS):
        points = np.arange(first, TO + 1e-9, spacing)
        chunk = max(BLOCK // points.size, 1)
        for start in range(0, open_rows.size, chunk):
            part = open_rows[start : start + chunk]
            raw[:, part] += _summed(rows[:, part], points)
        value = raw[0, open_rows] * step
        changes[open_rows] = np.abs(value - before[open_rows]) * size[open_rows]
        out[:, open_rows] = raw[:, open_rows] * step
        before[open_rows] = value
        open_rows = open_rows[changes[open_rows] > SETTLED]  # a row that is not a number is not open
        if not open_rows.size:
            break
        first, spacing, step = FROM + 0.5 * step, step, 0.5 * step


def _summed(rows: Floats, points: Floats) -> Floats:
    growth = np.exp(-points)
    x = rows[9][:, None] * np.exp(points - growth)
    weights = x * (1.0 + growth)
    with np.errstate(all="ignore"):
        found = _integrand(x, *(row[:, None] for row in rows[:9]))
        return np.stack([(np.real(values) * weights).sum(axis=1) for values in found[:SUMS]])
