"""What a formula is written in: a handful of elementary functions that each tier brings along."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

Number: TypeAlias = Any
"""A float64 column in the numpy tier, one float64 in the numba tier."""
Formula = TypeVar("Formula", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Primitives:
    """One tier's elementary functions. A formula takes them in its closure and uses ``&``, never ``and``, ``or``, ``if``."""

    exp: Callable[[Number], Number]
    """e to the power; 0 below -708."""
    log: Callable[[Number], Number]
    """Natural logarithm of a positive normal number."""
    log_ratio: Callable[[Number, Number], Number]
    """ln(a / b) of two positive numbers, to the last digits also where a is close to b."""
    erfcx: Callable[[Number], Number]
    """exp(z squared) erfc(z) for 0 <= z, finite."""
    sqrt: Callable[[Number], Number]
    absolute: Callable[[Number], Number]
    minimum: Callable[[Number, Number], Number]
    maximum: Callable[[Number, Number], Number]
    where: Callable[[Any, Number, Number], Number]
    inline: Callable[[Formula], Formula]
    """How the tier takes up a formula: as it is, or compiled into whatever calls it."""
