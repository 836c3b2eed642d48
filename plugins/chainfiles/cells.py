"""One cell of a table: a number where there is one, NaN for everything else."""

from math import inf, nan

LONGEST = 40
"""No number that is meant as one has more letters."""


def number(cell: object) -> float:
    """The number in a cell: ``1,234.5`` is one, ``--`` and infinities are not."""
    if isinstance(cell, str):
        return _from_text(cell)
    if isinstance(cell, float):
        return cell if -inf < cell < inf else nan
    if isinstance(cell, bool) or not isinstance(cell, int):
        return nan
    return float(cell) if -(2**53) <= cell <= 2**53 else nan


def _from_text(cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        return _from_dressed_text(cell)
    return value if -inf < value < inf else nan


def _from_dressed_text(cell: str) -> float:
    """A number with quotes around it or marks between its thousands."""
    if len(cell) > LONGEST:
        return nan
    try:
        value = float(cell.strip().strip("\"'").replace(",", "").replace("\N{NO-BREAK SPACE}", ""))
    except ValueError:
        return nan
    return value if -inf < value < inf else nan
