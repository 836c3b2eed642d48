"""Breaches and their rules as documents and tables: the names and units of their fields, which are part of what is promised."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from engine.cli import output

if TYPE_CHECKING:
    from engine.api import BreachBoard
    from engine.domain.marks import BreachMark, BreachRule, BreachTable

UNITS = {
    "at": "market time, ISO 8601 UTC",
    "event": "broken, or kept: the value is back within the rule's release",
    "value": "in the measure's unit (unit)",
    "estimate": "what the autoregression of the samples expected, as value; null where the rule looks at the value alone",
    "deviation": "(value - estimate) / standard error of the estimate; null where the rule looks at the value alone",
    "threshold": "what was crossed: of a rule on deviations in standard errors, else as value",
    "release": "within which a broken rule is kept again, as threshold",
    "error": "standard error of the estimate, of one sample, as value",
    "samples": "what the estimate stands on, one a minute of market time",
    "broken_since": "ISO 8601 UTC; null while the rule is kept",
    "refusal": "why it cannot be judged; null where it is",
    "names": "the names it follows; empty: all of them",
    "missing": "null",
}
FIELDS = "at symbol rule measure event value estimate deviation threshold unit".split()  # the order is part of what is promised
NUMBERS = "value estimate deviation threshold".split()
RULE_FIELDS = "name measure unit side basis threshold release enabled names".split()
STANDING_FIELDS = "rule symbol measure unit at value estimate error deviation samples broken_since refusal".split()
RULES_CSV = (
    "rule symbol measure unit side basis threshold release enabled at value estimate error deviation samples broken_since refusal"
).split()


def breach_rows(table: "BreachTable") -> Iterator[dict[str, Any]]:
    """The marks as the documents have them, newest first."""
    columns = (table.at, table.entered, table.value, table.estimate, table.deviation, table.threshold)
    rows = zip(table.symbols, table.rules, table.measures, *(column.tolist() for column in columns), strict=True)
    for symbol, rule, measure, at, entered, *numbers in rows:
        yield _row(at, symbol, rule, measure, bool(entered), numbers)


def mark_row(mark: "BreachMark") -> dict[str, Any]:
    """One as it happens."""
    return _row(mark.at, mark.symbol, mark.rule, mark.measure, mark.entered, [getattr(mark, name) for name in NUMBERS])


def _row(at: int, symbol: str, rule: str, measure: str, entered: bool, numbers: list[float]) -> dict[str, Any]:
    told = {"at": output.instant(at), "symbol": symbol, "rule": rule, "measure": measure, "event": "broken" if entered else "kept"}
    return {**told, **dict(zip(NUMBERS, numbers, strict=True)), "unit": _unit(measure)}


HEADS = ("At (UTC)", "Name", "Rule", "Event", "Measure", "Value", "Expected", "Deviation", "Threshold")
WIDTHS = (19, 6, 24, 6, 12, 9, 9, 9, 9)


def breach_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """A breach as a row of the table: volatilities in percent, deviations in standard errors."""
    measure = row["measure"]
    compared = isfinite(row["deviation"])
    return (
        str(row["at"])[:19].replace("T", " "),
        row["symbol"],
        row["rule"],
        row["event"],
        measure,
        _shown(measure, row["value"]),
        _shown(measure, row["estimate"]),
        output.signed(row["deviation"], 1),
        output.number(row["threshold"], 1) if compared else _shown(measure, row["threshold"]),
    )


def _unit(measure: str) -> str:
    from engine.domain.measures import parse_measure

    return parse_measure(measure).unit.value


def _shown(measure: str, value: float) -> str:
    from engine.domain.measures import parse_measure

    return output.percent(value, 2) if parse_measure(measure).in_percent else output.number(value, 3)


def spread(cells: tuple[str, ...]) -> str:
    """A row of a table whose other rows are not known yet."""
    return "  ".join(
        cell.ljust(width) if place < 4 else cell.rjust(width) for place, (cell, width) in enumerate(zip(cells, WIDTHS, strict=True))
    )


def rule_row(rule: "BreachRule") -> dict[str, Any]:
    """A rule as the documents have it."""
    told = {**{name: getattr(rule, name, None) for name in RULE_FIELDS}, "unit": _unit(rule.measure), "names": rule.symbols}
    return {name: told[name] for name in RULE_FIELDS}


def rule_words(rule: "BreachRule") -> str:
    """A rule as people read it: rr25:30 at or below -8.00%, kept again within -7.20%; SPY QQQ (``se``: standard errors)."""
    row = rule_row(rule)
    sides = {"above": "at or above", "below": "at or below", "either": "either side, as far as"}
    limits = f"{rule.measure} {sides[rule.side.value]} {_limit(row, 'threshold')}, kept again within {_limit(row, 'release')}"
    return f"{limits}; {' '.join(rule.symbols) or 'every name'}"


def tell_rules(board: "BreachBoard", *, as_json: bool, as_csv: bool) -> None:
    """The rules, and where each judged name stands to them."""
    rules = [rule_row(one) for one in board.rules]
    standings = [
        {
            **{name: getattr(one, name) for name in STANDING_FIELDS if name != "unit"},
            "unit": _unit(one.measure),
            "at": output.instant(one.at),
            "broken_since": output.instant(one.broken_since),
            "refusal": one.refusal or None,
        }
        for one in board.standings
    ]
    if as_json:
        head = {"schema": output.schema("breach-rules", UNITS), "source": board.source, "asof": output.instant(board.as_of)}
        output.document({**head, "rules": rules, "standings": standings})
    elif as_csv:
        output.comma_separated(RULES_CSV, list(_rule_lines(rules, standings)))
    else:
        _print_rules(rules, standings)
    if not standings:
        output.say("no name was judged yet: an engine judges them as their surfaces are fitted, and a name that is named at once")


def _rule_lines(rules: list[dict[str, Any]], standings: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """One line a rule and name; a rule that follows nobody just now has one without a name."""
    for rule in rules:
        of_rule = [one for one in standings if one["rule"] == rule["name"]]
        about = {name: rule[name] for name in ("measure", "unit", "side", "basis", "threshold", "release", "enabled")}
        for one in of_rule or [dict.fromkeys(STANDING_FIELDS)]:
            yield {**one, **about, "rule": rule["name"]}


def _print_rules(rules: list[dict[str, Any]], standings: list[dict[str, Any]]) -> None:
    output.table(
        ("Rule", "Measure", "Side", "Threshold", "Release", "Names", "State"),
        (
            (
                rule["name"],
                rule["measure"],
                rule["side"].value,
                _limit(rule, "threshold"),
                _limit(rule, "release"),
                ", ".join(rule["names"]) or "all",
                _state(rule, standings),
            )
            for rule in rules
        ),
        left=3,
    )
    if not standings:
        return
    output.plain_line("")
    output.table(
        ("Name", "Rule", "Value", "Expected", "Deviation", "Samples", "State"),
        (
            (
                one["symbol"],
                one["rule"],
                _shown(one["measure"], one["value"]),
                _shown(one["measure"], one["estimate"]),
                output.signed(one["deviation"], 1),
                str(one["samples"]),
                f"BROKEN since {one['broken_since'][:16].replace('T', ' ')}" if one["broken_since"] else one["refusal"] or "kept",
            )
            for one in standings
        ),
        left=2,
    )


def _limit(rule: Mapping[str, Any], name: str) -> str:
    value = rule[name]
    return f"{value:g} se" if rule["basis"] == "deviation" else _shown(rule["measure"], value)


def _state(rule: Mapping[str, Any], standings: list[dict[str, Any]]) -> str:
    if not rule["enabled"]:
        return "off"
    of_rule = [one for one in standings if one["rule"] == rule["name"]]
    broken = sum(bool(one["broken_since"]) for one in of_rule)
    return f"broken by {broken} of {len(of_rule)}" if of_rule else "nobody judged yet"
