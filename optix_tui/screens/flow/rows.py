"""The tape of flow as rows, and how new prints join what is shown."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from engine.domain.flow import Place
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import from_nanos
from engine.domain.market import Side
from engine.domain.marks import Opening
from engine.messages.flow import FLOW_ROWS, FlowTape

MOST_KEPT = 1_000
NAN = float("nan")


class FlowRow(NamedTuple):
    """One print."""

    sequence: int
    at: UtcNanos
    symbol: Symbol
    name: str
    strike: float
    is_call: bool
    expiry: date
    days: int
    price: float
    size: float
    place: Place
    side: Side
    is_inferred: bool
    flags: int
    """:class:`engine.domain.marks.FlowFlag` bits."""
    premium: float
    bid: float
    ask: float
    spot: float
    otm: float
    iv: float
    delta: float
    volume: float
    open_interest: float
    opening: Opening
    structure: str
    package: int
    is_gap: bool = False
    """Not a print: between its neighbours more passed the filter than could be told."""

    @property
    def volume_over_interest(self) -> float:
        """NaN where the open interest is unknown or nought."""
        return self.volume / self.open_interest if self.open_interest > 0 else NAN


def rows_of(tape: FlowTape) -> tuple[FlowRow, ...]:
    """The prints of a tape, newest first."""
    places = {place.value: place for place in Place}
    sides = {side.value: side for side in Side}
    openings = {one.value: one for one in Opening}
    dates: dict[int, date] = {}
    columns = zip(
        tape.sequence.tolist(), tape.at.tolist(), tape.symbols, tape.name, tape.strike.tolist(), tape.right.tolist(), tape.expiry.tolist(),
        tape.days.tolist(), tape.price.tolist(), tape.size.tolist(), tape.place.tolist(), tape.side.tolist(), tape.inferred.tolist(),
        tape.flags.tolist(), tape.premium.tolist(), tape.bid.tolist(), tape.ask.tolist(), tape.spot.tolist(), tape.otm.tolist(),
        tape.iv.tolist(), tape.delta.tolist(), tape.volume.tolist(), tape.open_interest.tolist(), tape.opening.tolist(), tape.structure,
        tape.package.tolist(), strict=True,
    )  # fmt: skip
    found = []
    for sequence, at, symbol, name, strike, right, expiry, days, price, size, place, side, inferred, marks, *rest in columns:
        day = dates.get(expiry)
        if day is None:
            day = dates[expiry] = from_nanos(expiry).date()
        *numbers, opening, structure, package = rest
        found.append(
            FlowRow._make(
                (
                    sequence, UtcNanos(at), symbol, name, strike, right > 0, day, days, price, size, places[place], sides[side],
                    bool(inferred), marks, *numbers, openings[opening], structure, package, False,
                )
            )
        )  # fmt: skip
    return tuple(found)


def joined(kept: Sequence[FlowRow], tape: FlowTape) -> tuple[FlowRow, ...]:
    """The tape's prints in front of what was kept; what it tells anew replaces what was known, and a gap is marked as one."""
    fresh = rows_of(tape)
    if not fresh or not kept:
        return fresh
    oldest = fresh[-1].sequence
    older = tuple(row for row in kept if row.sequence < oldest)
    newest_kept = next((row.sequence for row in kept if not row.is_gap), 0)
    if len(fresh) >= FLOW_ROWS and oldest > newest_kept + 1:
        gap = fresh[-1]._replace(sequence=oldest - 1, is_gap=True)
        return (*fresh, gap, *older)[:MOST_KEPT]
    return (*fresh, *older)[:MOST_KEPT]


def numbered_anew(kept: Sequence[FlowRow], tape: FlowTape) -> bool:
    """Whether the tape is of another engine: its newest print bears a number under which another one, or none so young, was told before."""
    if not kept or not tape.sequence.size or tape.recorded:
        return False
    newest = int(tape.sequence[0])
    known = next((row for row in kept if row.sequence == newest and not row.is_gap), None)
    if known is not None:
        return (known.at, known.name) != (int(tape.at[0]), tape.name[0])
    return newest < min(row.sequence for row in kept)


def of_an_engine_before(rows: Sequence[FlowRow]) -> tuple[FlowRow, ...]:
    """Prints that another engine numbered: they stand before all that the present one will tell."""
    newest = rows[0].sequence if rows else 0
    return tuple(row._replace(sequence=row.sequence - newest - 1) for row in rows)
