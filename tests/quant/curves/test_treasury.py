"""The Treasury's par yields: its own files read, and bonds at par on the curve that comes of them."""

import gzip
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from engine.quant.curves.treasury import curve_of_day, par_curve, read_par_yields
from tests.kit.numbers import record
from tests.quant.curves.test_discount import worth

FILES = {
    "treasury_par_yields_1990-2022Q1.csv.gz": (7757, date(1990, 1, 2), date(2020, 12, 31), 12),
    "treasury_par_yields_2023.csv": (168, date(2023, 1, 3), date(2023, 8, 31), 13),
    "treasury_par_yields_2024-07_2025-07.csv": (251, date(2024, 7, 15), date(2025, 7, 16), 14),
}


def text_of(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_the_treasurys_own_files_are_read_in_the_order_of_time(fixtures: Path, name: str):
    count, first, last, tenors = FILES[name]
    found = read_par_yields(text_of(fixtures / "market_series" / name))
    assert found.days.size == count
    assert (found.days[0].item(), found.days[-1].item()) == (first, last)
    assert found.tenors.size == tenors
    assert (np.diff(found.tenors) > 0).all()
    assert np.nanmax(found.yields) < 0.1
    assert np.nanmin(found.yields) >= -0.001


@pytest.mark.parametrize("name", FILES)
def test_on_the_curve_of_a_day_every_par_bond_costs_its_face_value(fixtures: Path, name: str):
    found = read_par_yields(text_of(fixtures / "market_series" / name))
    for at in range(0, found.days.size, max(1, found.days.size // 12)):
        curve = curve_of_day(found, found.days[at].item())
        for tenor, rate in zip(found.tenors, found.yields[at], strict=True):
            if np.isnan(rate):
                continue
            price = float(curve.discounts(tenor) * (1 + rate * tenor)) if tenor <= 0.5 else worth(curve, tenor, rate)
            record(table=name, quantity="par bond", error=abs(price - 1.0), tolerance=1e-12)
        assert str(found.days[at]) in curve.source


def test_a_day_without_trading_has_the_curve_of_the_day_before(fixtures: Path):
    found = read_par_yields(text_of(fixtures / "market_series" / "treasury_par_yields_2023.csv"))
    sunday, friday = curve_of_day(found, date(2023, 1, 8)), curve_of_day(found, date(2023, 1, 6))
    assert sunday.source == friday.source
    with pytest.raises(ValueError, match="begins on 2023-01-03"):
        curve_of_day(found, date(2022, 12, 30))


def test_short_yields_are_simple_and_long_ones_pay_twice_a_year():
    curve = par_curve(tenors=[0.25, 1.0], yields=[0.05, 0.05])
    assert float(curve.discounts(0.25)) == pytest.approx(1 / (1 + 0.05 / 4), rel=1e-15)
    assert worth(curve, 1.0, 0.05) == pytest.approx(1.0, abs=1e-14)
    with pytest.raises(ValueError, match="without a single yield"):
        par_curve(tenors=[1.0], yields=[float("nan")])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "first column"),
        ("Day,1 Mo\n", "must be Date"),
        ("Date,1 Moon\n", "'1 Moon' is no tenor"),
        ("Date,1 Mo\n2023-13-01,4\n", "line 2: '2023-13-01' is no day"),
        ("Date,1 Mo\n2023-01-03,four\n", "line 2: 'four' is no yield"),
        ("Date,1 Mo\n2023-01-03,4.1\n2023-01-04,417\n", "line 3: '417' is no yield"),
        ("Date,1 Mo,2 Mo\n2023-01-03,4.1\n", "line 2 has 2 cells, the header 3"),
    ],
)
def test_a_file_that_is_something_else_is_refused_with_its_line(text: str, said: str):
    with pytest.raises(ValueError, match=said):
        read_par_yields(text)


def test_a_file_of_no_days_says_so_when_asked():
    with pytest.raises(ValueError, match="no day"):
        curve_of_day(read_par_yields("Date,1 Mo\n"), date(2023, 1, 1))
