"""Tiles about the engine and not about the market: they fade when the engine is gone, never because its data are bad."""

from msgspec.structs import replace

from engine.domain.ids import UtcNanos
from optix_tui.freshness import judge
from optix_tui.function import Function


class Steady(Function):
    """Its facts are the engine's own."""

    def look_at_freshness(self) -> None:
        feed = replace(self.desk.feed_view(), state=None)
        found = judge(feed=feed, fact_at=UtcNanos(0), stale_after=None)
        if found.label != self.freshness.label or found.condition != self.freshness.condition:
            self.touch()
        self.freshness = found
