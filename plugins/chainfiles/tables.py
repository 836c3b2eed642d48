"""Lines of a table into cells: each line stands for itself, so that a broken quote spoils its own row and not the rest of the file."""

import csv
import re

MAX_LINE = 10_000
"""No row of a chain is longer."""
_DECIMAL_COMMA = re.compile(r"\s*-?\d{1,3}(?:\.\d{3})*,\d+\s*|\s*-?\d+,\d+\s*")


def cells_of(line: str, mark: str) -> list[str]:
    """The cells of one line; of a line whose quotes do not match, or that is too long for a row, the cells as if there were none."""
    if '"' not in line:
        cells = line.split(mark)
    elif line.count('"') % 2 or len(line) > MAX_LINE:
        cells = line.replace('"', "").split(mark)
    else:
        cells = next(csv.reader([line], delimiter=mark))
    return cells if mark == "," else [_with_point(cell) for cell in cells]


def _with_point(cell: str) -> str:
    """A number as spreadsheets of many countries save it beside semicolons: ``1.234,5`` is 1234.5."""
    return cell.replace(".", "").replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell) else cell
