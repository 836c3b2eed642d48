"""GP, GIP and GPC as tiles: one chart, three ways to begin."""

from typing import Any, ClassVar

from msgspec.structs import replace
from textual.events import MouseScrollDown, MouseScrollUp

from engine.domain.ids import UtcNanos
from engine.messages.base import Event, Query, Topic, topic
from engine.messages.events import BarsChanged, ExpirationsChanged, QuoteChanged
from engine.messages.exposure import Exposure, ExposureChanged, GetExposure
from engine.messages.queries import BarTable, ExpirationTable, GetBars, GetExpirations, GetQuotes, Quote, QuoteBoard
from optix_tui.canvas import Canvas
from optix_tui.function import Context, Function
from optix_tui.screens.chart.history import with_newest, with_older
from optix_tui.screens.chart.levels import levels_of
from optix_tui.screens.chart.paint import paint_chart
from optix_tui.screens.chart.view import (
    CANDLE_PITCHES,
    DAILY,
    INTERVALS,
    LINE_PITCHES,
    ChartFacts,
    ChartKind,
    ChartPreferences,
    ChartView,
    bars_that_fit,
    interval_label,
    interval_of,
    present,
)
from optix_tui.theme import Palette

FIRST_BARS, OLDER_BARS = 780, 780
WHEEL_BARS = 4
OVERLAYS = {"EM": "expected_move", "LEVELS": "levels", "LOG": "logarithmic"}
"""Words behind the code, and the preference that each turns on."""


