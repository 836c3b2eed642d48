"""Option flow: where a print met its quote, and which prints somebody wants to see, in one spelling for screen, command line and event."""

import re
from enum import IntEnum, StrEnum
from math import isfinite

from msgspec import Struct
from msgspec.structs import replace

from engine.domain.errors import BadInput

MOST_DAYS = 3650
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)([KMB]?)")
_SIZES = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9}


class Place(IntEnum):
    """Where a print met the quote in force."""

    UNKNOWN = 0
    """There was no quote to compare with, or a crossed one."""
    BELOW = 1
    BID = 2
    MID = 3
    """Between bid and ask, or on a locked quote."""
    ASK = 4
    ABOVE = 5


class FlowSide(StrEnum):
    """Which prints by their place or, where the venue says it, their aggressor."""

    ANY = ""
    ASK = "ask"
    """At the ask or above: taken for bought."""
    BID = "bid"
    """At the bid or below: taken for sold."""


class FlowRight(StrEnum):
    """Calls, puts or both."""

    ANY = ""
    CALLS = "calls"
    PUTS = "puts"


class FlowLegs(StrEnum):
    """Alone, or taken for a part of several legs."""

    ANY = ""
    SINGLE = "single"
    MULTI = "multi"


class FlowMoney(StrEnum):
    """By the strike's side of the spot at the print."""

    ANY = ""
    OUT = "otm"
    IN = "itm"


class FlowKind(StrEnum):
    """By what a print was taken for."""

    ANY = ""
    SWEEP = "sweep"
    BLOCK = "block"
    LARGE = "large"
    """A sweep or a block."""


class FlowFilter(Struct, frozen=True, kw_only=True):
    """Which prints are wanted; what is unknown passes no condition on it."""

    side: FlowSide = FlowSide.ANY
    right: FlowRight = FlowRight.ANY
    legs: FlowLegs = FlowLegs.ANY
    money: FlowMoney = FlowMoney.ANY
    kind: FlowKind = FlowKind.ANY
    above_open_interest: bool = False
    """The contract's volume of the day, this print included, is above its open interest."""
    ask_share: float = 0.0
    """Least share of the contract's seen volume of the day that met the ask, 0 to 1."""
    least_premium: float = 0.0
    """In dollars: price x size x multiplier, of a coin-settled contract at the spot."""
    least_size: float = 0.0
    """Contracts."""
    most_days: int | None = None
    """Calendar days to the expiry, at most."""

    @property
    def text(self) -> str:
        """The one spelling, as :func:`parse_filter` reads it; "" lets everything pass."""
        words: list[str] = [word.value for word in (self.side, self.right, self.legs, self.money, self.kind) if word]
        if self.above_open_interest:
            words.append("vol>oi")
        if self.ask_share:
            words.append(f"ask>={self.ask_share * 100:g}%")
        if self.least_premium:
            words.append(f">={_short(self.least_premium)}")
        if self.least_size:
            words.append(f"size>={_short(self.least_size)}")
        if self.most_days is not None:
            words.append(f"dte<={self.most_days}")
        return " ".join(words)


PRESETS: tuple[tuple[str, str], ...] = (
    ("all", ""),
    ("ask ≥ 50 %", "ask>=50%"),
    ("volume > OI", "vol>oi"),
    ("single leg", "single"),
    ("out of the money", "otm"),
    ("≥ $10k", ">=10k"),
    ("≥ $50k", ">=50k"),
    ("sweeps and blocks", "large"),
    ("multi-leg", "multi"),
    ("unusual", "single otm vol>oi >=10k"),
)
"""Filters that are gone through with one key: what they are called, and their spelling."""

WORDS: tuple[str, ...] = (
    "ask", "bid", "calls", "puts", "single", "multi", "otm", "itm", "sweep", "block", "large",
    "vol>oi", "ask>=50%", ">=10k", "size>=100", "dte<=7",
)  # fmt: skip
"""One example of each word."""

_CHOICES: tuple[tuple[str, type[StrEnum]], ...] = (
    ("side", FlowSide),
    ("right", FlowRight),
    ("legs", FlowLegs),
    ("money", FlowMoney),
    ("kind", FlowKind),
)
_ALIASES = {
    "CALL": "CALLS", "C": "CALLS", "PUT": "PUTS", "P": "PUTS", "SWEEPS": "SWEEP", "BLOCKS": "BLOCK", "V>OI": "VOL>OI", "0DTE": "DTE<=0",
    "BOUGHT": "ASK", "SOLD": "BID", "LEGS": "MULTI",
}  # fmt: skip


def parse_filter(text: str) -> FlowFilter:
    """A filter from its words, in any order and case; raises `BadInput` that says what there is."""
    found = FlowFilter()
    for word in text.split():
        found = with_word(found, word)
    return found


def with_word(filtered: FlowFilter, word: str) -> FlowFilter:
    """The filter with one more word; a word of the same kind replaces what was said before."""
    said = word.upper().replace("≥", ">=").replace("≤", "<=").replace("$", "")
    said = _ALIASES.get(said, said)
    for name, choices in _CHOICES:
        if said.lower() in {choice.value for choice in choices} - {""}:
            return replace(filtered, **{name: choices(said.lower())})
    if said == "VOL>OI":
        return replace(filtered, above_open_interest=True)
    if said.startswith("ASK>="):
        return replace(filtered, ask_share=_share(said.removeprefix("ASK>="), word))
    if said.startswith("SIZE>="):
        return replace(filtered, least_size=_amount(said.removeprefix("SIZE>="), word))
    if said.startswith("DTE<="):
        return replace(filtered, most_days=_days(said.removeprefix("DTE<="), word))
    if said.startswith(">=") or said[:1].isdigit():
        return replace(filtered, least_premium=_amount(said.removeprefix(">="), word))
    raise _wrong(word)


def is_filter_word(word: str) -> bool:
    """Whether a word can stand in a filter."""
    try:
        with_word(FlowFilter(), word)
    except BadInput:
        return False
    return True


def _wrong(word: str) -> BadInput:
    return BadInput(f"{word[:40]!r} filters no flow: use words such as {', '.join(WORDS)}")


def _amount(text: str, word: str) -> float:
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise _wrong(word)
    return float(found[1]) * _SIZES[found[2]]


def _share(text: str, word: str) -> float:
    percent = _amount(text.removesuffix("%"), word)
    if not 0.0 <= percent <= 100.0:
        raise BadInput(f"{word!r}: a share is 0 to 100 %")
    return percent / 100.0


def _days(text: str, word: str) -> int:
    if not text.isdigit() or int(text) > MOST_DAYS:
        raise BadInput(f"{word!r}: days to expiry are a whole number up to {MOST_DAYS}")
    return int(text)


def _short(value: float) -> str:
    """``50k`` of 50000; in full where a letter would lose something."""
    for letter, size in (("b", 1e9), ("m", 1e6), ("k", 1e3)):
        if value >= size and isfinite(value) and float(f"{value / size:g}") * size == value:
            return f"{value / size:g}{letter}"
    return repr(value) if value != round(value) else f"{value:.0f}"
