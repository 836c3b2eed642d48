"""Which prices of a list moved just now: they glow for a moment, as in the chain."""

from math import isfinite

from engine.domain.ids import Symbol
from engine.messages.queries import Quote

STEPS = 4
"""Beats over which a flash fades: 0.4 s at ten a second."""
LEAST_TICKS, LEAST_SHARE = 3.0, 0.5e-4
"""A move is worth a flash from three ticks and half a basis point on: a list of indices must not glow all day."""


class Flashes:
    """How strongly each name still glows, and in which direction."""

    def __init__(self) -> None:
        self._left: dict[Symbol, tuple[int, int]] = {}

    def see(self, before: Quote | None, now: Quote) -> None:
        """Lights a name whose last price moved."""
        if before is None or not (isfinite(before.last) and isfinite(now.last)):
            return
        moved = now.last - before.last
        if abs(moved) >= max(LEAST_TICKS * now.security.tick, LEAST_SHARE * abs(before.last)) - 1e-9:
            self._left[now.security.symbol] = (1 if moved > 0 else -1, STEPS)

    def fade(self) -> bool:
        """One beat later; True where something still changed its glow."""
        if not self._left:
            return False
        self._left = {symbol: (sign, left - 1) for symbol, (sign, left) in self._left.items() if left > 1}
        return True

    def shares(self) -> dict[Symbol, float]:
        """Signed shares of a full flash, of the names that glow: above zero the price rose."""
        return {symbol: sign * left / STEPS for symbol, (sign, left) in self._left.items()}
