"""How many pixels a cell of the terminal has."""

import struct
import sys
from typing import NamedTuple

USUAL_WIDTH, USUAL_HEIGHT = 10, 20
"""Where the terminal does not say."""
LEAST, MOST = 4, 64


class CellSize(NamedTuple):
    """Pixels of a cell."""

    width: int = USUAL_WIDTH
    height: int = USUAL_HEIGHT


def cell_size() -> CellSize:
    """As the terminal's own window size says (TIOCGWINSZ), else a usual one."""
    try:
        import fcntl
        import termios
    except ImportError:  # Windows
        return CellSize()
    for stream in (sys.__stderr__, sys.__stdout__, sys.__stdin__):
        try:
            if stream is None:
                continue
            told = fcntl.ioctl(stream.fileno(), termios.TIOCGWINSZ, b"\0" * 8)
        except (OSError, ValueError):
            continue
        return cell_size_of(*struct.unpack("HHHH", told))
    return CellSize()


def cell_size_of(rows: int, columns: int, width: int, height: int) -> CellSize:
    """From a window's cells and pixels, 0 where they are not known; nonsense is answered by the usual size."""
    if not (rows and columns and width and height):
        return CellSize()
    found = CellSize(width // columns, height // rows)
    return found if LEAST <= found.width <= MOST and LEAST <= found.height <= MOST else CellSize()
