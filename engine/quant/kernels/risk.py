"""The compiled loops of risk: a book in many states of the market at once, and the reading of a grid between its nodes."""

from engine.quant.arrays import Floats
from engine.quant.formulas.black import LEAST_VOL, build_greeks, build_price, build_time_value
from engine.quant.formulas.grid import build_cubic
from engine.quant.kernels.compiling import inlined, kernel
from engine.quant.kernels.elementary import PRIMITIVES

_time_value = build_time_value(PRIMITIVES)
_price = build_price(PRIMITIVES, _time_value)
_greeks = build_greeks(PRIMITIVES, _time_value)
_cubic = build_cubic(inlined)
_exp = PRIMITIVES.exp
_where = PRIMITIVES.where


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
            growth, discount = _exp((rate - dividend) * left), _exp(-rate * left)
            for j in range(spots.size):
                sigma = (vol + vol_adds[j]) * vol_factors[j]
                sigma = _where(sigma < LEAST_VOL, LEAST_VOL, sigma)
                worth = units * _price(spots[j] * growth, strike, left, sigma, discount, sign)
                nothing = 0.0 * worth  # unknown where the contract is
                price[j] += worth
                delta[j] += (units * sign if sign * (spots[j] - strike) > 0.0 else 0.0) + nothing
                gamma[j] += nothing
                vega[j] += nothing
                theta[j] += nothing
                rho[j] += nothing
                vanna[j] += nothing
                volga[j] += nothing
                charm[j] += nothing


@inlined
def _cell(x: float, nodes: int) -> int:
    """The inner cell that a place is in or nearest to; the first for an unknown place, of which no integer can be made."""
    return int(min(x, nodes - 3.0)) if x > 1.0 else 1


@kernel("(f8[:,::1], f8, f8, f8, f8, f8[::1], f8[::1], f8[::1])")
def read_grid(grid: Floats, x0: float, dx: float, y0: float, dy: float, xs: Floats, ys: Floats, out: Floats) -> None:
    """Adds to ``out`` the bicubic reading of a grid of equidistant nodes; beyond its inner cells the last one is continued."""
    columns, rows = grid.shape[0], grid.shape[1]
    for j in range(out.size):
        x, y = (xs[j] - x0) / dx, (ys[j] - y0) / dy
        i, k = _cell(x, columns), _cell(y, rows)
        t, u = x - i, y - k
        total = _cubic(
            _cubic(grid[i - 1, k - 1], grid[i - 1, k], grid[i - 1, k + 1], grid[i - 1, k + 2], u),
            _cubic(grid[i, k - 1], grid[i, k], grid[i, k + 1], grid[i, k + 2], u),
            _cubic(grid[i + 1, k - 1], grid[i + 1, k], grid[i + 1, k + 1], grid[i + 1, k + 2], u),
            _cubic(grid[i + 2, k - 1], grid[i + 2, k], grid[i + 2, k + 1], grid[i + 2, k + 2], u),
            t,
        )
        out[j] += total
