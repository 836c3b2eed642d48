import numpy as np
import pytest

from engine.quant.smiles.delta import strikes_at_delta
from engine.quant.smiles.ssvi import raw_slices
from engine.quant.smiles.svi import vols
from engine.quant.smiles.wing_figures import wing_figures

YEARS = np.geomspace(1 / 365, 3.0, 12)
SLICES = raw_slices(thetas=0.04 * YEARS * (1.0 + 0.4 * np.exp(-YEARS)), rhos=-0.7, etas=1.2, gammas=0.45)


def smile(k):
    return vols(log_moneyness=k, slices=SLICES, years=YEARS)


@pytest.mark.parametrize("size", [0.25, 0.10])
def test_the_wings_are_those_of_the_strikes_with_that_delta(size):
    found = wing_figures(smile=smile, years=YEARS)
    sizes = np.full(YEARS.size, size)
    call = strikes_at_delta(targets=sizes, rights=np.ones(YEARS.size), smile=smile, years=YEARS).vols
    put = strikes_at_delta(targets=sizes, rights=-np.ones(YEARS.size), smile=smile, years=YEARS).vols
    reversal, butterfly = (found.risk_reversal_25, found.butterfly_25) if size == 0.25 else (found.risk_reversal_10, found.butterfly_10)
    assert reversal == pytest.approx(call - put, abs=1e-8)
    assert butterfly == pytest.approx(0.5 * (call + put) - found.at_the_money, abs=1e-8)
    assert found.at_the_money == pytest.approx(smile(np.zeros((1, YEARS.size)))[0])


def test_a_smile_that_is_unknown_or_has_no_time_left_has_no_figures():
    found = wing_figures(smile=lambda k: np.where([True, False, True], 0.2, np.nan) + 0.0 * k, years=[0.5, 0.5, 0.0])
    assert np.isfinite(found.risk_reversal_25).tolist() == [True, False, False]
    assert np.isnan(found.butterfly_10).tolist() == [False, True, True]


def test_a_smile_that_ends_before_the_delta_has_no_wing_there():
    found = wing_figures(smile=lambda k: np.where(np.abs(k) <= 0.05, 0.2, np.nan), years=[1.0])
    assert np.isfinite(found.at_the_money).all()
    assert np.isnan(found.risk_reversal_25).all()
