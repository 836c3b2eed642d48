"""What a set of legs is called, and the legs of what is called so."""

from collections.abc import Sequence
from itertools import pairwise
from math import gcd
from typing import NamedTuple

import numpy as np

from engine.quant.structures.legs import Kind, Legs, legs
from engine.quant.structures.names import NamedLeg, by_legs, structures

EVEN = 1e-9
"""A part of the strike within which wings are of one width."""


class Recognised(NamedTuple):
    """A structure by its name, and how many of it."""

    name: str
    times: int
    """How many of the named structure; at least 1."""


def recognise(held: Legs) -> Recognised:
    """The name of these legs, whatever their order; "custom, n legs" where they have none.

    Legs of one contract are taken together first. The underlying counts in units of the options' multiplier; an odd lot makes it custom.
    """
    merged = _merged(held)
    custom = Recognised(f"custom, {len(merged)} legs", 1)
    counts = [quantity for *_, quantity in merged]
    if not merged or any(abs(count - round(count)) > EVEN for count in counts):
        return custom
    whole = [round(count) for count in counts]
    times = gcd(*whole)
    strikes = sorted({strike for kind, strike, _, _ in merged if kind != Kind.UNDERLYING})
    expiries = sorted({years for kind, _, years, _ in merged if kind != Kind.UNDERLYING})
    ranked = frozenset(
        NamedLeg(kind, quantity // times, *((0, 0) if kind == Kind.UNDERLYING else (strikes.index(strike), expiries.index(years))))
        for (kind, strike, years, _), quantity in zip(merged, whole, strict=True)
    )
    name = by_legs().get(ranked)
    if name is None:
        return custom
    return Recognised(_with_wings(name, strikes), times)


def build(
    name: str, *, strikes: Sequence[float], years: Sequence[float] = (), times: int = 1, multiplier: float = 100.0, **more: object
) -> Legs:
    """The legs of a named structure at these strikes and expiries, both from the lowest; ``more`` goes to :func:`legs`.

    ValueError for a name that is not in the table, or for too many or too few strikes or expiries, which says how many it takes.
    """
    named = structures().get(name.removeprefix("broken-wing ").removeprefix("unbalanced "))
    if named is None:
        message = f"no structure is called {name!r}"
        raise ValueError(message)
    options = [leg for leg in named if leg.kind != Kind.UNDERLYING]
    for what, given, wanted in (
        ("strikes", strikes, 1 + max((leg.strike for leg in options), default=-1)),
        ("expiries", years, 1 + max((leg.expiry for leg in options), default=-1)),
    ):
        if len(given) != wanted or any(one >= other for one, other in pairwise(given)):
            message = f"a {name} takes {wanted} {what}, rising; {len(given)} were given: {', '.join(f'{one:g}' for one in given) or 'none'}"
            raise ValueError(message)
    return legs(
        kinds=[leg.kind for leg in named],
        quantities=[float(leg.quantity * times * (multiplier if leg.kind == Kind.UNDERLYING else 1.0)) for leg in named],
        strikes=[np.nan if leg.kind == Kind.UNDERLYING else strikes[leg.strike] for leg in named],
        years=[np.inf if leg.kind == Kind.UNDERLYING else years[leg.expiry] for leg in named],
        multipliers=[1.0 if leg.kind == Kind.UNDERLYING else multiplier for leg in named],
        **more,  # type: ignore[arg-type]
    )


def _merged(held: Legs) -> list[tuple[Kind, float, float, float]]:
    """Kind, strike, years and quantity in contracts of each different leg; what cancels is gone."""
    options = held.options
    a_contract = float(held.multipliers[options[0]]) if options.size else float(np.abs(held.units).min())
    sums: dict[tuple[Kind, float, float], float] = {}
    for row, kind in enumerate(held.kinds):
        plain = kind == Kind.UNDERLYING
        place = (Kind(int(kind)), 0.0 if plain else float(held.strikes[row]), 0.0 if plain else float(held.years[row]))
        sums[place] = sums.get(place, 0.0) + float(held.units[row]) / a_contract
    return [(*place, quantity) for place, quantity in sums.items() if abs(quantity) > EVEN]


def _with_wings(name: str, strikes: list[float]) -> str:
    """The same name, or with a word for wings of different width."""
    if "butterfly" in name and not _even(strikes[1] - strikes[0], strikes[2] - strikes[1], strikes[-1]):
        return f"broken-wing {name}"
    if "condor" in name and not _even(strikes[1] - strikes[0], strikes[3] - strikes[2], strikes[-1]):
        return f"unbalanced {name}"
    return name


def _even(one: float, other: float, scale: float) -> bool:
    return abs(one - other) <= EVEN * scale
