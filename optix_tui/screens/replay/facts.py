"""What stands beside the picture at an instant: levels, the dealers' gamma, the largest prints so far; each as it was known then."""

from math import isfinite
from typing import NamedTuple

import numpy as np

from engine.domain.columns import Floats
from engine.domain.ids import UtcNanos
from engine.domain.marks import ExposureMarks, FlowFlag
from engine.domain.volatility import MaturityFlag
from engine.messages.flow import FlowTape
from optix_tui.screens.replay.timeline import DayFacts, newest_before
from optix_tui.screens.surface.reading import Reading
from optix_tui.screens.surface.view import tenor_name

LARGEST = 40
"""Prints that are listed at most."""
NAN = float("nan")


class Level(NamedTuple):
    """One constant maturity at the cursor, and by how much it is higher than at the mark; fractions a year."""

    name: str
    atm: float
    reversal: float
    butterfly: float
    flag: MaturityFlag
    atm_change: float
    reversal_change: float
    butterfly_change: float


class Gamma(NamedTuple):
    """A recorded exposure: $ per 1 % of spot, and levels of the spot."""

    at: UtcNanos
    spot: float
    net: float
    low: float
    high: float
    flip: float
    positive_wall: float
    negative_wall: float


class Print(NamedTuple):
    """A flagged print of an option."""

    at: UtcNanos
    name: str
    side: int
    """+1 bought, -1 sold, 0 unknown; by inference."""
    right: int
    strike: float
    expiry: int
    size: float
    price: float
    premium: float
    flags: int


class FlowSoFar(NamedTuple):
    """The flagged prints of the day up to the cursor."""

    largest: tuple[Print, ...]
    prints: int
    call_premium: float
    put_premium: float


def levels_of(now: Reading | None, then: Reading | None) -> tuple[Level, ...]:
    """The constant maturities, with what changed since the mark where there is one."""
    if now is None:
        return ()
    own = now.surface.maturities
    days = own.days.tolist()
    other = None if then is None else then.surface.maturities
    places = {} if other is None else {day: place for place, day in enumerate(other.days.tolist())}

    def change(column: str, place: int) -> float:
        if other is None or days[place] not in places:
            return NAN
        before: Floats = getattr(other, column)
        return float(getattr(own, column)[place] - before[places[days[place]]])

    return tuple(
        Level(
            tenor_name(days[place]),
            float(own.atm_iv[place]),
            float(own.risk_reversal_25[place]),
            float(own.butterfly_25[place]),
            MaturityFlag(int(own.flags[place])),
            change("atm_iv", place),
            change("risk_reversal_25", place),
            change("butterfly_25", place),
        )
        for place in range(len(days))
    )


def gamma_at(marks: ExposureMarks | None, at: int) -> Gamma | None:
    """The newest recorded exposure not after an instant."""
    place = None if marks is None else newest_before(marks.at, at)
    if marks is None or place is None:
        return None
    names = ("spot", "net", "low", "high", "flip", "positive_wall", "negative_wall")
    return Gamma(UtcNanos(int(marks.at[place])), *(float(getattr(marks, name)[place]) for name in names))


def flow_at(tape: FlowTape | None, at: int) -> FlowSoFar | None:
    """The day's flagged prints up to an instant, the largest premium first; None where they are not known."""
    if tape is None:
        return None
    past = np.asarray(tape.at) <= at
    premium = np.where(np.isfinite(tape.premium), tape.premium, 0.0)
    calls = np.asarray(tape.right) > 0
    order = np.flatnonzero(past)[np.argsort(-premium[past], kind="stable")][:LARGEST]
    largest = tuple(
        Print(
            UtcNanos(int(tape.at[place])),
            tape.name[place],
            int(tape.side[place]),
            int(tape.right[place]),
            float(tape.strike[place]),
            int(tape.expiry[place]),
            float(tape.size[place]),
            float(tape.price[place]),
            float(tape.premium[place]),
            int(tape.flags[place]),
        )
        for place in order.tolist()
    )
    return FlowSoFar(largest, int(past.sum()), float(premium[past & calls].sum()), float(premium[past & ~calls].sum()))


def no_gamma(day: DayFacts, at: int) -> str:
    """Why there is no exposure at the cursor."""
    if not day.exposures.at.size:
        return day.no_exposures or "no exposure is stored of this day"
    return "the day's first exposure was stored later" if gamma_at(day.exposures, at) is None else ""


def flag_letters(flags: int) -> str:
    """``S`` sweep, ``B`` block, ``M`` legs, ``V`` volume above open interest."""
    letters = ((FlowFlag.SWEEP, "S"), (FlowFlag.BLOCK, "B"), (FlowFlag.MULTI_LEG, "M"), (FlowFlag.ABOVE_OPEN_INTEREST, "V"))
    return "".join(letter for flag, letter in letters if flags & flag)


def shift(now: float, then: float) -> float:
    """``now`` less ``then``; NaN where one is unknown."""
    return now - then if isfinite(now) and isfinite(then) else NAN
