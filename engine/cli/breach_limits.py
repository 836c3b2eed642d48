"""A breach rule as it is typed: a measure, on which side, how far, and where it is over."""

import re
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

if TYPE_CHECKING:
    from engine.domain.marks import BreachBasis, BreachRule, BreachSide
    from engine.domain.measures import Measure

NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(%|se)?", re.IGNORECASE)
MOST_FRACTION = 2.0
"""A volatility above 200 % is more likely one that was typed without its sign of percent."""
FORMS = "5% or 0.05, the measure's own value, or 4se, standard errors from what its past lets expect"

Above = Annotated[str | None, typer.Option("--above", metavar="LIMIT", help="Breaks at or above it: 25%, 1.5, or 4se (standard errors).")]
Below = Annotated[str | None, typer.Option("--below", metavar="LIMIT", help="Breaks at or below it: -8%, 0.7, or 4se.")]
Beyond = Annotated[str | None, typer.Option("--beyond", metavar="LIMIT", help="Breaks as far on either side: 4se.")]
Release = Annotated[
    str | None,
    typer.Option(
        "--release",
        metavar="LIMIT",
        help="Kept again within it. Default: half of a limit in standard errors, a tenth inside one in values.",
    ),
]


class Limits(NamedTuple):
    """What was said of a rule's limits."""

    above: str | None = None
    below: str | None = None
    beyond: str | None = None
    release: str | None = None

    @property
    def said(self) -> bool:
        """Whether anything was."""
        return any(one is not None for one in self)


def rule_of(name: str, measure: str, limits: Limits, *, symbols: tuple[str, ...] = (), enabled: bool = True) -> "BreachRule":
    """The rule; BadInput for what is no limit, for none and for two of them. What only the engine knows of is its to refuse."""
    from engine.api import BadInput, Symbol
    from engine.domain.marks import BreachRule, BreachSide
    from engine.domain.measures import parse_measure

    found = parse_measure(measure)
    sides = {BreachSide.ABOVE: limits.above, BreachSide.BELOW: limits.below, BreachSide.EITHER: limits.beyond}
    given = [(side, text) for side, text in sides.items() if text is not None]
    if len(given) != 1:
        raise BadInput(f"say when it breaks by one of --above, --below and --beyond, as in --above 4se: {FORMS}")
    ((side, text),) = given
    basis, threshold = limit_of(text, found)
    return BreachRule(
        name=name,
        measure=found.text,
        symbols=tuple(Symbol(one) for one in symbols),
        side=side,
        basis=basis,
        threshold=threshold,
        release=_release(limits.release, found, basis, side, threshold),
        enabled=enabled,
    )


def limit_of(text: str, measure: "Measure") -> "tuple[BreachBasis, float]":
    """What a limit is compared with, and its size in the measure's unit; BadInput says what to write."""
    from engine.api import BadInput
    from engine.domain.marks import BreachBasis

    found = NUMBER.fullmatch(text.strip())
    if found is None:
        raise BadInput(f"{text!r} is no limit: write {FORMS}")
    value, unit = float(found[1]), (found[2] or "").lower()
    if unit == "se":
        return BreachBasis.DEVIATION, value
    if unit == "%" and not measure.in_percent:
        raise BadInput(f"{measure.text} is no volatility ({measure.unit.value}): write its limit without %")
    if not unit and measure.in_percent and abs(value) >= MOST_FRACTION:
        raise BadInput(
            f"{text} would be {value:.0%} of volatility: write {text}% or {value / 100:g} where that is meant, {text}se for standard errors"
        )
    return BreachBasis.VALUE, value / 100 if unit == "%" else value


def _release(text: str | None, measure: "Measure", basis: "BreachBasis", side: "BreachSide", threshold: float) -> float:
    from engine.api import BadInput
    from engine.domain.marks import BreachBasis, BreachSide

    if text is not None:
        same, value = limit_of(text, measure)
        if same is not basis:
            raise BadInput("say --release as the threshold is said: both as standard errors (4se), or both as values")
        return value
    if basis is BreachBasis.DEVIATION:
        return threshold / 2
    inward = abs(threshold) / 10
    return round(threshold + inward if side is BreachSide.BELOW else threshold - inward, 12)
