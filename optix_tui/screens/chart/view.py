"""What a chart shows of its bars in so much room: pure numbers and labels, no drawing."""

import math
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct

from engine.domain.columns import Floats, Longs
from engine.domain.instants import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS, from_nanos, new_york
from engine.domain.instruments import SessionName
from engine.messages.exposure import Exposure
from engine.messages.queries import BarTable, ExpirationTable, Quote
from optix_tui import format as written
from optix_tui.screens.axis import Scale, tick_digits, ticks
from optix_tui.screens.chart.levels import beyond, in_sight, lacking, levels_of
from optix_tui.screens.table import Tone

DAILY = 86_400
INTERVALS: tuple[tuple[int, str], ...] = (
    (60, "1m"),
    (120, "2m"),
    (300, "5m"),
    (900, "15m"),
    (1800, "30m"),
    (3600, "60m"),
    (DAILY, "1D"),
)
_LABELS = dict(INTERVALS)
_WORDS = {"1H": 3600, "60": 3600, "D": DAILY, "DAY": DAILY, "DAILY": DAILY} | {label.upper(): seconds for seconds, label in INTERVALS}
CANDLE_PITCHES = (1, 2, 4, 6)
"""Columns a candle takes: a body of an odd width and a gap of one (none at 1)."""
LINE_PITCHES = (1, 2, 4, 8)
"""Dots a bar takes on a line; a column has two."""
LABEL_ROOM = 9
SMALLEST_WIDTH, SMALLEST_HEIGHT = 30, 8
VOLUME_SHARE = 0.18
LEAST_ROWS_WITH_VOLUME = 12


class ChartKind(StrEnum):
    """How a bar is drawn."""

    CANDLES = "candles"
    LINE = "line"


class ChartPreferences(Struct, frozen=True, kw_only=True):
    """What the user chose."""

    kind: ChartKind = ChartKind.CANDLES
    seconds: int = 120
    zoom: int = 1
    """Index of the pitch."""
    back: int = 0
    """How many bars lie beyond the right edge."""
    crosshair: int | None = None
    """Bars back from the newest; None hides it."""
    logarithmic: bool = False
    vwap: bool = True
    expected_move: bool = False
    levels: bool = False
    """Of the open interest: the dealers' flip and walls, max pain."""
    volume: bool = True


class ChartFacts(Struct, frozen=True, kw_only=True):
    """What is known."""

    bars: BarTable | None = None
    quote: Quote | None = None
    exposure: Exposure | None = None
    expirations: ExpirationTable | None = None


class TimeMark(NamedTuple):
    """A label under the bars; a parting one has a line through the chart."""

    bar: int
    text: str
    parts: bool


class Band(NamedTuple):
    """A level across the chart."""

    price: float
    text: str
    price_text: str
    tone: Tone = "vol"


class Readout(NamedTuple):
    """One bar in numbers."""

    when: str
    open: str
    high: str
    low: str
    close: str
    change: float
    change_text: str
    volume: str
    vwap: str
    is_crosshair: bool


class Room(NamedTuple):
    """How the body of a tile is shared out, in cells."""

    top: int
    columns: int
    rows: int
    volume_rows: int
    axis: int
    """Columns at the right for prices."""

    @property
    def volume_top(self) -> int:
        return self.top + self.rows

    @property
    def time_row(self) -> int:
        return self.top + self.rows + self.volume_rows


class ChartView(Struct, frozen=True, kw_only=True):
    """The bars in sight, oldest first, and what stands around them."""

    kind: ChartKind
    pitch: int
    room: Room
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    vwap: Floats
    sessions: Longs
    """Which session each bar belongs to: lines that start anew do not cross from one into the next."""
    scale: Scale
    price_marks: tuple[tuple[float, str], ...]
    time_marks: tuple[TimeMark, ...]
    bands: tuple[Band, ...]
    last: float
    last_text: str
    last_rises: bool
    in_sight: bool
    """The newest bar is on the screen."""
    crosshair: int | None
    """Index among the bars in sight."""
    crosshair_text: str
    readout: Readout
    volume_top: float
    """The largest volume in sight; NaN where there is none."""
    notes: tuple[str, ...]


