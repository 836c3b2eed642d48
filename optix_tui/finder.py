"""The palette's provider: every function, found by code, title or what it says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from optix_tui.functions.entry import Entry
from optix_tui.registry import FUNCTIONS

if TYPE_CHECKING:
    from optix_tui.desk import Desk


class FunctionProvider(Provider):
    """Offers the registry's functions to Ctrl+P."""

    def _run(self, entry: Entry) -> None:
        cast("Desk", self.app).go(entry.code)

    async def discover(self) -> Hits:
        for entry in FUNCTIONS:
            yield DiscoveryHit(f"{entry.code:<6}{entry.title}", lambda entry=entry: self._run(entry), help=entry.summary)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for entry in FUNCTIONS:
            text = f"{entry.code:<6}{entry.title}"
            score = max(matcher.match(text), 0.8 * matcher.match(entry.summary))
            if query.upper() in entry.codes:
                score = 1.0
            if score > 0:
                yield Hit(score, matcher.highlight(text), lambda entry=entry: self._run(entry), help=entry.summary)
