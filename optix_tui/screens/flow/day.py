"""In words, of which day volumes are, and since when prints of the day were heard: one spelling for FLOW, MOSO and OMST."""

from engine.domain.instants import from_nanos
from engine.messages.flow import FlowTotals, Gap
from optix_tui import format as written

MOST_GAPS = 2
"""So many are named, the rest is counted."""


def volume_of(totals: FlowTotals) -> str:
    """``20-Nov`` where the volumes are of an earlier day, "" where they are of today, or of none."""
    return written.day(from_nanos(totals.volume_day).date())[:6] if totals.is_volume_of_before else ""


def heard(totals: FlowTotals, most: int = MOST_GAPS) -> str:
    """``since 09:30:04, not 10:42–10:55``: what the sums of prints stand on; "" where none was seen."""
    if not totals.since:
        return ""
    return f"since {written.clock(totals.since)}{gaps_of(totals, most)}"


def gaps_of(totals: FlowTotals, most: int = MOST_GAPS) -> str:
    """When nobody listened, as the end of a sentence; "" where somebody always did."""
    if not totals.gaps:
        return ""
    named = ", ".join(_span(gap) for gap in totals.gaps[-most:]) if most else ""
    more = len(totals.gaps) - (min(most, len(totals.gaps)))
    counted = f"{more}{' more' if most else ''} gap{'s' if more > 1 else ''}" if more else ""
    return f", {' and '.join(part for part in (f'not {named}' if named else '', counted) if part)}"


def _span(gap: Gap) -> str:
    """In minutes, or in seconds where they are the same."""
    since, until = written.minute(gap.since), written.minute(gap.until)
    return f"{since}–{until}" if since != until else f"{written.clock(gap.since)}–{written.clock(gap.until)}"
