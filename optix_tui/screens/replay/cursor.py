"""Where REPL stands in the past: a cursor over the stored instants of a name, and what is read of the history as it moves."""

from datetime import time
from typing import Any, Literal

from msgspec.structs import replace
from textual.timer import Timer
from textual.worker import Worker

from engine.domain.errors import OptixError
from engine.domain.ids import UtcNanos
from engine.messages.base import Query
from engine.messages.surface import GetStoredHours, StoredHours
from optix_tui.function import Context, later
from optix_tui.screens.replay.arguments import read_arguments
from optix_tui.screens.replay.asking import read_day
from optix_tui.screens.replay.surfaces import RecordedSurfaces
from optix_tui.screens.replay.timeline import days_of, newest_before, place_of
from optix_tui.screens.replay.view import ReplayFacts

Side = Literal["first", "last", "at"]
"""Where the cursor lands on a day: at its first stored instant, its last, or the newest not after a given one."""


class RecordedCursor(RecordedSurfaces):
    """A tile over the recorded past of a name."""

    ask_every = 15.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._misread = ""
        self._read_words: tuple[str, ...] | None = None
        self._clock: time | None = None
        """The time of day that is kept from one day to the next."""
        self._clock_at = UtcNanos(0)
        """Where that led to: the cursor has been elsewhere since, where it does not stand there."""
        self._going: tuple[int, Side, int] | None = None
        """The place of the day that is being read, and where to land on it."""
        self._day_worker: Worker[None] | None = None
        self._timer: Timer | None = None
        self._counted: tuple[int, ...] = ()

    # -- facts --------------------------------------------------------------------------------------------------------------

    def queries(self, context: Context) -> tuple[Query[Any], ...]:
        if not context.symbol:
            return ()
        known = self.facts.days  # of closed days nothing changes: only the newest is asked for again
        return (GetStoredHours(symbol=context.symbol, since=known[-1].begins if known else None),)

    def load(self, context: Context) -> None:
        if self._read_words == context.args:  # another name of the link group: at the same instant
            self.preferences = replace(self.preferences, plays=False)
        else:
            before = replace(self.preferences, at=None, mark=None, plays=False)
            self.preferences, self._misread = read_arguments(context.args, before, self.desk.market_time())
            self._read_words = context.args
        super().load(context)

    def misread(self) -> str:
        return self._misread

    def reset(self) -> None:
        self._halt()
        self.facts = ReplayFacts()
        self._forget_surfaces()
        self._going = None
        self._counted = ()
        self.preferences = replace(self.preferences, look=replace(self.preferences.look, series=None, strike=None))

    def answered(self, query: Query[Any], answer: Any) -> bool:
        if not isinstance(query, GetStoredHours) or not isinstance(answer, StoredHours):
            return False
        before = [one for one in self.facts.days or () if query.since is not None and one.begins < query.since]
        days = (*before, *days_of(answer))
        self.facts = replace(self.facts, days=days)
        if not days:
            self.trouble = (
                f"nothing is stored of {self.context.symbol} yet: a surface, its exposure and flagged prints are kept about once a minute "
                "while an engine runs (store.record)"
            )
            return True
        wanted = self.preferences.at
        if self.facts.day is None and self._going is None:
            if wanted is None:
                self._go_to_day(len(days) - 1, "last")
            else:
                self._go_to_day(place_of(days, wanted), "at", wanted)
        elif self.facts.day is not None and self._going is None:
            place = place_of(days, self.facts.day.day.begins)
            if days[place] != self.facts.day.day:
                self._go_to_day(place, "at", wanted or 0, again=True)
        return True

    # -- going somewhere ----------------------------------------------------------------------------------------------------

    def _go_to_day(self, place: int, side: Side, at: int = 0, *, again: bool = False) -> None:
        """Lands on a day, once it is read."""
        days = self.facts.days
        if not days:
            return
        day = days[min(max(place, 0), len(days) - 1)]
        if self.facts.day is not None and self.facts.day.day.day == day.day and not again:
            self._going = None
            self._land(side, at)
            return
        self._going = (place, side, at)
        if self._day_worker is None or self._day_worker.is_finished:
            self._day_worker = self.run_worker(later(self._read_days, self.context), group="question", exclusive=False)

    async def _read_days(self, context: Context) -> None:
        """Reads the day that is gone to, and the one gone to meanwhile."""
        engine = self.desk.engine
        while engine is not None and self._going is not None and self.facts.days and context == self.context:
            going = self._going
            day = self.facts.days[min(max(going[0], 0), len(self.facts.days) - 1)]
            try:
                found = await read_day(engine, context.symbol, day)
            except OptixError as error:
                self._going = None
                self.facts = replace(self.facts, problem=str(error))
                self.touch()
                return
            if context != self.context:
                return
            if self._going == going:
                self._going = None
                self.facts = replace(self.facts, day=found)
                self._land(going[1], going[2])

    def _land(self, side: Side, at: int) -> None:
        day = self.facts.day
        if day is None:
            return
        instants = day.instants
        if side == "at" or not instants.size:
            place = newest_before(instants, at)
            self._put(UtcNanos(at) if place is None else UtcNanos(int(instants[place])))
            self._clock_at = self.preferences.at or UtcNanos(0)
        else:
            self._put(UtcNanos(int(instants[0 if side == "first" else -1])))

    def _put(self, at: UtcNanos) -> None:
        self.preferences = replace(self.preferences, at=at)
        self._follow()
        self.touch()

    def _step(self, steps: int) -> None:
        """So many stored instants on; over the end of a day into the next one that holds any."""
        day, at, days = self.facts.day, self.preferences.at, self.facts.days
        if day is None or at is None or not days or self._going is not None:
            return
        self._side = 1 if steps > 0 else -1
        here = newest_before(day.instants, at)
        to = (-1 if here is None else here) + steps
        place = place_of(days, day.day.begins)
        if 0 <= to < day.instants.size:
            self._put(UtcNanos(int(day.instants[to])))
        elif to < 0 and place > 0:
            self._go_to_day(place - 1, "last")
        elif to >= day.instants.size and place < len(days) - 1:
            self._go_to_day(place + 1, "first")
        else:
            self._halt()
            if day.instants.size:
                self._land("first" if to < 0 else "last", 0)

    # -- running ------------------------------------------------------------------------------------------------------------

    def _halt(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.preferences.plays:
            self.preferences = replace(self.preferences, plays=False)
            self.touch()
