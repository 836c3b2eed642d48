"""What the tests found about the numbers: every table's worst error beside its tolerance, kept for the page that prints them."""

import math
from pathlib import Path

import msgspec


class Worst(msgspec.Struct):
    """The worst of one quantity of one table."""

    error: float
    tolerance: float
    cases: int


FOLDER = "OPTIX_NUMBERS"
"""Names the folder that a run of the tests leaves what it found in; nothing is left where it is not set."""
found: dict[tuple[str, str], Worst] = {}
"""By table and quantity, over the tests that have run in this process."""


def record(*, table: str, quantity: str, error: float, tolerance: float, cases: int = 1) -> None:
    """Keeps the worst error of a table's quantity, and holds it to its tolerance; NaN is an error of any size."""
    keep({(table, quantity): Worst(float(error), float(tolerance), cases)})
    assert error <= tolerance, f"{table}: {quantity} is off by {error:.3g}, more than {tolerance:.3g}"


def keep(more: dict[tuple[str, str], Worst]) -> None:
    """Adds what was found elsewhere; of two the worse stays, and NaN is the worst there is."""
    for place, new in more.items():
        old = found.get(place)
        if old is None or (not math.isnan(old.error) and not new.error <= old.error):
            found[place] = new


def write(file: Path) -> None:
    """All that this process found, for :func:`read` in another."""
    file.write_bytes(msgspec.json.encode([(table, quantity, worst) for (table, quantity), worst in found.items()]))


def read(file: Path) -> dict[tuple[str, str], Worst]:
    """What :func:`write` wrote."""
    rows = msgspec.json.decode(file.read_bytes(), type=list[tuple[str, str, Worst]])
    return {(table, quantity): worst for table, quantity, worst in rows}
