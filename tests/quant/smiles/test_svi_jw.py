"""SVI in jump wings: the published numbers, and both ways."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.quant.smiles.svi import RawSvi, smile
from engine.quant.smiles.svi_jw import JumpWings, from_jump_wings, to_jump_wings
from tests.kit.numbers import record
from tests.kit.smiles import VOGT

PUBLISHED = JumpWings(0.01742625, -0.1752111, 0.6997381, 1.316798, 0.0116249)


def test_vogts_jump_wings_are_met():
    for name, ours, theirs in zip(JumpWings._fields, to_jump_wings(slices=VOGT, years=1.0), PUBLISHED, strict=True):
        record(table="svi_vogt_smile.csv", quantity=f"jump wings: {name}", error=abs(float(ours[0]) / theirs - 1), tolerance=4e-7)


def test_vogts_slice_comes_back_from_the_published_wings():
    for ours, theirs in zip(from_jump_wings(jump_wings=PUBLISHED, years=1.0), VOGT, strict=True):
        assert float(ours) == pytest.approx(float(theirs[0]), abs=5e-6)


@given(
    a=st.floats(0.001, 0.1),
    b=st.floats(0.01, 1.0),
    rho=st.floats(-0.95, 0.95),
    m=st.floats(-0.5, 0.5),
    sigma=st.floats(0.02, 1.0),
    years=st.floats(0.003, 5.0),
)
@settings(max_examples=200, deadline=None)
def test_there_and_back_is_the_same_smile(a: float, b: float, rho: float, m: float, sigma: float, years: float):
    slices = RawSvi(*map(np.float64, (a, b, rho, m, sigma)))
    wings = to_jump_wings(slices=slices, years=years)
    assume(abs(float(wings.skews)) > 1e-3)
    k = np.linspace(-1, 1, 9)
    again = smile(log_moneyness=k, slices=from_jump_wings(jump_wings=wings, years=years)).variances
    assert np.allclose(again, smile(log_moneyness=k, slices=slices).variances, rtol=1e-6)


def test_a_bend_at_the_money_is_no_special_case():
    slices = RawSvi(*map(np.float64, (0.02, 0.2, -0.5, 0.0, 0.2)))
    back = from_jump_wings(jump_wings=to_jump_wings(slices=slices, years=0.5), years=0.5)
    assert [float(part) for part in back] == pytest.approx([float(part) for part in slices], abs=1e-12)


@pytest.mark.parametrize(
    "wrong",
    [{"variances": -0.1}, {"skews": -2.0}, {"skews": 0.0}, {"least_variances": 0.05}, {"put_slopes": -1.0}, {"variances": math.nan}],
)
def test_wings_that_no_slice_has_are_no_number(wrong: dict[str, float]):
    found = from_jump_wings(jump_wings=PUBLISHED._replace(**wrong), years=1.0)
    assert all(math.isnan(float(part)) for part in found)
    assert all(math.isnan(float(number[0])) for number in to_jump_wings(slices=VOGT, years=-1.0))
