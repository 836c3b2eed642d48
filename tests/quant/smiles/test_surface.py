"""A surface: between, before and after its expiries, with a flag on every number, and nobody can write to it."""

import dataclasses
import math

import numpy as np
import pytest

from engine.quant.chain.segments import of_sizes
from engine.quant.codes import SurfaceFlag
from engine.quant.smiles import svi
from engine.quant.smiles.spline import fit_splines
from engine.quant.smiles.surface import Surface, forwards_at, smile_at, smiles_at, surface_of, vols_at
from engine.quant.smiles.svi import RawSvi
from tests.kit.smiles import ssvi_market


def made(slices: int = 3, spot: float = math.nan) -> tuple[Surface, RawSvi, np.ndarray]:
    _, truth = ssvi_market(slices=slices)
    years = np.array([0.1, 0.5, 1.0])[:slices]
    roots = np.sqrt(svi.smile(log_moneyness=0.0, slices=truth).variances)
    forwards = 100.0 * np.exp(0.03 * years)
    return surface_of(years=years, forwards=forwards, slices=truth, lows=-2 * roots, highs=2 * roots, spot=spot), truth, years


def test_at_an_expiry_it_is_the_slice():
    surface, truth, years = made()
    for i, time in enumerate(years):
        found = vols_at(surface=surface, log_moneyness=[-0.01, 0.0, 0.01], years=time)
        assert np.allclose(found.vols, svi.vols(log_moneyness=np.array([-0.01, 0.0, 0.01]), slices=truth.of(np.array([i])), years=time))
        assert (found.flags == SurfaceFlag.FITTED).all()


def test_between_expiries_total_variance_is_linear_at_fixed_moneyness():
    surface, truth, _ = made()
    k = np.array([-0.02, 0.0, 0.03])
    ends = [svi.smile(log_moneyness=k, slices=truth.of(np.array([i]))).variances for i in (1, 2)]
    found = smile_at(surface=surface, log_moneyness=k, years=0.6)
    assert np.allclose(found.variances, 0.8 * ends[0] + 0.2 * ends[1], rtol=1e-12)
    assert np.allclose(found.growths, (ends[1] - ends[0]) / 0.5)
    assert (found.flags == SurfaceFlag.BETWEEN_EXPIRIES).all()


def test_before_and_after_the_expiries_the_volatility_at_the_money_stays():
    surface, _, _ = made()
    at = vols_at(surface=surface, log_moneyness=0.0, years=[0.01, 0.1, 1.0, 3.0])
    assert at.vols[0] == pytest.approx(at.vols[1])
    assert at.vols[3] == pytest.approx(at.vols[2])
    assert at.flags.tolist() == [SurfaceFlag.BEFORE_FIRST, 0, 0, SurfaceFlag.AFTER_LAST]


def test_total_variance_never_falls_with_time():
    surface, _, _ = made()
    k, years = np.linspace(-1, 1, 21), np.linspace(0.001, 3.0, 200)
    w = smile_at(surface=surface, log_moneyness=k[:, np.newaxis], years=years).variances
    assert (np.diff(w, axis=1) >= 0.0).all()
    assert (smile_at(surface=surface, log_moneyness=k[:, np.newaxis], years=years).growths >= 0.0).all()


@pytest.mark.parametrize("slices", [1, 3])
@pytest.mark.parametrize("with_spline", [False, True])
def test_volatilities_alone_are_those_with_flags(slices, with_spline):
    surface, _, years = made(slices)
    if with_spline:
        k = np.linspace(-0.1, 0.1, 21)
        bent = fit_splines(log_moneyness=k, vols=0.25 - 0.1 * k, segments=of_sizes(np.array([21, 0, 0][:slices])), years=years)
        surface = dataclasses.replace(surface, splines=bent)
    k = np.concatenate((np.linspace(-0.8, 0.8, 41), [np.nan, np.inf]))[:, np.newaxis]
    T = np.array([-1.0, 0.0, 0.001, *years, 0.3, 0.6, 2.0, np.nan])
    whole = vols_at(surface=surface, log_moneyness=k, years=T).vols
    assert np.isfinite(whole).mean() > 0.5
    np.testing.assert_allclose(smiles_at(surface=surface, years=T)(k), whole, rtol=1e-12)


def test_beyond_the_quoted_strikes_a_flag_says_so():
    surface, _, _ = made()
    found = vols_at(surface=surface, log_moneyness=[0.0, 3.0], years=[0.1, 0.6])
    assert found.flags.tolist() == [0, SurfaceFlag.BETWEEN_EXPIRIES | SurfaceFlag.BEYOND_STRIKES]
    assert np.isfinite(found.vols).all()


