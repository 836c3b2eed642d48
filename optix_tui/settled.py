"""Time passes: the expiry that a tile stands on settles, and the tile goes on with the next one, saying so."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from engine.domain.errors import BadInput
from engine.domain.ids import SeriesId, UtcNanos
from engine.domain.instruments import Settlement
from engine.domain.roots import make_series
from optix_tui import format as written


class Successor(NamedTuple):
    """The expiry to go on with."""

    series: SeriesId
    word: str
    """What is told of it."""


def has_settled(series: SeriesId, now: UtcNanos) -> bool:
    """Whether its settlement instant is past; False for what is no series."""
    parts = _parts(series)
    if parts is None or not now:
        return False
    root, expiry, settlement = parts
    try:
        return make_series(root=root, expiry=expiry, settlement=settlement).settles_at <= now
    except BadInput:
        return False


def successor(series: SeriesId, listed: Sequence[SeriesId], now: UtcNanos) -> Successor | None:
    """The next of the listed expiries (in the order they settle in), of the same root where there is one.

    None for one that is still listed, or is missing for another reason than that it has settled.
    """
    if series in listed or not has_settled(series, now):
        return None
    root = series.partition("/")[0]
    following = next((one for one in listed if one.partition("/")[0] == root), None) or next(iter(listed), None)
    return None if following is None else Successor(following, f"{_words(series)} has settled: {_words(following)} follows")


def _words(series: SeriesId) -> str:
    parts = _parts(series)
    return series if parts is None else f"{parts[0]} {written.day(parts[1])}"


def _parts(series: SeriesId) -> tuple[str, date, Settlement] | None:
    try:
        root, day, settlement = series.split("/")
        return root, date.fromisoformat(day), Settlement(settlement)
    except ValueError:
        return None
