"""`optix price` and `optix iv` over 100,000 rows: CSV in, numbers, CSV out, after the program has started."""

import io
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from tests.speed.figure import Figure

ROWS, ROUNDS = 100_000, 3
BAR = 1.0
"""Seconds."""


QUARTERLY = "20:1.2;111:1.2;202:1.2;293:1.2"
TABLES = {
    "European": ("european", ROWS, "", BAR),
    "American": ("american", ROWS, "", BAR),
    "European, cash dividends": ("european", 10_000, QUARTERLY, BAR),
    "American, cash dividends": ("american", 1_000, QUARTERLY, BAR),
}
"""By what is said of it: style, rows, the dividends of each row, and the bar."""


def _table(style: str, size: int, dividends: str) -> bytes:
    """Every row with a strike and a volatility of its own, over six expiries."""
    chance = np.random.default_rng(1)
    days, vols = chance.choice([1, 7, 30, 90, 365, 700], size), chance.uniform(0.1, 0.6, size)
    strikes = np.round(500.0 * np.exp(chance.uniform(-2.0, 2.0, size) * vols * np.sqrt(days / 365)), 2)
    rows = (
        f"{'C' if strike > 500 else 'P'},{style},500,{strike},{day},0.043,0.013,{vol:.4f},{dividends}"
        for strike, day, vol in zip(strikes.tolist(), days.tolist(), vols.tolist(), strict=True)
    )
    return ("right,style,spot,strike,days,rate,yield,vol,dividends\n" + "\n".join(rows) + "\n").encode()


@contextmanager
def _streams(table: bytes) -> Iterator[io.BytesIO]:
    """stdin from these bytes and stdout to others."""
    before, out = (sys.stdin, sys.stdout), io.BytesIO()
    sys.stdin, sys.stdout = io.TextIOWrapper(io.BytesIO(table)), io.TextIOWrapper(out)
    try:
        yield out
        sys.stdout.flush()
    finally:
        sys.stdin, sys.stdout = before


def _answered(command: str, table: bytes) -> tuple[bytes, float, float]:
    from engine.cli.main import main

    wall, cpu = time.perf_counter(), time.process_time()
    with _streams(table) as out:
        code = main([command, "--csv", "-"])
        sys.stdout.flush()
        answer = out.getvalue()
    if code != 0:
        raise RuntimeError(f"optix {command} ended with {code}")
    return answer, time.process_time() - cpu, time.perf_counter() - wall


def measures() -> Iterator[Figure]:
    _warmed()
    for said, (style, size, dividends, bar) in TABLES.items():
        table = _table(style, size, dividends)
        for command in ("price", "iv"):
            found = [_answered(command, table) for _ in range(ROUNDS)]
            table = found[0][0]
            wall = min(one[2] for one in found)
            cpu = min(one[1] for one in found)
            note = f"{cpu:.2f} s of CPU, {cpu / size * 1e6:.3g} us a row"
            yield Figure(f"optix {command} --csv, {size:,} rows: {said}", wall, "s", bar, note=note)


def _warmed() -> None:
    """Imports and kernels: the start is another figure."""
    from engine.quant import tiers

    tiers.warm(rooms=("columns", "american", "held", "dividends"))
    for style in ("european", "american"):
        _answered("price", _table(style, 100, QUARTERLY))
