"""Which strikes of an expiry are shown: a rule around the spot, that holds still until the spot has really moved on."""

from enum import StrEnum

import numpy as np
from msgspec import Struct

from engine.domain.chain import ChainSlice
from engine.domain.columns import Floats
from engine.domain.errors import BadInput


class Kind(StrEnum):
    """What the width of the window is counted in."""

    STRIKES = "strikes"
    DELTA = "delta"
    PERCENT = "percent"
    DEVIATIONS = "deviations"
    MOVE = "expected move"
    ALL = "all"


_FIRST = {Kind.STRIKES: 9.0, Kind.DELTA: 0.10, Kind.PERCENT: 5.0, Kind.DEVIATIONS: 2.0, Kind.MOVE: 1.0, Kind.ALL: 0.0}
_STEP = {Kind.STRIKES: 1.0, Kind.DELTA: 0.05, Kind.PERCENT: 1.0, Kind.DEVIATIONS: 0.5, Kind.MOVE: 0.5, Kind.ALL: 0.0}
_BOUNDS = {
    Kind.STRIKES: (1.0, 400.0),
    Kind.DELTA: (0.01, 0.45),
    Kind.PERCENT: (1.0, 100.0),
    Kind.DEVIATIONS: (0.5, 8.0),
    Kind.MOVE: (0.5, 8.0),
    Kind.ALL: (0.0, 0.0),
}


class Rule(Struct, frozen=True):
    """A kind and a width: 9 strikes either side, deltas of 0.10 and more, 5 % either side."""

    kind: Kind = Kind.STRIKES
    size: float = 9.0

    @property
    def label(self) -> str:
        match self.kind:
            case Kind.STRIKES:
                return f"±{self.size:.0f} strikes"
            case Kind.DELTA:
                return f"Δ ≥ {self.size:.2f}".replace("0.", ".")
            case Kind.PERCENT:
                return f"±{self.size:g}%"
            case Kind.DEVIATIONS:
                return f"±{self.size:g} SD"
            case Kind.MOVE:
                return f"±{self.size:g} EM"
            case Kind.ALL:
                return "all strikes"

    @property
    def word(self) -> str:
        """The rule as it is typed."""
        match self.kind:
            case Kind.STRIKES:
                return f"±{self.size:.0f}"
            case Kind.DELTA:
                return f"Δ{self.size:g}"
            case Kind.PERCENT:
                return f"{self.size:g}%"
            case Kind.DEVIATIONS:
                return f"{self.size:g}SD"
            case Kind.MOVE:
                return f"{self.size:g}EM"
            case Kind.ALL:
                return "ALL"

    def wider(self, steps: int) -> "Rule":
        """More strikes (or, with a negative step, fewer) within what makes sense."""
        low, high = _BOUNDS[self.kind]
        sign = -1 if self.kind is Kind.DELTA else 1
        step = _STEP[self.kind] * (1 if self.size < 20 or self.kind is not Kind.STRIKES else 5)
        return Rule(self.kind, float(min(max(self.size + sign * steps * step, low), high)))

    def next_kind(self) -> "Rule":
        """The next way of counting, at its usual width."""
        kinds = list(Kind)
        kind = kinds[(kinds.index(self.kind) + 1) % len(kinds)]
        return Rule(kind, _FIRST[kind])


def read_rule(word: str) -> Rule | None:
    """A rule as it is typed: ``±15``, ``Δ10``, ``D.10``, ``5%``, ``2SD``, ``EM``, ``2EM``, ``ALL``; None for any other word."""
    text = word.upper().replace("±", "").replace("+-", "")
    kind, number = Kind.STRIKES, text
    if text == "ALL":
        return Rule(Kind.ALL, 0.0)
    if text.startswith(("Δ", "D")):
        kind, number = Kind.DELTA, text[1:]
    else:
        for ending, found in (("%", Kind.PERCENT), ("SD", Kind.DEVIATIONS), ("EM", Kind.MOVE)):
            if text.endswith(ending):
                kind, number = found, text.removesuffix(ending) or f"{_FIRST[found]}"
        if kind is Kind.STRIKES and word == text:
            return None
    try:
        size = float(number)
    except ValueError:
        return None
    if kind is Kind.DELTA and size >= 1:
        size /= 100
    low, high = _BOUNDS[kind]
    if not low <= size <= high:
        raise BadInput(f"{word} is too wide or too narrow: {kind.value} from {low:g} to {high:g}")
    return Rule(kind, size)


