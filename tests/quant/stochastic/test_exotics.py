"""Barriers by QuantLib where it is installed, and a clear word where it is not."""

import csv
import math
import subprocess
import sys
from pathlib import Path

import pytest

from engine.quant.european.black import greeks
from tests.kit.numbers import record

ROOT = Path(__file__).resolve().parents[3]


def test_without_quantlib_the_extra_to_install_is_named():
    program = (
        "import sys; sys.modules['QuantLib'] = None\n"
        "from engine.quant.stochastic import exotics\n"
        "try:\n    exotics.touch_price(spot=100, barrier=110, years=1, vol=0.2)\n"
        "except exotics.ExoticsUnavailableError as error:\n    print(error)"
    )
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "pip install 'optix[exotics]'" in said


class TestWithQuantLib:
    @pytest.fixture(autouse=True)
    def installed(self):
        pytest.importorskip("QuantLib")

    def test_haugs_barriers_are_met(self, fixtures: Path):
        from engine.quant.stochastic.exotics import barrier_price

        with (fixtures / "model_tables" / "haug_barrier_european.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            S, K, H, rebate, q, r, T, vol, value = (
                float(row[name]) for name in ("spot", "strike", "barrier", "rebate", "q", "r", "t", "vol", "value")
            )
            found = barrier_price(
                spot=S, strike=K, barrier=H, kind=row["barrier_type"], years=T, vol=vol, rate=r, dividend=q, rebate=rebate,
                right=1.0 if row["type"] == "call" else -1.0,
            )  # fmt: skip
            record(
                table="haug_barrier_european.csv", quantity="price (QuantLib)", error=abs(found - value), tolerance=1e-4, cases=len(rows)
            )

    @pytest.mark.parametrize("years", [0.5, 1 / 365 / 3, 0.0014])
    def test_in_and_out_add_to_the_plain_option_at_any_time(self, years: float):
        from engine.quant.stochastic.exotics import barrier_price

        terms = {"spot": 100.0, "strike": 100.0, "barrier": 99.0, "years": years, "vol": 0.3, "right": 1.0, "rate": 0.04}
        both = barrier_price(**terms, kind="downin") + barrier_price(**terms, kind="downout")
        plain = greeks(spots=100.0, strikes=100.0, years=years, vols=0.3, rights=1, rates=0.04).prices
        assert both == pytest.approx(float(plain), rel=1e-9)

    def test_a_barrier_already_hit_leaves_the_option_or_the_rebate(self):
        from engine.quant.stochastic.exotics import barrier_price

        terms = {"spot": 100.0, "strike": 100.0, "barrier": 105.0, "years": 0.5, "vol": 0.3, "right": 1.0, "rebate": 2.0}
        plain = greeks(spots=100.0, strikes=100.0, years=0.5, vols=0.3, rights=1).prices
        assert barrier_price(**terms, kind="downout") == 2.0
        assert barrier_price(**terms, kind="downin") == pytest.approx(float(plain))

    def test_a_touch_is_the_reflected_probability_for_a_price_without_drift(self):
        from engine.quant.stochastic.exotics import touch_price

        vol, years, barrier = 0.2, 0.5, 110.0
        s = vol * math.sqrt(years)
        cdf = lambda x: 0.5 * math.erfc(-x / math.sqrt(2))  # noqa: E731
        k = math.log(100 / barrier)
        reflected = cdf((k - s * s / 2) / s) + (100 / barrier) * cdf((k + s * s / 2) / s)
        assert touch_price(spot=100.0, barrier=barrier, years=years, vol=vol) == pytest.approx(reflected, rel=1e-9)
        assert touch_price(spot=110.0, barrier=110.0, years=years, vol=vol) == 1.0

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"kind": "sideways"}, "choose downin"),
            ({"spot": 0.0}, "spot is 0"),
            ({"years": -1.0}, "years is -1"),
            ({"vol": math.nan}, "vol is nan"),
            ({"vol": 20.0}, "give 0.2 for 20 %"),
            ({"right": 0.0}, "is a call"),
        ],
    )
    def test_terms_that_are_no_contract_are_refused(self, wrong: dict[str, object], said: str):
        from engine.quant.stochastic.exotics import barrier_price

        terms = {"spot": 100.0, "strike": 100.0, "barrier": 90.0, "kind": "downout", "years": 0.5, "vol": 0.3, "right": 1.0, **wrong}
        with pytest.raises(ValueError, match=said):
            barrier_price(**terms)  # type: ignore[arg-type]
