"""The compiled loops of risk: a book in many states of the market at once, and the reading of a grid between its nodes."""

from engine.quant.arrays import Floats
from engine.quant.formulas.black import build_greeks, build_price, build_time_value
from engine.quant.kernels.compiling import inlined, kernel
from engine.quant.kernels.elementary import PRIMITIVES

_time_value = build_time_value(PRIMITIVES)
_price = build_price(PRIMITIVES, _time_value)
_greeks = build_greeks(PRIMITIVES, _time_value)
_exp = PRIMITIVES.exp
_where = PRIMITIVES.where
LEAST_VOL = 1e-4


@kernel("(f8[:,::1], f8, f8[::1], f8[::1], f8[::1], f8[::1])")
def revalue(book: Floats, elapsed: float, spots: Floats, vol_adds: Floats, vol_factors: Floats, out: Floats) -> None:
    """Adds to ``out`` what contracts of (strike, years, vol, sign, units, rate, yield) are worth in each state."""
    for i in range(book.shape[1]):
        strike, vol, sign, units = book[0, i], book[2, i], book[3, i], book[4, i]
        left = max(book[1, i] - elapsed, 0.0)
        growth, discount = _exp((book[5, i] - book[6, i]) * left), _exp(-book[5, i] * left)
        for j in range(out.size):
            sigma = (vol + vol_adds[j]) * vol_factors[j]
            sigma = _where(sigma < LEAST_VOL, LEAST_VOL, sigma)
            out[j] += units * _price(spots[j] * growth, strike, left, sigma, discount, sign)


@kernel("(f8[:,::1], f8, f8[::1], f8[::1], f8[::1], f8[:,::1])")
def revalue_greeks(book: Floats, elapsed: float, spots: Floats, vol_adds: Floats, vol_factors: Floats, out: Floats) -> None:
    """Adds the price and the eight Greeks of each state to the nine rows of ``out``; a contract at its end has a delta and no more."""
    price, delta, gamma, vega, theta = out[0], out[1], out[2], out[3], out[4]
    rho, vanna, volga, charm = out[5], out[6], out[7], out[8]
    for i in range(book.shape[1]):
        strike, vol, sign, units, rate, dividend = book[0, i], book[2, i], book[3, i], book[4, i], book[5, i], book[6, i]
        left = max(book[1, i] - elapsed, 0.0)
        if left > 0.0:
            growth = _exp((rate - dividend) * left)
            for j in range(spots.size):
                sigma = (vol + vol_adds[j]) * vol_factors[j]
                sigma = _where(sigma < LEAST_VOL, LEAST_VOL, sigma)
                row = _greeks(spots[j], spots[j] * growth, strike, left, sigma, rate, dividend, sign)
                price[j] += units * row[0]
                delta[j] += units * row[1]
                gamma[j] += units * row[2]
                vega[j] += units * row[3]
                theta[j] += units * row[4]
                rho[j] += units * row[5]
                vanna[j] += units * row[6]
                volga[j] += units * row[7]
                charm[j] += units * row[8]
        else:
            for j in range(spots.size):
                inside = sign * (spots[j] - strike)
                price[j] += units * max(inside, 0.0)
                delta[j] += units * sign if inside > 0.0 else 0.0


@inlined
def _cubic(a: float, b: float, c: float, d: float, t: float) -> float:
    """Catmull-Rom through four equidistant values, at the part ``t`` of the way from the second to the third."""
    return b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))


@kernel("(f8[:,::1], f8, f8, f8, f8, f8[::1], f8[::1], f8[::1])")
def read_grid(grid: Floats, x0: float, dx: float, y0: float, dy: float, xs: Floats, ys: Floats, out: Floats) -> None:
    """Adds to ``out`` the bicubic reading of a grid of equidistant nodes; beyond its inner cells the last one is continued."""
    columns, rows = grid.shape[0], grid.shape[1]
    for j in range(out.size):
        x, y = (xs[j] - x0) / dx, (ys[j] - y0) / dy
        i, k = int(min(max(x, 1.0), columns - 3.0)), int(min(max(y, 1.0), rows - 3.0))
        t, u = x - i, y - k
        total = _cubic(
            _cubic(grid[i - 1, k - 1], grid[i - 1, k], grid[i - 1, k + 1], grid[i - 1, k + 2], u),
            _cubic(grid[i, k - 1], grid[i, k], grid[i, k + 1], grid[i, k + 2], u),
            _cubic(grid[i + 1, k - 1], grid[i + 1, k], grid[i + 1, k + 1], grid[i + 1, k + 2], u),
            _cubic(grid[i + 2, k - 1], grid[i + 2, k], grid[i + 2, k + 1], grid[i + 2, k + 2], u),
            t,
        )
        out[j] += total
