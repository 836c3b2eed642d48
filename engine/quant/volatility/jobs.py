# ruff: noqa: FBT001 - the search takes its two switches by position, as compiled code does
"""The recursions of volatility forecasts in the tier that answers now."""

from typing import Final, Protocol, cast

from engine.quant import tiers
from engine.quant.arrays import Floats
from engine.quant.volatility import plain


class ForecastJobs(Protocol):
    """Series in, results into the caller's arrays; no number raises."""

    def ewma(self, squares: Floats, decay: float, start: float, out: Floats) -> None:
        """The variance after each square: v = decay v + (1 - decay) x; a missing square leaves it as it was."""

    def garch_variances(self, returns: Floats, backcast: float, natural: Floats, out: Floats) -> None:
        """The variance before each return, and after the last: ``out`` is one longer."""

    def garch_fit(self, returns: Floats, backcast: float, asymmetric: bool, student: bool, out: Floats) -> None:
        """The rows named in :mod:`engine.quant.formulas.garch`, of returns of mean square 1."""


ROOM: Final = tiers.Room("forecasts", cast(ForecastJobs, plain))
