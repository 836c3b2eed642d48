"""Breach rules in words: what each follows, and since when a name breaks it."""

from engine.domain.marks import BreachBasis, BreachRule, BreachSide
from engine.domain.measures import parse_measure
from engine.messages.breaches import BreachBoard
from optix_tui import format as written

SIDES = {BreachSide.ABOVE: "above", BreachSide.BELOW: "below", BreachSide.EITHER: "beyond"}


def rule_words(rule: BreachRule) -> str:
    """``Term inverted (term:30:90 below -0.5 vol points)``."""
    off = "" if rule.enabled else ", off"
    return f"{rule.name} ({rule.measure} {SIDES[rule.side]} {_limit(rule)}{off})"


def _limit(rule: BreachRule) -> str:
    if rule.basis is BreachBasis.DEVIATION:
        return f"{rule.threshold:g} standard errors"
    return f"{rule.threshold * 100:g} vol points" if parse_measure(rule.measure).in_percent else f"{rule.threshold:g}"


def broken_words(board: BreachBoard | None, symbol: str, broken: tuple[str, ...]) -> str:
    """The rules a name breaks and, where that is known, since when: ``Term inverted since 14:29``."""
    standings = board.standings if board is not None else ()
    since = {one.rule: one.broken_since for one in standings if one.symbol == symbol and one.broken_since > 0}
    return ", ".join(f"{name} since {written.minute(since[name])}" if name in since else name for name in broken)
