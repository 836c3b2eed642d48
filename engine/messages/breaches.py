"""Breaches: rules on the measures of names, what became of them, and how a rule would have fared in the past."""

from typing import ClassVar

from msgspec import Struct

from engine.domain.ids import SourceId, Symbol, UtcNanos
from engine.domain.marks import BreachMark, BreachRule, BreachTable
from engine.messages.base import Command, Event, Keep, Query


class BreachHappened(Event, frozen=True):
    """A rule was broken, or is kept again."""

    keep: ClassVar[Keep] = Keep.EVERY

    breach: BreachMark

    @property
    def key(self) -> str:
        return self.breach.symbol


class GetBreaches(Query[BreachTable], frozen=True):
    """Which rules were broken, newest first? "" is every name, every rule."""

    symbol: Symbol = Symbol("")
    rule: str = ""
    since: UtcNanos | None = None
    until: UtcNanos | None = None
    limit: int = 1_000


class BreachStanding(Struct, frozen=True, kw_only=True):
    """How one name stands to one rule just now. NaN is "unknown"."""

    rule: str
    symbol: Symbol
    measure: str
    at: UtcNanos
    """Of the newest sample; 0 where there was none."""
    value: float
    estimate: float
    """What the autoregression of the samples expected; NaN where the rule looks at the value alone."""
    error: float
    """Its standard error, of one sample."""
    deviation: float
    """(value - estimate) / error."""
    samples: int
    """What the estimate stands on, one a minute of market time."""
    broken_since: UtcNanos
    """0 while the rule is kept."""
    refusal: str
    """Why it cannot be judged; "" where it is."""


class BreachBoard(Struct, frozen=True, kw_only=True):
    """All rules in the user's order, and where each followed name stands."""

    source: SourceId
    as_of: UtcNanos
    rules: tuple[BreachRule, ...]
    standings: tuple[BreachStanding, ...]


class GetBreachRules(Query[BreachBoard], frozen=True):
    """What is followed, and how far is it from a breach? (No name: all of them.)"""

    symbol: Symbol = Symbol("")


class BreachTrial(Struct, frozen=True, kw_only=True):
    """What a rule would have said of the recorded samples."""

    symbol: Symbol
    rule: BreachRule
    samples: int
    first_at: UtcNanos
    last_at: UtcNanos
    breaches: BreachTable
    refusal: str
    """Why there is nothing to judge; "" where there was."""


class TryBreachRule(Query[BreachTrial], frozen=True):
    """How often would this rule have spoken? Replayed over the recorded samples of one name, by the same steps as live."""

    symbol: Symbol
    rule: BreachRule
    since: UtcNanos | None = None
    until: UtcNanos | None = None
    limit: int = 20_000
    """The newest so many samples."""


class SaveBreachRule(Command, frozen=True):
    """Keeps a rule, replacing one of the same name."""

    rule: BreachRule


class DeleteBreachRule(Command, frozen=True):
    """Forgets a rule; what it said stays in the history."""

    name: str
