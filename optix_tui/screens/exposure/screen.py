"""GEX, VEX and CEX as a tile: one panel, three tabs, every convention by a key."""

from datetime import date
from typing import Any, ClassVar

from msgspec.structs import replace
from textual.events import MouseScrollDown, MouseScrollUp

from engine.domain.ids import SeriesId, UtcNanos
from engine.messages.base import Event, Query, Topic, topic
from engine.messages.exposure import (
    Exposure,
    ExposureChanged,
    ExposureConvention,
    ExposureCount,
    ExposureGreek,
    ExposureSigns,
    ExposureUnit,
    GetExposure,
)
from optix_tui.canvas import Canvas
from optix_tui.function import Context, Function
from optix_tui.registry import entry_of
from optix_tui.remembered import Remembered
from optix_tui.screens.expirations.view import expiry_words
from optix_tui.screens.exposure.paint import paint_exposure
from optix_tui.screens.exposure.preferences import (
    CODES,
    REACHES,
    ExposurePreferences,
    Picture,
    arguments_of,
    find_series,
    read_arguments,
)
from optix_tui.screens.exposure.view import ExposureFacts, ExposureView, present, step_down
from optix_tui.settled import successor
from optix_tui.theme import Palette

WHEEL_ROWS = 3
WORDS = {ExposureGreek.GAMMA: "Dealer Gamma", ExposureGreek.VANNA: "Dealer Vanna", ExposureGreek.CHARM: "Dealer Charm"}


