"""The rules, kept as one document; the shipped ones stand until the user saves his own."""

import logging
import tomllib
from collections.abc import Callable
from math import isfinite
from pathlib import Path

import msgspec
from msgspec.structs import replace

from engine.domain.errors import BadInput
from engine.domain.ids import Symbol
from engine.domain.marks import BREACH_RULES, BreachBasis, BreachRule, BreachRules, BreachSide
from engine.domain.measures import parse_measure
from engine.services.volatility.coordinates import followed, is_followed
from engine.storage.documents import Documents

MOST_RULES = 100
MOST_NAMES = 500
LONGEST_NAME = 40
_log = logging.getLogger(__name__)


def shipped_rules(path: Path) -> BreachRules:
    """The rules of ``config/breach-rules.toml``."""
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), BreachRules)


class RuleBook:
    """Keeps and forgets rules. Read once, written through."""

    def __init__(self, *, documents: Documents, shipped: Callable[[], BreachRules]) -> None:
        self._documents = documents
        self._shipped = shipped
        self._rules: tuple[BreachRule, ...] | None = None
        self._odd: tuple[BreachRule, ...] = ()
        """Rules of the document that nothing can be judged by: kept there as they are, and not followed."""
        self.version = 0
        """Rises with every change."""

    @property
    def rules(self) -> tuple[BreachRule, ...]:
        """All of them, in the user's order. A kept document without a rule is the user's word: there are none."""
        if self._rules is None:
            none_kept = BreachRules(rules=())
            kept = self._documents.load(BREACH_RULES, BreachRules, none_kept)
            self._rules, self._odd = _sound((self._shipped() if kept is none_kept else kept).rules)
        return self._rules

    def save(self, rule: BreachRule) -> BreachRule:
        """Keeps a rule, replacing one of the same name in its place; BadInput says what is wrong with it."""
        checked = checked_rule(rule)
        before = self.rules
        named = [one.name for one in before]
        if checked.name not in named and len(before) >= MOST_RULES:
            raise BadInput(f"there are {MOST_RULES} rules: delete one first")
        self._odd = tuple(one for one in self._odd if one.name.strip() != checked.name)
        kept = tuple(checked if one.name == checked.name else one for one in before)
        self._keep(kept if checked.name in named else (*kept, checked))
        return checked

    def delete(self, name: str) -> str:
        """Forgets a rule; BadInput where there is none of that name."""
        wanted = name.strip()
        left = tuple(one for one in self.rules if one.name != wanted)
        odd = tuple(one for one in self._odd if one.name.strip() != wanted)
        if len(left) == len(self.rules) and len(odd) == len(self._odd):
            there = ", ".join(one.name for one in self.rules) or "none"
            raise BadInput(f"there is no breach rule {name!r}: there are {there}")
        self._odd = odd
        self._keep(left)
        return wanted

    def _keep(self, rules: tuple[BreachRule, ...]) -> None:
        self._documents.save(BREACH_RULES, BreachRules(rules=(*rules, *self._odd)))
        self._rules = rules
        self.version += 1


def _sound(rules: tuple[BreachRule, ...]) -> tuple[tuple[BreachRule, ...], tuple[BreachRule, ...]]:
    """Those that can be followed, each name once, and the others: a document may have been written by hand or by another version."""
    sound: dict[str, BreachRule] = {}
    odd: list[BreachRule] = []
    for rule in rules:
        try:
            checked = checked_rule(rule)
        except BadInput as error:
            _log.warning("the breach rule %r is not followed: %s", rule.name, error)
            odd.append(rule)
        else:
            sound[checked.name] = checked
    return tuple(sound.values()), tuple(odd)


def checked_rule(rule: BreachRule) -> BreachRule:
    """The rule as it is kept: its measure in the one spelling; BadInput says what is wrong and what to write."""
    name = rule.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadInput(f"{rule.name!r} is no name for a breach rule: use 1 to {LONGEST_NAME} printable characters")
    measure = parse_measure(rule.measure)
    if not is_followed(measure):
        raise BadInput(f"{measure.text} is not known at every moment, so it cannot be followed: use one of {', '.join(followed())}")
    _check_limits(rule)
    symbols = tuple(dict.fromkeys(Symbol(one.strip().upper()) for one in rule.symbols if one.strip()))
    if len(symbols) > MOST_NAMES:
        raise BadInput(f"a breach rule names at most {MOST_NAMES} names, not {len(symbols)}: leave them out to follow all")
    return replace(rule, name=name, measure=measure.text, symbols=symbols)


def _check_limits(rule: BreachRule) -> None:
    threshold, release = rule.threshold, rule.release
    if not (isfinite(threshold) and isfinite(release)):
        raise BadInput("threshold and release are numbers")
    of_value = rule.basis is BreachBasis.VALUE
    if (not of_value or rule.side is BreachSide.EITHER) and not threshold > 0.0 <= release:
        raise BadInput(f"a threshold of deviations, and one on either side, is above zero and its release not below it: not {threshold:g}")
    if of_value and rule.side is BreachSide.BELOW:
        if release < threshold:
            raise BadInput(f"a rule that breaks below {threshold:g} is over above it: a release of {release:g} would never let it go")
    elif release > threshold:
        raise BadInput(f"a rule that breaks at {threshold:g} is over within it: a release of {release:g} lies beyond")
