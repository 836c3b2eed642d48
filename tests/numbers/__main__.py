"""`python3 run.py numbers`: runs the tests of the numbers and the numeric rooms of the speed table, and writes docs/numbers.md."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.kit import numbers
from tests.numbers.page import page
from tests.speed import __main__ as speed

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "numbers.md"
TESTS = ("tests/quant", "tests/services/analytics/test_surface_truth.py")
ROOMS = ("quant", "contracts", "american", "surfaces", "forecasts", "risk")


def main() -> int:
    """Writes the page; tests that fail leave the old one and are exit code 1."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pytest", "-q", *TESTS]
        ran = subprocess.run(command, check=False, cwd=ROOT, env=os.environ | {numbers.FOLDER: folder}, capture_output=True, text=True)
        sys.stdout.write(ran.stdout)
        sys.stderr.write(ran.stderr)
        if ran.returncode:
            return 1
        for file in sorted(Path(folder).glob("*.json")):
            numbers.keep(numbers.read(file))
    figures = {speed.name_of(room): list(speed.measured(room)) for room in speed.prepared(ROOMS)}
    PAGE.write_text(page(numbers.found, figures, _count(ran.stdout, "passed"), _count(ran.stdout, "skipped")), encoding="utf-8")
    print(f"\nwritten: {PAGE.relative_to(ROOT)}")
    return 0


def _count(told: str, what: str) -> int:
    found = re.search(rf"(\d+) {what}", told)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    sys.exit(main())
