"""Breach rules in words: what each follows, and since when a name breaks it."""

from engine.domain.marks import BreachBasis, BreachRule, BreachSide
from engine.messages.breaches import BreachBoard
from optix_tui import format as written

SIDES = {BreachSide.ABOVE: "above", BreachSide.BELOW: "below", BreachSide.EITHER: "beyond"}


def rule_words(rule: BreachRule) -> str:
    """``Term inverted (term:30:90 below -0.005)``; volatilities and their differences are fractions a year, as in the rule."""
    unit = " standard errors" if rule.basis is BreachBasis.DEVIATION else ""
    off = "" if rule.enabled else ", off"
    return f"{rule.name} ({rule.measure} {SIDES[rule.side]} {rule.threshold:g}{unit}{off})"


def broken_words(board: BreachBoard | None, symbol: str, broken: tuple[str, ...]) -> str:
    """The rules a name breaks and, where that is known, since when: ``Term inverted since 14:29``."""
    standings = board.standings if board is not None else ()
    since = {one.rule: one.broken_since for one in standings if one.symbol == symbol and one.broken_since > 0}
    return ", ".join(f"{name} since {written.minute(since[name])}" if name in since else name for name in broken)
