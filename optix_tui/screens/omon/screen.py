"""The option chain's tile: it joins the board to the engine, the keys and the rows on the screen."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from textual.events import MouseScrollDown, MouseScrollUp

from engine.domain.ids import SeriesId, UtcNanos
from engine.messages.base import Event, Query, Topic, topic
from engine.messages.events import ChainChanged, ExpirationsChanged, FittedChainChanged
from engine.messages.queries import Chain, ExpirationTable, GetChain, GetExpirations, LastLook
from optix_tui.format import strike
from optix_tui.function import Context
from optix_tui.functions.entry import Entry
from optix_tui.screens.omon.arguments import expiry_word, find_expiry, read_arguments
from optix_tui.screens.omon.board import Kind, Line
from optix_tui.screens.omon.marks import MARKS
from optix_tui.screens.omon.tile import HEAD_ROWS, ChainTile
from optix_tui.screens.omon.window import Rule, nearest
from optix_tui.settled import Successor, successor

ROOM_FOR_TWO = 26
"""From so many rows on two expiries are open at first."""


class OptionMonitor(ChainTile):
    """OMON."""

    code = "OMON"
    stale_after: ClassVar[float | None] = 15.0

    def __init__(self, entry: Entry, context: Context, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(entry, context, id=id)
        self._wish = read_arguments(context.args)
        self._brings_up: SeriesId | None = None
        self._taken: SeriesId | None = None
        """The expiry that is open because another tile chose it."""
        self._has_opened = False
        """The engine's own list of expiries has come, and those that fit were opened."""
        self._apply_wish()

    # -- what it is about ---------------------------------------------------------------------------------------------------

    def topics(self, context: Context) -> tuple[Topic, ...]:
        if not context.symbol:
            return ()
        kind = FittedChainChanged if self.board.preset.at_fit else ChainChanged
        return (topic(ExpirationsChanged, context.symbol), *(topic(kind, name) for name in self.board.opened))

    def queries(self, context: Context) -> tuple[Query[Any], ...]:
        if not context.symbol:
            return ()
        return (GetExpirations(symbol=context.symbol), self._question(tuple(self.board.opened)))

    def _question(self, series: tuple[SeriesId, ...]) -> GetChain:
        return GetChain(symbol=self.context.symbol, series=series, fit_greeks=self.board.preset.at_fit)

    def reset(self) -> None:
        self.board.clear()
        self.cursor, self._follows_spot, self._most_interest, self._has_opened = None, True, 0.0, False
        self._taken = None
        self._wish = read_arguments(self.context.args)
        self._apply_wish()
        self._rows_are_new()

    def _apply_wish(self) -> None:
        if self._wish.rule is not None:
            self.board.rule = self._wish.rule
        if self._wish.preset is not None:
            self.board.set_preset(self._wish.preset)

    def misread(self) -> str:
        return read_arguments(self.context.args).trouble

    def lasting_args(self) -> tuple[str, ...]:
        board = self.board
        typed = self.context.args
        kept = [word for word in typed if read_arguments((word,)).expiry is not None]
        rule = (board.rule.word,) if board.rule != Rule() else ()
        return (*kept, *rule, *((board.preset.name.upper(),) if board.preset_place else ()))

    def passing_args(self) -> tuple[str, ...]:
        here = self.board.summaries.get(self.cursor.series) if self.cursor is not None else None
        if here is None or here.series.id == next(iter(self.board.summaries)):
            return self.lasting_args()
        lasting = [word for word in self.lasting_args() if read_arguments((word,)).expiry is None]
        return (expiry_word(here), *lasting)

    def fact_time(self) -> UtcNanos:
        return self.board.as_of

    def title(self) -> str:
        return f"{self.context.symbol} {self.entry.title}" if self.context.symbol else self.entry.title

    def subtitle(self) -> str:
        board = self.board
        opened = f"{len(board.opened)} of {len(board.summaries)} expiries" if board.summaries else ""
        return "  ".join(part for part in (opened, board.rule.label, board.preset.title) if part)

    def help_notes(self) -> tuple[str, ...]:
        columns = (*self.board.preset.columns, *self.board.preset.extras)
        meanings = "; ".join(f"{column.title} {column.meaning}" for column in columns if column.meaning)
        marks = "; ".join(f"{letter} {words}" for _, letter, words in MARKS)
        models = sorted({summary.model.value for summary in self.board.summaries.values()})
        return (
            f"{self.board.preset.title}: {meanings}.",
            f"Behind the ask: {marks}. <int: no time value in the price, so no volatility.",
            "c behind a forward: from carry, not from parity.",
            *((f"Model: {', '.join(models)}.",) if models else ()),
        )

    # -- facts --------------------------------------------------------------------------------------------------------------

    def received(self, event: Event) -> bool:
        match event:
            case ChainChanged(slice=piece) | FittedChainChanged(slice=piece) if piece.symbol == self.context.symbol:
                self._changed(self.board.take(piece))
            case ExpirationsChanged(table=table) if table.symbol == self.context.symbol:
                self._take_expirations(table)
            case _:
                return False
        return True

    def answered(self, query: Query[Any], answer: Any) -> bool:  # noqa: ARG002
        if isinstance(answer, ExpirationTable):
            self._take_expirations(answer)
        elif isinstance(answer, Chain):
            self._changed(self.board.take_chain(answer))
            self._watch_opened()
        return True

    def recall(self, look: LastLook) -> bool:
        if self.board.pieces:
            return False
        self._changed(self.board.take_expirations(look.expirations))
        for piece in look.slices:
            self._changed(self.board.take(piece))
        return bool(look.slices)

    def _take_expirations(self, table: ExpirationTable) -> None:
        first, self._has_opened = not self._has_opened, True
        here = self.cursor.series if self.cursor is not None else None
        settled = self._settled(table)
        changed = self.board.take_expirations(table)
        if self._wish.expiry is not None:
            self._open_wished()
        elif first and len(self.board.opened) == 1 and self.size.height >= ROOM_FOR_TWO:
            later = [name for name, summary in self.board.summaries.items() if name not in self.board.opened and summary.years > 0]
            self.board.opened += later[:1]
            self.board.lay_out()
        self._changed(changed)
        self._follow(settled, here)
        self._watch_opened()

    def _settled(self, table: ExpirationTable) -> list[tuple[SeriesId, Successor]]:
        """The expiries that are open, or that the cursor is on, and have settled; each with the one that follows."""
        listed = [one.series.id for one in table.expiries]
        standing = dict.fromkeys([*self.board.opened, *((self.cursor.series,) if self.cursor is not None else ())])
        found = ((name, successor(name, listed, self.desk.market_time())) for name in standing)
        return [(name, follows) for name, follows in found if follows is not None]

    def _follow(self, settled: list[tuple[SeriesId, Successor]], here: SeriesId | None) -> None:
        """Opens what follows an expiry that has settled, and goes there with the cursor that stood on it."""
        for name, follows in settled:
            self.desk.tell(follows.word)
            if name == here:
                self._go_to_expiry(follows.series)
            elif follows.series not in self.board.opened:
                self._toggle_quietly(follows.series)

    def _open_wished(self) -> None:
        word = self._wish.expiry or ""
        found = find_expiry(word, list(self.board.summaries.values()))
        self._wish = read_arguments(())
        if found is None:
            self.desk.tell(f"{self.context.symbol} has no expiry {word}", level="warning")
            return
        self.board.opened = [found]
        self.board.lay_out()
        self._go_to_expiry(found)

    def _watch_opened(self) -> None:
        """Watches the open expiries, and asks for those of which nothing is known."""
        engine = self.desk.engine
        if engine is None:
            return
        self.watch_again()
        missing = tuple(name for name in self.board.opened if self.board.lacks(name))
        if missing:
            self.ask(self._question(missing))

    def _changed(self, lines: set[Line]) -> None:
        """Takes note of lines that look different, and of a lay-out that moved; what is under the cursor stays where it is."""
        self.rows.change(lines)
        if self.rows.lines is not self.board.lines:
            self._take_lines()
        interest = max((float(_most(piece.open_interest)) for piece in self.board.pieces.values()), default=0.0)
        if interest > self._most_interest * 1.25 or interest < self._most_interest * 0.5:
            self._most_interest = interest
            self.rows.change_all()
        self.touch()

    def _take_lines(self) -> None:
        anchor = self.cursor if self.cursor is not None and not self._follows_spot else self._first_spot()
        before = self._place(self.rows.lines, anchor)
        self.rows.lines = self.board.lines
        after = self.board.place_of(anchor) if anchor is not None else None
        if self.cursor is None or self.board.place_of(self.cursor) is None or (self._follows_spot and self.cursor.kind is Kind.BAND):
            self._mark_the_money()
        band = self.board.place_of(Line(Kind.BAND, self._brings_up)) if self._brings_up and self._brings_up in self.board.pieces else None
        if band is not None:
            self._brings_up = None
            self.rows.scroll_to(band)
        elif self._follows_spot and before is None:
            self._centre()
        elif before is not None and after is not None:
            self.rows.scroll_to(self.rows.top + after - before)
        else:
            self.rows.scroll_to(self.rows.top)

    @staticmethod
    def _place(lines: Sequence[Line], line: Line | None) -> int | None:
        try:
            return None if line is None else list(lines).index(line)
        except ValueError:
            return None

    def _first_spot(self) -> Line | None:
        return next((Line(Kind.SPOT, name) for name in self.board.opened if self.board.place_of(Line(Kind.SPOT, name)) is not None), None)

    def _mark_the_money(self) -> None:
        """The cursor, while nobody moved it, stands at the strike next to the spot."""
        old, self.cursor = self.cursor, self._at_the_money()
        self.rows.change({line for line in (old, self.cursor) if line is not None})

    def _at_the_money(self) -> Line | None:
        for name in self.board.opened:
            piece = self.board.pieces.get(name)
            if piece is not None and len(piece.strikes):
                return Line(Kind.STRIKE, name, nearest(piece.strikes, piece.summary.spot))
        return self.board.lines[0] if self.board.lines else None

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def _put_cursor(self, line: Line | None, *, margin: int = 1) -> None:
        if line is None:
            return
        old, self.cursor = self.cursor, line
        self._follows_spot = False
        self.board.kept = (line.series, line.strike) if line.kind is Kind.STRIKE else None
        self.rows.change({one for one in (old, line) if one is not None})
        place = self.board.place_of(line)
        if place is not None:
            self.rows.show(place, margin)
        self.touch()

    def action_move(self, by: int) -> None:
        lines = self.board.lines
        place = self.board.place_of(self.cursor) if self.cursor is not None else None
        if not lines or place is None:
            return
        place = max(0, min(place + by, len(lines) - 1))
        if lines[place].kind is Kind.SPOT:
            place = max(0, min(place + (1 if by > 0 else -1), len(lines) - 1))
        self._walk_to(lines[place])

    def _walk_to(self, line: Line, *, margin: int = 1) -> None:
        """Puts the cursor on a line; in another expiry that one is looked at."""
        left = self.cursor.series if self.cursor is not None else None
        self._put_cursor(line, margin=margin)
        if line.series != left:
            self.desk.link_expiry(self, line.series)

    def action_page(self, by: int) -> None:
        self.action_move(by * max(self.rows.height - 2, 1))

    def action_side(self, by: int) -> None:
        self.side = 0 if by < 0 else 1
        self._put_cursor(self.cursor)

    def action_recenter(self) -> None:
        self.board.kept = None
        self.board.spans.clear()
        self.board.lay_out()
        self._changed(set())
        series = self.cursor.series if self.cursor is not None else None
        names = [series] if series in self.board.opened else list(self.board.opened[:1])
        if names and names[0] is not None:
            piece = self.board.pieces.get(names[0])
            if piece is not None and len(piece.strikes):
                self._put_cursor(Line(Kind.STRIKE, names[0], nearest(piece.strikes, piece.summary.spot)))
            self.rows.scroll_to(self.board.place_of_spot(names[0]) - self.rows.height // 2)
        self._follows_spot = True

    def action_drill(self) -> None:
        """Enter or a double click: what the row is about."""
        if self.cursor is None:
            return
        if self.cursor.kind is Kind.STRIKE:
            self._open(self.cursor, "DES")
        else:
            self._fold(self.cursor.series)

    def action_calculate(self) -> None:
        """Takes the contract of the row to the calculator."""
        if self.cursor is not None and self.cursor.kind is Kind.STRIKE:
            self._open(self.cursor, "OVME")
        else:
            self.desk.tell("stand on a strike to price it", level="warning")

    def _open(self, line: Line, code: str) -> None:
        """Goes to a function of the contract under the cursor."""
        piece = self.board.pieces.get(line.series)
        if piece is None:
            return
        contract = piece.contract[self.side * len(piece.strikes) + line.strike]
        if contract:
            self.desk.go(f"{contract} {code}", self)
        else:
            side = "put" if self.side else "call"
            self.desk.tell(f"no {side} is listed at {strike(float(piece.strikes[line.strike]))}", level="warning")

    def action_fold(self) -> None:
        if self.cursor is not None:
            self._fold(self.cursor.series)

    def _fold(self, name: SeriesId) -> None:
        """Opens or closes an expiry; one that is opened is the one that is looked at, and stays open."""
        self._toggle(name)
        if name == self._taken:
            self._taken = None
        if name in self.board.opened:
            self.desk.link_expiry(self, name)

    def _toggle_quietly(self, name: SeriesId) -> None:
        """The same without the cursor."""
        self.board.toggle(name)
        self._changed({Line(Kind.BAND, name)})

    def _toggle(self, name: SeriesId) -> None:
        self.board.toggle(name)
        self._changed({Line(Kind.BAND, name)})
        self._put_cursor(Line(Kind.BAND, name))
        self._watch_opened()

    def action_expiry(self, by: int) -> None:
        names = list(self.board.summaries)
        if not names:
            return
        here = self.cursor.series if self.cursor is not None else names[0]
        place = names.index(here) if here in names else 0
        name = names[max(0, min(place + by, len(names) - 1))]
        self._go_to_expiry(name)
        self.desk.link_expiry(self, name)

    def take_expiry(self, series: SeriesId) -> None:
        """Opens the expiry; the one that was opened for the same reason before is closed, so that they do not pile up."""
        if series not in self.board.summaries:
            return
        before, self._taken = self._taken, None
        if before is not None and before != series and before in self.board.opened:
            self._toggle(before)
        if series not in self.board.opened:
            self._taken = series
        self._go_to_expiry(series)

    def _go_to_expiry(self, name: SeriesId) -> None:
        """Opens an expiry and brings it to the top, now or when its strikes come."""
        self._brings_up = name if name not in self.board.pieces else None
        if name not in self.board.opened:
            self.board.toggle(name)
            self._changed({Line(Kind.BAND, name)})
            self._watch_opened()
        band = Line(Kind.BAND, name)
        self._put_cursor(band)
        place = self.board.place_of(band)
        if place is not None:
            self.rows.scroll_to(place)
        self.touch()

    def action_columns(self, by: int) -> None:
        before = self.board.preset
        self.board.set_preset(self.board.preset_place + by)
        self._rows_are_new()
        if self.board.preset.at_fit != before.at_fit:
            self._watch_opened()

    def action_window(self) -> None:
        self.board.set_rule(self.board.rule.next_kind())
        self._rule_changed()

    def action_widen(self, by: int) -> None:
        self.board.set_rule(self.board.rule.wider(by))
        self._rule_changed()

    def _rule_changed(self) -> None:
        self._changed(set())
        place = self.board.place_of(self.cursor) if self.cursor is not None else None
        if place is not None:
            self.rows.show(place)

    def clicked(self, x: int, y: int, times: int) -> None:
        visible = self.rows.visible
        if not 0 <= y - (HEAD_ROWS - 1) < len(visible):
            return
        line = visible[y - (HEAD_ROWS - 1)]
        if line.kind is Kind.BAND and times == 1:
            self._fold(line.series)
        elif line.kind is Kind.STRIKE:
            self.side = 0 if x < self.size.width // 2 else 1
            self._walk_to(line, margin=0)
            if times == 2:
                self.action_drill()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self._scroll(3)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self._scroll(-3)

    def _scroll(self, by: int) -> None:
        self._follows_spot = False
        self.rows.scroll_to(self.rows.top + by)
        self.touch()


def _most(values: Any) -> float:
    known = values[np.isfinite(values)]
    return float(known.max()) if known.size else 0.0
