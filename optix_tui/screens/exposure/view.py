"""What the exposure screen shows of a name's exposure in so much room: bars, profile, expiries, totals and the convention in words."""

from datetime import date
from math import isfinite
from textwrap import wrap
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from engine.domain.columns import Floats
from engine.domain.instants import new_york
from engine.messages.exposure import Exposure, ExposureCount, ExposureGreek, ExposureUnit
from optix_tui import format as written
from optix_tui.format import amount
from optix_tui.screens.axis import Scale
from optix_tui.screens.exposure.ladder import Bar, bars_of, thickness_of
from optix_tui.screens.exposure.preferences import CODES, ExposurePreferences, Picture
from optix_tui.screens.table import Cell, Tone

WIDE, TALL = 100, 20
"""From so many cells on profile and expiries stand beside the bars."""
LEFT_SHARE, PROFILE_SHARE = 0.56, 0.52
DEALER_SHARES = (0.25, 0.75)
"""Parts of the calls, and of the puts, between which dealers may hold: as the engine's own band at today's spot."""
MOST_WORDS = 4
"""Rows the convention takes at most."""
HEADS = ((20, 3), (14, 2), (0, 1))
"""Rows of totals at most, by the rows there are."""


class ExposureFacts(Struct, frozen=True, kw_only=True):
    """What is known in the convention in force."""

    whole: Exposure | None = None
    """Over all expiries."""
    part: Exposure | None = None
    """Over the one that was chosen."""

    @property
    def shown(self) -> Exposure | None:
        """What the figures are of."""
        return self.part or self.whole


class Room(NamedTuple):
    """A part of the body, in cells."""

    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0


class ExpiryRow(NamedTuple):
    """One expiry's part."""

    series: str
    label: str
    calls: float
    puts: float
    is_chosen: bool = False

    @property
    def net(self) -> float:
        """Both sides."""
        return self.calls + self.puts


class Course(NamedTuple):
    """The repriced net by spot."""

    spots: Floats
    nets: Floats
    low: Floats
    """Where dealers hold part of it: from the least to the most it can be."""
    high: Floats
    scale: Scale
    spot: float
    flip: float
    walls: tuple[tuple[float, str], ...]


class ExposureView(Struct, frozen=True, kw_only=True):
    """The screen; where ``trouble`` is said there is nothing but it and the words."""

    trouble: str
    tabs: tuple[tuple[str, bool], ...]
    scope: str
    """Which expiries."""
    unit: str
    totals: tuple[tuple[Cell, ...], ...]
    """Groups that stand or go as a whole."""
    words: tuple[str, ...]
    readout: tuple[Cell, ...]
    bars: tuple[Bar, ...]
    thickness: int
    """Screen rows of a bar."""
    cursor: int | None
    net_only: bool
    spot_text: str
    course: Course | None
    expiries: tuple[ExpiryRow, ...]
    more: int
    """Expiries for which there is no row."""
    totals_rows: int
    ladder: Room
    profile: Room
    by_expiry: Room


def present(facts: ExposureFacts, preferences: ExposurePreferences, *, width: int, height: int) -> ExposureView | None:
    """The view of a body of so many cells; None until something is known."""
    shown = facts.shown
    if shown is None:
        return None
    words = _words(shown, width, height)
    totals = _totals(shown)
    rows = _rows_of(totals, width - 2)
    rows = min(rows, next(most for least, most in HEADS if height >= least))
    ladder, profile, by_expiry = _rooms(preferences.picture, width, height, top=1 + rows, foot=len(words) + 1)
    lines = max(ladder.height - 1, 0)
    bars = bars_of(shown, reach=preferences.reach, rows=lines, fills=preferences.fills) if not shown.trouble else ()
    cursor = _cursor(bars, preferences, shown.spot)
    expiries, more = _expiries(facts, preferences, rows=by_expiry.height - 1)
    return ExposureView(
        trouble=shown.trouble,
        tabs=tuple((CODES[greek], greek is shown.convention.greek) for greek in ExposureGreek),
        scope=_scope(facts, preferences),
        unit=unit_words(shown),
        totals=totals,
        words=words,
        readout=_readout(bars[cursor], shown) if cursor is not None else (),
        bars=bars,
        thickness=thickness_of(len(bars), lines),
        cursor=cursor,
        net_only=preferences.net_only,
        spot_text=written.money(shown.spot),
        course=_course(shown, preferences.course_reach) if profile.height else None,
        expiries=expiries,
        more=more,
        totals_rows=rows,
        ladder=ladder,
        profile=profile,
        by_expiry=by_expiry,
    )


