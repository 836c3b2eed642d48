"""Open interest, and where trading goes: by roundness of the strike, moneyness and the kind of expiry."""

from typing import NamedTuple

import numpy as np

from engine.domain.columns import Floats
from plugins.synthetic.chance import Words, bits_of_each, inverse_normal, to_unit
from plugins.synthetic.expiries import Cycle
from plugins.synthetic.name import Name
from plugins.synthetic.strikes import roundness

_HELD = {Cycle.MONTHLY: 1.0, Cycle.QUARTERLY: 0.8, Cycle.LONG: 1.3, Cycle.WEEKLY: 0.32, Cycle.DAILY: 0.10}
_HELD_FADE = {Cycle.MONTHLY: 0.55, Cycle.QUARTERLY: 0.6, Cycle.LONG: 1.6, Cycle.WEEKLY: 0.10, Cycle.DAILY: 0.03}


class Stand(NamedTuple):
    """Where a series stands: its strikes, its forward, one deviation of the log price to expiry, and years."""

    strikes: Floats
    forward: float
    deviation: float
    years: float

    def moneyness(self) -> Floats:
        """Standard deviations from the money."""
        return np.log(self.strikes / self.forward) / max(self.deviation, 1e-4)


def held(name: Name, cycle: Cycle, stand: Stand, keys: Words) -> Floats:
    """Relative open interest of a series' calls and puts (two rows): out of the money and round draws most."""
    z = stand.moneyness()
    calls = np.exp(-0.5 * np.square((z - 0.9) / 1.2)) + 0.02 * np.exp(-0.5 * np.square(z / 6.0))
    puts = np.exp(-0.5 * np.square((z + 1.3) / 1.7)) + 0.04 * np.exp(-0.5 * np.square(z / 8.0))
    tenor = _HELD[cycle] * np.exp(-stand.years / _HELD_FADE[cycle])
    luck = np.exp(0.8 * inverse_normal(to_unit(bits_of_each(keys, 1_000_001))))
    share: Floats = tenor * np.stack([calls, puts]) * roundness(stand.strikes, name.ladder.step) * luck
    return share


def traded(name: Name, stand: Stand, keys: Words) -> Floats:
    """Relative trading of a series' calls and puts (two rows): the near money and the near days."""
    z = stand.moneyness()
    calls = np.exp(-0.5 * np.square((z - 0.45) / 0.75)) + 0.012 * np.exp(-0.5 * np.square(z / 4.0))
    puts = np.exp(-0.5 * np.square((z + 0.60) / 0.95)) + 0.018 * np.exp(-0.5 * np.square(z / 5.0))
    tenor = 0.012 + 0.12 * np.exp(-stand.years / 0.12) + np.exp(-stand.years / 0.012)
    luck = np.exp(0.6 * inverse_normal(to_unit(bits_of_each(keys, 1_000_002))))
    size = np.sqrt(roundness(stand.strikes, name.ladder.step))
    share: Floats = tenor * np.stack([calls, puts]) * size * luck / np.sqrt(len(stand.strikes))
    return share
