"""Strikes as rows: texts are made column by column, colours row by row, and what is the same for all rows is worked out once."""

from collections.abc import Sequence
from math import isfinite

import numpy as np
from textual.strip import Strip

from engine.domain.chain import ChainSlice
from engine.domain.market import Verdict
from optix_tui.colour import mix
from optix_tui.format import UNKNOWN, compact, decimals, strike
from optix_tui.screens.omon.board import FLASH_STEPS, Flash, aged
from optix_tui.screens.omon.columns import ASK, BID, Column
from optix_tui.screens.omon.look import Look
from optix_tui.screens.omon.marks import ALARMING, MARKS, deviation_mark, iv_text, strike_ground, usual_step
from optix_tui.screens.omon.window import deviations
from optix_tui.widgets.runs import Run

AGE_FADE = 0.55
_WIDE = int(Verdict.WIDE)
_PLAIN, _IV, _VOLUME, _INTEREST, _BID, _ASK = range(6)
_KINDS = {"IV": _IV, "Vol": _VOLUME, "OI": _INTEREST, BID: _BID, ASK: _ASK}


def strike_rows(piece: ChainSlice, flash: Flash, strikes: Sequence[int], look: Look) -> list[Strip]:
    """The rows of some strikes of one series, in that order."""
    if not len(strikes):
        return []
    places = np.asarray(strikes)
    values = piece.strikes[places].tolist()
    far = deviations(piece)[places].tolist()
    step = usual_step(piece.strikes)
    sides = [_Side(piece, flash, look, side, places) for side in (0, 1)]
    rows = []
    for n, place in enumerate(strikes):
        band = deviation_mark(piece, values[n], far[n], step)
        rows.append(
            _row(look, sides, n, value=values[n], far=far[n], band=band, step=step, spot=piece.summary.spot, marked=place == look.cursor)
        )
    return rows


def _row(
    look: Look, sides: Sequence["_Side"], n: int, *, value: float, far: float, band: str, step: float, spot: float, marked: bool
) -> Strip:
    """One strike: calls, the strike, puts."""
    palette = look.palette
    base = palette.chosen(has_keys=look.has_focus) if marked else palette.ground
    run = Run()
    if look.layout.gaps[1]:
        run.put(" " * look.layout.gaps[1], palette.text, base)
    sides[0].write(run, n, palette.itm if value < spot and not marked else base)
    _write_strike(run, look, value, far, band, step, marked=marked)
    put_ground = palette.itm if value > spot and not marked else base
    sides[1].write(run, n, put_ground)
    return run.strip(look.layout.width, palette.text, put_ground)


def _write_strike(run: Run, look: Look, value: float, far: float, band: str, step: float, *, marked: bool) -> None:
    palette = look.palette
    text = strike(value)
    if marked:
        solid = palette.text if look.has_focus else palette.dim
        ground = palette.chosen(has_keys=look.has_focus)
        run.put(f"{band:>3}{'◂' if look.side == 0 else ' '}", palette.vol if band else solid, ground, True)
        run.put(f"{text:^9}", palette.ink, mix(solid, palette.ground, look.fade), True)
        run.put(f"{'▸' if look.side == 1 else ' '} ", palette.text, ground, True)
        return
    shade = strike_ground(far, palette)
    fifth = value / (5 * step) if step > 0 else 0.5
    colour = palette.white if abs(fifth - round(fifth)) < 1e-9 else palette.text
    if look.fade:
        colour = mix(colour, palette.ground, look.fade)
    run.put(f"{band:>3} ", mix(palette.vol, palette.ground, look.fade), shade)
    run.put(f"{text:^9}  ", colour, shade, True)


class _Cells:
    """One column of the rows being painted: its texts, and its colour where it is the same for all of them."""

    __slots__ = ("colour", "colours", "kind", "texts", "tired", "width")

    def __init__(self, kind: int, width: int, texts: list[str], colour: int, tired: int, colours: list[int] | None = None) -> None:
        self.kind, self.width, self.texts = kind, width, texts
        self.colour, self.tired, self.colours = colour, tired, colours


def _price(value: float, digits: int, room: int) -> str:
    """A price with the digits of its tick, or as many of them as there is room for."""
    if not isfinite(value):
        return UNKNOWN
    text = f"{value:.{digits}f}"
    while len(text) > room and digits:
        digits -= 1
        text = f"{value:.{digits}f}"
    return text if len(text) <= room else compact(value, room)[:room]


def _joined(columns: list[_Cells]) -> list[_Cells]:
    """Plain neighbours of one colour are written as one."""
    joined: list[_Cells] = []
    for cells in columns:
        last = joined[-1] if joined else None
        if last is not None and last.kind == cells.kind == _PLAIN and last.colour == cells.colour:
            texts = [one + other for one, other in zip(last.texts, cells.texts, strict=True)]
            joined[-1] = _Cells(_PLAIN, last.width + cells.width, texts, cells.colour, cells.tired)
        else:
            joined.append(cells)
    return joined


