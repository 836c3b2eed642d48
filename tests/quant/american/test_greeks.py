"""American Greeks against differences of high-precision prices, and the equations between them."""

import math

import numpy as np
import pytest

from engine.quant import tiers
from engine.quant.american import prices
from engine.quant.american.greeks import AmericanGreeks, greeks
from engine.quant.european.black import greeks as european_greeks
from engine.quant.european.black import higher_greeks
from tests.kit.numbers import record
from tests.quant.american.tables import Column, chain

ALLOWED = {
    "deltas": 5e-5, "gammas": 2e-4, "vegas": 2e-2, "thetas": 2e-2, "rhos": 0.1, "dividend_rhos": 0.1,
    "vannas": 1e-2, "volgas": 1.0, "charms": 0.2, "speeds": 1e-3, "zommas": 0.1, "colors": 0.1,
}  # fmt: skip
"""In model units on a spot of 100, whose largest values are 1, 0.3, 60, 100, 350, 200, 5, 560, 7, 0.1, 2.4 and 6."""


def moved(terms: dict[str, Column], **steps: Column) -> Column:
    return prices(**{**terms, **{name: terms[name] + step for name, step in steps.items()}}, setting="fine")


def slope(terms: dict[str, Column], name: str, step: Column) -> Column:
    return (moved(terms, **{name: step}) - moved(terms, **{name: -step})) / (2.0 * step)


def curve(terms: dict[str, Column], name: str, step: Column) -> Column:
    return (moved(terms, **{name: step}) - 2.0 * prices(**terms, setting="fine") + moved(terms, **{name: -step})) / (step * step)


def cross(terms: dict[str, Column], first: str, by: Column, second: str, step: Column) -> Column:
    up = moved(terms, **{first: by, second: step}) - moved(terms, **{first: -by, second: step})
    down = moved(terms, **{first: by, second: -step}) - moved(terms, **{first: -by, second: -step})
    return (up - down) / (4.0 * by * step)


def differences(terms: dict[str, Column]) -> dict[str, Column]:
    deviation = terms["vols"] * np.sqrt(terms["years"])
    spot, vol, time = 100.0 * 0.02 * deviation, 0.004 * terms["vols"], 1e-3 * terms["years"]
    small = np.full(spot.shape, 1e-5)
    return {
        "deltas": slope(terms, "spots", spot / 4.0),
        "gammas": curve(terms, "spots", spot),
        "vegas": slope(terms, "vols", vol),
        "thetas": -slope(terms, "years", time),
        "rhos": slope(terms, "rates", small),
        "dividend_rhos": slope(terms, "yields", small),
        "vannas": cross(terms, "spots", spot, "vols", vol),
        "volgas": curve(terms, "vols", vol),
        "charms": -cross(terms, "spots", spot, "years", time),
    }


def held(terms: dict[str, Column]) -> np.ndarray:
    """Rows far enough from their boundary that no difference reaches over it."""
    room = 0.05 * terms["vols"] * np.sqrt(terms["years"])
    sides = [prices(**{**terms, "spots": terms["spots"] * factor}, setting="fine") for factor in (1.0 - room, 1.0 + room)]
    intrinsic = [terms["rights"] * (terms["spots"] * factor - terms["strikes"]) for factor in (1.0 - room, 1.0 + room)]
    return np.logical_and(*(side > value + 1e-7 for side, value in zip(sides, intrinsic, strict=True)))


def test_every_greek_is_the_difference_of_high_precision_prices(tier: tiers.Tier):
    terms = chain(120, deviations=2.5)
    found, fine, truth, good = greeks(**terms), greeks(**terms, setting="fine"), differences(terms), held(terms)
    assert good.sum() > 90
    for name, allowed in ALLOWED.items():
        true = truth.get(name, getattr(fine, name))
        error = float(np.max(np.abs(getattr(found, name) - true)[good]))
        record(table="differences of fine American prices", quantity=name, error=error, tolerance=allowed, cases=int(good.sum()))


