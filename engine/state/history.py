"""What is remembered of past sessions in memory: daily constant-maturity volatility by name. Written by ingest and the session's end."""

from typing import NamedTuple

import numpy as np

from engine.domain.columns import Floats, Longs, floats, longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.market import VolatilityHistory


class VolatilityColumns(NamedTuple):
    """Sessions, oldest first."""

    day: Longs
    atm_iv: Floats
    risk_reversal_25: Floats
    butterfly_25: Floats

    @classmethod
    def empty(cls) -> "VolatilityColumns":
        """No sessions."""
        return cls(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0), np.empty(0))

    def take(self, chosen: Longs) -> "VolatilityColumns":
        """Those at the given places."""
        return VolatilityColumns._make(column[chosen] for column in self)

    def merged(self, newer: "VolatilityColumns") -> "VolatilityColumns":
        """Both, by day; where both know a day the newer word wins."""
        if not newer.day.size:
            return self
        both = VolatilityColumns(*(np.concatenate(pair) for pair in zip(self, newer, strict=True)))
        _, first = np.unique(both.day[::-1], return_index=True)
        return VolatilityColumns(*(column[both.day.shape[0] - 1 - first] for column in both))


def history_of(symbol: Symbol, columns: VolatilityColumns, at: UtcNanos) -> VolatilityHistory:
    """Columns as a feed would tell them."""
    return VolatilityHistory(
        at=at,
        symbol=symbol,
        day=longs(columns.day),
        atm_iv=floats(columns.atm_iv),
        risk_reversal_25=floats(columns.risk_reversal_25),
        butterfly_25=floats(columns.butterfly_25),
    )


class History:
    """Volatility by session and name, as feed and store told it."""

    def __init__(self) -> None:
        self._volatility: dict[Symbol, VolatilityColumns] = {}
        self.version = 0

    def volatility(self, symbol: Symbol) -> VolatilityColumns:
        """All sessions known of a name."""
        return self._volatility.get(symbol, VolatilityColumns.empty())

    def merge(self, told: VolatilityHistory) -> None:
        """Takes sessions in."""
        newer = VolatilityColumns(told.day, told.atm_iv, told.risk_reversal_25, told.butterfly_25)
        self._volatility[told.symbol] = self.volatility(told.symbol).merged(newer)
        self.version += 1
