"""The word by which a screen knows an expiry that was asked for as people write it."""

from typing import TYPE_CHECKING, NamedTuple

from engine.domain.errors import BadInput
from engine.domain.ids import Symbol
from engine.domain.instants import new_york
from engine.domain.osi import parse_expiry
from engine.messages.queries import GetExpirations
from engine.messages.surface import GetSurface

if TYPE_CHECKING:
    from engine.api import Engine
    from engine.domain.ids import UtcNanos
    from engine.domain.instruments import OptionSeries

OF_SURFACE = frozenset({"OVDV"})
"""Functions that know the expiries which have a quote; others know all that are listed."""


class FoundExpiry(NamedTuple):
    """An expiry as a word, and what has to be said about the choice ("": nothing)."""

    word: str
    note: str


async def find_expiry(engine: "Engine", code: str, symbol: Symbol, text: str, at: "UtcNanos | None") -> FoundExpiry:
    """The series of that day, the last to settle where there are two; BadInput names the days there are."""
    if code in OF_SURFACE:
        surface = await engine.ask(GetSurface(symbol=symbol, at=at))
        as_of, listed, kind = surface.as_of, [one.series for one in surface.slices], "quoted"
    else:
        table = await engine.ask(GetExpirations(symbol=symbol))
        as_of, listed, kind = table.as_of, [row.series for row in table.expiries if not row.series.adjusted], "listed"
    wanted = parse_expiry(text, new_york(as_of).date())
    found = [series for series in listed if series.expiry == wanted]
    if not found:
        days = sorted({series.expiry.isoformat() for series in listed})
        raise BadInput(f"{symbol} has no {kind} expiry {wanted}; it has {', '.join(days[:12])}{' ...' if len(days) > 12 else ''}")
    names = [f"{series.root} {series.settlement}" for series in found]
    note = f"{', '.join(names)} end on that day: the picture shows {names[-1]}, the last to settle" if len(found) > 1 else ""
    return FoundExpiry(_word(found[-1]), note)


def _word(series: "OptionSeries") -> str:
    return f"{series.expiry:%Y%m%d}{series.root}"
