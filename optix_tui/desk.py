"""What a tile may want of the application around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from engine.api import Engine
    from engine.domain.ids import SeriesId, Symbol, UtcNanos
    from optix_tui.freshness import FeedView
    from optix_tui.function import Function
    from optix_tui.graphics.gallery import Gallery
    from optix_tui.theme import Palette


class Desk(Protocol):
    """What a tile may want of the application around it."""

    palette: Palette
    engine: Engine | None
    gallery: Gallery

    @property
    def is_remote(self) -> bool:
        """The line to the terminal is slow: nothing moves by itself."""

    def feed_view(self) -> FeedView:
        """Connection, feed state and the market's clock."""

    def market_time(self) -> UtcNanos:
        """The market's clock, carried forward between two statuses."""

    def link(self, group: int | None, symbol: Symbol) -> None:
        """Makes a name the security of a link group."""

    def link_expiry(self, tile: Function, series: SeriesId) -> None:
        """Offers an expiry that was chosen in a tile to the others of its link group that show the same security."""

    def go(self, command: str, tile: Function | None = None) -> None:
        """Runs a command line, as if typed with ``tile`` focused."""

    def tell(self, text: str, *, level: str = "information") -> None:
        """Shows a passing notice."""

    def apply_setting(self, key: str, value: Any) -> None:
        """A setting of the terminal was changed: it is in force from now on."""

    def enlist(self, tile: Function) -> None:
        """A tile stands in the workspace from now on."""

    def dismiss_tile(self, tile: Function) -> None:
        """A tile has left."""
