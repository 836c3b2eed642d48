"""What the tests found about the numbers: every table's worst error beside its tolerance, kept for the page that prints them."""

from dataclasses import dataclass


@dataclass(slots=True)
class Worst:
    """The worst of one quantity of one table."""

    error: float
    tolerance: float
    cases: int = 0


found: dict[tuple[str, str], Worst] = {}
"""By table and quantity, over the tests that have run in this process."""


def record(*, table: str, quantity: str, error: float, tolerance: float, cases: int = 1) -> None:
    """Keeps the worst error of a table's quantity, and holds it to its tolerance; NaN is an error of any size."""
    worst = found.setdefault((table, quantity), Worst(error, tolerance))
    worst.error = max(worst.error, error) if error == error else error
    worst.cases = max(worst.cases, cases)
    assert error <= tolerance, f"{table}: {quantity} is off by {error:.3g}, more than {tolerance:.3g}"