def unit_words(exposure: Exposure) -> str:
    """What one unit of the figures is."""
    convention = exposure.convention
    if convention.greek is ExposureGreek.GAMMA:
        return convention.unit.value
    per = "vol point" if convention.greek is ExposureGreek.VANNA else "calendar day"
    return f"{'shares' if convention.unit is ExposureUnit.SHARES_PER_POINT else '$'} per {per}"


def step_down(bars: tuple[Bar, ...], cursor: int | None, steps: int) -> float | None:
    """The strike so many rows below the cursor; None where there are no bars."""
    if not bars:
        return None
    place = min(max((cursor or 0) + steps, 0), len(bars) - 1)
    return bars[place].middle


def _rooms(picture: Picture, width: int, height: int, *, top: int, foot: int) -> tuple[Room, Room, Room]:
    """Where bars, profile and expiries go; one that is not shown has no height."""
    inner = max(height - top - foot, 0)
    whole, none = Room(0, top, width, inner), Room()
    if picture is Picture.PROFILE:
        return none, whole, none
    if picture is Picture.EXPIRIES:
        return none, none, whole
    if width < WIDE or inner < TALL - 4:
        return whole, none, none
    left = round(width * LEFT_SHARE)
    upper = round(inner * PROFILE_SHARE)
    return (
        Room(0, top, left, inner),
        Room(left + 1, top, width - left - 1, upper),
        Room(left + 1, top + upper, width - left - 1, inner - upper),
    )


