"""How a tier takes up a function of a formula that is not arithmetic on columns alone."""

from typing import Protocol

from engine.quant.formulas.primitives import Formula


class Inline(Protocol):
    """As it is, or compiled."""

    def __call__(self, function: Formula, /) -> Formula: ...
