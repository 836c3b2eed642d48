"""What is said where a stored surface is older than the instant that was asked for."""

from typing import TYPE_CHECKING

from engine.cli import output

if TYPE_CHECKING:
    from engine.api import UtcNanos, VolatilitySurface

SECOND_NS = 1_000_000_000
BESIDE_NS = 120 * SECOND_NS
"""One is kept a minute: within so long it is the surface of the instant."""
SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def tell_if_older(surface: "VolatilitySurface", asked: "UtcNanos | None") -> None:
    """Says on stderr how much older a stored surface is than the instant that was asked for; nothing where it is of that instant."""
    older = (asked or surface.as_of) - surface.as_of
    if older > BESIDE_NS:
        output.say(
            f"the newest surface stored up to {output.instant(asked or 0)} is of {output.instant(surface.as_of)}, {_span(older)} before"
        )


def _span(nanos: int) -> str:
    """The two greatest units of a stretch of time: 2 d 3 h."""
    rest, words = nanos // SECOND_NS, []
    for size, name in SPANS:
        count, rest = divmod(rest, size)
        words += [f"{count} {name}"] if count else []
    return " ".join(words[:2])