class ExposurePanel(Function):
    """The exposure of dealers in one name."""

    stale_after = 60.0
    greek: ClassVar[ExposureGreek] = ExposureGreek.GAMMA

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        usual = ExposurePreferences(convention=ExposureConvention(greek=self.greek))
        self.preferences, self._misread = read_arguments(self.context.args, usual)
        self.facts = ExposureFacts()
        self._made: Remembered[ExposureView] = Remembered()

    # -- facts --------------------------------------------------------------------------------------------------------------

    def topics(self, context: Context) -> tuple[Topic, ...]:
        return (topic(ExposureChanged, context.symbol),) if context.symbol else ()

    def queries(self, context: Context) -> tuple[Query[Any], ...]:
        if not context.symbol:
            return ()
        convention, series = self.preferences.convention, self.preferences.series
        whole = GetExposure(symbol=context.symbol, convention=convention)
        return (whole,) if series is None else (whole, GetExposure(symbol=context.symbol, convention=convention, series=(series,)))

    def load(self, context: Context) -> None:
        if context != self.context:
            self.preferences, self._misread = read_arguments(context.args, self.preferences)
        super().load(context)

    def misread(self) -> str:
        return self._misread

    def reset(self) -> None:
        self.facts = ExposureFacts()
        self.preferences = replace(self.preferences, series=None, strike=None)

    def answered(self, query: Query[Any], answer: Any) -> bool:
        return self._take(answer, query.series) if isinstance(query, GetExposure) and isinstance(answer, Exposure) else False

    def received(self, event: Event) -> bool:
        """The event tells the default convention over all expiries; whatever else is shown is asked for as often."""
        if not isinstance(event, ExposureChanged) or event.exposure.symbol != self.context.symbol:
            return False
        is_all = self.preferences.series is None and not self.preferences.expiry_word
        if event.exposure.convention == self.preferences.convention and is_all:
            return self._take(event.exposure, ())
        if not self.is_asking:
            self.ask_again()
        return False

    def _take(self, exposure: Exposure, series: tuple[str, ...]) -> bool:
        wanted = self.preferences
        if exposure.symbol != self.context.symbol or exposure.convention != wanted.convention:
            return False
        if series:
            if series != (wanted.series,):
                return False
            self.facts = replace(self.facts, part=exposure)
            return True
        self.facts = replace(self.facts, whole=exposure)
        self._find_wanted_expiry(exposure)
        if wanted.series is not None and exposure.expiries and wanted.series not in exposure.expiries:
            follows = successor(wanted.series, [SeriesId(one) for one in exposure.expiries], self.desk.market_time())
            if follows is not None:
                self.desk.tell(follows.word)
            self._restrict(follows.series if follows is not None else None)  # else nothing of it can be counted
        return True

    def _find_wanted_expiry(self, whole: Exposure) -> None:
        """An expiry named on the command line is looked up in the first exposure that comes."""
        word = self.preferences.expiry_word
        if not word or whole.trouble:
            return
        self.preferences = replace(self.preferences, expiry_word="")
        found = find_series(word, whole.expiries)
        if found is None:
            self.desk.tell(f"{self.context.symbol} has no open expiry {word}", level="warning")
        else:
            self._restrict(found)

    # -- what is shown ------------------------------------------------------------------------------------------------------

    def fact_time(self) -> UtcNanos:
        shown = self.facts.shown
        return shown.as_of if shown is not None else UtcNanos(0)

    def title(self) -> str:
        words = WORDS[self.preferences.convention.greek]
        return f"{self.context.symbol} {words}" if self.context.symbol else words

    def subtitle(self) -> str:
        shown = self.facts.shown
        return f"spot {shown.spot:,.2f}  {shown.source}" if shown is not None and shown.spot > 0 else ""

    def present(self) -> ExposureView | None:
        width, height = self.outer_size
        parts = (self.facts, self.preferences)
        return self._made.of(*parts, width, height, make=lambda: present(*parts, width=width, height=max(height - 1, 0)))

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        paint_exposure(canvas, view, palette)

    def refusal(self) -> str:
        return self.facts.shown.trouble if self.facts.shown is not None else ""

    def lasting_args(self) -> tuple[str, ...]:
        return arguments_of(self.preferences)

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def _choose(self, **changes: Any) -> None:
        self.preferences = replace(self.preferences, **changes)
        self.touch()

    def _count_anew(self, **changes: Any) -> None:
        """Another convention: what is shown stays, and says what it is, until the answer comes."""
        self.preferences = replace(self.preferences, convention=replace(self.preferences.convention, **changes))
        self.ask_again()
        self.touch()

    def _restrict(self, series: SeriesId | None) -> None:
        self.facts = replace(self.facts, part=None)
        self.preferences = replace(self.preferences, series=series)
        if series is not None:
            self.ask(GetExposure(symbol=self.context.symbol, convention=self.preferences.convention, series=(series,)))
        self.touch()

    def action_greek(self, name: str) -> None:
        greek = ExposureGreek(name)
        self.entry = entry_of(CODES[greek])
        self._count_anew(greek=greek)

    def action_unit(self) -> None:
        """A move of 1 % or of a point is gamma's alone: vanna and charm are in dollars or in shares."""
        now = self.preferences.convention
        if now.greek is ExposureGreek.GAMMA:
            self._count_anew(unit=_next(ExposureUnit, now.unit))
        else:
            in_shares = now.unit is ExposureUnit.SHARES_PER_POINT
            self._count_anew(unit=ExposureUnit.DOLLARS_PER_PERCENT if in_shares else ExposureUnit.SHARES_PER_POINT)

    def action_signs(self) -> None:
        self._count_anew(signs=_next(ExposureSigns, self.preferences.convention.signs))

    def action_counted(self) -> None:
        self._count_anew(counted=_next(ExposureCount, self.preferences.convention.counted))

    def action_half(self) -> None:
        self._count_anew(half=not self.preferences.convention.half)

    def action_boxes(self) -> None:
        self._count_anew(without_boxes=not self.preferences.convention.without_boxes)

    def action_expiry(self, step: int) -> None:
        whole = self.facts.whole
        if whole is None or not whole.expiries:
            return
        order: list[SeriesId | None] = [None, *(SeriesId(one) for one in whole.expiries)]
        here = order.index(self.preferences.series) if self.preferences.series in order else 0
        self._choose_expiry(order[(here + step) % len(order)])

    def _choose_expiry(self, series: SeriesId | None) -> None:
        """One expiry is counted here, and shown by the other tiles of the link group; None counts all of them here."""
        self._restrict(series)
        if series is not None:
            self.desk.link_expiry(self, series)

    def take_expiry(self, series: SeriesId) -> None:
        """A tile that counts all expiries goes on doing so; one that is restricted to one is restricted to this one."""
        whole = self.facts.whole
        if self.preferences.series is not None and whole is not None and series in whole.expiries:
            self._restrict(series)

    def action_picture(self) -> None:
        self._choose(picture=_next(Picture, self.preferences.picture))

    def action_bars(self) -> None:
        self._choose(net_only=not self.preferences.net_only)

    def action_zoom_strikes(self, step: int) -> None:
        self._choose(zoom=min(max(self.preferences.zoom + step, 0), len(REACHES) - 1))

    def action_move(self, steps: int) -> None:
        view = self.present()
        if view is not None and view.bars:
            self._choose(strike=step_down(view.bars, view.cursor, steps))

    def action_center(self) -> None:
        self._choose(strike=None)

    def action_drill(self) -> None:
        series = self.preferences.series
        expiry = f" {expiry_words(date.fromisoformat(series.rsplit('/', 2)[1]))}" if series is not None else ""
        self.desk.go(f"{self.context.symbol} OMON{expiry}", self)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self.action_move(-WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self.action_move(WHEEL_ROWS)

    def clicked(self, x: int, y: int, times: int) -> None:
        """A tab, a strike, an expiry."""
        view = self.present()
        if view is None:
            return
        if y == 0:
            self._click_tab(x, view)
            return
        line = y - view.ladder.y - 1
        bar = line // view.thickness
        if view.ladder.height and x < view.ladder.width and line >= 0 and bar < len(view.bars):
            self._choose(strike=view.bars[bar].middle)
            if times == 2:
                self.action_drill()
            return
        place = y - view.by_expiry.y - 1
        if view.by_expiry.height and x >= view.by_expiry.x and 0 <= place < len(view.expiries):
            row = view.expiries[place]
            self._choose_expiry(None if row.is_chosen else SeriesId(row.series))

    def _click_tab(self, x: int, view: ExposureView) -> None:
        at = 0
        for place, ((code, _), greek) in enumerate(zip(view.tabs, ExposureGreek, strict=True), 1):
            at += len(f" {place} {code} ")
            if x < at:
                self.action_greek(greek.value)
                return


def _next(kind: Any, now: Any) -> Any:
    order = list(kind)
    return order[(order.index(now) + 1) % len(order)]


class GammaPanel(ExposurePanel):
    """Opens on gamma."""

    code = "GEX"


class VannaPanel(ExposurePanel):
    """Opens on vanna."""

    code = "VEX"
    greek = ExposureGreek.VANNA


class CharmPanel(ExposurePanel):
    """Opens on charm."""

    code = "CEX"
    greek = ExposureGreek.CHARM
