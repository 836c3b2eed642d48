"""What flow needs of every series, in columns by its dense number, and what each contract is by its row."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Floats, Longs
from engine.domain.instants import DAY_NS, utc_instant
from engine.state.instruments import Instruments


class SeriesTerms(NamedTuple):
    """By dense number of the series."""

    multiplier: Floats
    inverse: NDArray[np.bool_]
    settles_at: Longs
    expiry: Longs
    """Start of the date in the contract's name, ns UTC."""

    @classmethod
    def of(cls, instruments: Instruments) -> "SeriesTerms":
        """As all series are listed now."""
        series = [ladder.series for ladder in instruments.ladders]
        return cls(
            np.array([one.multiplier for one in series], dtype=np.float64),
            np.array([one.inverse for one in series], dtype=np.bool_),
            np.array([one.settles_at for one in series], dtype=np.int64),
            np.array([utc_instant(one.expiry) for one in series], dtype=np.int64),
        )


class Terms:
    """Keeps them until more is listed; a series that is listed anew with other terms is read within a minute."""

    EVERY_SECONDS = 60.0

    def __init__(self, instruments: Instruments) -> None:
        self._instruments = instruments
        self._kept = SeriesTerms.of(instruments)
        self._version = instruments.version
        self._read_at = float("-inf")

    def read(self, now: float) -> SeriesTerms:
        """The terms; ``now`` in monotonic seconds."""
        if self._instruments.version != self._version or now - self._read_at > self.EVERY_SECONDS:
            self._kept, self._read_at, self._version = SeriesTerms.of(self._instruments), now, self._instruments.version
        return self._kept


def days_to(expiry: Longs, today: int) -> Longs:
    """Calendar days from a date to others, each as its start in ns UTC."""
    return (expiry - today) // DAY_NS


def out_of_the_money(*, strike: Floats, spot: Floats, right: NDArray[np.int8]) -> Floats:
    """The strike's distance from the spot, a fraction, negative in the money; NaN without a spot."""
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(spot > 0.0, strike / spot - 1.0, np.nan)
    return np.where(right > 0, distance, -distance)
