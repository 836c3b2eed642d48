"""The structures that have a name, written as their legs.

A leg reads: quantity, then C, P or S (the underlying, a contract's worth of it), then the rank of its strike from the lowest, then one
apostrophe for each later expiry: ``-2C1`` is two calls short at the second strike, ``+1P0'`` a put long at the lowest strike and the second
expiry. Names are those in common use on US desks; a butterfly or condor has equal wings, and is called broken-wing or unbalanced without.
"""

import re
from functools import cache
from typing import NamedTuple

from engine.quant.structures.legs import Kind


class NamedLeg(NamedTuple):
    """One leg of a named structure."""

    kind: Kind
    quantity: int
    strike: int
    """Rank from the lowest; 0 for the underlying."""
    expiry: int
    """Rank from the first; 0 for the underlying."""


TABLE = """
long call                 +1C0
short call                -1C0
long put                  +1P0
short put                 -1P0
long underlying           +1S
short underlying          -1S
bull call spread          +1C0 -1C1
bear call spread          -1C0 +1C1
bull put spread           +1P0 -1P1
bear put spread           -1P0 +1P1
long straddle             +1C0 +1P0
short straddle            -1C0 -1P0
long strangle             +1P0 +1C1
short strangle            -1P0 -1C1
long guts                 +1C0 +1P1
short guts                -1C0 -1P1
strip                     +1C0 +2P0
strap                     +2C0 +1P0
synthetic long            +1C0 -1P0
synthetic short           -1C0 +1P0
bullish risk reversal     -1P0 +1C1
bearish risk reversal     +1P0 -1C1
call ratio spread         +1C0 -2C1
put ratio spread          -2P0 +1P1
call back spread          -1C0 +2C1
put back spread           +2P0 -1P1
long call ladder          +1C0 -1C1 -1C2
short call ladder         -1C0 +1C1 +1C2
long put ladder           -1P0 -1P1 +1P2
short put ladder          +1P0 +1P1 -1P2
long call butterfly       +1C0 -2C1 +1C2
short call butterfly      -1C0 +2C1 -1C2
long put butterfly        +1P0 -2P1 +1P2
short put butterfly       -1P0 +2P1 -1P2
iron butterfly            +1P0 -1P1 -1C1 +1C2
reverse iron butterfly    -1P0 +1P1 +1C1 -1C2
long call condor          +1C0 -1C1 -1C2 +1C3
short call condor         -1C0 +1C1 +1C2 -1C3
long put condor           +1P0 -1P1 -1P2 +1P3
short put condor          -1P0 +1P1 +1P2 -1P3
iron condor               +1P0 -1P1 -1C2 +1C3
reverse iron condor       -1P0 +1P1 +1C2 -1C3
jade lizard               -1P0 -1C1 +1C2
reverse jade lizard       +1P0 -1P1 -1C2
big lizard                -1P0 -1C0 +1C1
bullish seagull           -1P0 +1C1 -1C2
bearish seagull           -1P0 +1P1 -1C2
long box                  +1C0 -1C1 -1P0 +1P1
short box                 -1C0 +1C1 +1P0 -1P1
long call calendar        -1C0 +1C0'
short call calendar       +1C0 -1C0'
long put calendar         -1P0 +1P0'
short put calendar        +1P0 -1P0'
long call diagonal        +1C0' -1C1
bearish call diagonal     -1C0 +1C1'
long put diagonal         -1P0 +1P1'
bullish put diagonal      +1P0' -1P1
straddle calendar         -1C0 -1P0 +1C0' +1P0'
double calendar           -1P0 +1P0' -1C1 +1C1'
double diagonal           +1P0' -1P1 -1C2 +1C3'
long jelly roll           -1C0 +1P0 +1C0' -1P0'
short jelly roll          +1C0 -1P0 -1C0' +1P0'
covered call              +1S -1C0
covered put               -1S -1P0
protective put            +1S +1P0
protective call           -1S +1C0
collar                    +1S +1P0 -1C1
covered straddle          +1S -1C0 -1P0
covered strangle          +1S -1P0 -1C1
conversion                +1S -1C0 +1P0
reversal                  -1S +1C0 -1P0
"""

_LEG = re.compile(r"([+-]\d+)([CPS])(\d*)('*)")
_KINDS = {"C": Kind.CALL, "P": Kind.PUT, "S": Kind.UNDERLYING}


@cache
def structures() -> dict[str, tuple[NamedLeg, ...]]:
    """Every named structure and its legs, in the table's order."""
    found = {}
    for line in TABLE.strip().splitlines():
        name, legs = re.split(r"\s{2,}", line.strip(), maxsplit=1)
        parts = [_LEG.fullmatch(word) for word in legs.split()]
        found[name] = tuple(NamedLeg(_KINDS[part[2]], int(part[1]), int(part[3] or 0), len(part[4])) for part in parts if part)
    return found


@cache
def by_legs() -> dict[frozenset[NamedLeg], str]:
    """The name of each set of legs."""
    return {frozenset(legs): name for name, legs in structures().items()}
