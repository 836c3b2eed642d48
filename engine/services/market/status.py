"""The engine at a glance, each second and on request."""

import os
import threading
from collections.abc import Callable

from msgspec import Struct

from engine.domain.ids import RunId, UtcNanos
from engine.kernel.bus import Bus
from engine.kernel.clock import Clock
from engine.messages.events import StatusChanged
from engine.messages.queries import EngineRole, EngineStatus, GetStatus, StoreStatus
from engine.services.market.process import LoopLag, cpu_seconds, resident_bytes
from engine.state.whole import State


class Identity(Struct, frozen=True, kw_only=True):
    """Who this engine is."""

    version: str
    run: RunId
    role: EngineRole
    started_at: UtcNanos


class StatusBoard:
    """Answers and publishes the engine's status."""

    def __init__(
        self,
        *,
        state: State,
        bus: Bus,
        clock: Clock,
        identity: Identity,
        store: Callable[[], StoreStatus],
        tier: Callable[[], str],
        recording_to: Callable[[], str],
        lag: LoopLag,
    ) -> None:
        self._state = state
        self._bus = bus
        self._clock = clock
        self._identity = identity
        self._store = store
        self._tier = tier
        self._recording_to = recording_to
        self._lag = lag
        self._counted = (clock.monotonic(), 0)

    async def report(self, _: GetStatus) -> EngineStatus:
        """The status now."""
        return self.status()

    def publish(self) -> None:
        """Counts the second that passed and tells watchers."""
        now, updates = self._clock.monotonic(), self._state.market.updates
        before, counted = self._counted
        if now > before:
            self._state.health.updates_per_second = (updates - counted) / (now - before)
        self._counted = (now, updates)
        self._bus.publish(StatusChanged(status=self.status()))

    def status(self) -> EngineStatus:
        """All figures."""
        health = self._state.health
        traits = health.traits
        return EngineStatus(
            version=self._identity.version,
            run=self._identity.run,
            role=self._identity.role,
            pid=os.getpid(),
            source=traits.source,
            simulated=traits.simulated,
            own_clock=traits.own_clock,
            delayed_minutes=traits.delayed_minutes,
            feed_state=health.state,
            feed_reason=health.reason,
            feed_note=traits.note,
            speed=health.speed,
            market_time=self._clock.now(),
            wall_time=self._clock.wall(),
            started_at=self._identity.started_at,
            default_symbol=traits.default_symbol,
            store=self._store(),
            instruments=self._state.instruments.count,
            updates=self._state.market.updates,
            updates_per_second=health.updates_per_second,
            loop_lag_ms=self._lag.p99_ms(),
            cpu_seconds=cpu_seconds(),
            resident_bytes=resident_bytes(),
            watchers=self._bus.watchers,
            numeric_tier=self._tier(),
            threads=threading.active_count(),
            recording_to=self._recording_to(),
            saved_at=traits.saved_at,
            continuation=self._continuation(),
        )

    def _continuation(self) -> dict[str, str | int | float | bool]:
        health = self._state.health
        if not health.traits.continuation:
            return {}
        return {**health.traits.continuation, "reached": int(self._clock.now()), "speed": health.speed}


NO_STORE = StoreStatus(
    path="",
    healthy=True,
    trouble="",
    rows_written=0,
    batches_written=0,
    last_write_at=UtcNanos(0),
    size_bytes=0,
    budget_bytes=0,
    queue_rows=0,
    shed_rows=0,
)
"""Nothing is recorded."""
