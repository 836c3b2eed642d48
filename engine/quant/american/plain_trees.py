"""Trees with cash dividends in the numpy tier: those that begin at the same level side by side."""

from collections import defaultdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.quant.arrays import Floats, Indices
from engine.quant.formulas.american_tree import build_tree
from engine.quant.numpy_tier import PRIMITIVES

BLOCK = 64
"""Rows at a time: a level of 100 kB."""
_formulas = build_tree(PRIMITIVES)


def trees(
    rows: Floats,
    leads: NDArray[np.int64],
    begins: NDArray[np.int64],
    places: Floats,
    amounts: Floats,
    steps: int,
    early: int,
    out: Floats,
) -> None:
    """Price, delta and gamma of (spots, strikes, years, vols, rates, yields, signs); see the compiled loop of the same name."""
    with np.errstate(all="ignore"):
        for lead in np.unique(leads):
            alike = np.flatnonzero(leads == lead)
            for start in range(0, alike.size, BLOCK):
                block = alike[start : start + BLOCK]
                schedule = _schedule(block, begins, places, amounts)
                out[:, block] = _block(rows[:, block], int(lead), schedule, steps, early)


class _Paying(NamedTuple):
    """The dividends that fall between one level and the next."""

    rows: Indices
    """Of the block."""
    shares: Floats
    """How far the last of them is towards the later level, a row."""
    rounds: Floats
    """(rounds, rows): amounts, the last one first; 0 where a row has fewer."""


def _schedule(block: Indices, begins: NDArray[np.int64], places: Floats, amounts: Floats) -> dict[int, _Paying]:
    """By level."""
    found: defaultdict[int, dict[int, list[int]]] = defaultdict(dict)
    for place, row in enumerate(block):
        for k in range(begins[row + 1] - 1, begins[row] - 1, -1):
            found[int(places[k])].setdefault(place, []).append(k)
    schedule = {}
    for level, entries in found.items():
        rounds = np.zeros((max(len(ks) for ks in entries.values()), len(entries)))
        for column, ks in enumerate(entries.values()):
            rounds[: len(ks), column] = amounts[ks]
        shares = np.array([places[ks[0]] - level for ks in entries.values()])
        schedule[level] = _Paying(np.array(list(entries)), shares, rounds)
    return schedule


class _Lattice(NamedTuple):
    """Nodes of some rows; every number a column."""

    powers: Floats
    ratio: Floats
    up: Floats
    down: Floats
    strikes: Floats
    signs: Floats
    early: int

    def of(self, rows: Indices) -> "_Lattice":
        powers, ratio, up, down, strikes, signs = (part[rows] for part in self[:6])
        return _Lattice(powers, ratio, up, down, strikes, signs, self.early)

    def exercised(self, base: Floats, nodes: int) -> Floats:
        """What exercise pays; nothing where it is not allowed."""
        if not self.early:
            return np.zeros((1, 1))
        result: Floats = self.signs * (base * self.powers[:, :nodes] - self.strikes)
        return result

    def rolled_back(self, values: Floats, base: Floats) -> Floats:
        held = self.up * values[:, 1:] + self.down * values[:, :-1]
        return np.maximum(held, self.exercised(base, held.shape[1])) if self.early else held

    def before_payment(self, values: Floats, base: Floats, amounts: Floats, bottom: Floats) -> Floats:
        """Values just before the share falls by the amounts; ``bottom`` is the value of a worthless share."""
        nodes = values.shape[1]
        place = (base * self.powers[:, :nodes] - amounts) / base
        low = place < 1.0
        first = np.clip((np.log(np.where(low, 1.0, place)) / np.log(self.ratio)).astype(np.intp) - 1, 0, nodes - 4)
        around = (np.take_along_axis(values, first + k, axis=1) for k in range(4))
        cubic = _formulas.cubic(place / np.take_along_axis(self.powers, first, axis=1), _formulas.divisors(self.ratio), *around)
        linear = bottom + (values[:, :1] - bottom) * np.maximum(place, 0.0)
        return np.maximum(np.maximum(np.where(low, linear, cubic), 0.0), self.exercised(base, nodes))


def _block(rows: Floats, lead: int, schedule: dict[int, _Paying], steps: int, early: int) -> Floats:
    spots, strikes, years, vols, rates, yields, signs = (row[:, None] for row in rows)
    count = steps + lead
    base, fall, ratio, up, down = _formulas.terms(spots, strikes, years, vols, rates, yields, float(steps), float(lead))
    powers = np.cumprod(np.concatenate([np.ones_like(ratio), np.repeat(ratio, count, axis=1)], axis=1), axis=1)
    lattice = _Lattice(powers, ratio, up, down, strikes, signs, early)
    values = np.maximum(signs * (base * powers - strikes), 0.0)
    rise = 1.0 / fall
    for level in range(count - 1, lead - 1, -1):
        later, base = base, base * rise
        rolled = lattice.rolled_back(values, base)
        paying = schedule.get(level)
        if paying is not None:
            some, chosen = paying.rows, lattice.of(paying.rows)
            waiting = np.exp(-rates[some] * (years[some] / steps) * (count - level))
            bottom = np.where(signs[some] < 0.0, strikes[some] * (np.maximum(waiting, 1.0) if early else waiting), 0.0)
            sooner, late = rolled[some], values[some]
            for amounts in paying.rounds[:, :, None]:
                sooner = np.where(amounts > 0.0, chosen.before_payment(sooner, base[some], amounts, bottom), sooner)
                late = np.where(amounts > 0.0, chosen.before_payment(late, later[some], amounts, bottom), late)
            late = chosen.rolled_back(late, base[some])
            rolled[some] = sooner + paying.shares[:, None] * (late - sooner)
        values = rolled
    middle = lead // 2
    below, above = (base * powers[:, place : place + 1] for place in (middle - 1, middle + 1))
    centre = values[:, middle : middle + 1]
    falling = (centre - values[:, middle - 1 : middle]) / (spots - below)
    rising = (values[:, middle + 1 : middle + 2] - centre) / (above - spots)
    deltas = (falling * (above - spots) + rising * (spots - below)) / (above - below)
    return np.concatenate([centre, deltas, 2.0 * (rising - falling) / (above - below)], axis=1).T