def _words(shown: Exposure, width: int, height: int) -> tuple[str, ...]:
    """The convention, wrapped; where there is no room for all of it the end is cut, and said to be."""
    lines = wrap(shown.in_words, max(width - 2, 8))
    most = min(MOST_WORDS, max(height // 5, 1))
    return tuple(lines) if len(lines) <= most else (*lines[: most - 1], lines[most - 1][: max(width - 3, 1)] + "…")


def _rows_of(groups: tuple[tuple[Cell, ...], ...], room: int) -> int:
    rows, used = 1, 0
    for group in groups:
        wide = sum(len(cell.text) for cell in group) + 2
        if used and used + wide > room + 2:
            rows, used = rows + 1, 0
        used += wide
    return rows


def _totals(shown: Exposure) -> tuple[tuple[Cell, ...], ...]:
    if shown.trouble:
        return ()
    certain = (shown.low > 0.0) == (shown.high > 0.0)
    away = shown.flip / shown.spot - 1.0
    groups = [
        (Cell("Net ", "dim"), Cell(amount(shown.net), _tone(shown.net), bold=True), Cell(f" {unit_words(shown)}", "dim")),
        (
            Cell("if dealers hold 25-75 % ", "dim"),
            Cell(f"{amount(shown.low)} to {amount(shown.high)}", "text"),
            Cell(" sign sure" if certain else " sign unsure", "dim" if certain else "alert"),
        ),
        (
            Cell("Flip ", "dim"),
            Cell(written.money(shown.flip) if isfinite(shown.flip) else "none within 15 %", "white", bold=True),
            Cell(f" {written.signed_percent(away, 1)}" if isfinite(away) else "", "dim"),
        ),
        (Cell("+ wall ", "dim"), Cell(written.strike(shown.positive_wall), "up", bold=True)),
        (Cell("- wall ", "dim"), Cell(written.strike(shown.negative_wall), "down", bold=True)),
        (Cell(f"{shown.contracts:,} options counted", "dim"),),
    ]
    if shown.left_out:
        counted = "volume" if shown.convention.counted is ExposureCount.VOLUME else "OI"
        groups.append((Cell(f"{shown.left_out:,} without {counted} or IV left out", "alert"),))
    if shown.boxed:
        groups.append((Cell(f"{amount(shown.boxed).lstrip('+')} boxed a side", "dim"),))
    if shown.left_out_expiries:
        groups.append((Cell(f"adjusted left out: {', '.join(shown.left_out_expiries)}", "alert"),))
    return tuple(groups)


def _tone(value: float) -> Tone:
    return "up" if value > 0 else "down" if value < 0 else "text"


def _cursor(bars: tuple[Bar, ...], preferences: ExposurePreferences, spot: float) -> int | None:
    if not bars:
        return None
    wanted = preferences.strike if preferences.strike is not None else spot
    return min(range(len(bars)), key=lambda place: abs(bars[place].middle - wanted))


def _readout(bar: Bar, shown: Exposure) -> tuple[Cell, ...]:
    """The numbers of the cursor's row."""
    if not bar.strikes:
        return (Cell(f"{bar.label}", "security", bold=True), Cell("  no open contract at this strike", "dim"))
    several = f" ({len(bar.strikes)} strikes {written.strike(bar.strikes[0])}-{written.strike(bar.strikes[-1])})"
    away = bar.middle / shown.spot - 1.0
    return (
        Cell(written.strike(bar.strikes[0]) if len(bar.strikes) == 1 else bar.label, "security", bold=True),
        Cell(several if len(bar.strikes) > 1 else "", "dim"),
        Cell(f" {written.signed_percent(away, 1)}", "dim"),
        Cell("  calls ", "dim"),
        Cell(amount(bar.calls), "call"),
        Cell("  puts ", "dim"),
        Cell(amount(bar.puts), "put"),
        Cell("  net ", "dim"),
        Cell(amount(bar.net), _tone(bar.net), bold=True),
    )


def _course(shown: Exposure, reach: float) -> Course | None:
    near = np.abs(shown.profile_spots / shown.spot - 1.0) <= reach + 1e-9
    calls, puts = shown.profile_calls[near], shown.profile_puts[near]
    nets = calls + puts
    low = sum_of_least(calls) + sum_of_least(puts)
    high = -(sum_of_least(-calls) + sum_of_least(-puts))
    scale = Scale.around(np.concatenate([nets, low, high, [0.0]]), margin=0.04) if nets.size else None
    if scale is None:
        return None
    walls = tuple((value, sign) for value, sign in ((shown.positive_wall, "+"), (shown.negative_wall, "-")) if isfinite(value))
    return Course(shown.profile_spots[near], nets, low, high, scale, shown.spot, shown.flip, walls)


def sum_of_least(side: Floats) -> Floats:
    """The least that one side can be if dealers hold between a quarter and three quarters of it."""
    least, most = DEALER_SHARES
    return np.minimum(least * side, most * side)


def _expiries(facts: ExposureFacts, preferences: ExposurePreferences, *, rows: int) -> tuple[tuple[ExpiryRow, ...], int]:
    """Expiries in their order, and how many have no row: the smallest, but never the chosen one."""
    whole = facts.whole
    if whole is None or rows < 1:
        return (), 0
    today = new_york(whole.as_of).date() if whole.as_of else None
    found = [
        ExpiryRow(series, expiry_label(series, today), calls, puts, series == preferences.series)
        for series, calls, puts in zip(whole.expiries, whole.by_expiry.calls.tolist(), whole.by_expiry.puts.tolist(), strict=True)
    ]
    if len(found) <= rows:
        return tuple(found), 0
    room = max(rows - 1, 1)
    largest = sorted(range(len(found)), key=lambda place: (not found[place].is_chosen, -abs(found[place].net)))[:room]
    return tuple(found[place] for place in sorted(largest)), len(found) - room


def expiry_label(series: str, today: date | None) -> str:
    """``24-Nov-26 SPXW 5d``."""
    root, day, settlement = series.rsplit("/", 2)
    expiry = date.fromisoformat(day)
    days = f" {(expiry - today).days}d" if today is not None else ""
    return f"{written.day(expiry)} {root}{' AM' if settlement == 'AM' else ''}{days}"


def _scope(facts: ExposureFacts, preferences: ExposurePreferences) -> str:
    if preferences.series is not None:
        whole = facts.whole
        today = new_york(whole.as_of).date() if whole is not None and whole.as_of else None
        waiting = "" if facts.part is not None else " …"
        return f"only {expiry_label(preferences.series, today)}{waiting}"
    count = len(facts.whole.expiries) if facts.whole is not None else 0
    return f"all {count} expiries" if count else ""