class Span(Struct, frozen=True):
    """Strikes ``first`` to ``last``, both shown."""

    first: int
    last: int

    @property
    def rows(self) -> int:
        return self.last - self.first + 1


def ideal_span(rule: Rule, piece: ChainSlice) -> Span:
    """The strikes a rule shows just now; where the numbers it needs are unknown it counts strikes."""
    strikes, spot = piece.strikes, piece.summary.spot
    count = len(strikes)
    if rule.kind is Kind.ALL or not count:
        return Span(0, count - 1)
    middle = nearest(strikes, spot if np.isfinite(spot) else piece.summary.forward)
    inside = _inside(rule, piece)
    if inside is None or not inside.any():
        size = int(rule.size) if rule.kind is Kind.STRIKES else int(_FIRST[Kind.STRIKES])
        return Span(max(0, middle - size), min(count - 1, middle + size))
    shown = np.flatnonzero(inside)
    return Span(min(int(shown[0]), middle), max(int(shown[-1]), middle))


def _inside(rule: Rule, piece: ChainSlice) -> np.ndarray[tuple[int], np.dtype[np.bool_]] | None:
    strikes, summary = piece.strikes, piece.summary
    match rule.kind:
        case Kind.DELTA:
            call = piece.delta[0]
            with np.errstate(invalid="ignore"):
                inside: np.ndarray[tuple[int], np.dtype[np.bool_]] = (call >= rule.size) & (call <= 1 - rule.size)
            return inside
        case Kind.PERCENT:
            return np.asarray(np.abs(strikes / summary.spot - 1) <= rule.size / 100 + 1e-12)
        case Kind.DEVIATIONS:
            return np.asarray(np.abs(deviations(piece)) <= rule.size + 1e-12)
        case Kind.MOVE:
            return np.asarray(np.abs(strikes - summary.spot) <= rule.size * summary.expected_move + 1e-12)
        case _:
            return None


def deviations(piece: ChainSlice) -> Floats:
    """How many standard deviations each strike lies from the forward: ln(K / F) / (atm iv * sqrt(T)); NaN where unknown."""
    summary = piece.summary
    width = summary.atm_iv * np.sqrt(max(summary.years, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.log(piece.strikes / summary.forward) / (width if width > 0 else np.nan)
    return found


def nearest(strikes: Floats, price: float) -> int:
    """The strike next to a price; the middle one where the price is unknown."""
    if not np.isfinite(price):
        return len(strikes) // 2
    return int(np.argmin(np.abs(strikes - price)))


def settle(rule: Rule, piece: ChainSlice, held: Span | None, keep: int | None = None) -> Span:
    """The strikes to show: the ones held while the ideal has moved by little.

    ``keep`` is the strike under a cursor that was placed by hand: while it is there, and the spot inside, nothing moves.
    """
    ideal = ideal_span(rule, piece)
    span = ideal
    fits = held is not None and 0 <= held.first <= held.last < len(piece.strikes)
    if held is not None and fits and keep is not None and held.first <= keep <= held.last:
        middle = nearest(piece.strikes, piece.summary.spot)
        if held.first < middle < held.last:
            return held
    if held is not None and fits:
        slack = max(1, ideal.rows // 6)
        same_width = abs(held.rows - ideal.rows) <= (0 if rule.kind is Kind.STRIKES else slack)
        at_edge = ideal.first == 0 or ideal.last == len(piece.strikes) - 1
        if (same_width or at_edge) and abs(held.first - ideal.first) <= slack and abs(held.last - ideal.last) <= slack:
            span = held
    if keep is not None and 0 <= keep < len(piece.strikes):
        span = Span(min(span.first, keep), max(span.last, keep))
    return span
