"""What OMON shows, without a screen: expiries, their open slices, the lines they make, and which of them just changed."""

from collections.abc import Iterable
from enum import StrEnum
from math import isfinite
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.chain import ChainSlice, SeriesSummary
from engine.domain.ids import SeriesId, UtcNanos
from engine.domain.market import Verdict
from engine.messages.queries import Chain, ExpirationTable
from optix_tui.screens.omon.columns import PRESETS, Column, Preset
from optix_tui.screens.omon.window import Rule, Span, nearest, settle

FLASH_STEPS = 4
"""Beats over which a flash fades: 0.4 s at ten a second."""
_UNKNOWN = -4e18
"""What stands for NaN, so that it equals itself."""
AGED_SECONDS = 120.0
"""A quote so much older than the newest of its series is dimmed."""


class Kind(StrEnum):
    """What a line of the chain is."""

    BAND = "band"
    STRIKE = "strike"
    SPOT = "spot"
    WAITING = "waiting"


class Line(NamedTuple):
    """One line: a band, the rule of the spot, or a strike by its place in the series."""

    kind: Kind
    series: SeriesId
    strike: int = -1


class Flash:
    """How strongly each bid (plane 0) and ask (plane 1) of a series still glows, and in which direction."""

    def __init__(self, count: int) -> None:
        self.left: NDArray[np.int8] = np.zeros((2, 2, count), np.int8)
        self.sign: NDArray[np.int8] = np.zeros((2, 2, count), np.int8)

    def strike(self, before: ChainSlice, now: ChainSlice) -> None:
        """Lights what moved by two ticks or more (three where the tick is a penny): a drifting spot must not light the board."""
        rule = now.summary.series.tick_rule
        for plane, (old, new) in enumerate(((before.bid, now.bid), (before.ask, now.ask))):
            tick = np.where(old < rule.threshold, rule.small, rule.large)
            needed = np.where(tick < 0.05, 3.0, 2.0) * tick
            with np.errstate(invalid="ignore"):
                moved = new - old
                lit = np.abs(moved) >= needed - 1e-9
            self.left[plane][lit] = FLASH_STEPS
            self.sign[plane][lit] = np.sign(moved[lit]).astype(np.int8)

    def fade(self) -> NDArray[np.bool_]:
        """One step darker; returns the strikes whose look changed."""
        glowing = self.left > 0
        self.left[glowing] -= 1
        changed: NDArray[np.bool_] = np.asarray(glowing.any(axis=(0, 1)))
        return changed


