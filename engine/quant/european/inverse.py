"""Coin-settled options: premium and settlement in the coin itself.

Such a call pays max(1 - K/S_T, 0) coins, so its premium in the coin is c = E[max(S_T - K, 0)] / F: the undiscounted Black-76 price in the
currency of the strike over the forward of its own expiry (Deribit's own marks obey this to 1e-5 coin).
With it C - P = F - K becomes c - p = 1 - K/F, and the rate is zero by convention: all carry is in the forward.
"""

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats


def currency_prices(*, coin_prices: ArrayLike, forwards: ArrayLike) -> Floats:
    """Undiscounted prices in the currency of the strike, which is what implied volatility is solved from.

    >>> float(currency_prices(coin_prices=0.05, forwards=60_000))
    3000.0
    """
    return np.asarray(coin_prices, dtype=np.float64) * np.asarray(forwards, dtype=np.float64)


def coin_prices(*, currency_prices: ArrayLike, forwards: ArrayLike) -> Floats:
    """Premiums in the coin of undiscounted prices in the currency of the strike.

    >>> float(coin_prices(currency_prices=3000, forwards=60_000))
    0.05
    """
    result: Floats = np.asarray(currency_prices, dtype=np.float64) / np.asarray(forwards, dtype=np.float64)
    return result


def net_deltas(*, deltas: ArrayLike, coin_prices: ArrayLike) -> Floats:
    """Delta less the premium: the exposure of one who paid in the coin, which Deribit's account shows as the "net transaction delta".

    >>> round(float(net_deltas(deltas=0.55, coin_prices=0.05)), 10)
    0.5
    """
    result: Floats = np.asarray(deltas, dtype=np.float64) - np.asarray(coin_prices, dtype=np.float64)
    return result
