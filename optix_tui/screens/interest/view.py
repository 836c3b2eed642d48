"""What OMST shows: volume or open interest by strike and expiry, added up over calls and puts as chosen, with totals at the margins."""

from enum import StrEnum
from math import isfinite
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from engine.domain.columns import Floats, Longs
from engine.domain.instruments import OptionSeries
from engine.messages.flow import InterestMap
from optix_tui import format as written
from optix_tui.screens.axis import strike_step
from optix_tui.screens.flow.day import volume_of

SPAN = 0.12
"""The part of the spot, each way, that the screen covers unless more or fewer strikes are asked for."""
COVERED = 0.7
"""The least part of it that is in sight at once: a finer step tells more than the last strikes, which are a few rows away."""
ZOOMS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
MIDDLE_ZOOM = 2
HOTTEST = 98.5
"""Percentile at which colours end: one giant strike must not wash out all others."""


class Layer(StrEnum):
    """What is shown."""

    INTEREST = "open interest"
    VOLUME = "volume"
    RATIO = "V/OI"
    CHANGE = "ΔOI"


class Rights(StrEnum):
    """Of which options."""

    ALL = "calls + puts"
    CALLS = "calls"
    PUTS = "puts"
    NET = "calls − puts"


LAYER_WORDS = {"OI": Layer.INTEREST, "VOLUME": Layer.VOLUME, "VOI": Layer.RATIO, "CHANGE": Layer.CHANGE}
RIGHTS_WORDS = {"ALL": Rights.ALL, "CALLS": Rights.CALLS, "PUTS": Rights.PUTS, "NET": Rights.NET}


class InterestPreferences(Struct, frozen=True, kw_only=True):
    """What the user chose."""

    layer: Layer = Layer.INTEREST
    rights: Rights = Rights.ALL
    is_finer: bool = False
    zoom: int = MIDDLE_ZOOM
    column: int = 0
    """The expiry under the cursor."""


class Sides(NamedTuple):
    """Calls and puts in one shape."""

    calls: Floats
    puts: Floats
    both: Floats | None = None
    """Of both together, where that is not their sum: a ratio."""


class InterestView(Struct, frozen=True, kw_only=True):
    """The picture: rows from the highest strike down."""

    symbol: str
    levels: Floats
    """The lowest strike of each row."""
    step: float
    """Strikes of one row lie within so much."""
    spot: float
    spot_row: int
    series: tuple[OptionSeries, ...]
    days: tuple[int, ...]
    values: Floats
    """Rows by expiries, as chosen; NaN is unknown or not listed."""
    heat: Floats
    """-1 to 1, of the hottest."""
    by_strike: Sides
    """Of the layer, over all expiries."""
    strike_totals: Floats
    """The same, as chosen."""
    by_expiry: Floats
    """Of the whole expiry, as chosen."""
    put_call: Floats
    """Puts over calls of each expiry, in the layer (of V/OI and ΔOI in open interest)."""
    preferences: InterestPreferences
    signed: bool
    note: str
    """Why there is nothing to show."""
    told: str
    """What the layer stands on."""
    shares: bool
    """Some row holds more than one strike."""
    volume_of: str
    """The day of the volumes where it is an earlier one."""
    volume: Sides
    """By row and expiry, as the next two: for the line that reads the cursor's place."""
    interest: Sides
    change: Sides


def present(interest: InterestMap | None, preferences: InterestPreferences, *, rows: int) -> InterestView | None:
    """The picture with about ``rows`` rows on the screen; None until it is known."""
    if interest is None:
        return None
    step = step_of(interest, rows, ZOOMS[min(max(preferences.zoom, 0), len(ZOOMS) - 1)])
    levels, row_of = _rows(interest.strikes, step)
    kinds = {
        "volume": Sides(interest.call_volume, interest.put_volume),
        "interest": Sides(interest.call_open_interest, interest.put_open_interest),
        "change": Sides(interest.call_change, interest.put_change),
    }
    shown = kinds | (_known_together(kinds["volume"], kinds["interest"]) if preferences.layer is Layer.RATIO else {})
    cells = {name: _by_cell(sides, row_of, levels.size) for name, sides in shown.items()}
    strikes = {name: Sides(_known_sum(sides.calls, 1), _known_sum(sides.puts, 1)) for name, sides in cells.items()}
    expiries = {name: Sides(_known_sum(sides.calls, 0), _known_sum(sides.puts, 0)) for name, sides in shown.items()}
    values = chosen(layered(cells, preferences.layer), preferences.rights)
    base = kinds["volume"] if preferences.layer is Layer.VOLUME else kinds["interest"]
    signed = preferences.rights is Rights.NET or preferences.layer is Layer.CHANGE
    return InterestView(
        symbol=interest.symbol,
        levels=levels,
        step=step,
        spot=interest.spot,
        spot_row=_spot_row(levels, interest.spot),
        series=interest.series,
        days=tuple(interest.days.tolist()),
        values=values,
        heat=heat_of(values),
        by_strike=layered(strikes, preferences.layer),
        strike_totals=chosen(layered(strikes, preferences.layer), preferences.rights),
        by_expiry=chosen(layered(expiries, preferences.layer), preferences.rights),
        put_call=_ratio(_known_sum(base.puts, 0), _known_sum(base.calls, 0)),
        preferences=preferences,
        signed=signed,
        note=_note(interest, preferences, values),
        told=_told(interest, preferences),
        shares=levels.size < interest.strikes.size,
        volume_of=volume_of(interest.totals),
        volume=_by_cell(kinds["volume"], row_of, levels.size),
        interest=_by_cell(kinds["interest"], row_of, levels.size),
        change=cells["change"],
    )


def _by_cell(sides: Sides, row: Longs, count: int) -> Sides:
    return Sides(_added(sides.calls, row, count), _added(sides.puts, row, count))


