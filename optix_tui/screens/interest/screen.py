"""OMST as a tile: a map that is walked by strike and expiry."""

from typing import Any

from msgspec.structs import replace

from engine.domain.ids import SeriesId, UtcNanos
from engine.messages.base import Query
from engine.messages.flow import GetOpenInterestMap, InterestMap
from optix_tui import format as written
from optix_tui.canvas import Canvas
from optix_tui.function import Context
from optix_tui.remembered import Remembered
from optix_tui.screens.interest.paint import paint_interest, rooms
from optix_tui.screens.interest.view import (
    LAYER_WORDS,
    RIGHTS_WORDS,
    ZOOMS,
    InterestPreferences,
    InterestView,
    Layer,
    Rights,
    present,
)
from optix_tui.screens.listing import Listing
from optix_tui.screens.table import Cursor
from optix_tui.settled import successor
from optix_tui.theme import Palette


def read_arguments(words: tuple[str, ...]) -> tuple[InterestPreferences, str]:
    """The preferences, and what is wrong with the words."""
    found, strange = InterestPreferences(), []
    for word in (word.upper() for word in words):
        if word in LAYER_WORDS:
            found = replace(found, layer=LAYER_WORDS[word])
        elif word in RIGHTS_WORDS:
            found = replace(found, rights=RIGHTS_WORDS[word])
        else:
            strange.append(word)
    known = ", ".join((*LAYER_WORDS, *RIGHTS_WORDS))
    return found, f"OMST knows no {' '.join(strange)}: there are {known}" if strange else ""


class InterestPanel(Listing):
    """Volume and open interest of a name by strike and expiry."""

    code = "OMST"
    ask_every = 5.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.preferences, self._misread = read_arguments(self.context.args)
        self.interest: InterestMap | None = None
        self._centred: tuple[str, float] | None = None
        """For which name and step of rows the spot was brought into the middle."""
        self._made: Remembered[InterestView] = Remembered()

    def load(self, context: Context) -> None:
        if context.args != self.context.args:
            self.preferences, self._misread = read_arguments(context.args)
        super().load(context)

    def reset(self) -> None:
        self.interest, self.cursor, self._centred = None, Cursor(), None
        self.preferences = replace(self.preferences, column=0)

    def misread(self) -> str:
        return self._misread

    def lasting_args(self) -> tuple[str, ...]:
        layer = next(word for word, one in LAYER_WORDS.items() if one is self.preferences.layer)
        return (layer, next(word for word, one in RIGHTS_WORDS.items() if one is self.preferences.rights))

    def queries(self, context: Context) -> tuple[Query[Any], ...]:
        return (GetOpenInterestMap(symbol=context.symbol),) if context.symbol else ()

    def answered(self, query: Query[Any], answer: Any) -> bool:  # noqa: ARG002 (one question, one answer)
        if not isinstance(answer, InterestMap) or answer.symbol != self.context.symbol:
            return False
        held = self._held()
        self.interest = answer
        self._hold(held)
        return True

    def _held(self) -> SeriesId | None:
        """The expiry of the column that is chosen."""
        known, column = self.interest.series if self.interest is not None else (), self.preferences.column
        return known[column].id if column < len(known) else None

    def _hold(self, series: SeriesId | None) -> None:
        """The column stays with its expiry; where that has settled, it is that of the one that follows."""
        if self.interest is None or series is None:
            return
        listed = [one.id for one in self.interest.series]
        follows = successor(series, listed, self.desk.market_time())
        if follows is not None:
            series = follows.series
            self.desk.tell(follows.word)
        column = listed.index(series) if series in listed else min(self.preferences.column, max(len(listed) - 1, 0))
        if column != self.preferences.column:
            self._choose(column=column)

    def fact_time(self) -> UtcNanos:
        """The last session's open interest has no age within the day: the feed's state says whether volumes move."""
        return UtcNanos(0)

    def title(self) -> str:
        return f"{self.context.symbol} {self.entry.title}" if self.context.symbol else self.entry.title

    def subtitle(self) -> str:
        return f"spot {written.money(self.interest.spot)}  {self.interest.source}" if self.interest else ""

    def count(self) -> int:
        view = self.present()
        return view.levels.size if view else 0

    def _rows(self) -> int:
        width, height = self.outer_size
        lines = rooms(width, max(height - 1, 0), 1).lines
        return lines * (2 if self.preferences.is_finer else 1)

    def present(self) -> InterestView | None:
        parts, rows = (self.interest, self.preferences), self._rows()
        return self._made.of(*parts, rows, make=lambda: present(*parts, rows=rows))

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        if self._centred != (view.symbol, view.step) and view.levels.size:
            self._centred = (view.symbol, view.step)
            self.cursor = Cursor(row=view.spot_row, top=max(view.spot_row - self._rows() // 2, 0))
        paint_interest(canvas, view, palette, self.settle)

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def _choose(self, **changes: Any) -> None:
        self.preferences = replace(self.preferences, **changes)
        self.touch()

    def action_layer(self, step: int) -> None:
        order = tuple(Layer)
        self._choose(layer=order[(order.index(self.preferences.layer) + step) % len(order)])

    def action_rights(self) -> None:
        order = tuple(Rights)
        self._choose(rights=order[(order.index(self.preferences.rights) + 1) % len(order)])

    def action_finer(self) -> None:
        self._choose(is_finer=not self.preferences.is_finer)

    def action_widen(self, step: int) -> None:
        self._choose(zoom=min(max(self.preferences.zoom - step, 0), len(ZOOMS) - 1))

    def action_expiry(self, step: int) -> None:
        if self.interest is not None and self.interest.series:
            column = min(max(self.preferences.column + step, 0), len(self.interest.series) - 1)
            self._choose(column=column)
            self.desk.link_expiry(self, self.interest.series[column].id)

    def take_expiry(self, series: SeriesId) -> None:
        listed = [one.id for one in self.interest.series] if self.interest is not None else []
        if series in listed:
            self._choose(column=listed.index(series))

    def action_recenter(self) -> None:
        self._centred = None
        self.touch()

    def action_drill(self) -> None:
        if self.interest is not None and self.preferences.column < len(self.interest.series):
            series = self.interest.series[self.preferences.column]
            self.desk.go(f"{self.context.symbol} OMON {written.day(series.expiry).replace('-', '').upper()}{series.root}", self)
