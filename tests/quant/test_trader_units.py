"""Trader units against the finite move a trader would make."""

import pytest

from engine.quant.european.black import Greeks, HigherGreeks, greeks
from engine.quant.trader_units import FACTORS

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
    singular = {"vegas": "vega", "probabilities_itm": "probability_itm"}
    names = {singular.get(name, name.removesuffix("s")) for name in (*Greeks._fields, *HigherGreeks._fields)}
    assert names == set(FACTORS)
