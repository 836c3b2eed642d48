"""Draws are pure functions of key and counter, and of the law they claim."""

import math

import numpy as np

from plugins.synthetic.chance import bits, bits_of_each, inverse_normal, key, normals, quarters, uniforms
from plugins.synthetic.gauss import normal_cdf


def test_bits_are_those_of_splitmix64_at_their_place():
    # The first outputs of SplitMix64 from state 1234567 (the reference program of its authors).
    assert bits(1234567, np.arange(3)).tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_a_block_is_the_same_whoever_draws_it_and_with_whatever_neighbours():
    of = key(7, "path", "SPX")
    assert np.array_equal(normals(of, np.arange(1000))[400:500], normals(of, np.arange(400, 500)))
    assert bits_of_each(bits(1, [5, 6]), 3).tolist() == [int(bits(int(k), 3)[0]) for k in bits(1, [5, 6])]


def test_different_keys_share_nothing():
    first, second = normals(key(7, "a"), np.arange(20_000)), normals(key(7, "b"), np.arange(20_000))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03


def test_uniforms_and_normals_have_their_moments():
    u, z = uniforms(key("u"), np.arange(100_000)), normals(key("z"), np.arange(100_000))
    assert 0.0 < u.min() < u.max() < 1.0
    assert abs(u.mean() - 0.5) < 0.004
    assert abs(z.mean()) < 0.01
    assert abs(z.std() - 1.0) < 0.01
    assert abs((z**4).mean() - 3.0) < 0.1
    for part in quarters(bits(key("q"), np.arange(50_000))):
        assert abs(part.mean() - 0.5) < 0.006


def test_the_quantile_undoes_the_distribution_function():
    p = np.concatenate([np.linspace(1e-9, 1 - 1e-9, 2001), np.geomspace(1e-15, 0.02, 50)])
    assert np.abs(normal_cdf(inverse_normal(p)) / p - 1.0).max() < 1e-7


def test_the_distribution_function_is_exact_to_the_last_digits():
    x = np.linspace(-8.95, 8.95, 4001)
    exact = np.array([0.5 * math.erfc(-value / math.sqrt(2.0)) for value in x.tolist()])
    assert np.abs(normal_cdf(x) - exact).max() < 5e-16
    assert np.abs(normal_cdf(x) / exact - 1.0).max() < 5e-11
    assert normal_cdf(np.array([-40.0, 40.0])).tolist() == [normal_cdf(np.array([-9.0]))[0], 1.0]
