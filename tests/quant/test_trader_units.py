"""Trader units against the finite move a trader would make."""

from pathlib import Path

import pytest

from engine.quant.european import bachelier
from engine.quant.european.black import Greeks, HigherGreeks, greeks
from engine.quant.european.greeks import FullGreeks
from engine.quant.trader_units import FACTORS, NORMAL_FACTORS, in_trader_units, singular

TERMS = {"spots": 100.0, "strikes": 103.0, "years": 0.3, "vols": 0.25, "rights": 1, "rates": 0.04, "yields": 0.01}


def moved(**changes: float) -> float:
    return float(greeks(**{**TERMS, **changes}).prices - greeks(**TERMS).prices)


@pytest.mark.parametrize(
    ("name", "field", "changes"),
    [("vega", "vegas", {"vols": 0.26}), ("theta", "thetas", {"years": 0.3 - 1 / 365}), ("rho", "rhos", {"rates": 0.05})],
)
def test_a_greek_in_trader_units_is_what_one_step_costs(name: str, field: str, changes: dict[str, float]):
    assert float(getattr(greeks(**TERMS), field)) * FACTORS[name] == pytest.approx(moved(**changes), rel=0.04)


def test_every_greek_has_a_factor():
    names = {singular(name) for name in (*Greeks._fields, *HigherGreeks._fields)}
    assert names == set(FACTORS)
    assert {singular(name) for name in FullGreeks._fields} <= set(FACTORS)


def test_a_normal_volatility_has_no_points_to_convert():
    found = bachelier.greeks(forwards=-3.0, strikes=1.0, years=0.5, vols=8.0, rights=1, rates=0.03)
    shown = in_trader_units(found, NORMAL_FACTORS)
    assert shown.vegas == found.vegas
    assert shown.thetas == pytest.approx(found.thetas / 365)
    assert shown.rhos == pytest.approx(found.rhos / 100)


def test_the_page_of_units_has_every_greek_with_its_factor():
    page = (Path(__file__).parents[2] / "docs" / "units.md").read_text(encoding="utf-8")
    greeks_part = page.split("## Greeks")[1].split("##")[0]
    rows = {cells[1].strip(): cells[-2].strip() for cells in (line.split("|") for line in greeks_part.splitlines()) if len(cells) > 4}
    said = {word.strip().replace(" ", "_"): factor for name, factor in rows.items() for word in name.split(",")}
    for name, factor in FACTORS.items():
        numerator, _, denominator = said[name].replace(",", "").partition("/")
        assert float(numerator) / float(denominator or 1) == pytest.approx(factor), name
