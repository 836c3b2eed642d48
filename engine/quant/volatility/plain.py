# ruff: noqa: FBT001 - the search takes its two switches by position, as compiled code does
"""The recursions of volatility forecasts without a compiler: the same jobs as :mod:`engine.quant.kernels.forecasts`, in blocks of numpy."""

import numpy as np

from engine.quant.arrays import Floats
from engine.quant.formulas.garch import BETA, DOWN, NU, OMEGA, UP, build_fit, build_student_constant
from engine.quant.formulas.inline import as_it_is

BLOCK = 32
HALF_LOG_2_PI = 0.9189385332046727


def recursion(drives: Floats, factor: float, starts: Floats) -> Floats:
    """y_t = factor y_{t-1} + drive_t of each row, y before the first being its start: triangular products in blocks, one carry a block."""
    rows, size = drives.shape
    blocks = -(-size // BLOCK)
    padded = np.zeros((rows, blocks * BLOCK))
    padded[:, :size] = drives
    lags = np.arange(BLOCK)
    distance = lags[:, None] - lags[None, :]
    triangle = np.where(distance >= 0, factor ** np.maximum(distance, 0), 0.0)
    inside = padded.reshape(rows, blocks, BLOCK) @ triangle.T
    whole = factor**BLOCK
    carried = np.empty((rows, blocks))
    carry = starts.astype(np.float64)
    for block in range(blocks):
        carried[:, block] = carry
        carry = inside[:, block, -1] + whole * carry
    inside += carried[:, :, None] * factor ** (lags + 1.0)
    result: Floats = inside.reshape(rows, -1)[:, :size]
    return result


def ewma(squares: Floats, decay: float, start: float, out: Floats) -> None:
    """The variance after each square: v = decay v + (1 - decay) x; a missing square leaves it as it was."""
    known = (squares >= 0.0) & (squares < np.inf)
    if squares.size:
        before = np.concatenate(([start], recursion((1.0 - decay) * squares[None, known], decay, np.array([start]))[0]))
        out[:] = before[np.cumsum(known)]


def garch_variances(returns: Floats, backcast: float, natural: Floats, out: Floats) -> None:
    """The variance before each return, and after the last: ``out`` is one longer."""
    up, down, beta = natural[UP], natural[DOWN], natural[BETA]
    first = natural[OMEGA] + (0.5 * (up + down) + beta) * backcast
    drive = natural[OMEGA] + np.where(returns >= 0.0, up, down) * returns**2
    out[0] = first
    out[1:] = recursion(drive[None, :], beta, np.array([first]))[0]


_student_constant = build_student_constant(as_it_is)


def _loss(returns: Floats, backcast: float, natural: Floats, student: bool) -> float:
    """The sum of losses alone."""
    h = np.empty(returns.size + 1)
    garch_variances(returns, backcast, natural, h)
    return _losses(h[:-1], returns**2, natural[NU], student=student)


def _losses(h: Floats, squares: Floats, nu: float, *, student: bool) -> float:
    with np.errstate(all="ignore"):
        if not student:
            return float(0.5 * np.sum(np.log(h) + squares / h)) + squares.size * HALF_LOG_2_PI
        tails = 0.5 * (nu + 1.0) * np.log1p(squares / (h * (nu - 2.0)))
        return float(np.sum(0.5 * np.log(h) + tails)) + squares.size * float(_student_constant(nu)[0])


def _derivatives(returns: Floats, backcast: float, natural: Floats, student: bool, asymmetric: bool, g: Floats, H: Floats) -> float:
    """The sum of losses, its gradient and its Hessian; where both signs weigh alike, the upward row stands for both."""
    n, beta, nu = returns.size, natural[BETA], natural[NU]
    squares = returns**2
    h = np.empty(n + 1)
    garch_variances(returns, backcast, natural, h)
    upward = np.where(returns >= 0.0, squares, 0.0) if asymmetric else squares
    half = 0.5 * backcast if asymmetric else backcast
    firsts = np.array([1.0, half, half if asymmetric else 0.0, backcast])
    slopes = np.empty((4, n))
    slopes[:, 0] = firsts
    drives = np.stack([np.ones(n), upward, squares - upward, h[:-1]])
    slopes[:, 1:] = recursion(drives, beta, firsts)[:, :-1]
    bends = np.zeros((4, n))
    bends[:, 1:] = recursion(slopes * np.array([[1.0], [1.0], [1.0], [2.0]]), beta, np.zeros(4))[:, :-1]
    h = h[:-1]
    with np.errstate(all="ignore"):
        r = 1.0 / h
        g[:], H[:] = 0.0, 0.0
        if student:
            spread, power = nu - 2.0, 0.5 * (nu + 1.0)
            w = 1.0 / (spread * h + squares)
            share = squares * w
            a = r * (0.5 - power * share)
            c = r * r * (power * share * (1.0 + spread * h * w) - 0.5)
            _, slope, curvature = _student_constant(nu)
            g[NU] = n * slope + np.sum(0.5 * np.log1p(squares * r / spread) - power * share / spread)
            bend = power * squares * (2.0 * spread * h + squares) * w * w / (spread * spread) - share / spread
            H[NU, NU] = n * curvature + np.sum(bend)
            H[NU, :4] = H[:4, NU] = slopes @ (power * squares * w * w - 0.5 * share * r)
        else:
            a = 0.5 * r * (1.0 - squares * r)
            c = r * r * (squares * r - 0.5)
        g[:4] = slopes @ a
        H[:4, :4] = (slopes * c) @ slopes.T
        mixed = bends @ a
    H[:3, BETA] += mixed[:3]
    H[BETA, :3] += mixed[:3]
    H[BETA, BETA] += mixed[3]
    return _losses(h, squares, nu, student=student)


garch_fit = build_fit(as_it_is, _loss, _derivatives)