def test_speed_and_color_are_the_derivatives_of_gamma(tier: tiers.Tier):
    terms = {name: values[:40] for name, values in chain(40, seed=8).items()}
    good = held(terms)
    step = 1.0 * terms["vols"] * np.sqrt(terms["years"])
    gammas = [greeks(**{**terms, "spots": terms["spots"] + sign * step}, setting="fine").gammas for sign in (1.0, -1.0)]
    fine = greeks(**terms, setting="fine")
    scale = fine.gammas / step
    assert (np.abs((gammas[0] - gammas[1]) / (2.0 * step) - fine.speeds) <= 2e-3 * scale)[good].all()
    later = greeks(**{**terms, "years": 0.99 * terms["years"]}, setting="fine").gammas
    np.testing.assert_allclose(((later - fine.gammas) / (0.01 * terms["years"]))[good], fine.colors[good], rtol=0.05, atol=2e-2)


def test_an_option_to_be_exercised_now_has_a_delta_and_nothing_else(tier: tiers.Tier):
    found = greeks(spots=[60.0, 160.0], strikes=100.0, years=0.5, vols=0.2, rights=[-1, 1], rates=[0.08, 0.0], yields=[0.0, 0.08])
    assert found.prices.tolist() == [40.0, 60.0]
    assert found.deltas.tolist() == [-1.0, 1.0]
    for column in found[2:]:
        assert column.tolist() == [0.0, 0.0]


def test_where_exercise_never_pays_the_greeks_are_the_european_ones(tier: tiers.Tier):
    terms = {"spots": 100.0, "strikes": [90.0, 110.0], "years": 0.4, "vols": 0.3, "rights": 1.0, "rates": 0.05, "yields": 0.0}
    found, first, more = greeks(**terms), european_greeks(**terms), higher_greeks(**terms)
    for name in ("prices", "deltas", "gammas", "vegas", "thetas", "rhos", "vannas", "volgas", "charms"):
        np.testing.assert_allclose(getattr(found, name), getattr(first, name), rtol=1e-12)
    for name in ("speeds", "zommas", "colors", "dividend_rhos"):
        np.testing.assert_allclose(getattr(found, name), getattr(more, name), rtol=1e-12)


def test_between_two_boundaries_the_first_greeks_are_those_of_the_tree(tier: tiers.Tier):
    terms = {"spots": 95.0, "strikes": 100.0, "years": 3.0, "vols": 0.15, "rights": -1.0, "rates": -0.005, "yields": -0.03}
    found = greeks(**terms)
    up, down = (float(prices(**{**terms, "spots": spot})) for spot in (97.0, 93.0))
    assert float(found.deltas) == pytest.approx((up - down) / 4.0, abs=2e-3)
    up, down = (float(prices(**{**terms, "vols": vol})) for vol in (0.17, 0.13))
    assert float(found.vegas) == pytest.approx((up - down) / 0.04, rel=0.03)
    assert all(math.isfinite(float(column)) for column in found)


def test_a_rate_of_exactly_zero_has_a_rho_from_one_side(tier: tiers.Tier):
    terms = {"spots": 90.0, "strikes": 100.0, "years": 1.0, "vols": 0.3, "rights": -1.0, "rates": 0.0, "yields": -0.02}
    beside = greeks(**{**terms, "rates": 0.003})
    assert float(greeks(**terms).rhos) == pytest.approx(float(beside.rhos), rel=0.1)


def test_without_time_or_volatility_there_are_no_greeks(tier: tiers.Tier):
    found = greeks(spots=100.0, strikes=90.0, years=[0.0, 1.0], vols=[0.2, 0.0], rights=1.0, rates=0.05, yields=0.02)
    assert found.prices.tolist() == pytest.approx([10.0, max(10.0, 100 * math.exp(-0.02) - 90 * math.exp(-0.05))])
    assert np.isnan(np.stack(found[1:])).all()
    assert AmericanGreeks._fields[0] == "prices"


@pytest.mark.usefixtures("warm_kernels")
def test_both_tiers_give_the_same_greeks():
    found = []
    terms = chain(60, seed=3)
    for name in ("numpy", "numba"):
        with tiers.using(name):
            found.append(greeks(**terms))
    for name in ("prices", "deltas", "gammas", "speeds"):
        np.testing.assert_allclose(getattr(found[0], name), getattr(found[1], name), rtol=1e-9, atol=1e-9)
    for name in ("vegas", "thetas", "rhos", "dividend_rhos", "vannas", "charms", "zommas", "colors"):
        np.testing.assert_allclose(getattr(found[0], name), getattr(found[1], name), rtol=1e-6, atol=1e-6)
