"""The elementary functions of both tiers, against many digits, and the polynomials they are made of."""

import math
from typing import Any

import numpy as np
import pytest

from engine.quant import coefficients, special
from tests.kit.peers import peer

mp, derive_coefficients = peer("mpmath"), peer("engine.quant.kernels.derive_coefficients")
Z = np.concatenate([np.linspace(0.0, 8.0, 300), np.geomspace(8.0, 60.0, 50)])
X = np.concatenate([np.linspace(-708.0, 700.0, 400), np.linspace(-1.0, 1.0, 200)])
P = np.geomspace(1e-300, 1e300, 600)


def relative_error(found: np.ndarray, truth: list[Any]) -> float:
    with mp.workdps(40):
        return max(float(abs(mp.mpf(float(a)) / b - 1)) if b else float(abs(a)) for a, b in zip(found, truth, strict=True))


def truth(function: object, *columns: np.ndarray) -> list[Any]:
    with mp.workdps(40):
        return [function(*(mp.mpf(float(value)) for value in row)) for row in zip(*columns, strict=True)]


def scaled(z: Any) -> Any:
    return mp.exp(z * z) * mp.erfc(z)


def ratios() -> tuple[np.ndarray, np.ndarray]:
    b = np.full(400, 3.7)
    near = np.concatenate([np.geomspace(1e-15, 0.5, 100), -np.geomspace(1e-15, 0.5, 100)])
    return np.concatenate([b[:200] * (1.0 + near), b[200:] * np.geomspace(1e-12, 1e12, 200)]), b


def test_the_numpy_erfcx_holds_fifteen_digits():
    assert relative_error(special.erfcx(Z), truth(scaled, Z)) < 1e-15


def test_the_log_of_a_ratio_keeps_its_relative_precision_near_one():
    a, b = ratios()
    assert relative_error(special.log_ratio(a, b), truth(lambda x, y: mp.log(x / y), a, b)) < 6e-16


def test_the_normal_distribution_holds_its_digits_in_the_lower_tail():
    d = np.linspace(-37.0, 8.0, 300)
    assert relative_error(special.normal_cdf(d), truth(mp.ncdf, d)) < 2e-13
    assert math.isnan(special.normal_cdf(np.array([np.nan]))[0])
    assert special.normal_cdf(np.array([-np.inf, np.inf])).tolist() == [0.0, 1.0]


@pytest.mark.usefixtures("warm_kernels")
def test_the_compiled_functions_hold_their_digits():
    from engine.quant.kernels import elementary

    def each(function: object, *columns: np.ndarray) -> np.ndarray:
        return np.array([function(*row) for row in zip(*(column.tolist() for column in columns), strict=True)])

    a, b = ratios()
    assert relative_error(each(elementary.exp, X), truth(mp.exp, X)) < 2.5e-16
    assert relative_error(each(elementary.log, P), truth(mp.log, P)) < 2.5e-16
    assert relative_error(each(elementary.log_ratio, a, b), truth(lambda x, y: mp.log(x / y), a, b)) < 6e-16
    assert relative_error(each(elementary.erfcx, Z), truth(scaled, Z)) < 1e-15


@pytest.mark.usefixtures("warm_kernels")
def test_the_compiled_exponential_is_zero_where_floats_end():
    from engine.quant.kernels import elementary

    assert elementary.exp(-708.5) == 0.0
    assert elementary.exp(-math.inf) == 0.0


@pytest.mark.parametrize("name", ["EXP", "LOG_TAIL", "ERFCX", "LN2_HIGH", "LN2_LOW", "INVERSE_LN2", "ERFCX_CENTRE"])
def test_the_coefficients_in_the_tree_are_the_derived_ones(name: str):
    derived: dict[str, object] = {}
    exec(derive_coefficients.source(), derived)
    assert np.array_equal(derived[name], getattr(coefficients, name))
