"""What flow asks of the history: it takes what stood out, and gives back the past that today is compared with."""

from typing import Protocol

from engine.domain.ids import Symbol, UtcNanos
from engine.domain.marks import FlowMarks, FlowSums, FlowTable, Openings
from engine.storage.answers import StoredChain, StoredFlow


class FlowHistory(Protocol):
    """Where flow of this market is kept; a passing command's records nothing and opens its file when it is asked."""

    def record(self, event: FlowMarks | FlowSums | Openings) -> None:
        """Takes a mark without waiting."""
        ...

    async def flow_marks(
        self, symbol: Symbol, since: UtcNanos | None = None, until: UtcNanos | None = None, limit: int = 1_000
    ) -> FlowTable:
        """Recorded prints that stood out, newest first; StoreUnavailable where the history cannot be read."""
        ...

    async def chain_at(self, symbol: Symbol, at: UtcNanos) -> StoredChain | None:
        """The newest stored chain of a name not later than an instant."""
        ...

    async def flow_so_far(self, symbol: Symbol, since: UtcNanos, until: UtcNanos) -> StoredFlow | None:
        """What earlier runs of this source heard of a name's options from ``since`` until this run began; None where nothing was."""
        ...