class Board:
    """The chain of one name."""

    def __init__(self) -> None:
        self.rule = Rule()
        self.preset_place = 0
        self.clear()

    def clear(self) -> None:
        """Another name: nothing is known."""
        self.summaries: dict[SeriesId, SeriesSummary] = {}
        self.pieces: dict[SeriesId, ChainSlice] = {}
        self.opened: list[SeriesId] = []
        self.spans: dict[SeriesId, Span] = {}
        self.flashes: dict[SeriesId, Flash] = {}
        self.lines: list[Line] = []
        self.kept: tuple[SeriesId, int] | None = None
        """Series and strike under the cursor: never dropped from the window."""
        self.seen: dict[SeriesId, tuple[int, int]] = {}
        """First and last strike on the screen, by series: of the others no change is told. Empty tells all."""
        self._rounded: dict[SeriesId, NDArray[np.float64]] = {}
        self._place: dict[Line, int] = {}

    @property
    def preset(self) -> Preset:
        return PRESETS[self.preset_place]

    @property
    def spot(self) -> float:
        """The newest spot known; NaN while none is."""
        newest = max(self.summaries.values(), key=lambda summary: summary.as_of, default=None)
        return newest.spot if newest is not None else float("nan")

    @property
    def as_of(self) -> UtcNanos:
        """Market time of the newest quote shown."""
        shown = [self.pieces[name].summary.as_of for name in self.opened if name in self.pieces]
        return max(shown, default=max((summary.as_of for summary in self.summaries.values()), default=UtcNanos(0)))

    def lacks(self, name: SeriesId) -> bool:
        """Nothing is known of a series, or not the Greeks that the columns show."""
        piece = self.pieces.get(name)
        return piece is None or (self.preset.at_fit and not piece.fit_delta.size)

    # -- facts --------------------------------------------------------------------------------------------------------------

    def take_expirations(self, table: ExpirationTable) -> set[Line]:
        """The list of expiries; what is open stays open. Returns the lines that look different."""
        gone = set(self.summaries) - {summary.series.id for summary in table.expiries}
        before = dict(self.summaries)
        self.summaries = {summary.series.id: summary for summary in table.expiries}
        for name in gone:
            for known in (self.pieces, self.flashes, self.spans, self._rounded):
                known.pop(name, None)
        self.opened = [name for name in self.opened if name in self.summaries]
        if not self.opened and self.summaries:
            self.opened = [self._nearest_open()]
        changed = {Line(Kind.BAND, name) for name, summary in self.summaries.items() if before.get(name) != summary}
        if set(before) != set(self.summaries):
            self.lay_out()
        return changed

    def _nearest_open(self) -> SeriesId:
        """The first series that has not settled."""
        for name, summary in self.summaries.items():
            if summary.years > 0:
                return name
        return next(iter(self.summaries))

    def take_chain(self, chain: Chain) -> set[Line]:
        """Slices asked for."""
        changed: set[Line] = set()
        for piece in chain.slices:
            changed |= self.take(piece)
        return changed

    def take(self, piece: ChainSlice) -> set[Line]:
        """A slice, new. Returns the lines that look different (the lay-out may have changed as well: compare :attr:`lines`)."""
        name = piece.summary.series.id
        before = self.pieces.get(name)
        self.pieces[name] = piece
        self.summaries[name] = piece.summary
        if not self.opened:
            self.opened = [name]
        same_strikes = before is not None and np.array_equal(before.strikes, piece.strikes)
        if before is None or not same_strikes:
            self.flashes[name] = Flash(len(piece.strikes))
            self.spans.pop(name, None)
            self._rounded[name] = self._round(piece)
            self.lay_out()
            return {line for line in self.lines if line.series == name}
        self.flashes[name].strike(before, piece)
        changed = self._lines_of(name, self._differs(name, piece))
        if piece.summary != before.summary:
            changed |= {Line(Kind.BAND, name), Line(Kind.SPOT, name)}
        if name in self.opened and self._moved(name, before, piece):
            self.lay_out()
        return changed

    def _moved(self, name: SeriesId, before: ChainSlice, now: ChainSlice) -> bool:
        """The window, or the place of the spot in it, is another one."""
        held = self.spans.get(name)
        if settle(self.rule, now, held, self._kept_in(name)) != held:
            return True
        return rows_above_spot(before) != rows_above_spot(now)

    def _kept_in(self, name: SeriesId) -> int | None:
        return self.kept[1] if self.kept is not None and self.kept[0] == name else None

    def _columns(self) -> Iterable[Column]:
        return (*self.preset.columns, *self.preset.extras)

    def _round(self, piece: ChainSlice) -> NDArray[np.float64]:
        """What is shown of each number, in steps of what can be seen: a change smaller than that is none."""
        planes = [column.read(piece) / (column.quantum or 1e-6) for column in self._columns()]
        planes += [piece.verdict.astype(np.float64), piece.iv_status.astype(np.float64), aged(piece).astype(np.float64)]
        steps = np.rint(np.stack(planes))
        return np.nan_to_num(steps, copy=False, nan=_UNKNOWN, posinf=_UNKNOWN, neginf=_UNKNOWN)

    def _differs(self, name: SeriesId, piece: ChainSlice) -> NDArray[np.bool_]:
        rounded = self._round(piece)
        before = self._rounded.get(name)
        self._rounded[name] = rounded
        if before is None or before.shape != rounded.shape:
            return np.ones(len(piece.strikes), np.bool_)
        return np.asarray((before != rounded).any(axis=(0, 1)))

    def fade_flashes(self) -> set[Line]:
        """One beat later. Returns the lines that still changed their glow."""
        changed: set[Line] = set()
        for name in self.opened:
            if name in self.flashes:
                changed |= self._lines_of(name, self.flashes[name].fade())
        return changed

    def _lines_of(self, name: SeriesId, strikes: NDArray[np.bool_]) -> set[Line]:
        """The lines of some strikes, as far as they are on the screen."""
        first, last = 0, len(strikes) - 1
        if self.seen:
            first, last = self.seen.get(name, (0, -1))
        return {Line(Kind.STRIKE, name, first + int(place)) for place in np.flatnonzero(strikes[first : last + 1])}

    # -- choices ------------------------------------------------------------------------------------------------------------

    def set_preset(self, place: int) -> None:
        """Other columns."""
        self.preset_place = place % len(PRESETS)
        self._rounded = {name: self._round(piece) for name, piece in self.pieces.items()}

    def set_rule(self, rule: Rule) -> None:
        """Another window."""
        self.rule = rule
        self.spans.clear()
        self.lay_out()

    def toggle(self, name: SeriesId) -> bool:
        """Opens or closes an expiry; True when it is open now."""
        if name in self.opened:
            self.opened.remove(name)
        elif name in self.summaries:
            self.opened.append(name)
        self.lay_out()
        return name in self.opened

    # -- lines --------------------------------------------------------------------------------------------------------------

    def lay_out(self) -> None:
        """Makes the lines anew: bands in the order of expiry, strikes of the open ones, the spot between them."""
        lines: list[Line] = []
        for name in self.summaries:
            lines.append(Line(Kind.BAND, name))
            if name not in self.opened:
                continue
            piece = self.pieces.get(name)
            if piece is None or not len(piece.strikes):
                lines.append(Line(Kind.WAITING, name))
                continue
            span = settle(self.rule, piece, self.spans.get(name), self._kept_in(name))
            self.spans[name] = span
            above = rows_above_spot(piece)
            for strike in range(span.first, span.last + 1):
                if strike == above and strike > span.first:
                    lines.append(Line(Kind.SPOT, name))
                lines.append(Line(Kind.STRIKE, name, strike))
        self.lines = lines
        self._place = {line: place for place, line in enumerate(lines)}

    def place_of(self, line: Line) -> int | None:
        """Where a line stands; None where it does not."""
        return self._place.get(line)

    def place_of_spot(self, name: SeriesId) -> int:
        """Where the spot of an expiry stands: its rule, the strike next to it, or the band of a closed one."""
        rule = self._place.get(Line(Kind.SPOT, name))
        if rule is not None:
            return rule
        piece = self.pieces.get(name)
        if piece is not None and len(piece.strikes):
            near = self._place.get(Line(Kind.STRIKE, name, nearest(piece.strikes, piece.summary.spot)))
            if near is not None:
                return near
        return self._place.get(Line(Kind.BAND, name), 0)


def rows_above_spot(piece: ChainSlice) -> int:
    """How many strikes lie at or below the spot: where its rule is drawn; -1 where it is unknown."""
    spot = piece.summary.spot
    return int(np.searchsorted(piece.strikes, spot, side="right")) if isfinite(spot) else -1


def aged(piece: ChainSlice) -> NDArray[np.bool_]:
    """Quotes that are stale, or much older than the newest of the series."""
    age = (piece.summary.as_of - piece.quoted_at) / 1e9
    found: NDArray[np.bool_] = ((piece.verdict & Verdict.STALE) > 0) | ((piece.quoted_at > 0) & (age > AGED_SECONDS))
    return found
