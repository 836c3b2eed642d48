"""How a tier takes up a function of a formula that is not arithmetic on columns alone."""

from typing import Protocol

from engine.quant.formulas.primitives import Formula


class Inline(Protocol):
    """As it is, or compiled."""

    def __call__(self, function: Formula, /) -> Formula: ...


def as_it_is(function: Formula) -> Formula:
    """How the numpy tier takes one up."""
    return function
