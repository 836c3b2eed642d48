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


def _table(style: str) -> bytes:
    """Every row with other terms."""
    chance = np.random.default_rng(1)
    days, vols = chance.choice([1, 7, 30, 90, 365, 700], ROWS), chance.uniform(0.1, 0.6, ROWS)
    strikes = np.round(500.0 * np.exp(chance.uniform(-2.0, 2.0, ROWS) * vols * np.sqrt(days / 365)), 2)
    rows = (
        f"{'C' if strike > 500 else 'P'},{style},500,{strike},{day},0.043,0.013,{vol:.4f}"
        for strike, day, vol in zip(strikes.tolist(), days.tolist(), vols.tolist(), strict=True)
    )
    return ("right,style,spot,strike,days,rate,yield,vol\n" + "\n".join(rows) + "\n").encode()


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
    for style in ("european", "american"):
        table = _table(style)
        _answered("price", table[: table.index(b"\n", 2000) + 1])  # imports: the start is another figure
        bar = BAR if style == "european" else None
        for command in ("price", "iv"):
            found = [_answered(command, table) for _ in range(ROUNDS)]
            table = found[0][0]
            _, cpu, wall = min(found, key=lambda one: one[1])
            note = f"{wall:.2f} s wall, {cpu / ROWS * 1e6:.2f} us a row"
            yield Figure(f"optix {command} --csv, {ROWS:,} {style} rows", cpu, "s", bar, note=note)
