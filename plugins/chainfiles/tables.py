"""Lines of a table into cells: each line stands for itself, so that a broken quote spoils its own row and not the rest of the file."""

import csv

MAX_LINE = 10_000
"""No row of a chain is longer."""


def cells_of(line: str, mark: str) -> list[str]:
    """The cells of one line; of a line whose quotes do not match, the cells as if there were none."""
    if '"' not in line:
        return line.split(mark)
    if line.count('"') % 2:
        return line.replace('"', "").split(mark)
    return next(csv.reader([line], delimiter=mark))
