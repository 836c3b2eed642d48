"""Volatility surfaces: what can be asked of them, now and of any stored instant, and what is told when one was fitted anew."""

from msgspec import Struct

from engine.domain.columns import Floats, Longs
from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.volatility import SurfaceModel, VolatilitySurface
from engine.messages.base import Event, Query


class GetSurface(Query[VolatilitySurface], frozen=True):
    """How does volatility lie over strikes and expiries? ``at`` takes the stored surface that held at that instant."""

    symbol: Symbol
    model: SurfaceModel = SurfaceModel.SVI
    at: UtcNanos | None = None


class SurfaceTimes(Struct, frozen=True, kw_only=True):
    """When surfaces of a name were stored, oldest first."""

    symbol: Symbol
    source: SourceId
    at: Longs
    spot: Floats
    atm_iv_30: Floats
    """30-day at-the-forward volatility of each: what a scrubber draws."""


class GetSurfaceTimes(Query[SurfaceTimes], frozen=True):
    """Which instants can be gone back to? The newest ``limit`` between the bounds; thinned evenly where there are more."""

    symbol: Symbol
    since: UtcNanos | None = None
    until: UtcNanos | None = None
    limit: int = 2_000


class StoredSurfaces(Struct, frozen=True, kw_only=True):
    """Stored surfaces of one model, oldest first, without the market's points: the fits, and what they were graded."""

    symbol: Symbol
    model: SurfaceModel
    surfaces: tuple[VolatilitySurface, ...]


class GetStoredSurfaces(Query[StoredSurfaces], frozen=True):
    """Which surfaces held from ``since`` until before ``until``, that which already stood at ``since`` among them; the oldest ``limit``.

    For who goes through them: many are read in about the time that one takes with its market, which :class:`GetSurface` tells.
    """

    symbol: Symbol
    model: SurfaceModel
    since: UtcNanos
    until: UtcNanos
    limit: int = 32


class StoredHours(Struct, frozen=True, kw_only=True):
    """How much is stored of a name in each hour of UTC in which anything is, oldest first."""

    symbol: Symbol
    source: SourceId
    hour: Longs
    """Its start."""
    surfaces: Longs
    """Instants at which a surface was stored; of either model."""
    exposures: Longs
    prints: Longs
    """Flagged prints of options."""


class GetStoredHours(Query[StoredHours], frozen=True):
    """What of a name can be gone back to, and where are the gaps?"""

    symbol: Symbol
    since: UtcNanos | None = None
    until: UtcNanos | None = None


class SurfaceChanged(Event, frozen=True):
    """A name's surface (SVI, as displayed) was fitted anew. Watching it is what makes the engine fit it at full rate."""

    surface: VolatilitySurface

    @property
    def key(self) -> str:
        return self.surface.symbol