def _known_together(volume: Sides, interest: Sides) -> dict[str, Sides]:
    """Of a ratio both parts: a contract of which one is unknown would count in one sum and be missing in the other."""
    calls, puts = (np.isfinite(one) & np.isfinite(other) for one, other in ((volume.calls, interest.calls), (volume.puts, interest.puts)))
    return {
        name: Sides(np.where(calls, of.calls, np.nan), np.where(puts, of.puts, np.nan))
        for name, of in (("volume", volume), ("interest", interest))
    }


def step_of(interest: InterestMap, rows: int, zoom: float) -> float:
    """The round step that lets the screen cover its span of the spot, or all that is listed; never finer than strikes near the spot."""
    strikes = interest.strikes
    if strikes.size < 2:
        return 1.0
    spot = interest.spot if isfinite(interest.spot) else float(np.median(strikes))
    near = strikes[np.abs(strikes - spot) <= SPAN * spot]
    finest = float(np.diff(near if near.size > 1 else strikes).min())
    span = min(2 * SPAN * spot * zoom, float(np.ptp(strikes)))
    return strike_step(COVERED * span / max(rows, 1), finest)


def _rows(strikes: Floats, step: float) -> tuple[Floats, Longs]:
    """The lowest price of each row from the top, those in between that hold no strike left out, and the row of each strike."""
    place = np.floor(strikes / step + 1e-9).astype(np.int64)
    kept, row = np.unique(place, return_inverse=True)
    return kept[::-1].astype(np.float64) * step, (kept.size - 1 - row.reshape(-1)).astype(np.int64)


def _added(matrix: Floats, row: Longs, count: int) -> Floats:
    """Strikes of one row added up; NaN where none of them is known."""
    sums, known = np.zeros((count, matrix.shape[1])), np.zeros((count, matrix.shape[1]), dtype=np.bool_)
    np.add.at(sums, row, np.nan_to_num(matrix))
    np.logical_or.at(known, row, np.isfinite(matrix))
    return np.where(known, sums, np.nan)


def _known_sum(matrix: Floats, axis: int) -> Floats:
    return np.where(np.isfinite(matrix).any(axis=axis), np.nansum(matrix, axis=axis), np.nan)


def _ratio(part: Floats, whole: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0.0, part / whole, np.nan)


def layered(kinds: dict[str, Sides], layer: Layer) -> Sides:
    """Calls and puts of a layer."""
    match layer:
        case Layer.VOLUME:
            return kinds["volume"]
        case Layer.CHANGE:
            return kinds["change"]
        case Layer.RATIO:
            volume, interest = kinds["volume"], kinds["interest"]
            both = _ratio(added(volume), added(interest))
            return Sides(_ratio(volume.calls, interest.calls), _ratio(volume.puts, interest.puts), both)
        case _:
            return kinds["interest"]


def added(sides: Sides) -> Floats:
    """Calls and puts together; what is known of one counts where the other is not listed."""
    known = np.isfinite(sides.calls) | np.isfinite(sides.puts)
    return np.where(known, np.nan_to_num(sides.calls) + np.nan_to_num(sides.puts), np.nan)


def chosen(sides: Sides, rights: Rights) -> Floats:
    """Of the rights chosen; the difference is known only where both are."""
    match rights:
        case Rights.CALLS:
            return sides.calls
        case Rights.PUTS:
            return sides.puts
        case Rights.NET:
            return sides.calls - sides.puts
        case _:
            return sides.both if sides.both is not None else added(sides)


def heat_of(values: Floats) -> Floats:
    """-1 to 1 by the size of the hottest few."""
    known = np.abs(values[np.isfinite(values)])
    known = known[known > 0]
    most = float(np.percentile(known, HOTTEST)) if known.size else 0.0
    if most <= 0.0:
        return np.where(np.isfinite(values), 0.0, np.nan)
    found: Floats = np.clip(np.sign(values) * np.sqrt(np.abs(values) / most), -1.0, 1.0)
    return found


def _spot_row(levels: Floats, spot: float) -> int:
    """The first row from the top that begins at or under the spot."""
    if not isfinite(spot) or not levels.size:
        return levels.size // 2
    below = np.flatnonzero(levels <= spot)
    return int(below[0]) if below.size else levels.size - 1


def _note(interest: InterestMap, preferences: InterestPreferences, values: Floats) -> str:
    if not interest.strikes.size:
        return "no option of this name is listed"
    if np.isfinite(values).any():
        return ""
    if preferences.layer is Layer.CHANGE:
        return "the change of open interest needs a stored session before this one, and none is stored yet"
    return f"no {preferences.layer.value} of any option is known yet"


def _told(interest: InterestMap, preferences: InterestPreferences) -> str:
    day = volume_of(interest.totals)
    match preferences.layer:
        case Layer.VOLUME:
            return f"volume of {day}, none told of today yet" if day else "the day's volume, as the venue says it"
        case Layer.RATIO:
            return f"volume of {day} / last session's OI" if day else "the day's volume / last session's OI"
        case Layer.CHANGE:
            return f"OI against {written.moment(interest.compared_with)}" if interest.compared_with else "no session before is stored"
        case _:
            return "open interest of the last session, contracts"


def level_text(level: float) -> str:
    """A row by its lowest strike."""
    return written.strike(level)


def value_text(value: float, layer: Layer, *, signed: bool) -> str:
    """A cell's number in six characters at most."""
    if not isfinite(value):
        return ""
    if layer is Layer.RATIO:
        return written.signed(value, 2) if signed else f"{value:.2f}"
    text = written.compact(abs(value), 5)
    return f"{'+' if value > 0 else '-' if value < 0 else ''}{text}" if signed else text