class Chart(Function):
    """A chart of one security."""

    stale_after = 60.0
    kind: ClassVar[ChartKind] = ChartKind.CANDLES
    seconds: ClassVar[int] = 120

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.preferences = ChartPreferences(kind=self.kind, seconds=self.seconds)
        self._take_arguments(self.context)
        self.facts = ChartFacts()
        self._has_all = False
        """Nothing older is to be had."""
        self._asked_before = UtcNanos(0)
        self._is_catching_up = False

    def load(self, context: Context) -> None:
        if context != self.context:
            self._take_arguments(context)
        super().load(context)

    def misread(self) -> str:
        strange = [word for word in self.context.args if not interval_of(word) and word.upper() not in OVERLAYS]
        lengths = ", ".join(label for _, label in INTERVALS)
        return f"{self.entry.code} knows no {' '.join(strange)}: give a bar length ({lengths}) or {', '.join(OVERLAYS)}" if strange else ""

    def lasting_args(self) -> tuple[str, ...]:
        length = () if self.preferences.seconds == self.seconds else (interval_label(self.preferences.seconds).upper(),)
        return (*length, *(word for word, name in OVERLAYS.items() if getattr(self.preferences, name)))

    def _take_arguments(self, context: Context) -> None:
        lengths = [found for word in context.args if (found := interval_of(word))]
        if lengths:
            self.preferences = replace(self.preferences, seconds=lengths[0], back=0, crosshair=None)
        named = {name: True for word, name in OVERLAYS.items() if word in {said.upper() for said in context.args}}
        self.preferences = replace(self.preferences, **named)

    def reset(self) -> None:
        self.facts = ChartFacts()
        self._has_all, self._asked_before = False, UtcNanos(0)
        self.preferences = replace(self.preferences, back=0, crosshair=None)

    # -- facts --------------------------------------------------------------------------------------------------------------

    def topics(self, context: Context) -> tuple[Topic, ...]:
        if not context.symbol:
            return ()
        bars = topic(BarsChanged, f"{context.symbol}/{self.preferences.seconds}")
        levels = (topic(ExposureChanged, context.symbol), topic(ExpirationsChanged, context.symbol)) if self.preferences.levels else ()
        return (bars, topic(QuoteChanged, context.symbol), *levels)

    def queries(self, context: Context) -> tuple[Query[Any], ...]:
        if not context.symbol:
            return ()
        levels = (GetExposure(symbol=context.symbol), GetExpirations(symbol=context.symbol)) if self.preferences.levels else ()
        return (
            GetQuotes(symbols=(context.symbol,)),
            GetBars(symbol=context.symbol, seconds=self.preferences.seconds, limit=FIRST_BARS),
            *levels,
        )

    def answered(self, query: Query[Any], answer: Any) -> bool:
        if isinstance(answer, QuoteBoard):
            return self._take_quote(answer.quotes[0]) if answer.quotes else False
        if isinstance(answer, (Exposure, ExpirationTable)):
            return self._take_level(answer)
        if not isinstance(answer, BarTable) or answer.symbol != self.context.symbol or answer.seconds != self.preferences.seconds:
            return False
        if isinstance(query, GetBars) and query.until is not None and self.facts.bars is not None:
            return self._take_older(answer)
        self.facts = replace(self.facts, bars=answer)
        self._has_all = self._is_catching_up = False
        if not answer.start.size:
            self.trouble = f"no {interval_label(answer.seconds)} bars of {answer.symbol} yet"
        return True

    def _take_older(self, older: BarTable) -> bool:
        assert self.facts.bars is not None  # answered() looked
        before = self.facts.bars.start.size
        self.facts = replace(self.facts, bars=with_older(self.facts.bars, older))
        self._has_all = self.facts.bars is None or self.facts.bars.start.size == before
        return not self._has_all

    def _take_quote(self, quote: Quote) -> bool:
        self.facts = replace(self.facts, quote=quote)
        return True

    def _take_level(self, told: Exposure | ExpirationTable) -> bool:
        """Levels stay where they are while they do not move: an exposure comes each second."""
        if told.symbol != self.context.symbol:
            return False
        before = levels_of(self.facts.exposure, self.facts.expirations)
        first = self.facts.exposure is None and isinstance(told, Exposure)
        name = "exposure" if isinstance(told, Exposure) else "expirations"
        self.facts = replace(self.facts, **{name: told})
        return first or levels_of(self.facts.exposure, self.facts.expirations) != before

    def received(self, event: Event) -> bool:
        if isinstance(event, ExposureChanged):
            return self._take_level(event.exposure)
        if isinstance(event, ExpirationsChanged):
            return self._take_level(event.table)
        if isinstance(event, QuoteChanged):
            return self._take_quote(event.quote) if event.quote.security.symbol == self.context.symbol else False
        if not isinstance(event, BarsChanged) or self.facts.bars is None:
            return False
        merged = with_newest(self.facts.bars, event.bars)
        if merged is None:
            self._catch_up()
            return False
        grown = merged.start.size - self.facts.bars.start.size
        self.facts = replace(self.facts, bars=merged)
        self._hold_still(grown)
        return True

    def _catch_up(self) -> None:
        """Bars between two looks were missed: ask for all, once."""
        if not self._is_catching_up:
            self._is_catching_up = True
            self.ask(GetBars(symbol=self.context.symbol, seconds=self.preferences.seconds, limit=FIRST_BARS))

    def connect(self) -> None:
        self._is_catching_up = False
        super().connect()

    def _hold_still(self, grown: int) -> None:
        """New bars do not move what the user is looking at further back."""
        shift = {name: value + grown for name in ("back", "crosshair") if (value := getattr(self.preferences, name))}
        if grown > 0 and shift:
            self.preferences = replace(self.preferences, **shift)

    def fact_time(self) -> UtcNanos:
        return self.facts.quote.as_of if self.facts.quote else UtcNanos(0)

    # -- the picture --------------------------------------------------------------------------------------------------------

    def title(self) -> str:
        return f"{self.context.symbol} {interval_label(self.preferences.seconds)} {self.preferences.kind}"

    def subtitle(self) -> str:
        chosen = self.preferences.seconds
        lengths = " ".join(f"[{label}]" if seconds == chosen else label for seconds, label in INTERVALS)
        marks = [
            f"{name} {'●' if on else '○'}"
            for name, on, means in (
                ("VWAP", self.preferences.vwap, chosen < DAILY),
                ("EM", self.preferences.expected_move, chosen < DAILY),
                ("OI", self.preferences.levels, True),
                ("log", self.preferences.logarithmic, True),
            )
            if means
        ]
        return f"{lengths}   {'  '.join(marks)}"

    def present(self) -> ChartView | None:
        return present(self.facts, self.preferences, self.size.width, max(self.size.height - 1, 0))

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        paint_chart(canvas, view, palette)

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def _choose(self, **changes: Any) -> None:
        self.preferences = replace(self.preferences, **changes)
        self.touch()

    def _shown(self) -> int:
        view = self.present()
        return view.close.size if view else 1

    def _count(self) -> int:
        return self.facts.bars.start.size if self.facts.bars else 0

    def action_scroll(self, pages: int) -> None:
        self._scroll(-pages * max(self._shown() // 2, 1))

    def _scroll(self, bars: int) -> None:
        """Older for a positive number."""
        furthest = max(self._count() - self._shown(), 0)
        back = min(max(self.preferences.back + bars, 0), furthest)
        self._choose(back=back)
        if bars > 0 and back >= furthest:
            self._ask_older()

    def _ask_older(self) -> None:
        bars = self.facts.bars
        if bars is None or self._has_all or not bars.start.size or self._asked_before == int(bars.start[0]):
            return
        self._asked_before = UtcNanos(int(bars.start[0]))
        self.ask(GetBars(symbol=bars.symbol, seconds=bars.seconds, limit=OLDER_BARS, until=self._asked_before))

    def action_crosshair(self, step: int) -> None:
        count, shown = self._count(), self._shown()
        if not count:
            return
        now = self.preferences.crosshair
        place = self.preferences.back if now is None else min(max(now - step, 0), count - 1)
        back = min(max(self.preferences.back, place - shown + 1), place)
        self._choose(crosshair=place, back=back)
        if place >= count - 1:
            self._ask_older()

    def action_latest(self) -> None:
        self._choose(back=0, crosshair=None)

    def action_interval(self, step: int) -> None:
        lengths = [seconds for seconds, _ in INTERVALS]
        place = lengths.index(self.preferences.seconds) if self.preferences.seconds in lengths else 0
        self.action_bars(lengths[(place + step) % len(lengths)])

    def action_bars(self, seconds: int) -> None:
        if seconds == self.preferences.seconds:
            return
        self._choose(seconds=seconds, back=0, crosshair=None)
        self.facts = replace(self.facts, bars=None)
        self._has_all, self._asked_before = False, UtcNanos(0)
        self.connect()

    def action_kind(self) -> None:
        other = ChartKind.LINE if self.preferences.kind is ChartKind.CANDLES else ChartKind.CANDLES
        self._choose(kind=other)

    def action_zoom_bars(self, step: int) -> None:
        pitches = CANDLE_PITCHES if self.preferences.kind is ChartKind.CANDLES else LINE_PITCHES
        self._choose(zoom=min(max(self.preferences.zoom + step, 0), len(pitches) - 1))

    def action_logarithmic(self) -> None:
        self._choose(logarithmic=not self.preferences.logarithmic)

    def action_vwap(self) -> None:
        self._choose(vwap=not self.preferences.vwap)

    def action_volume(self) -> None:
        self._choose(volume=not self.preferences.volume)

    def action_expected_move(self) -> None:
        self._choose(expected_move=not self.preferences.expected_move)

    def action_levels(self) -> None:
        self._choose(levels=not self.preferences.levels)
        self.connect()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self._scroll(WHEEL_BARS)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self._scroll(-WHEEL_BARS)

    def clicked(self, x: int, y: int, times: int) -> None:  # noqa: ARG002 (only the column matters)
        """The crosshair goes to the bar under the pointer; a double click takes it away."""
        view = self.present()
        if view is None or times > 1:
            self._choose(crosshair=None)
            return
        per_column = bars_that_fit(self.preferences, 1000) / 1000
        bar = min(int(x * per_column), view.close.size - 1)
        self._choose(crosshair=self.preferences.back + view.close.size - 1 - bar)


class PriceChart(Chart):
    """GP: days as a line."""

    code = "GP"
    kind = ChartKind.LINE
    seconds = DAILY


class IntradayChart(Chart):
    """GIP: 2-minute candles with the session's VWAP."""

    code = "GIP"
    seconds = 120


class CandleChart(Chart):
    """GPC: days as candles."""

    code = "GPC"
    seconds = DAILY
