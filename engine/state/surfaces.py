"""The newest fitted surfaces of every name. Written by analytics alone."""

from engine.domain.ids import Symbol
from engine.domain.volatility import SurfaceModel, VolatilitySurface


class Surfaces:
    """By name and model: SVI to look at, eSSVI to compute risk with."""

    def __init__(self) -> None:
        self._newest: dict[SurfaceModel, dict[Symbol, VolatilitySurface]] = {model: {} for model in SurfaceModel}
        self.sequence = 0
        """Rises with every write."""

    def get(self, symbol: Symbol, model: SurfaceModel) -> VolatilitySurface | None:
        """The newest one; None where none was fitted yet."""
        return self._newest[model].get(symbol)

    def put(self, surface: VolatilitySurface) -> None:
        """Takes the place of the one before."""
        self._newest[surface.model][surface.symbol] = surface
        self.sequence += 1

    def forget(self, symbol: Symbol) -> None:
        """A name whose options are gone has no surface."""
        for newest in self._newest.values():
            newest.pop(symbol, None)
