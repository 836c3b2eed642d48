"""Numbers as a trader reads them. What is unknown is written as a dash, never as zero."""

from datetime import date
from functools import lru_cache
from math import floor, isfinite, log10

from engine.domain.ids import UtcNanos
from engine.domain.instants import new_york

UNKNOWN = "—"
_SECOND = 1_000_000_000
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(256)
def decimals(tick: float) -> int:
    """Digits after the point that a price step needs: 2 for 0.05, 4 for 0.0005; at least 2 under 1, none from 1 on."""
    if not isfinite(tick) or tick <= 0:
        return 2
    if tick >= 1:
        return 0
    for digits in range(2, 9):
        if abs(tick * 10**digits - round(tick * 10**digits)) < 1e-6:
            return digits
    return 8


def price(value: float, tick: float = 0.01) -> str:
    """``11.70``, by the instrument's price step."""
    return f"{value:.{decimals(tick)}f}" if isfinite(value) else UNKNOWN


def money(value: float, tick: float = 0.01) -> str:
    """``6,058.25``: a price with thousands parted, for quotes of an underlying."""
    return f"{value:,.{decimals(tick)}f}" if isfinite(value) else UNKNOWN


def strike(value: float) -> str:
    """``605`` or ``602.5``: a strike with no more digits than it has."""
    if not isfinite(value):
        return UNKNOWN
    return f"{value:,.0f}" if value == round(value) and abs(value) >= 10_000 else f"{value:.4f}".rstrip("0").rstrip(".")


def whole(value: float) -> str:
    """``41,270``."""
    return f"{value:,.0f}" if isfinite(value) else UNKNOWN


def compact(value: float, width: int = 6) -> str:
    """``41.27M``: at most ``width`` characters, in full where it fits."""
    if not isfinite(value):
        return UNKNOWN
    plain = f"{value:,.0f}"
    if len(plain) <= width and abs(value) < 1e6:
        return plain
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size * 0.9995:
            scaled = value / size
            for digits in (2, 1, 0):
                written = f"{scaled:.{digits}f}{letter}"
                if len(written) <= width:
                    return written
            return f"{scaled:.0f}{letter}"
    return plain


def amount(value: float) -> str:
    """``+2.13bn``: a sum of money or shares with its sign, to three digits."""
    if not isfinite(value):
        return UNKNOWN
    for size, name in ((1e12, "tn"), (1e9, "bn"), (1e6, "mn"), (1e3, "k"), (1.0, "")):
        if abs(value) >= size * 0.9995:
            scaled = value / size
            return f"{scaled:+.{max(2 - floor(log10(abs(scaled)) + 1e-3), 0)}f}{name}"
    return f"{value:+.2f}" if value else "0"


def signed(value: float, digits: int = 2) -> str:
    """``+2.53``; zero carries no sign."""
    if not isfinite(value):
        return UNKNOWN
    written = f"{value:+,.{digits}f}"
    return written[1:] if not any(letter in "123456789" for letter in written) else written


def percent(fraction: float, digits: int = 1) -> str:
    """``13.4%`` of 0.134."""
    return f"{fraction * 100:.{digits}f}%" if isfinite(fraction) else UNKNOWN


def signed_percent(fraction: float, digits: int = 2) -> str:
    """``+0.42%`` of 0.0042."""
    return f"{signed(fraction * 100, digits)}%" if isfinite(fraction) else UNKNOWN


def points(fraction: float, digits: int = 1) -> str:
    """``13.4``: a volatility of 0.134 in points."""
    return f"{fraction * 100:.{digits}f}" if isfinite(fraction) else UNKNOWN


def small(value: float, digits: int = 2) -> str:
    """``.52`` or ``-.25``: a number under one without its zero, as deltas are written."""
    if not isfinite(value):
        return UNKNOWN
    written = f"{value:.{digits}f}"
    if written.startswith("-0."):
        return "-" + written[2:] if float(written) else written[2:]
    return written[1:] if written.startswith("0.") else written


def significant(value: float, digits: int = 3, width: int = 7) -> str:
    """``.0147``: so many significant digits, within ``width`` characters."""
    if not isfinite(value):
        return UNKNOWN
    if value == 0:
        return "0"
    places = max(0, digits - 1 - floor(log10(abs(value))))
    written = small(value, min(places, 8))
    return written if len(written) <= width else f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")


def arrow(value: float) -> str:
    """The direction as a mark, so that colour never says it alone."""
    if value > 0:
        return "▲"
    return "▼" if value < 0 else " "


def age(seconds: float) -> str:
    """``4s``, ``3m``, ``2h``, ``5d``: how old, in its largest unit."""
    if not isfinite(seconds):
        return UNKNOWN
    seconds = max(seconds, 0.0)
    if seconds < 60:
        return f"{seconds:.0f}s" if seconds >= 0.95 else f"{seconds * 1000:.0f}ms"
    for size, letter, limit in ((60, "m", 3600), (3600, "h", 172_800), (86_400, "d", float("inf"))):
        if seconds < limit:
            return f"{seconds / size:.0f}{letter}"
    return UNKNOWN


@lru_cache(4096)
def day(value: date) -> str:
    """``21-Nov-26``."""
    return f"{value.day:02d}-{_MONTHS[value.month - 1]}-{value.year % 100:02d}"


def clock(at: UtcNanos) -> str:
    """``14:32:07``, New York time."""
    return f"{new_york(at):%H:%M:%S}" if at > 0 else UNKNOWN


def minute(at: UtcNanos) -> str:
    """``14:32``, New York time."""
    return f"{new_york(at):%H:%M}" if at > 0 else UNKNOWN


def moment(at: UtcNanos) -> str:
    """``21-Nov-26 14:32:07``, New York time."""
    return f"{day(new_york(at).date())} {clock(at)}" if at > 0 else UNKNOWN


def seconds_between(earlier: UtcNanos, later: UtcNanos) -> float:
    """Seconds from one instant to another; NaN where one is unknown."""
    return (later - earlier) / _SECOND if earlier > 0 and later > 0 else float("nan")


def size_of(count: float) -> str:
    """``38.2 MB``: bytes."""
    if not isfinite(count):
        return UNKNOWN
    for size, letter in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= size:
            return f"{count / size:.1f} {letter}"
    return f"{count:.0f} B"