def test_a_strike_is_placed_by_the_forward_of_its_time():
    surface, _, _ = made()
    assert forwards_at(surface=surface, years=[0.1, 0.3, 2.0]) == pytest.approx(100 * np.exp(0.03 * np.array([0.1, 0.3, 2.0])))
    by_strike = vols_at(surface=surface, strikes=95.0, years=0.3)
    by_place = vols_at(surface=surface, log_moneyness=math.log(95.0 / (100 * math.exp(0.009))), years=0.3)
    assert by_strike.vols == pytest.approx(by_place.vols)
    spotted, _, _ = made(spot=99.0)
    assert forwards_at(surface=spotted, years=0.0) == pytest.approx(99.0)
    single, _, _ = made(slices=1)
    assert forwards_at(surface=single, years=[0.01, 5.0]) == pytest.approx([100 * math.exp(0.003)] * 2)


def test_a_spline_may_stand_in_for_a_slice():
    _, truth, years = made()
    k = np.linspace(-0.3, 0.3, 13)
    bent = fit_splines(log_moneyness=k, vols=0.25 - 0.1 * k, segments=of_sizes(np.array([0, 13, 0])), years=years)
    surface = surface_of(years=years, forwards=np.full(3, 100.0), slices=truth, lows=np.full(3, -0.3), highs=np.full(3, 0.3), splines=bent)
    found = vols_at(surface=surface, log_moneyness=[0.1, 0.1], years=[0.5, 1.0])
    assert found.vols[0] == pytest.approx(0.24, abs=1e-6)
    assert found.vols[1] == pytest.approx(float(svi.vols(log_moneyness=0.1, slices=truth, years=1.0)[2]))


def test_slices_without_numbers_are_left_out_and_an_empty_surface_knows_nothing():
    _, truth, years = made()
    broken = RawSvi(*(np.where([True, False, True], part, np.nan) for part in truth))
    surface = surface_of(years=years, forwards=np.full(3, 100.0), slices=broken, lows=np.zeros(3), highs=np.zeros(3))
    assert surface.years.tolist() == [0.1, 1.0]
    empty = surface_of(years=years[:1], forwards=[math.nan], slices=truth.of(np.array([0])), lows=[0.0], highs=[0.0])
    found = vols_at(surface=empty, log_moneyness=0.0, years=1.0)
    assert math.isnan(float(found.vols))
    assert int(found.flags) == SurfaceFlag.NOT_DEFINED
    assert np.isnan(forwards_at(surface=empty, years=1.0))


@pytest.mark.parametrize(("k", "years"), [(math.nan, 0.5), (0.0, math.nan), (0.0, 0.0), (0.0, -1.0), (math.inf, 0.5)])
def test_outside_the_domain_there_is_no_number_and_a_flag(k: float, years: float):
    surface, _, _ = made()
    found = vols_at(surface=surface, log_moneyness=k, years=years)
    assert math.isnan(float(found.vols))
    assert int(found.flags) == SurfaceFlag.NOT_DEFINED


def test_nobody_can_write_to_it():
    surface, _, years = made()
    with pytest.raises(dataclasses.FrozenInstanceError):
        surface.spot = 1.0
    for column in (surface.years, surface.forwards, surface.lows, surface.highs, *surface.slices):
        assert not column.flags.writeable
    years[0] = 0.05
    assert surface.years[0] == 0.1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"years": [0.5, 0.1, 1.0]}, "sort the expiries"),
        ({"years": [30.0, 90.0, 180.0]}, "rise|days"),
        ({"forwards": [100.0]}, "one for each of 3"),
    ],
)
def test_columns_that_cannot_be_a_surface_are_refused_in_words(change: dict[str, object], said: str):
    _, truth, years = made()
    good = {"years": years, "forwards": np.full(3, 100.0), "slices": truth, "lows": np.zeros(3), "highs": np.zeros(3)}
    if change["years" if "years" in change else "forwards"] == [30.0, 90.0, 180.0]:
        change = {"years": [60.0, 90.0, 180.0]}
    with pytest.raises(ValueError, match=said):
        surface_of(**{**good, **change})


def test_either_a_strike_or_a_moneyness_is_asked_for():
    surface, _, _ = made()
    with pytest.raises(ValueError, match="either"):
        vols_at(surface=surface, years=0.5)
