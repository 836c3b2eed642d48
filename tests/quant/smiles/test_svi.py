"""Raw SVI: the published smile, fits that find what made the quotes, and an answer for any quotes at all."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant import tiers
from engine.quant.chain.segments import of_sizes
from engine.quant.codes import FitStatus
from engine.quant.formulas import svi_fit
from engine.quant.smiles.arbitrage import butterflies
from engine.quant.smiles.svi import RawSvi, durrleman, fit_slices, of_theta, smile, vols
from tests.kit.numbers import record
from tests.kit.smiles import VOGT, ssvi_market, vogt_table

TABLE = "svi_vogt_smile.csv"


def test_vogts_smile_and_its_g_are_met(fixtures: Path):
    table = vogt_table(fixtures)
    k = table["k"]
    record(
        table=TABLE,
        quantity="total variance",
        error=float(np.abs(smile(log_moneyness=k, slices=VOGT).variances - table["total_variance"]).max()),
        tolerance=1e-14,
    )
    record(table=TABLE, quantity="g", error=float(np.abs(durrleman(log_moneyness=k, slices=VOGT) - table["g"]).max()), tolerance=1e-12)


def test_derivatives_are_those_of_the_smile():
    k, h = np.linspace(-1, 1, 21), 1e-5
    at, above, below = (smile(log_moneyness=k + d, slices=VOGT) for d in (0.0, h, -h))
    assert np.allclose(at.slopes, (above.variances - below.variances) / (2 * h), atol=1e-9)
    assert np.allclose(at.curvatures, (above.slopes - below.slopes) / (2 * h), atol=1e-8)


def test_vogts_numbers_come_out_of_his_smile(tier: tiers.Tier, fixtures: Path):
    table = vogt_table(fixtures)
    found = fit_slices(log_moneyness=table["k"], vols=np.sqrt(table["total_variance"]), segments=of_sizes(np.array([61])), years=np.ones(1))
    for ours, theirs in zip(found.slices, VOGT, strict=True):
        assert ours[0] == pytest.approx(theirs[0], abs=1e-7)
    record(table=TABLE, quantity="calibrated volatility", error=float(found.errors[0]), tolerance=1e-9)
    assert found.statuses[0] == FitStatus.OK


@pytest.mark.parametrize("rho", [-0.9, -0.5, 0.0, 0.7])
@pytest.mark.parametrize("bend", [0.03, 0.1, 0.4])
@pytest.mark.parametrize("place", [-0.1, 0.0, 0.1])
def test_known_numbers_are_recovered(rho: float, bend: float, place: float, tier: tiers.Tier):
    truth = RawSvi(*(np.array([value]) for value in (0.01, 0.1, rho, place, bend)))
    k = np.linspace(-0.6, 0.4, 31)
    found = fit_slices(
        log_moneyness=k, vols=vols(log_moneyness=k, slices=truth, years=0.5), segments=of_sizes(np.array([31])), years=np.array([0.5])
    )
    assert found.errors[0] < 1e-6
    again = vols(log_moneyness=k, slices=found.slices, years=0.5)
    assert np.abs(again - vols(log_moneyness=k, slices=truth, years=0.5)).max() < 1e-5


@pytest.mark.usefixtures("warm_kernels")
def test_the_tiers_objectives_agree_on_noise():
    market, _ = ssvi_market(noise=0.01, slices=8)
    with tiers.using("numpy"):
        plain = fit_slices(**market._asdict())
    with tiers.using("numba"):
        compiled = fit_slices(**market._asdict())
    assert np.allclose(plain.errors, compiled.errors, rtol=1e-6)


def test_wings_without_quotes_are_kept_free_of_butterflies_at_hardly_a_cost(monkeypatch: pytest.MonkeyPatch):
    truth = RawSvi(*map(np.float64, (-0.0155, 0.08, -0.2516, 0.0241, 0.2327)))
    k, markets = np.linspace(-0.5, 0.05, 30), 20  # hardly a call: nothing but the bound holds the right wing
    noise = 2e-3 * np.random.default_rng(1).standard_normal((markets, 30))
    terms = {
        "log_moneyness": np.tile(k, markets),
        "vols": (vols(log_moneyness=k, slices=truth, years=0.25) + noise).ravel(),
        "segments": of_sizes(np.full(markets, 30)),
        "years": np.full(markets, 0.25),
    }
    kept = fit_slices(**terms)
    monkeypatch.setattr(svi_fit, "WORTH", 0.0)
    best = fit_slices(**terms)
    flags = [butterflies(slices=fit.slices, lows=fit.lows, highs=fit.highs).arbitrage.sum() for fit in (best, kept)]
    assert flags[0] > 3
    assert flags[1] == 0
    assert kept.errors.mean() < 1.05 * best.errors.mean()


@pytest.mark.parametrize("outlier", [False, True])
def test_a_slice_of_many_quotes_is_fitted_as_closely_as_if_every_step_looked_at_all_of_them(monkeypatch: pytest.MonkeyPatch, outlier: bool):
    market, _ = ssvi_market(slices=3, points=300, noise=0.002)
    k = market.log_moneyness.copy()
    if outlier:  # one strike so far out that the others share a few cells
        k[::300] = -40.0
    terms = {**market._asdict(), "log_moneyness": k}
    with tiers.using("numpy"):
        gathered = fit_slices(**terms)
        monkeypatch.setattr(svi_fit, "MANY", 10_000)
        every = fit_slices(**terms)
    assert (gathered.errors <= 1.01 * every.errors).all()


def test_a_slice_fits_alone_as_it_does_beside_others(tier: tiers.Tier):
    market, _ = ssvi_market(noise=0.002, slices=4)
    together = fit_slices(**market._asdict())
    for i in range(4):
        own = market.segments.owner == i
        alone = fit_slices(
            log_moneyness=market.log_moneyness[own], vols=market.vols[own], segments=of_sizes(np.array([41])), years=market.years[i : i + 1]
        )
        assert [part[0] for part in alone.slices] == [part[i] for part in together.slices]


def test_a_heavy_quote_is_met_closer_than_a_light_one(tier: tiers.Tier):
    k = np.linspace(-0.3, 0.3, 13)
    quoted = 0.2 - 0.1 * k
    quoted[6] += 0.01
    weights = np.ones(13)
    weights[6] = 1e6
    cut, years = of_sizes(np.array([13])), np.array([0.25])
    light = fit_slices(log_moneyness=k, vols=quoted, segments=cut, years=years)
    heavy = fit_slices(log_moneyness=k, vols=quoted, segments=cut, years=years, weights=weights)
    off = [abs(float(vols(log_moneyness=0.0, slices=fit.slices, years=0.25)[0]) - quoted[6]) for fit in (light, heavy)]
    assert off[1] < 1e-4 < off[0]


@pytest.mark.parametrize(
    ("k", "quoted", "status"),
    [
        ([-0.1, -0.05, 0.0, 0.1], [0.25, 0.22, 0.2, 0.18], FitStatus.FEW_STRIKES),
        ([-0.1, 0.0, 0.1], [0.25, 0.2, 0.18], FitStatus.FEW_STRIKES),
        ([-0.1, 0.1], [0.25, 0.2], FitStatus.TWO_STRIKES),
        ([0.05], [0.3], FitStatus.ONE_STRIKE),
        ([0.05, 0.05], [0.3, 0.3], FitStatus.ONE_STRIKE),
        ([], [], FitStatus.NO_QUOTES),
    ],
)
def test_few_quotes_are_met_and_the_status_says_so(tier: tiers.Tier, k: list[float], quoted: list[float], status: FitStatus):
    found = fit_slices(log_moneyness=k, vols=quoted, segments=of_sizes(np.array([len(k)])), years=np.array([0.1]))
    assert found.statuses[0] == status
    assert found.counts[0] == len(k)
    if k:
        again = vols(log_moneyness=k, slices=found.slices, years=0.1)
        assert np.allclose(again, quoted, atol=3e-3)
        assert (durrleman(log_moneyness=np.linspace(-1, 1, 41), slices=found.slices) >= 0).all()
    else:
        assert all(math.isnan(part[0]) for part in found.slices)


def test_quotes_that_are_no_numbers_and_slices_without_time_are_left_out(tier: tiers.Tier):
    nan, infinity = math.nan, math.inf
    k = np.array([-0.2, -0.1, 0.0, 0.1, 0.2, nan, 0.3, infinity, 0.0, 0.1])
    quoted = np.array([0.25, 0.22, 0.2, 0.19, 0.185, 0.2, nan, 0.2, 0.2, 0.2])
    found = fit_slices(log_moneyness=k, vols=quoted, segments=of_sizes(np.array([8, 2])), years=np.array([0.1, -0.1]))
    assert found.counts.tolist() == [5, 0]
    assert found.statuses.tolist() == [FitStatus.OK, FitStatus.NO_QUOTES]
    assert found.errors[0] < 2e-3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"vols": [20.0, 21.0, 22.0]}, "write 20 % as 0.2"),
        ({"log_moneyness": [0.0, 0.1]}, "flat arrays of 3 quotes"),
        ({"years": [0.1, 0.2]}, "one number for each of 1 slices"),
        ({"years": [90.0]}, "days"),
    ],
)
def test_shapes_and_units_that_cannot_be_meant_are_refused_in_words(change: dict[str, object], said: str):
    good = {"log_moneyness": [-0.1, 0.0, 0.1], "vols": [0.2, 0.2, 0.2], "segments": of_sizes(np.array([3])), "years": [0.1]}
    with pytest.raises(ValueError, match=said):
        fit_slices(**{**good, **change})


@pytest.mark.parametrize("name", ["numpy", "numba"])
@given(
    k=st.lists(st.floats(-2, 2), min_size=1, max_size=12),
    data=st.data(),
    years=st.floats(1e-5, 10),
)
@settings(max_examples=80, deadline=None)
def test_any_quotes_give_a_slice_within_lees_bound_and_nowhere_negative(
    warm_kernels: None, name: tiers.Tier, k: list[float], data: st.DataObject, years: float
):
    quoted = data.draw(st.lists(st.floats(0.01, 3.0), min_size=len(k), max_size=len(k)))
    with tiers.using(name):
        found = fit_slices(log_moneyness=k, vols=quoted, segments=of_sizes(np.array([len(k)])), years=np.array([years]))
    a, b, rho, _, sigma = (float(part[0]) for part in found.slices)
    assert math.isfinite(found.errors[0])
    assert b * (1 + abs(rho)) <= 2.0
    assert a + b * sigma * math.sqrt(max(1 - rho * rho, 0.0)) >= -1e-12 * (abs(a) + 1e-12)
    assert sigma > 0


def test_a_slice_of_ssvi_is_the_same_in_raw_form():
    theta, rho, phi = 0.04, -0.7, 4.0
    raw = of_theta(thetas=theta, slopes_right=theta * phi * (1 + rho), slopes_left=theta * phi * (1 - rho))
    k = np.linspace(-1, 1, 11)
    direct = 0.5 * theta * (1 + rho * phi * k + np.sqrt((phi * k + rho) ** 2 + 1 - rho * rho))
    assert np.allclose(smile(log_moneyness=k, slices=raw).variances, direct, rtol=1e-14)
