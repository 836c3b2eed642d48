"""Coordinates of a name that are followed through time, in one spelling: ``atm:30``, ``rr25:30``, ``term:30:90``, ``pcr:volume``.

A measure is a kind and what it takes: calendar days to a constant maturity, or a choice. Volatilities are fractions a year.
"""

from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from engine.domain.errors import BadInput

MOST_DAYS = 3650
LONGEST_TEXT = 40


class MeasureUnit(StrEnum):
    """What a value of a measure is."""

    VOLATILITY = "fraction a year"
    DIFFERENCE = "fraction a year, signed"
    DOLLARS = "$ per 1 %"
    """Of spot for gamma; for one vol point of it in vanna, one calendar day in charm."""
    PRICE = "price of the underlying"
    RATIO = "ratio"
    NUMBER = "as published"


class MeasureKind(StrEnum):
    """What is measured."""

    ATM = "atm"
    RR25 = "rr25"
    BF25 = "bf25"
    RR10 = "rr10"
    BF10 = "bf10"
    INDEX = "index"
    REALISED = "rv"
    PREMIUM = "vrp"
    FORECAST = "forecast"
    RESIDUAL = "residual"
    FILTER = "ar"
    TERM = "term"
    GAMMA = "gex"
    VANNA = "vex"
    CHARM = "cex"
    FLIP = "flip"
    WALL = "wall"
    PUT_CALL = "pcr"
    LEVEL = "level"


class KindTerms(Struct, frozen=True, kw_only=True):
    """What a kind takes, and what it is."""

    words: str
    """With ``{0}`` and ``{1}`` for what it takes."""
    unit: MeasureUnit
    days: int = 0
    """So many maturities, in calendar days."""
    choices: tuple[str, ...] = ()


def _at(words: str, unit: MeasureUnit = MeasureUnit.DIFFERENCE) -> KindTerms:
    return KindTerms(words=words, unit=unit, days=1)


KINDS: dict[MeasureKind, KindTerms] = {
    MeasureKind.ATM: _at("volatility at the forward, {0} days", MeasureUnit.VOLATILITY),
    MeasureKind.RR25: _at("25-delta risk reversal, call less put, {0} days"),
    MeasureKind.BF25: _at("25-delta butterfly, {0} days"),
    MeasureKind.RR10: _at("10-delta risk reversal, call less put, {0} days"),
    MeasureKind.BF10: _at("10-delta butterfly, {0} days"),
    MeasureKind.INDEX: _at("VIX-style volatility, {0} days", MeasureUnit.VOLATILITY),
    MeasureKind.REALISED: _at("realised volatility, {0} days", MeasureUnit.VOLATILITY),
    MeasureKind.PREMIUM: _at("implied less realised volatility, {0} days"),
    MeasureKind.FORECAST: _at("forecast volatility, {0} days", MeasureUnit.VOLATILITY),
    MeasureKind.RESIDUAL: _at("implied volatility less its model's estimate, {0} days"),
    MeasureKind.FILTER: KindTerms(words="volatility of the newest minutes beyond their autoregression", unit=MeasureUnit.VOLATILITY),
    MeasureKind.TERM: KindTerms(words="volatility at {1} days less that at {0}", unit=MeasureUnit.DIFFERENCE, days=2),
    MeasureKind.GAMMA: KindTerms(words="dealers' gamma exposure, net", unit=MeasureUnit.DOLLARS),
    MeasureKind.VANNA: KindTerms(words="dealers' vanna exposure, net", unit=MeasureUnit.DOLLARS),
    MeasureKind.CHARM: KindTerms(words="dealers' charm exposure, net", unit=MeasureUnit.DOLLARS),
    MeasureKind.FLIP: KindTerms(words="spot at which the gamma exposure changes sign", unit=MeasureUnit.PRICE),
    MeasureKind.WALL: KindTerms(words="strike of the most {0} gamma exposure", unit=MeasureUnit.PRICE, choices=("positive", "negative")),
    MeasureKind.PUT_CALL: KindTerms(words="puts over calls by {0}", unit=MeasureUnit.RATIO, choices=("volume", "premium", "oi")),
    MeasureKind.LEVEL: KindTerms(words="level of a published index", unit=MeasureUnit.NUMBER),
}


class Measure(Struct, frozen=True, kw_only=True):
    """One coordinate."""

    kind: MeasureKind
    days: tuple[int, ...] = ()
    choice: str = ""

    @property
    def text(self) -> str:
        """The one spelling, as it is stored and typed."""
        return ":".join((self.kind.value, *(str(day) for day in self.days), *((self.choice,) if self.choice else ())))

    @property
    def unit(self) -> MeasureUnit:
        return KINDS[self.kind].unit

    @property
    def words(self) -> str:
        """What it is, for people."""
        return KINDS[self.kind].words.format(*(self.days or (self.choice,)))

    @property
    def in_percent(self) -> bool:
        """Volatilities and their differences: kept as fractions, shown in percent or vol points."""
        return self.unit in {MeasureUnit.VOLATILITY, MeasureUnit.DIFFERENCE}


@lru_cache(maxsize=1024)
def parse_measure(text: str) -> Measure:
    """A measure from its spelling, however it is cased and spaced; raises `BadInput` that says what there is."""
    head, *rest = [part.strip() for part in text.strip().lower()[: LONGEST_TEXT + 1].split(":")]
    if len(text.strip()) > LONGEST_TEXT or head not in {kind.value for kind in KINDS}:
        raise BadInput(f"{text[:LONGEST_TEXT]!r} is no measure: use one of {', '.join(spellings())}")
    kind = MeasureKind(head)
    terms = KINDS[kind]
    if len(rest) != terms.days + bool(terms.choices):
        raise BadInput(f"{text!r} is no measure: write {spelling(kind)}")
    if terms.choices and rest[0] not in terms.choices:
        raise BadInput(f"{text!r} is no measure: write {spelling(kind)}")
    days = tuple(_days(part, text, kind) for part in rest) if terms.days else ()
    if len(days) == 2 and days[0] >= days[1]:
        raise BadInput(f"{text!r} is no measure: the first maturity of a term slope is the nearer one, as in {kind.value}:30:90")
    return Measure(kind=kind, days=days, choice=rest[0] if terms.choices else "")


def spelling(kind: MeasureKind) -> str:
    """How a kind is written, with an example where it takes days."""
    terms = KINDS[kind]
    if terms.choices:
        return " or ".join(f"{kind.value}:{choice}" for choice in terms.choices)
    return ":".join((kind.value, *("30", "90")[: terms.days]))


def spellings() -> tuple[str, ...]:
    """How each kind is written."""
    return tuple(spelling(kind) for kind in KINDS)


def _days(part: str, text: str, kind: MeasureKind) -> int:
    if not (part.isascii() and part.isdigit()) or not 1 <= int(part) <= MOST_DAYS:
        raise BadInput(f"{text!r} is no measure: {part!r} is no number of days from 1 to {MOST_DAYS:,}; write {spelling(kind)}")
    return int(part)
