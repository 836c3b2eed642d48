"""Prints of options and shares: when, what, how much and who started it, drawn a half hour at a time so that volume is their sum."""

from typing import NamedTuple

import numpy as np

from engine.domain.columns import Bytes, Floats, Longs
from engine.domain.instants import DAY_NS, MINUTE_NS
from engine.domain.market import PrintFlag, Side
from plugins.synthetic.chance import key, normals, uniforms
from plugins.synthetic.name import Name
from plugins.synthetic.timeline import HALF_HOUR_NS, HALVES, SMILE_OF_DAY

SWEEPS, BLOCKS = 0.012, 0.0025
"""Shares of prints."""
MINUTES = 30


class Prints(NamedTuple):
    """Prints in their order."""

    at: Longs
    what: Longs
    """Of an option: row * count + strike of its chain; of a share 0."""
    size: Floats
    side: Bytes
    flags: Bytes

    def between(self, first: int, last: int) -> "Prints":
        """Those of places first to before last."""
        return Prints._make(column[first:last] for column in self)


NONE = Prints(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.int8), np.empty(0, np.int8))


def activity(name: Name, starts: Longs, open_at: Longs | int) -> Floats:
    """How busy half hours are against the average of their day."""
    if name.is_coin:
        return np.ones(len(starts))
    busy: Floats = SMILE_OF_DAY[np.clip((starts - open_at) // HALF_HOUR_NS, 0, HALVES - 1)] * HALVES
    return busy


def option_prints(name: Name, *, seed: int, start: int, busy: float, weights: Floats) -> Prints:
    """Prints of one half hour over the contracts of a chain, by weight; sweeps take several prints at one instant, blocks are large."""
    of = key(seed, "prints", name.symbol, start)
    luck = normals(of, 0)[0]
    count = int(name.dealing.prints * 1_800.0 * busy * np.exp(0.15 * luck) + uniforms(of, 1)[0])
    if count == 0:
        return NONE
    counters = 16 + 8 * np.arange(count)
    at = start + (np.sort(uniforms(of, counters)) * HALF_HOUR_NS).astype(np.int64)
    reach = np.cumsum(weights)
    what = np.minimum(np.searchsorted(reach, uniforms(of, counters + 1) * reach[-1]), len(weights) - 1)
    size = np.exp(1.1 * normals(of, counters + 2)) * name.dealing.lot
    side = uniforms(of, counters + 3)
    kind = uniforms(of, counters + 4)
    large = uniforms(of, counters + 5)
    block = kind > 1.0 - BLOCKS
    size = np.where(block, size * (30.0 + 120.0 * large), size)
    flags = np.where(block, int(PrintFlag.BLOCK), int(PrintFlag.PLAIN))
    sweep = kind < SWEEPS
    flags = np.where(sweep, int(PrintFlag.SWEEP), flags)
    parts = np.where(sweep, 3 + (4.0 * large).astype(np.int64), 1)
    size = np.where(sweep, size * (1.0 + 2.0 * large), size)
    whole = np.maximum(np.round(size, 1), 0.1) if name.is_coin else np.ceil(size)
    buyer = np.where(sweep, side < 0.62, side < 0.48)
    who = np.where(buyer, int(Side.BUY), np.where(~sweep & (side > 0.94), int(Side.UNKNOWN), int(Side.SELL)))
    return Prints(
        np.repeat(at, parts),
        np.repeat(what.astype(np.int64), parts),
        np.repeat(whole, parts),
        np.repeat(who, parts).astype(np.int8),
        np.repeat(flags, parts).astype(np.int8),
    )


def day_factors(name: Name, seed: int, at: Longs) -> Floats:
    """How much is traded on the days of given instants against the average."""
    return np.exp(0.22 * normals(key(seed, "day", name.symbol), at // DAY_NS))


def minute_volumes(name: Name, *, seed: int, starts: Longs, open_at: Longs | int) -> Floats:
    """Units of the underlying traded in each minute of half hours, one row each; when the day of each began."""
    places = (starts // MINUTE_NS)[:, None] + np.arange(MINUTES)
    spread = np.exp(0.35 * normals(key(seed, "minutes", name.symbol), places.ravel())).reshape(places.shape)
    share = name.dealing.shares / ((48 if name.is_coin else HALVES) * MINUTES)
    return share * (activity(name, starts, open_at) * day_factors(name, seed, starts))[:, None] * spread


def share_prints(name: Name, *, seed: int, start: int, open_at: int) -> Prints:
    """Prints of the underlying in one half hour; each minute's sizes share that minute's volume."""
    if name.dealing.shares == 0.0:
        return NONE
    of = key(seed, "shares", name.symbol, start)
    starts = np.array([start])
    busy = float(activity(name, starts, open_at)[0])
    each = max(2, round(name.dealing.share_prints * 60.0 * min(busy, 2.0)))
    counters = 4 * np.arange(MINUTES * each)
    inside = np.sort(uniforms(of, counters).reshape(MINUTES, each), axis=1)
    at = start + (np.arange(MINUTES)[:, None] + inside) * MINUTE_NS
    parts = np.square(np.log(uniforms(of, counters + 1))).reshape(MINUTES, each)
    size = minute_volumes(name, seed=seed, starts=starts, open_at=open_at)[0][:, None] * parts / parts.sum(axis=1, keepdims=True)
    size = np.maximum(np.round(size, 3), 0.001) if name.is_coin else np.maximum(np.round(size), 1.0)
    side = np.where(uniforms(of, counters + 2) < 0.5, int(Side.SELL), int(Side.BUY)).astype(np.int8)
    count = MINUTES * each
    return Prints(at.astype(np.int64).ravel(), np.zeros(count, np.int64), size.ravel(), side, np.zeros(count, np.int8))


class Tape:
    """Prints of one kind of one name, read forward; volume so far is kept."""

    def __init__(self, name: Name, *, seed: int, day_start: int, weights: Floats | None) -> None:
        self.name = name
        self.day_start = day_start
        """Its first half hour: the session's open, or a coin's midnight UTC."""
        self.weights = weights
        """By contract; None for the tape of the underlying."""
        self.volume: Floats = np.zeros(1 if weights is None else len(weights))
        self._seed = seed
        self._block = day_start
        self._drawn: dict[int, Prints] = {}
        self._read = 0
        self._quiet_until = 0
        """Nothing is printed before this instant."""

    def prepare(self, at: int) -> None:
        """Draws the half hour that holds an instant ahead of need."""
        block = self.day_start + (at - self.day_start) // HALF_HOUR_NS * HALF_HOUR_NS
        if block >= self._block and block not in self._drawn:
            self._drawn[block] = self._draw(block)

    def until(self, at: int, end: int) -> Prints:
        """Prints not read yet up to an instant, of half hours that begin before the day's end; they are counted."""
        if at < self._quiet_until:
            return NONE
        found: list[Prints] = []
        while self._block <= at and self._block < end:
            drawn = self._drawn.get(self._block)
            if drawn is None:
                drawn = self._drawn[self._block] = self._draw(self._block)
            last = int(np.searchsorted(drawn.at, at, side="right"))
            found.append(drawn.between(self._read, last))
            self._read = last
            self._quiet_until = int(drawn.at[last]) if last < len(drawn.at) else self._block + HALF_HOUR_NS
            if at < self._block + HALF_HOUR_NS:
                break
            self._drawn.pop(self._block)
            self._block += HALF_HOUR_NS
            self._read = 0
        prints = found[0] if len(found) == 1 else Prints._make(map(np.concatenate, zip(*found, strict=True))) if found else NONE
        if prints.at.size:
            self._count(prints)
        return prints

    def _draw(self, block: int) -> Prints:
        if self.weights is None:
            return share_prints(self.name, seed=self._seed, start=block, open_at=self.day_start)
        busy = float(activity(self.name, np.array([block]), self.day_start)[0])
        return option_prints(self.name, seed=self._seed, start=block, busy=busy, weights=self.weights)

    def _count(self, prints: Prints) -> None:
        if self.volume.size == 1:
            self.volume[0] += prints.size.sum()
        else:
            np.add.at(self.volume, prints.what, prints.size)