class _Side:
    """One side of the rows being painted."""

    def __init__(
        self, piece: ChainSlice, flash: Flash, look: Look, side: int, places: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    ) -> None:
        self.look, self.side, self.palette = look, side, look.palette
        self.verdict: list[int] = piece.verdict[side, places].tolist()
        self.aged: list[bool] = aged(piece)[side, places].tolist()
        self.interest: list[float] = piece.open_interest[side, places].tolist()
        self.volume: list[float] = piece.volume[side, places].tolist()
        self.glow: list[list[int]] = flash.left[:, side, places].tolist()
        self.sign: list[list[int]] = flash.sign[:, side, places].tolist()
        self.status: list[int] = piece.iv_status[side, places].tolist()
        self.wide_tone = mix(look.palette.dim, look.palette.text, 0.55)
        digits = decimals(piece.summary.series.tick_rule.small)
        gap = look.layout.gaps[0]
        columns = look.layout.calls if side == 0 else look.layout.puts
        self.cells = _joined(
            [self._cells(column, column.read(piece)[side, places].tolist(), column.width + gap, digits) for column in columns]
        )

    def _cells(self, column: Column, values: list[float], width: int, digits: int) -> _Cells:
        kind = _KINDS.get(column.title, _PLAIN)
        palette = self.palette
        colours: list[int] | None = None
        if kind == _IV:
            pairs = [iv_text(value, status, palette) for value, status in zip(values, self.status, strict=True)]
            texts, colours = [text for text, _ in pairs], [colour for _, colour in pairs]
        elif column.show is not None:
            texts = [column.show(value) for value in values]
        else:
            texts = [_price(value, digits, width - 1) for value in values]
        if kind in {_BID, _ASK}:
            texts = [text.rjust(width - 1) for text in texts]
        elif kind == _INTEREST:
            made = [compact(value, 6)[: width - 1] for value in values]
            texts = [text.rjust(width - 1) + " " if self.side == 0 else " " + text.ljust(width - 1) for text in made]
        else:
            texts = [text.rjust(width - 1) + " " if len(text) < width else text[:width] for text in texts]
        tone = self.wide_tone if column.tone == "greek" else int(getattr(palette, column.tone))
        return _Cells(kind, width, texts, self._faded(tone, 0.0), self._faded(tone, AGE_FADE), colours)

    def _faded(self, colour: int, more: float) -> int:
        if not more and not self.look.fade:
            return colour
        return mix(colour, self.palette.ground, 1 - (1 - self.look.fade) * (1 - more))

    def write(self, run: Run, n: int, ground: int) -> None:
        """The cells of one row."""
        put = run.pieces.append
        tired = self.aged[n]
        for cells in self.cells:
            kind, text = cells.kind, cells.texts[n]
            if kind == _PLAIN:
                put((text, cells.tired if tired else cells.colour, ground, False))
            elif kind >= _BID:
                self._write_quote(run, n, text, kind, ground, cells)
            elif kind == _IV:
                colour = cells.colours[n] if cells.colours is not None else cells.colour
                put((text, self._faded(colour, AGE_FADE) if tired else self._faded(colour, 0.0), ground, False))
            elif kind == _INTEREST:
                self._write_interest(run, n, text, cells, ground)
            elif self.volume[n] > self.interest[n]:
                put((text, self._faded(self.palette.alert, AGE_FADE if tired else 0.0), ground, True))
            else:
                put((text, cells.tired if tired else cells.colour, ground, False))

    def _write_quote(self, run: Run, n: int, text: str, kind: int, ground: int, cells: _Cells) -> None:
        """A price, what is wrong with it, and its glow."""
        palette, verdict = self.palette, self.verdict[n]
        plane = 0 if kind == _BID else 1
        colour = cells.tired if self.aged[n] else cells.colour
        mark = " "
        if text.endswith(UNKNOWN):
            colour = palette.dim
        elif verdict:
            if verdict & ALARMING:
                colour = self._faded(palette.alert, 0.0)
            elif verdict & _WIDE:
                colour = self._faded(self.wide_tone, AGE_FADE if self.aged[n] else 0.0)
        if kind == _ASK and verdict:
            mark = next((letter for flag, letter, _ in MARKS if verdict & flag), " ")
        left = self.glow[plane][n]
        if left and not self.look.fade:
            share = left / FLASH_STEPS
            glow = palette.up_ground if self.sign[plane][n] > 0 else palette.down_ground
            ground = mix(ground, glow, 0.35 + 0.65 * share)
            colour = mix(colour, palette.bright, share)
        if mark == " ":
            run.pieces.append((text + " ", colour, ground, False))
        else:
            run.put(text, colour, ground)
            run.put(mark, self._faded(palette.dim if mark == "~" else palette.alert, 0.0), ground)

    def _write_interest(self, run: Run, n: int, text: str, cells: _Cells, ground: int) -> None:
        """Open interest with a bar behind its digits, growing from the outer edge."""
        palette, look, value = self.palette, self.look, self.interest[n]
        share = (value / look.most_interest) ** 0.6 if isfinite(value) and look.most_interest > 0 else 0.0
        long = round(min(share, 1.0) * 7)
        plain = cells.tired if self.aged[n] else cells.colour
        if not long:
            run.put(text, plain, ground)
            return
        tint = mix(ground, palette.call if self.side == 0 else palette.put, round(0.28 * (1 - look.fade), 3))
        over = self._faded(palette.text, AGE_FADE if self.aged[n] else 0.0)
        if self.side == 0:
            run.put(text[:long], over, tint)
            run.put(text[long:], plain, ground)
        else:
            run.put(text[: cells.width - long], plain, ground)
            run.put(text[cells.width - long :], over, tint)