def interval_of(word: str) -> int | None:
    """Seconds of ``2m``, ``1h``, ``1D``; None for anything else."""
    return _WORDS.get(word.upper())


def interval_label(seconds: int) -> str:
    """``2m`` of 120."""
    return _LABELS.get(seconds, f"{seconds}s")


def pitch_of(preferences: ChartPreferences) -> int:
    """Columns (candles) or dots (a line) a bar takes."""
    pitches = CANDLE_PITCHES if preferences.kind is ChartKind.CANDLES else LINE_PITCHES
    return pitches[min(max(preferences.zoom, 0), len(pitches) - 1)]


def bars_that_fit(preferences: ChartPreferences, columns: int) -> int:
    """How many bars stand side by side in so many columns."""
    pitch = pitch_of(preferences)
    return max(columns // pitch if preferences.kind is ChartKind.CANDLES else columns * 2 // pitch, 1)


def is_dated(bars: BarTable) -> bool:
    """Its bars are whole sessions named by their date (midnight UTC of it), so that no wall clock may move them to another."""
    return bars.seconds >= DAILY and not bool((bars.start % DAY_NS).any())


def local_days(start: Longs, session: SessionName) -> Longs:
    """Instants as the venue's wall clock (New York's, or UTC for what never closes), in nanoseconds of a day-aligned count."""
    if session is SessionName.CRYPTO or not start.size:
        return start
    utc_days = start // DAY_NS
    days, place = np.unique(utc_days, return_inverse=True)
    offsets = np.array([_offset(int(day) * DAY_NS + 17 * HOUR_NS) for day in days], np.int64)
    shifted: Longs = start + offsets[place]
    return shifted


def _offset(instant: int) -> int:
    gone = new_york(instant).utcoffset()
    return int(gone.total_seconds()) * SECOND_NS if gone is not None else 0


def session_vwap(bars: BarTable, local: Longs) -> Floats:
    """Volume-weighted price from each session's open on; unknown in a session whose open is not in the table, and where volume is."""
    weight = np.where(np.isfinite(bars.volume) & np.isfinite(bars.vwap), bars.volume, 0.0)
    worth = np.where(weight > 0, bars.vwap, 0.0) * weight
    day = local // DAY_NS
    total, done = np.cumsum(weight), np.cumsum(worth)
    first = np.searchsorted(day, day)  # the first bar of each bar's day
    before_weight = np.where(first > 0, total[first - 1], 0.0)
    before_worth = np.where(first > 0, done[first - 1], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        line = (done - before_worth) / (total - before_weight)
    cut = (day == day[0]) & (not _begins_with_open(bars, day))
    result: Floats = np.where(np.isfinite(line) & ~cut, line, math.nan)
    return result


def _begins_with_open(bars: BarTable, day: Longs) -> bool:
    """Whether the oldest session of the table is whole from its open (older ones than the newest are not known to be)."""
    return bool(day[0] == day[-1] and bars.session_open > 0 and bars.start[0] <= bars.session_open)


def room_in(width: int, height: int, *, axis: int, volume: bool) -> Room:
    """Shares out a body: a row for the readout, one for the times, the rest for prices and (where there is room) volume."""
    head, foot = (0, 0) if height < SMALLEST_HEIGHT else (1, 1)
    inner = max(height - head - foot, 1)
    below = max(round(inner * VOLUME_SHARE), 2) if volume and inner >= LEAST_ROWS_WITH_VOLUME else 0
    return Room(head, max(width - axis, 1), inner - below, below, axis)


def present(facts: ChartFacts, preferences: ChartPreferences, width: int, height: int) -> ChartView | None:
    """What fits into a body of so many cells; None where there is no bar to show."""
    bars = facts.bars
    if bars is None or not bars.start.size or width < 1 or height < 1:
        return None
    tick = facts.quote.security.tick if facts.quote else 0.01
    any_volume = preferences.volume and bool((np.nan_to_num(bars.volume) > 0).any())
    axis = 0 if width < SMALLEST_WIDTH else len(written.money(float(np.fmax.reduce(bars.high)), tick)) + 2
    room = room_in(width, height, axis=axis, volume=any_volume)
    shown = bars_that_fit(preferences, room.columns)
    count = bars.start.size
    back = min(max(preferences.back, 0), max(count - shown, 0))
    end = count - back
    sight = slice(max(end - shown, 0), end)
    session = facts.quote.security.session if facts.quote else SessionName.NYSE
    local = bars.start if is_dated(bars) else local_days(bars.start, session)
    vwap = session_vwap(bars, local) if preferences.vwap and bars.seconds < DAILY else np.full(count, math.nan)
    bands = _bands(facts.quote) if preferences.expected_move and bars.seconds < DAILY else ()
    extent = np.concatenate([bars.high[sight], bars.low[sight], bars.close[sight], np.array([band.price for band in bands])])
    levels = levels_of(facts.exposure, facts.expirations) if preferences.levels else ()
    drawn = in_sight(levels, Scale.around(extent))
    bands += tuple(Band(level.price, level.text, written.money(level.price, tick), level.tone) for level in drawn)
    extent = np.concatenate([extent, np.array([level.price for level in drawn])])
    scale = Scale.around(extent, logarithmic=preferences.logarithmic)
    if scale is None:
        return None
    marks = ticks(scale.low, scale.high, max(room.rows // 4, 2))
    digits = max(tick_digits(marks), 0 if scale.high >= 10_000 else 2)
    crosshair = _crosshair(preferences, count, sight)
    chosen = count - 1 if crosshair is None else sight.start + crosshair
    last = float(bars.close[-1])
    volume = bars.volume[sight]
    return ChartView(
        kind=preferences.kind,
        pitch=pitch_of(preferences),
        room=room,
        open=bars.open[sight],
        high=bars.high[sight],
        low=bars.low[sight],
        close=bars.close[sight],
        volume=volume,
        vwap=vwap[sight],
        sessions=local[sight] // DAY_NS,
        scale=scale,
        price_marks=tuple((mark, f"{mark:,.{digits}f}") for mark in marks),
        time_marks=_time_marks(local[sight], bars.seconds, preferences, at_start=sight.start == 0),
        bands=bands,
        last=last,
        last_text=written.money(last, tick),
        last_rises=_rises(bars, count - 1),
        in_sight=back == 0,
        crosshair=crosshair,
        crosshair_text=written.money(float(bars.close[chosen]), tick),
        readout=_readout(bars, local, vwap, chosen, tick, is_crosshair=crosshair is not None),
        volume_top=float(np.nanmax(volume)) if (np.nan_to_num(volume) > 0).any() else math.nan,
        notes=(
            *((lacking(facts.exposure), beyond(levels, drawn, last)) if preferences.levels else ()),
            *_notes(bars, preferences, vwap[sight], any_volume=any_volume),
        ),
    )


def _rises(bars: BarTable, place: int) -> bool:
    opened, close = float(bars.open[place]), float(bars.close[place])
    return close >= opened if math.isfinite(opened) else place == 0 or close >= float(bars.close[place - 1])


def _bands(quote: Quote | None) -> tuple[Band, ...]:
    """One standard deviation, to the end of one calendar day, around the last close."""
    if quote is None or not (math.isfinite(quote.expected_move_day) and math.isfinite(quote.previous_close)):
        return ()
    close, move = quote.previous_close, quote.expected_move_day
    tick = quote.security.tick
    return tuple(
        Band(price, text, written.money(price, tick))
        for price, text in ((close + move, "+1σ 1d"), (close, "last close"), (close - move, "-1σ 1d"))
    )


def _crosshair(preferences: ChartPreferences, count: int, sight: slice) -> int | None:
    if preferences.crosshair is None:
        return None
    place = count - 1 - preferences.crosshair
    return int(min(max(place, sight.start), sight.stop - 1) - sight.start)


def _readout(bars: BarTable, local: Longs, vwap: Floats, place: int, tick: float, *, is_crosshair: bool) -> Readout:
    before = float(bars.close[place - 1]) if place else math.nan
    close = float(bars.close[place])
    change = close - before
    when = from_nanos(int(local[place]))
    daily = bars.seconds >= DAILY
    return Readout(
        when=f"{when:%a} {written.day(when.date())}" if daily else f"{written.day(when.date())[:6]} {when:%H:%M}",
        open=written.money(float(bars.open[place]), tick),
        high=written.money(float(bars.high[place]), tick),
        low=written.money(float(bars.low[place]), tick),
        close=written.money(close, tick),
        change=change,
        change_text=f"{written.signed(change)} {written.signed_percent(change / before if before else math.nan)}",
        volume=written.compact(float(bars.volume[place])),
        vwap=written.money(float(vwap[place]), tick),
        is_crosshair=is_crosshair,
    )


def _notes(bars: BarTable, preferences: ChartPreferences, vwap: Floats, *, any_volume: bool) -> tuple[str, ...]:
    found = []
    if preferences.volume and not any_volume:
        found.append("no volume")
    if preferences.vwap and bars.seconds < DAILY and any_volume and not np.isfinite(vwap).any():
        found.append("no VWAP: the session's open is not among the bars")
    if preferences.logarithmic:
        found.append("log")
    if not bars.complete:
        found.append("last bar growing")
    return tuple(found)


def _time_marks(local: Longs, seconds: int, preferences: ChartPreferences, *, at_start: bool) -> tuple[TimeMark, ...]:
    """Labels that leave each other room: partings (a new day, or a new month of daily bars) first, round times between them."""
    if not local.size:
        return ()
    per_column = pitch_of(preferences) / (1 if preferences.kind is ChartKind.CANDLES else 2)
    day = local // DAY_NS
    if seconds >= DAILY:
        month = local.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
        parting = _changes(month)
        if len(parting) > 1 and parting[1] * per_column < LABEL_ROOM:
            parting = parting[1:]  # the end of a month would take the room of the whole one after it
        labels = {place: _month(int(local[place]), first=place == parting[0]) for place in parting}
        between: list[int] = []
    else:
        parting = _changes(day)
        labels = {place: written.day(from_nanos(int(local[place])).date())[:6] for place in parting}
        step = _clock_step(per_column, seconds) * MINUTE_NS
        inside = local % DAY_NS
        rounded = (inside // step != np.concatenate([[-1], inside[:-1] // step])) & (inside % step < seconds * SECOND_NS)
        between = [int(place) for place in np.flatnonzero(rounded) if int(place) not in labels]
        labels |= {place: f"{from_nanos(int(local[place])):%H:%M}" for place in between}
    if not at_start and parting and parting[0] == 0 and seconds < DAILY:
        parting = parting[1:]
        labels.pop(0, None)
    if not parting and not between:
        labels[0] = written.day(from_nanos(int(local[0])).date())[:6]
        parting = [0]
    return _spread(sorted(parting), sorted(between), labels, per_column)


def _changes(values: Any) -> list[int]:
    return [0, *(int(place) for place in np.flatnonzero(values[1:] != values[:-1]) + 1)]


def _month(instant: int, *, first: bool) -> str:
    when = from_nanos(instant)
    return f"{when:%b}{when:%y}" if first or when.month == 1 else f"{when:%b}"


def _clock_step(columns_a_bar: float, seconds: int) -> int:
    """Minutes between two labels so that they do not touch."""
    columns_a_minute = columns_a_bar * 60 / seconds
    return next((step for step in (5, 10, 15, 30, 60, 120, 240) if step * columns_a_minute >= LABEL_ROOM and step * 60 >= seconds), 390)


def _spread(parting: list[int], between: list[int], labels: dict[int, str], per_column: float) -> tuple[TimeMark, ...]:
    """Marks in order; a label too near to one that stands already is left out, its line is not."""
    taken: list[float] = []
    kept: dict[int, str] = {}
    for place in (*parting, *between):
        column = place * per_column
        if all(abs(column - other) >= LABEL_ROOM - 1 for other in taken):
            taken.append(column)
            kept[place] = labels.get(place, "")
    parts = set(parting) - {0}
    return tuple(TimeMark(place, kept.get(place, ""), place in parts) for place in sorted({*kept, *parts}))
