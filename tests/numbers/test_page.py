"""The page of numbers says what was found, and what was not."""

import math
from pathlib import Path

import pytest

from tests.kit import numbers
from tests.kit.numbers import Worst, record
from tests.numbers.page import page
from tests.speed.figure import Figure


@pytest.fixture(autouse=True)
def _found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "found", {})


def test_of_many_errors_the_worst_is_kept_and_one_beyond_its_tolerance_fails():
    for error in (1e-12, 3e-11, 2e-12):
        record(table="greeks.csv", quantity="vega", error=error, tolerance=1e-10, cases=200)
    assert numbers.found == {("greeks.csv", "vega"): Worst(3e-11, 1e-10, 200)}
    with pytest.raises(AssertionError, match=r"greeks\.csv: vega is off by 2e-10"):
        record(table="greeks.csv", quantity="vega", error=2e-10, tolerance=1e-10)


def test_an_unknown_error_is_the_worst_there_is():
    with pytest.raises(AssertionError, match="off by nan"):
        record(table="greeks.csv", quantity="vega", error=math.nan, tolerance=1e-10)
    numbers.keep({("greeks.csv", "vega"): Worst(1e-12, 1e-10, 1)})
    assert math.isnan(numbers.found["greeks.csv", "vega"].error)


def test_what_one_process_found_is_read_by_another(tmp_path: Path):
    record(table="greeks.csv", quantity="vega", error=1e-12, tolerance=1e-10, cases=3)
    numbers.write(tmp_path / "1.json")
    assert numbers.read(tmp_path / "1.json") == numbers.found


def test_the_page_shows_errors_ratios_missed_bars_and_skipped_peers():
    figures = {
        "quant": [
            Figure("IV: numba against vollib", 400.0, "x", bar=250.0, more_is_better=True),
            Figure("IV: numba against lbriv", 3.0, "x", bar=4.0, more_is_better=True),
            Figure("GARCH against arch", math.nan, "", note="skipped: arch is not installed"),
        ]
    }
    text = page({("greeks.csv", "vega"): Worst(3e-11, 1e-10, 200)}, figures, passed=1234, skipped=2)
    assert "1,234 tests of the numeric core passed, 2 were skipped" in text
    assert "| greeks.csv | vega | 200 | 3e-11 | 1e-10 |" in text
    assert "| IV: numba against vollib | 400 x | ≥ 250 | met |  |" in text
    assert "| IV: numba against lbriv | 3 x | ≥ 4 | **missed** |  |" in text
    assert "| GARCH against arch | — |  |  | skipped: arch is not installed |" in text
    assert "## Conventions" in text
