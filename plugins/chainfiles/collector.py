"""Gathers the options of one file row by row: names checked, doubles resolved, nonsense counted with its reason and its first line."""

from collections import Counter
from datetime import date
from math import isnan, nan
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.domain.columns import codes, floats, ints, longs
from engine.domain.errors import BadInput
from engine.domain.ids import Symbol
from engine.domain.instruments import OptionSeries
from engine.domain.osi import parse_osi
from engine.domain.roots import make_series, root_terms
from plugins.chainfiles.model import Contracts, Skipped


class Row(Struct, kw_only=True):
    """One option as the file has it."""

    bid: float = nan
    ask: float = nan
    bid_size: float = nan
    ask_size: float = nan
    last: float = nan
    open: float = nan
    high: float = nan
    low: float = nan
    previous_close: float = nan
    volume: float = nan
    open_interest: float = nan
    iv: float = nan
    delta: float = nan
    last_at: int = 0


NUMBERS: Final = tuple(name for name in Row.__struct_fields__ if name != "last_at")
"""What a row says in numbers."""
_NEVER_NEGATIVE: Final = tuple(name for name in NUMBERS if name != "delta")


class _Key(Struct, frozen=True, order=True):
    expiry: date
    root: str
    strike: float
    right: int
    """0 call, 1 put: the order they are listed in."""


class Collector:
    """Takes rows in any order and gives the columns of a :class:`Contracts`."""

    def __init__(self, symbol: str = "") -> None:
        self.symbol = symbol.upper()
        """The underlying, where the file says it."""
        self.negative = 0
        self._rows: dict[tuple[str, date, str, str], tuple[_Key, Row]] = {}
        self._heads: dict[str, tuple[str, date] | None] = {}
        self._skipped: Counter[str] = Counter()
        self._first: dict[str, int] = {}

    def skip(self, line: int, reason: str) -> None:
        """Counts a row that cannot be used."""
        self._skipped[reason] += 1
        self._first.setdefault(reason, line)

    def add(self, line: int, name: str, row: Row, *, strike: float = nan, right: str = "") -> None:
        """Adds an option by its OSI name; where the row says strike or right beside it, they must agree."""
        name = name.strip().upper()
        head = self._head(name[:-9])
        digits = name[-8:]
        side = name[-9:-8]
        if head is None or side not in {"C", "P"} or not (digits.isascii() and digits.isdigit()):
            return self.skip(line, "no option's name" if name else "no contract's name")
        price = int(digits) / 1000
        if price <= 0:
            return self.skip(line, "a strike of zero")
        if abs(strike - price) > 0.0006:
            return self.skip(line, "strike and contract's name disagree")
        if right and right != side:
            return self.skip(line, "right and contract's name disagree")
        root, expiry = head
        place = (root, expiry, side, digits)
        if place in self._rows:
            self.skip(line, "the same contract again (the later row counts)")
        self._rows[place] = _Key(expiry, root, price, 0 if side == "C" else 1), row
        return None

    def _head(self, text: str) -> tuple[str, date] | None:
        """Root and expiry of a name without right and strike; None for what is none."""
        if text not in self._heads:
            try:
                parts = parse_osi(f"{text}C00001000")
                make_series(root=parts.root, expiry=parts.expiry)
            except BadInput:
                self._heads[text] = None
            else:
                self._heads[text] = parts.root, parts.expiry
        return self._heads[text]

    def finish(self) -> tuple[Symbol, tuple[OptionSeries, ...], Contracts]:
        """Everything in its order, of the one underlying most rows belong to; rows of others are counted as skipped."""
        entries = sorted(self._rows.values(), key=lambda entry: entry[0])
        families = Counter(root_terms(key.root).underlying for key, _ in entries)
        family = families.most_common(1)[0][0] if families else Symbol("")
        if len(families) > 1:
            self._skipped["of another underlying"] += sum(families.values()) - families[family]
            self._first.setdefault("of another underlying", 0)
            entries = [entry for entry in entries if root_terms(entry[0].root).underlying == family]
        symbol = Symbol(self.symbol or family)
        series = self._series(entries, symbol)
        table = {field: np.array([getattr(row, field) for _, row in entries], dtype=np.float64) for field in NUMBERS}
        self.negative = _without_negatives(table)
        return symbol, tuple(series.values()), _columns(entries, table, {key: index for index, key in enumerate(series)})

    @staticmethod
    def _series(entries: list[tuple[_Key, Row]], symbol: Symbol) -> dict[tuple[str, date], OptionSeries]:
        pairs = dict.fromkeys((key.root, key.expiry) for key, _ in entries)
        return {(root, expiry): make_series(root=root, expiry=expiry, underlying=symbol) for root, expiry in pairs}

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """Why rows were left out, the most frequent reason first."""
        return tuple(
            Skipped(reason=reason, count=count, first_line=self._first[reason])
            for reason, count in sorted(self._skipped.items(), key=lambda pair: (-pair[1], pair[0]))
        )


def _without_negatives(table: dict[str, NDArray[np.float64]]) -> int:
    """Takes numbers below zero out of columns that cannot have any, and counts them."""
    count = 0
    for field in _NEVER_NEGATIVE:
        below = table[field] < 0
        table[field][below] = nan
        count += int(below.sum())
    return count


def _columns(entries: list[tuple[_Key, Row]], table: dict[str, NDArray[np.float64]], places: dict[tuple[str, date], int]) -> Contracts:
    names = tuple(f"{key.root:<6}{key.expiry:%y%m%d}{'CP'[key.right]}{round(key.strike * 1000):08d}" for key, _ in entries)
    iv = table.pop("iv")
    delta = table.pop("delta")
    uncomputed = ~(iv > 0)
    return Contracts(
        name=names,
        series=ints([places[key.root, key.expiry] for key, _ in entries]),
        strike=floats([key.strike for key, _ in entries]),
        right=codes([1 - 2 * key.right for key, _ in entries]),
        vendor_iv=floats(np.where(uncomputed, nan, iv)),
        vendor_delta=floats(np.where((uncomputed & (delta == 0)) | (np.abs(delta) > 1), nan, delta)),
        last_at=longs([row.last_at for _, row in entries]),
        **{field: floats(column) for field, column in table.items()},
    )


def stated(*values: float) -> float:
    """The first number above zero, NaN where there is none: how vendors write "no price"."""
    return next((value for value in values if not isnan(value) and value > 0), nan)
