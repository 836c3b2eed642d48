"""What every service is given, and the little it owes."""

from dataclasses import dataclass
from typing import Protocol

from engine.domain.ids import RunId, UtcNanos
from engine.kernel.bus import Bus
from engine.kernel.clock import Clock
from engine.kernel.configuration import Configuration
from engine.kernel.dispatch import Dispatch
from engine.kernel.offload import Offload
from engine.kernel.paths import Paths
from engine.kernel.tasks import Tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceContext:
    """The engine's plumbing, shared by its services."""

    bus: Bus
    dispatch: Dispatch
    clock: Clock
    offload: Offload
    tasks: Tasks
    configuration: Configuration
    paths: Paths
    run: RunId
    started_at: UtcNanos
    version: str


class Service(Protocol):
    """A room of the engine: registers its handlers as it is built, then runs until it is closed."""

    def start(self) -> None:
        """Begins its background work; called once, on the engine's loop."""
        ...

    async def close(self) -> None:
        """Ends it: what must be written is written when this returns."""
        ...
