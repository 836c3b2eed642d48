"""How docs/numbers.md reads: a table of worst errors, a table of speed, and the conventions the numbers are in."""

import math
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.kit.numbers import Worst
from tests.speed.figure import Figure

CONVENTIONS = Path(__file__).with_name("conventions.md")
HEAD = """# Numbers

Made by `python3 run.py numbers`: it runs the tests of `engine/quant` and of the simulated market's surfaces, keeps the worst
error of every table, runs the speed table's numeric rooms against the libraries of `tests/speed/requirements.lock`, and writes
this page. Do not edit it by hand.
"""


def page(found: Mapping[tuple[str, str], Worst], figures: Mapping[str, list[Figure]], passed: int, skipped: int) -> str:
    """The whole page."""
    parts = [HEAD, "".join(_right(found, passed, skipped)), "".join(_fast(figures)), CONVENTIONS.read_text(encoding="utf-8")]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _right(found: Mapping[tuple[str, str], Worst], passed: int, skipped: int) -> Iterator[str]:
    yield "## Right\n\n"
    yield f"{passed:,} tests of the numeric core passed"
    yield f", {skipped:,} were skipped (their data or peer is absent)" if skipped else ""
    yield ". The worst error of each table, in the units of its quantity, over both tiers:\n\n"
    yield "| table | quantity | cases | worst error | tolerance |\n| --- | --- | ---: | ---: | ---: |\n"
    for (table, quantity), worst in sorted(found.items()):
        error = "unknown" if math.isnan(worst.error) else f"{worst.error:.2g}"
        yield f"| {table} | {quantity} | {worst.cases:,} | {error} | {worst.tolerance:.2g} |\n"


def _fast(figures: Mapping[str, list[Figure]]) -> Iterator[str]:
    yield "## Fast\n\n"
    yield f"One run on {_processor()}, Python {platform.python_version()}. The ratios are the result; the absolutes are orientation.\n"
    for room, measured in figures.items():
        yield f"\n### {room}\n\n| what | value | bar | | |\n| --- | ---: | ---: | --- | --- |\n"
        for figure in measured:
            value = "—" if math.isnan(figure.value) else f"{figure.value:,.4g} {figure.unit}"
            bar = "" if figure.bar is None else f"{'≥' if figure.more_is_better else '≤'} {figure.bar:g}"
            met = {True: "met", False: "**missed**", None: ""}[figure.met]
            yield f"| {figure.what} | {value} | {bar} | {met} | {figure.note} |\n"


def _processor() -> str:
    """The processor's name and its widest vectors, as far as this system tells."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    model = next((line.split(":", 1)[1].strip() for line in told.splitlines() if line.startswith("model name")), platform.machine())
    vectors = "AVX-512" if " avx512f" in told else "AVX2" if " avx2" in told else "128-bit vectors"
    return f"{model} ({vectors})"
